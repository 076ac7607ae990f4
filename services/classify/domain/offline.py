"""The offline classification: the model reads use case, flags and intent; cues and rules read the rest."""

from collections.abc import Mapping

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim, Classification
from libs.policy.taxonomy import Taxonomy
from services.classify.domain import rules
from services.classify.domain.asked import Asked
from services.classify.domain.cues import Cue, intent_cue, urgency_cue
from services.classify.domain.model import Guess, OfflineModel
from services.classify.domain.verdict import assembled

LEAST_TO_SAY = 0.5
"""Below this calibrated probability the answer is `unknown`, with that probability as its confidence."""
SURE_BY_FORM = 0.95
"""Who fills in a demo or call-back form asks for exactly that."""
NOTHING_WRITTEN = Claim(label="unknown", confidence=1.0)
ASKING_FORMS = frozenset(("demo_request", "call_form"))


def classify_offline(asked: Asked, taxonomy: Taxonomy, model: OfflineModel, note: str = "") -> Classification:
    """The classification by the built-in model. `note` says why an endpoint's answer was not used, if there was one."""
    guesses = model.read(asked.message)
    industry = _by_rule(taxonomy, "industry", lambda field: rules.industry(asked, field))
    claims = {
        "use_case": _use_case(asked, guesses, taxonomy),
        "urgency": _urgency(asked, taxonomy, model),
        "industry": industry,
        "company_fit": _by_rule(taxonomy, "company_fit", lambda field: rules.company_fit(asked, field, industry)),
        "buyer_role": _by_rule(taxonomy, "buyer_role", lambda field: rules.buyer_role(asked, field)),
        "product_interest": _by_rule(taxonomy, "product_interest", lambda field: rules.product_interest(asked, field)),
        "intent": _intent(asked, guesses, taxonomy, model),
    }
    flags, doubt = flags_of(asked, guesses, taxonomy)
    known = {name: claim for name, claim in claims.items() if name in taxonomy.fields}
    return assembled(asked, taxonomy, known, flags, doubt, model.version, note)


def flags_of(asked: Asked, guesses: Mapping[str, Guess], taxonomy: Taxonomy) -> tuple[dict[str, Claim], float]:
    """Raised flags, and how sure it is that the others are not raised."""
    guess = guesses.get("flag")
    if guess is None:
        return {}, 1.0
    raised: dict[str, Claim] = {}
    if guess.label in taxonomy.flags and guess.probability >= taxonomy.flag_at:
        proof = (asked.quoted(*guess.span),) if guess.span else ()
        raised[guess.label] = Claim(label=guess.label, confidence=guess.probability, evidence=proof)
    others = [share for label, share in guess.probabilities.items() if label in taxonomy.flags and label not in raised]
    return raised, 1.0 - max(others, default=0.0)


def _use_case(asked: Asked, guesses: Mapping[str, Guess], taxonomy: Taxonomy) -> Claim:
    return _guessed(asked, guesses.get("use_case"), taxonomy, "use_case")


def _guessed(asked: Asked, guess: Guess | None, taxonomy: Taxonomy, field: str) -> Claim:
    if guess is None:
        return NOTHING_WRITTEN
    labels = taxonomy.fields[field].labels if field in taxonomy.fields else {}
    if (
        guess.label not in labels
        or guess.probability < LEAST_TO_SAY
        or (guess.label != "unknown" and guess.span is None)
    ):
        return Claim(label="unknown", confidence=guess.probability)
    proof = (asked.quoted(*guess.span),) if guess.span is not None and guess.label != "unknown" else ()
    return Claim(label=guess.label, confidence=guess.probability, evidence=proof)


def _urgency(asked: Asked, taxonomy: Taxonomy, model: OfflineModel) -> Claim:
    cue = urgency_cue(asked.message)
    if cue is None:
        return Claim(label="unknown", confidence=model.cue_precision["urgency.unknown"] if asked.message else 1.0)
    return _cued(asked, cue, taxonomy, "urgency", model)


def _intent(asked: Asked, guesses: Mapping[str, Guess], taxonomy: Taxonomy, model: OfflineModel) -> Claim:
    flagged = guesses["flag"].label in taxonomy.not_for_sales if "flag" in guesses else False
    if asked.kind in ASKING_FORMS and not flagged and "intent" in taxonomy.fields:
        proof = Evidence(quote=asked.kind, where="lead.kind")
        return Claim(label="high", confidence=SURE_BY_FORM, evidence=(proof,))
    cue = intent_cue(asked.message)
    if cue is not None and not flagged:
        return _cued(asked, cue, taxonomy, "intent", model)
    return _guessed(asked, guesses.get("intent"), taxonomy, "intent")


def _cued(asked: Asked, cue: Cue, taxonomy: Taxonomy, field: str, model: OfflineModel) -> Claim:
    if field not in taxonomy.fields or cue.label not in taxonomy.fields[field].labels:
        return rules.NOTHING_SAID
    confidence = model.cue_precision.get(f"{field}.{cue.label}", 0.5)
    return Claim(label=cue.label, confidence=confidence, evidence=(asked.quoted(cue.start, cue.end),))


def _by_rule(taxonomy: Taxonomy, name: str, rule: rules.Rule) -> Claim:
    return rule(taxonomy.fields[name]) if name in taxonomy.fields else rules.NOTHING_SAID

"""The offline classification: the model reads use case, flags and intent; cues and rules read the rest."""

from collections.abc import Mapping

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim, Classification
from libs.policy.taxonomy import Taxonomy
from services.classify.domain import rules
from services.classify.domain.asked import Asked
from services.classify.domain.cues import Cue, intent_cue, urgency_cue
from services.classify.domain.market import by_words, competitor_claim
from services.classify.domain.model import Guess, OfflineModel
from services.classify.domain.verdict import assembled

LEAST_TO_SAY = 0.35
"""Below this calibrated probability the answer is `unknown`, with that probability as its confidence."""
SURE_BY_FORM = 0.95
"""Who fills in a demo or call-back form asks for exactly that."""
NOTHING_WRITTEN = Claim(label="unknown", confidence=1.0)
WANTED = ("use_case", "urgency", "intent", "product_interest")
"""What somebody wants for the own company."""
SURELY = {"urgency": 0.6, "industry": 0.7}
"""From this calibrated probability on the model's word counts where no rule found anything to go on. An industry gives points,
and a message seldom says one: there it has to be surer."""
ASKING_FORMS = frozenset(("demo_request", "call_form"))


def classify_offline(asked: Asked, taxonomy: Taxonomy, model: OfflineModel, note: str = "") -> Classification:
    """The classification by the built-in model. `note` says why an endpoint's answer was not used, if there was one."""
    guesses = model.read(asked.message)
    flags, sure = flags_of(asked, guesses, taxonomy)
    claims = _ruled(asked, taxonomy, model, guesses, bool(flags))
    claims |= {
        "use_case": _use_case(asked, guesses, taxonomy, model),
        "urgency": _urgency(asked, guesses, taxonomy, model),
        "intent": _intent(asked, guesses, taxonomy, model),
    }
    if flags:  # who raises a flag wants nothing for the own company: docs/labelling.md
        nothing_wanted = Claim(label="unknown", confidence=max(flag.confidence for flag in flags.values()))
        claims |= dict.fromkeys(WANTED, nothing_wanted)
    known = {name: claims[name] for name in taxonomy.fields if name in claims}
    return assembled(asked, taxonomy, known, flags, sure, model.version, note)


def flags_of(asked: Asked, guesses: Mapping[str, Guess], taxonomy: Taxonomy) -> tuple[dict[str, Claim], float]:
    """The raised flag, and how sure it is that what is said about flags is right, raised or not."""
    rival = competitor_claim(asked, taxonomy.competitors) if "competitor" in taxonomy.flags else None
    if rival is not None:
        return {"competitor": rival}, rival.confidence
    guess = guesses.get("flag")
    if guess is None:
        return {}, 1.0
    shares = {label: share for label, share in guess.probabilities.items() if label in taxonomy.flags}
    likeliest = max(shares, key=shares.__getitem__, default="")
    if not likeliest or guess.label != likeliest or shares[likeliest] < taxonomy.flag_at:
        return {}, 1.0 - sum(shares.values())
    proof = (asked.quoted(*guess.span),) if guess.span else ()
    return {likeliest: Claim(label=likeliest, confidence=shares[likeliest], evidence=proof)}, shares[likeliest]


def _use_case(asked: Asked, guesses: Mapping[str, Guess], taxonomy: Taxonomy, model: OfflineModel) -> Claim:
    """What the model says; a label that RevOps added and no example taught yet is read off its words."""
    said = _guessed(asked, guesses.get("use_case"), taxonomy, "use_case")
    if said.label != "unknown" or "use_case" not in taxonomy.fields:
        return said
    added = by_words(asked, taxonomy.fields["use_case"], learned=model.labels_of("use_case"))
    return said if added.label == "unknown" else added


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


def _surely(asked: Asked, guess: Guess | None, taxonomy: Taxonomy, field: str) -> Claim:
    """The model's label where it is likely enough and the taxonomy has it, else `unknown`."""
    said = _guessed(asked, guess, taxonomy, field)
    if said.label == "unknown" or said.confidence >= SURELY[field] or guess is None:
        return said
    return Claim(label="unknown", confidence=guess.probabilities.get("unknown", 1.0 - said.confidence))


def _urgency(asked: Asked, guesses: Mapping[str, Guess], taxonomy: Taxonomy, model: OfflineModel) -> Claim:
    cue = urgency_cue(asked.message, asked.submitted_on)
    if cue is None:
        guess = _surely(asked, guesses.get("urgency"), taxonomy, "urgency")
        if guess.label != "unknown":
            return guess
        return Claim(label="unknown", confidence=model.rule_precision["urgency.unknown"] if asked.message else 1.0)
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
    confidence = model.rule_precision.get(f"{field}.{cue.label}", 0.5)
    return Claim(label=cue.label, confidence=confidence, evidence=(asked.quoted(cue.start, cue.end),))


def _ruled(
    asked: Asked, taxonomy: Taxonomy, model: OfflineModel, guesses: Mapping[str, Guess], flagged: bool
) -> dict[str, Claim]:
    """What the rules read, as sure as they were right when the model was trained; the model's industry where they are silent."""
    found = rules.ruled(asked, taxonomy)
    claims = {}
    for name, claim in found.items():
        measured = model.rule_precision.get(rules.way_of(name, claim, flagged), claim.confidence)
        claims[name] = claim.model_copy(update={"confidence": measured})
    if "industry" in found and found["industry"].label == "unknown":
        claims["industry"] = _surely(asked, guesses.get("industry"), taxonomy, "industry")
        if "company_fit" in found and claims["industry"].label != "unknown":
            claims["company_fit"] = rules.company_fit(
                asked, taxonomy.fields["company_fit"], claims["industry"], taxonomy.profile
            )
    return claims

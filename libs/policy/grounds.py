"""What a fact stands on: the field's source and quote, rows of the points table, the CRM's record, a suppression reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim, FieldValue, Lead, Route
from libs.contracts.note import Ground
from libs.policy.facts import CLAIMS

MOST = 12
"""Grounds of one line: a lead with fifty rows of points is told by the first of them."""
LONGEST_QUOTE = 240


def grounds_of(facts: Iterable[str], lead: Lead, route: Route) -> tuple[Ground, ...]:
    """What these facts (named as in conditions) stand on, each once; of what is not known there is nothing."""
    found: list[Ground] = []
    for fact in facts:
        found += [ground for ground in _of_fact(fact, lead, route) if ground not in found]
    return tuple(found[:MOST])


def rule_ground(route: Route) -> Ground:
    """The routing rule that decided, with the reason that it gave."""
    return Ground(
        kind="rule", name=route.rule, value=route.reason, source="routing", where=f"routing.yaml:{route.rule}"
    )


def policy_ground(file: str, name: str, text: str) -> Ground:
    """A text that the policy gives, by its place there."""
    return Ground(kind="policy", name=name, quote=text[:LONGEST_QUOTE], source="policy", where=f"{file}:{name}")


def field_ground(name: str, lead: Lead) -> Ground | None:
    """A field of the lead with who says so and where that stands; None when nothing is known."""
    held = lead.fields.get(name)
    if held is None or held.value in (None, ""):
        return None
    proof = next(_proofs(name, held, lead), None)
    return Ground(
        kind="field",
        name=name,
        value=held.value,
        source=held.verified_by or f"{held.source.kind}:{held.source.name}",
        quote=proof.quote[:LONGEST_QUOTE] if proof else "",
        where=proof.where if proof else f"lead.{name}",
    )


def _proofs(name: str, held: FieldValue, lead: Lead) -> Iterator[Evidence]:
    for answer in lead.answers:
        if answer.field == name and answer.value == held.value and answer.provider == held.source.name:
            yield from answer.evidence
    claims = lead.classification.claims if lead.classification else {}
    if held.source.kind == "model" and name in claims:
        yield from claims[name].evidence
    if held.source.kind == "submission":
        yield Evidence(quote=str(held.value), where=f"lead.{name}")


def _of_fact(fact: str, lead: Lead, route: Route) -> Iterator[Ground]:
    family, _, name = fact.partition(".")
    if family == "record":
        yield from _of_record(fact, name, route)
    elif fact in ("lead.kind", "lead.source", "lead.form", "lead.version", "lead.trust"):
        yield _submission(name, lead)
    elif name.startswith("score."):
        yield from _SCORE.get(name.removeprefix("score."), _parts)(lead, name.removeprefix("score."))
    elif name.startswith("identity."):
        yield from _of_identity(lead)
    elif name in ("territory", "reviews") or family == "pools":
        if (value := route.record.get(fact)) not in (None, [], {}):
            yield Ground(kind="rule", name=name, value=value, source="router", where=f"route.record:{fact}")
    else:
        yield from _of_field_or_claim(name, lead)


def _of_record(fact: str, name: str, route: Route) -> Iterator[Ground]:
    value = route.record.get(fact)
    if name == "held_for" and isinstance(value, list):
        for reason in value:
            yield Ground(
                kind="suppression", name=str(reason), source="crm", where=f"suppression.yaml:reasons.{reason}",
            )  # fmt: skip
    elif value is not None:
        yield Ground(kind="record", name=name, value=value, source="crm", where=fact)


def _submission(name: str, lead: Lead) -> Ground:
    at = lead.submission.position
    value: Mapping[str, JsonValue] = {
        "kind": lead.kind, "source": lead.source.name, "form": lead.form, "version": lead.version, "trust": lead.source.trust,
    }  # fmt: skip
    where = f"{at.topic}[{at.partition}]@{at.offset} sha256:{lead.submission.sha256[:12]}"
    return Ground(kind="submission", name=name, value=value[name], source=lead.source.name, where=where)


def _parts(lead: Lead, name: str) -> Iterator[Ground]:
    """The rows of one group, or of all."""
    score = lead.score
    for part in score.parts if score else ():
        if name in ("priority", "why", part.group):
            proof = part.evidence[0] if part.evidence else None
            yield Ground(
                kind="score",
                name=part.rule,
                value=part.points,
                source=f"scoring {score.table}".strip() if score else "",
                quote=proof.quote[:LONGEST_QUOTE] if proof else "",
                where=proof.where if proof else f"scoring.yaml:{part.rule}",
            )


def _listed(lead: Lead, name: str) -> Iterator[Ground]:
    """What the points table wants to know, or wants a person to look at."""
    told: tuple[str, ...] = getattr(lead.score, name) if lead.score else ()
    for one in told:
        yield Ground(kind="score", name=name, value=one, source="scoring", where=f"score.{name}")


_SCORE: Mapping[str, Callable[[Lead, str], Iterator[Ground]]] = {"missing": _listed, "needs_review": _listed}


def _of_identity(lead: Lead) -> Iterator[Ground]:
    identity = lead.identity
    if identity is None:
        return
    value: JsonValue = [candidate.record.key for candidate in identity.candidates]
    yield Ground(
        kind="identity", name=identity.rule, value=value or identity.verdict, source="dedupe", where="identity"
    )


def _of_field_or_claim(name: str, lead: Lead) -> Iterator[Ground]:
    answer = lead.classification
    claims: dict[str, Claim] = {} if answer is None else {**answer.flags, **answer.risks}
    if name in ("flags", "risks", "confidence", "route_to_sales") or name.startswith("flag."):
        wanted = [name.removeprefix("flag.")] if name.startswith("flag.") else list(claims)
        for label in wanted:
            if label in claims:
                yield _claim(label, claims[label])
        return
    label = name.removeprefix("classification.")
    if not name.startswith("classification.") and (held := field_ground(name, lead)) is not None:
        yield held
    elif answer is not None and label in CLAIMS and label in answer.claims:
        yield _claim(label, answer.claims[label])


def _claim(name: str, claim: Claim) -> Ground:
    proof = claim.evidence[0] if claim.evidence else None
    return Ground(
        kind="claim",
        name=name,
        value=claim.label,
        source="classify",
        quote=proof.quote[:LONGEST_QUOTE] if proof else "",
        where=proof.where if proof else "classification",
    )

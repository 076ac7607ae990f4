"""What a point rests on: the claim's own quotes, or the value that a fact held."""

from collections.abc import Iterable

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.contracts.lead import Classification, Lead
from libs.policy.facts import Facts
from services.score.domain.record import FIELD_OF, record_answers

_SHOWN_CHARACTERS = 200


def evidence_for(lead: Lead, facts: Facts, names: Iterable[str]) -> tuple[Evidence, ...]:
    """Evidence for each named fact that is known, without repeats."""
    found: dict[tuple[str, str], Evidence] = {}
    for name in names:
        for evidence in _of_fact(lead, name, facts.get(name)):
            found.setdefault((evidence.quote, evidence.where), evidence)
    return tuple(found.values())


def _of_fact(lead: Lead, name: str, value: JsonValue) -> tuple[Evidence, ...]:
    if value is None or value in ("", []):
        return ()
    quoted = _claimed(lead.classification, name) if lead.classification else ()
    if quoted:
        return quoted
    if name.startswith("record."):
        field = FIELD_OF.get(name, "last_activity_at")
        answered = next((one for one in record_answers(lead).values() if one.field == field), None)
        if answered is not None:
            return answered.evidence
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return (Evidence(quote=shown[:_SHOWN_CHARACTERS], where=name),)


def _claimed(answer: Classification, name: str) -> tuple[Evidence, ...]:
    """The quotes of the claim or the flags that a fact was read off."""
    if name == "lead.flags":
        return tuple(evidence for flag in answer.flags.values() for evidence in flag.evidence)
    label = name.removeprefix("lead.").removeprefix("classification.").removeprefix("flag.")
    claim = answer.claims.get(label) or answer.flags.get(label)
    return claim.evidence if claim else ()

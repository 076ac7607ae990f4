"""What a point rests on: the claim's own quotes, or the value that a fact held."""

from collections.abc import Iterable

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.contracts.lead import Classification, Lead
from libs.policy.facts import Facts

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
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return (Evidence(quote=shown[:_SHOWN_CHARACTERS], where=name),)


def _claimed(answer: Classification, name: str) -> tuple[Evidence, ...]:
    """The quotes of the claim or the flags that a fact was read off."""
    if name == "lead.flags":
        return tuple(evidence for flag in answer.flags.values() for evidence in flag.evidence)
    label = name.removeprefix("lead.").removeprefix("classification.").removeprefix("flag.")
    claim = answer.claims.get(label) or answer.flags.get(label)
    return claim.evidence if claim else ()

"""Records of the CRM as enrich reads them: links, open opportunities, and what was going on before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from libs.contracts.change import RecordRef

Fields = Mapping[str, JsonValue]
CLOSED_STAGES = frozenset(("won", "lost", "closed", "closed_won", "closed_lost", "closedwon", "closedlost"))


@dataclass(frozen=True, slots=True)
class Known:
    """Records by type and id, and opportunities by the company or contact that they belong to."""

    records: Mapping[tuple[str, str], Fields]
    opportunities: Mapping[tuple[str, str], Sequence[Fields]]

    def fields(self, ref: RecordRef | None) -> Fields:
        """What the CRM holds about a record; empty when it does not know it."""
        return {} if ref is None else self.records.get((ref.type, ref.id), {})

    def open_opportunities(self, *refs: RecordRef | None) -> list[Fields]:
        """The opportunities of any of these records that are not closed, each once."""
        found: list[Fields] = []
        for ref in refs:
            for fields in self.opportunities.get((ref.type, ref.id), ()) if ref is not None else ():
                if is_open(fields) and fields not in found:
                    found.append(fields)
        return found


def is_open(opportunity: Fields) -> bool:
    """Whether an opportunity still runs, by its stage."""
    stage = opportunity.get("stage")
    return not (isinstance(stage, str) and stage.strip().casefold().replace(" ", "_") in CLOSED_STAGES)


def company_of(fields: Fields | None) -> str | None:
    """The id of the company that a record belongs to."""
    return _link(fields, "company_id", "company")


def contact_of(fields: Fields | None) -> str | None:
    """The id of the contact that a record belongs to."""
    return _link(fields, "contact_id", "contact")


def _link(fields: Fields | None, *names: str) -> str | None:
    for name in names:
        value = None if fields is None else fields.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            return str(value["id"])
    return None

"""What goes to the CRM with a lead that somebody gets: the note about it, and the next thing to do."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.change import ProposedChange, RecordRef
from libs.contracts.lead import Lead, Route
from libs.policy.note import note_of
from libs.policy.policy import Policy
from services.router.domain.writes import BY_RULE, RULE

NOTE, TASK = "handoff_note", "next_task"


def handoff_changes(
    lead: Lead, route: Route, policy: Policy, held: Mapping[str, JsonValue]
) -> tuple[ProposedChange, ...]:
    """Note and task of the lead's contact; none for a lead that nobody got. `held` is what the CRM holds about the contact."""
    note, identity = note_of(lead, route, policy), lead.identity
    if identity is None:
        return ()
    texts = {field: said for field, said in ((NOTE, note.text), (TASK, note.next_task)) if said}
    return tuple(_changed(identity.contact, texts, held, route.reason))


def _changed(
    contact: RecordRef, texts: Mapping[str, str], held: Mapping[str, JsonValue], reason: str
) -> Iterator[ProposedChange]:
    for field, said in texts.items():
        if held.get(field) != said:
            yield ProposedChange(
                record=contact, field=field, old=held.get(field), new=said, source=BY_RULE, actor=RULE, reason=reason
            )

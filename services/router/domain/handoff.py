"""What goes to the CRM with a lead that somebody gets: a note about it, and the next thing to do."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.change import ProposedChange, RecordRef
from libs.contracts.lead import Lead, Route
from libs.policy.policy import Policy
from services.router.domain.writes import BY_RULE, RULE

NOTE, TASK = "handoff_note", "next_task"


def handoff_changes(
    lead: Lead, route: Route, policy: Policy, facts: Mapping[str, JsonValue], held: Mapping[str, JsonValue]
) -> tuple[ProposedChange, ...]:
    """Note and task of the lead's contact, as the policy words them for the queue; none for a lead that nobody got.

    `facts` are those that the rules were asked with, `held` is what the CRM holds about the contact.
    """
    identity = lead.identity
    if identity is None or identity.verdict == "ambiguous" or route.owner is None:
        return ()
    return tuple(_changed(identity.contact, _texts(route, policy, facts), held, route.reason))


def _texts(route: Route, policy: Policy, facts: Mapping[str, JsonValue]) -> dict[str, str]:
    text = policy.handoff.text_of(route.queue)
    note, task = "\n".join(said for _, said in text.lines(facts)), text.task(facts)
    return {field: said for field, said in ((NOTE, note), (TASK, task)) if said}


def _changed(
    contact: RecordRef, texts: Mapping[str, str], held: Mapping[str, JsonValue], reason: str
) -> Iterator[ProposedChange]:
    for field, said in texts.items():
        if held.get(field) != said:
            yield ProposedChange(
                record=contact, field=field, old=held.get(field), new=said, source=BY_RULE, actor=RULE, reason=reason
            )

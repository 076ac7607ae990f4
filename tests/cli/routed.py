"""What the router decides, put on the topics of the real broker as the runtime puts it there."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.contracts import ids
from libs.contracts.codec import encode
from libs.contracts.events import Event, LeadRouted, RecordChanged
from libs.contracts.lead import Lead, Route
from libs.contracts.topics import (
    LEAD_FEEDBACK,
    LEAD_ROUTED,
    RECORD_CHANGED,
    SLA_CHANGED,
    TRIAGE_DECIDED,
    TRIAGE_REQUESTED,
    Topic,
)
from libs.runtime.broker import Producer
from tests.services.router.test_offers import Desk

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_TOPICS: dict[type[Event], Topic[Any]] = {
    one.event: one
    for one in (LEAD_ROUTED, SLA_CHANGED, LEAD_FEEDBACK, TRIAGE_REQUESTED, TRIAGE_DECIDED, RECORD_CHANGED)
}


async def put_routed(kafka: str, *leads: Lead) -> None:
    """Leads with a route that says nothing."""
    route = Route(destination="queue", rule="r", reason="r", confidence=1.0)
    await put(kafka, [
        LeadRouted(event_id=f"{lead.lead_id}-{lead.version}", decided_at=NOW, lead=lead, route=route) for lead in leads
    ])  # fmt: skip


async def put(kafka: str, events: Iterable[Event]) -> None:
    """Events on their topics, in this order; those that nobody reads here are left out."""
    producer = Producer(kafka)
    await producer.start()
    for event in events:
        if type(event) in _TOPICS:
            await producer.send_and_wait(encode(_TOPICS[type(event)], event, _key(event), source="test"))
    await producer.stop()


def _key(event: Event) -> str:
    match event:
        case LeadRouted():
            return event.lead.lead_id
        case RecordChanged():
            return event.record.id
        case _:
            return str(getattr(event, "lead_id"))  # noqa: B009 - every other one has it


class Taped(Desk):
    """A router with a team that keeps all that it tells, with times, a minute between two events."""

    def __init__(self, *people: str) -> None:
        self.tape: list[Event] = []
        super().__init__(*people)

    def hears(self, event: Event) -> Any:
        self.router.now += timedelta(minutes=1)
        if type(event) in _TOPICS:
            self.tape.append(event)
        outcome = super().hears(event)
        for number, one in enumerate([outcome.next, *outcome.emits]):
            if one is not None:
                told = {"event_id": ids.derived_id(event.event_id, number), "decided_at": self.router.now}
                self.tape.append(one.model_copy(update=told))
        return outcome

"""What is kept of each topic: the rows that one record becomes, from its event alone, so that partitions can be read apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from pydantic import JsonValue

from libs.contracts.change import RecordRef, Status
from libs.contracts.codec import header
from libs.contracts.events import ChangeRecorded, Event, LeadFeedback, LeadRouted, SlaChanged, TriageDecided
from libs.contracts.lead import Route
from libs.contracts.topics import AUDIT_CHANGE, LEAD_FEEDBACK, LEAD_ROUTED, SLA_CHANGED, TRIAGE_DECIDED, Topic
from libs.policy.facts import Facts, lead_facts
from libs.runtime.record import Record
from services.score.domain.points import is_known
from services.score.domain.record import age_of, record_answers, record_facts
from whatif.needed import KNOWN, SCORED, Needed

NEVER = -1
"""A time that is none."""
_MICROSECOND = 1e-6


class Row(NamedTuple):
    """A row of a table: values for its columns, and plain numbers."""

    values: Mapping[str, JsonValue]
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Feed:
    """A topic as far as it is kept."""

    topic: Topic[Event]
    columns: tuple[str, ...]
    numbers: Mapping[str, type]
    rows: Callable[[Any, Record], Iterable[Row]]
    marks: tuple[bytes, ...] = ()
    """A record is decoded when its value holds one of these; none: always."""

    def wants(self, value: bytes | None) -> bool:
        """Whether the record has to be decoded."""
        return value is not None and (not self.marks or any(mark in value for mark in self.marks))


def micros(at: datetime | None) -> int:
    """Microseconds since 1970 (UTC), `NEVER` for no time."""
    return NEVER if at is None else round(at.timestamp() * 1_000_000)


def instant(at: int) -> datetime:
    """The time of `micros`."""
    return datetime.fromtimestamp(at * _MICROSECOND, UTC)


ROUTE_COLUMNS = (
    "lead_id", "stage", "cause", "policy", "contact", "company", "destination", "queue", "owner", "rule", "pool",
    "turn_pool", "line", "picked", "shadow", "room",
)  # fmt: skip
ROUTE_NUMBERS = {
    "at": np.int64, "partition": np.int64, "offset": np.int64, "version": np.int64, "suggested": np.int64, "offer": np.int64,
    "received": np.int64, "age_seconds": np.float64,
}  # fmt: skip


def routed_feed(needed: Needed) -> Feed:
    """Every routing of every lead, with the facts that rules may ask for."""

    def rows(event: LeadRouted, record: Record) -> Iterator[Row]:
        if event.decided_at is not None:
            yield Row(_route_values(event, record) | _facts(event, needed), _route_numbers(event, record))

    return Feed(LEAD_ROUTED, (*ROUTE_COLUMNS, *needed.columns), ROUTE_NUMBERS, rows)


def _route_values(event: LeadRouted, record: Record) -> dict[str, JsonValue]:
    lead, route, identity = event.lead, event.route, event.lead.identity
    stage = header(record.headers, "ce_source").removeprefix("/signalbox/")
    return {
        "lead_id": lead.lead_id,
        "stage": stage,
        "cause": None if stage == "router" else event.caused_by,
        "policy": lead.policy_hash,
        "contact": identity.contact.id if identity else None,
        "company": identity.company.id if identity and identity.company else None,
        "destination": route.destination,
        "queue": route.queue,
        "owner": route.owner.id if route.owner else None,
        "rule": route.rule,
        "pool": route.pool,
        "room": route.record.get("pools.free"),
        **_turn_values(route),
    }


def _turn_values(route: Route) -> dict[str, JsonValue]:
    shadow = route.shadow
    told: JsonValue = None
    if shadow is not None:
        told = [shadow.policy_hash, shadow.destination, shadow.queue, shadow.pool, shadow.rule, shadow.priority]
    if route.turn is None:
        return {"turn_pool": None, "line": None, "picked": None, "shadow": told}
    line: list[JsonValue] = [[one.member, one.weight, one.why_not] for one in route.turn.members]
    return {"turn_pool": route.turn.pool, "line": line, "picked": route.turn.picked, "shadow": told}


def _route_numbers(event: LeadRouted, record: Record) -> dict[str, float]:
    lead, route = event.lead, event.route
    age = age_of(lead, record_answers(lead))
    return {
        "at": micros(event.decided_at),
        "partition": record.partition,
        "offset": record.offset,
        "version": lead.version,
        "suggested": int(route.suggested),
        "offer": route.offer,
        "received": micros(lead.submission.received_at),
        "age_seconds": float("nan") if age is None else age.total_seconds(),
    }


def _facts(event: LeadRouted, needed: Needed) -> dict[str, JsonValue]:
    """The facts by column: the router's as the route kept them, score's own from the recorded answers."""
    lead = event.lead
    facts: Facts = lead_facts(lead, event.route.record)
    if "lead.reviews" not in event.route.record:  # routed before they were kept: what became questions stands for them
        facts["lead.reviews"] = [one.kind for one in lead.reviews if one.stage != "router"]
    scored = {SCORED + name: value for name, value in record_facts(lead, record_answers(lead)).items()}
    facts.update(scored)
    told = {name: facts.get(name) for name in needed.told}
    return told | {KNOWN + name: True if is_known(facts.get(name)) else None for name in needed.known}


def _touched(event: LeadFeedback, _: Record) -> Iterator[Row]:
    if event.kind in ("accepted", "touched") and event.decided_at is not None:
        yield Row({"lead_id": event.lead_id, "kind": event.kind}, {"at": micros(event.decided_at)})


def _met(event: SlaChanged, _: Record) -> Iterator[Row]:
    if event.state == "met" and event.clock == "first_touch" and event.decided_at is not None:
        yield Row({"lead_id": event.lead_id, "kind": "touched"}, {"at": micros(event.decided_at)})


def _decided(event: TriageDecided, _: Record) -> Iterator[Row]:
    asked = {question.question_id for question in event.questions if question.review.kind == "route"}
    said = next((answer.verdict for answer in event.answers if answer.question_id in asked), None)
    values = {"event_id": event.event_id, "lead_id": event.lead_id, "said": said}
    yield Row(values, {"version": event.lead_version, "reenters": int(event.reenters), "at": micros(event.decided_at)})


def _record_changed(event: ChangeRecorded, _: Record) -> Iterator[Row]:
    """What happened to members and calendars; a record that is made at once has the field `*`."""
    change = event.change
    if change.record.type in ("member", "calendar") and change.status is Status.APPLIED:
        values = {"type": change.record.type, "id": change.record.id, "field": change.field, "value": change.new}
        yield Row(values, {"at": micros(change.at)})


TOUCHES = Feed(LEAD_FEEDBACK, ("lead_id", "kind"), {"at": np.int64}, _touched)
MET = Feed(SLA_CHANGED, ("lead_id", "kind"), {"at": np.int64}, _met, (b'"met"',))
DECISIONS = Feed(
    TRIAGE_DECIDED,
    ("event_id", "lead_id", "said"),
    {"version": np.int64, "reenters": np.int64, "at": np.int64},
    _decided,
)
RECORDS = Feed(
    AUDIT_CHANGE,
    ("type", "id", "field", "value"),
    {"at": np.int64},
    _record_changed,
    (b'"type":"member"', b'"type":"calendar"', b'"type": "member"', b'"type": "calendar"'),
)


def member_ref(member: str) -> RecordRef:
    """A member as a record."""
    return RecordRef(type="member", id=member)

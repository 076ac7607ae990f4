"""The ledger balances for whatever may come, and names every loss and every double."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Evidence, RecordRef, Source
from libs.contracts.events import (
    DeadLetter,
    Event,
    LeadReceived,
    LeadRouted,
    Question,
    SubmissionReceived,
    TriageRequested,
)
from libs.contracts.lead import Lead, Position, Review, Route, SubmissionRef
from libs.contracts.topics import (
    AUDIT_CHANGE,
    DEAD_LETTERS,
    LEAD_RECEIVED,
    LEAD_ROUTED,
    SUBMISSION_RECEIVED,
    TRIAGE_REQUESTED,
)
from services.audit.domain.ledger import Ledger, LedgerRecord, fold
from tests.services.audit.made import T0, change, recorded

PARTITIONS = 2


@dataclass
class World:
    """A line that keeps the rules: topics with records, and what the ledger has to say."""

    records: list[LedgerRecord] = field(default_factory=list)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)

    def write(self, topic: str, partition: int, event: Event) -> LedgerRecord:
        offset = self.ends.get((topic, partition), 0)
        self.ends[(topic, partition)] = offset + 1
        record = LedgerRecord(topic, partition, offset, event)
        self.records.append(record)
        return record

    def count(self, **numbers: int) -> None:
        for name, number in numbers.items():
            self.expected[name] = self.expected.get(name, 0) + number

    def submit(self, name: str) -> tuple[SubmissionReceived, Position]:
        submission = SubmissionReceived(
            event_id=ids.derived_id("event", name), submission_id=name, source="form", received_at=T0, sha256="0" * 64
        )
        held = self.write(SUBMISSION_RECEIVED.name, partition_of(name), submission)
        self.count(submissions=1)
        return submission, Position(topic=held.topic, partition=held.partition, offset=held.offset)

    def receive(self, name: str, item: int, position: Position, facts: str = "f", cause: str = "") -> Lead:
        ref = SubmissionRef(submission_id=name, item=item, position=position, sha256="0" * 64, received_at=T0)
        lead = Lead(
            lead_id=ids.lead_id(name, item), submission=ref, facts_hash=facts, partition_key=name,
            source=Source(kind="submission", name="form"), submitted_at=T0, policy_hash="p", subject_key_id="s",
        )  # fmt: skip
        event_id = ids.derived_id("lead.received", name, item, facts)
        event = LeadReceived(event_id=event_id, caused_by=cause or ids.derived_id("event", name), lead=lead)
        self.write(LEAD_RECEIVED.name, partition_of(name), event)
        return lead

    def route(self, lead: Lead, destination: str = "queue", version: int = 1, cause: str = "scored") -> LedgerRecord:
        route = Route(destination=destination, rule="r", reason="", confidence=1.0)
        event = LeadRouted(
            event_id=ids.event_id(f"{cause}-{lead.lead_id}-{version}", "router", 0), caused_by=cause,
            lead=lead.model_copy(update={"version": version}), route=route,
        )  # fmt: skip
        return self.write(LEAD_ROUTED.name, partition_of(lead.partition_key), event)

    def ask(self, name: str, position: Position, kind: str = "unmapped", item: int = 0, cause: str = "") -> None:
        review = Review(kind=kind, reason="no mapping", stage="mapper")
        event = TriageRequested(
            event_id=ids.derived_id("ask", name, item, kind), caused_by=cause or ids.derived_id("event", name),
            lead_id=ids.lead_id(name, item), lead_version=0, question_hash="h",
            questions=(Question(question_id="q", review=review),),
            submission=SubmissionRef(submission_id=name, item=item, position=position, sha256="0" * 64, received_at=T0),
        )  # fmt: skip
        self.write(TRIAGE_REQUESTED.name, partition_of(name), event)

    def dispose(self, name: str, item: int = 0, mixed: bool = False, cause: str = "") -> None:
        trigger = cause or ids.derived_id("event", name)
        made = change(
            record=RecordRef(type="submission", id=name), field="item_disposition" if mixed else "disposition",
            new="test", lead_id=None, evidence=(Evidence(quote="test", where=f"item {item}"),),
            trigger_event_id=trigger, change_id=ids.change_id(trigger, "mapper", "submission", name, "disposition", item),
        )  # fmt: skip
        self.write(AUDIT_CHANGE.name, partition_of(name), recorded(made, ids.derived_id("audit", made.change_id)))

    def give_up(self, position: Position, lead: Lead | None = None, service: str = "intake") -> None:
        letter = DeadLetter(
            event_id=ids.derived_id("dead", position.model_dump_json()), position=position, topic=position.topic,
            stage="s", stage_version="1", reason_code="defect", message="", attempts=1, first_failed_at=T0,
            lead_id=None if lead is None else lead.lead_id,
        )  # fmt: skip
        self.write(DEAD_LETTERS[service].name, position.partition, letter)


def partition_of(name: str) -> int:
    return int(name.rpartition("-")[2]) % PARTITIONS


def leads(world: World, name: str, number: int, route: bool = True) -> None:
    _, position = world.submit(name)
    for item in range(number):
        lead = world.receive(name, item, position)
        if route:
            world.route(lead)
    world.count(items=number, leads=number)


def a_lead(world: World, name: str) -> None:
    leads(world, name, 1)


def three_leads(world: World, name: str) -> None:
    leads(world, name, 3)


def redelivered_lead(world: World, name: str) -> None:
    leads(world, name, 1)
    _, position = world.submit(name)
    world.receive(name, 0, position)
    world.count(items=1, redelivered=1)


def corrected_lead(world: World, name: str) -> None:
    leads(world, name, 1)
    _, position = world.submit(name)
    lead = world.receive(name, 0, position, facts="other")
    world.route(lead, "owner", version=2)
    world.count(items=1, redelivered=1, corrected=1)


def a_ping(world: World, name: str) -> None:
    world.submit(name)
    world.dispose(name)
    world.count(items=1, not_a_lead=1)


def a_ping_twice(world: World, name: str) -> None:
    a_ping(world, name)
    world.submit(name)
    world.dispose(name)
    world.count(items=1, redelivered=1)


def a_mixed_post(world: World, name: str) -> None:
    _, position = world.submit(name)
    world.route(world.receive(name, 0, position))
    world.dispose(name, item=1, mixed=True)
    world.ask(name, position, item=2)
    world.count(items=3, leads=1, not_a_lead=1, unmapped=1)


def unmapped(world: World, name: str) -> Position:
    _, position = world.submit(name)
    world.ask(name, position)
    world.count(items=1, unmapped=1)
    return position


def unmapped_twice(world: World, name: str) -> None:
    unmapped(world, name)
    _, position = world.submit(name)
    world.ask(name, position)
    world.count(items=1, redelivered=1)


def redriven(world: World, name: str) -> None:
    position = unmapped(world, name)
    world.route(world.receive(name, 0, position, cause="command-1"))
    world.count(unmapped=-1, leads=1)


def redriven_twice(world: World, name: str) -> None:
    redriven(world, name)
    world.receive(name, 0, Position(**world.records[-3].event.submission.position.model_dump()), cause="command-2")  # type: ignore[union-attr]


def redriven_to_a_ping(world: World, name: str) -> None:
    unmapped(world, name)
    world.dispose(name, cause="command-1")
    world.count(unmapped=-1, not_a_lead=1)


def dead_submission(world: World, name: str) -> None:
    _, position = world.submit(name)
    world.give_up(position)
    world.count(items=1, unmapped=1, dead_letters=1)


def dead_lead(world: World, name: str) -> None:
    _, position = world.submit(name)
    lead = world.receive(name, 0, position)
    where = world.records[-1]
    world.give_up(Position(topic=where.topic, partition=where.partition, offset=where.offset), lead, "dedupe")
    world.count(items=1, leads=1)


def decided_in_triage(world: World, name: str) -> None:
    _, position = world.submit(name)
    lead = world.receive(name, 0, position)
    world.route(lead, "triage")
    world.ask(name, position, kind="route")
    world.route(lead, "owner", cause="triage.decided")
    world.count(items=1, leads=1)


STORIES: list[Callable[[World, str], Any]] = [
    a_lead, three_leads, redelivered_lead, corrected_lead, a_ping, a_ping_twice, a_mixed_post, unmapped, unmapped_twice,
    redriven, redriven_twice, redriven_to_a_ping, dead_submission, dead_lead, decided_in_triage,
]  # fmt: skip
stories = st.lists(st.sampled_from(STORIES), min_size=1, max_size=12)


def world_of(chosen: list[Callable[[World, str], Any]]) -> World:
    world = World()
    for number, story in enumerate(chosen):
        story(world, f"{story.__name__}-{number}")
    return world


def numbers_of(ledger: Ledger) -> dict[str, int]:
    numbers = ledger.model_dump(exclude={"balanced", "quiet"})
    return {name: value for name, value in numbers.items() if isinstance(value, int) and value}


@settings(max_examples=300, deadline=None)
@given(stories, st.randoms(use_true_random=False))
def test_it_balances_in_any_order_of_reading(chosen: list[Callable[[World, str], Any]], chance: Any) -> None:
    world = world_of(chosen)
    chance.shuffle(world.records)
    ledger = fold(world.records)
    assert ledger.balanced
    assert ledger.quiet
    assert numbers_of(ledger) == {name: value for name, value in world.expected.items() if value}
    assert sum(ledger.destinations.values()) == ledger.leads
    assert ledger.items == ledger.redelivered + ledger.not_a_lead + ledger.unmapped + ledger.leads


def test_a_lead_counts_where_its_newest_version_went() -> None:
    ledger = fold(world_of([a_lead, corrected_lead, decided_in_triage, dead_lead]).records)
    assert ledger.destinations == {"dead_letter": 1, "owner": 2, "queue": 1}


def lost(record: LedgerRecord) -> str:
    """How the ledger names the loss of a record."""
    event = record.event
    if isinstance(event, SubmissionReceived):
        return event.submission_id
    assert isinstance(event, LeadReceived | LeadRouted | TriageRequested)
    if isinstance(event, LeadReceived):
        return event.lead.submission.submission_id
    return event.lead.lead_id if isinstance(event, LeadRouted) else event.submission.submission_id


@settings(max_examples=300, deadline=None)
@given(stories, st.data())
def test_every_planted_loss_is_named(chosen: list[Callable[[World, str], Any]], data: st.DataObject) -> None:
    simple: list[Callable[[World, str], Any]] = [a_lead, unmapped]
    world = world_of([*chosen, data.draw(st.sampled_from(simple)), a_lead, a_lead, a_lead])
    own = f"-{len(chosen)}"
    candidates = [
        record for record in world.records
        if isinstance(record.event, SubmissionReceived | LeadReceived | LeadRouted | TriageRequested)
        and lost(record) in {name for name in _names(world) if name.endswith(own)} | {_lead_of(world, own)}
    ]  # fmt: skip
    gone = data.draw(st.sampled_from(candidates))
    ledger = fold(record for record in world.records if record is not gone)
    assert not ledger.balanced
    place = f"{gone.topic}[{gone.partition}]@{gone.offset}"
    lead = _lead_of(world, own)
    assert {lost(gone), place, lead} & set(ledger.in_no_place)


def _names(world: World) -> list[str]:
    return [record.event.submission_id for record in world.records if isinstance(record.event, SubmissionReceived)]


def _lead_of(world: World, own: str) -> str:
    name = next(name for name in _names(world) if name.endswith(own))
    return ids.lead_id(name, 0)


@settings(max_examples=300, deadline=None)
@given(stories, st.data())
def test_every_planted_double_is_named(chosen: list[Callable[[World, str], Any]], data: st.DataObject) -> None:
    world = world_of([*chosen, a_mixed_post])
    doubled = data.draw(st.sampled_from([
        record for record in world.records if not isinstance(record.event, SubmissionReceived | DeadLetter)
        and not (isinstance(record.event, TriageRequested) and record.event.questions[0].review.kind != "unmapped")
    ]))  # fmt: skip
    assert doubled.event is not None
    world.write(doubled.topic, doubled.partition, doubled.event)
    ledger = fold(world.records)
    assert not ledger.balanced
    event = doubled.event
    name = (
        event.lead.lead_id if isinstance(event, LeadReceived | LeadRouted)
        else event.submission.submission_id if isinstance(event, TriageRequested)
        else event.change.record.id  # type: ignore[attr-defined]
    )  # fmt: skip
    assert name in ledger.in_two_places


def test_what_the_line_has_not_reached_is_on_its_way_and_not_lost() -> None:
    world = world_of([a_lead, a_lead])
    leads(world, "late-2", 1, route=False)
    world.submit("waiting-4")
    ledger = fold(world.records)
    assert ledger.balanced
    assert not ledger.quiet
    assert ledger.in_flight_ids == (ids.lead_id("late-2", 0),)
    assert ledger.waiting_ids == ("waiting-4",)


def test_one_item_with_two_fates_from_one_cause_is_in_two_places() -> None:
    world = world_of([a_lead])
    _, position = world.submit("both-1")
    world.route(world.receive("both-1", 0, position))
    world.ask("both-1", position)
    assert fold(world.records).in_two_places == ("both-1",)


def test_a_route_without_a_lead_came_from_nowhere() -> None:
    world = world_of([a_lead])
    held = [record for record in world.records if record.topic != LEAD_RECEIVED.name]
    ledger = fold(held)
    assert not ledger.balanced
    assert ids.lead_id("a_lead-0", 0) in ledger.in_no_place


@pytest.mark.parametrize("dead", [True, False])
def test_an_unreadable_submission_is_named_by_its_place(dead: bool) -> None:
    world = world_of([a_lead])
    world.records.append(LedgerRecord(SUBMISSION_RECEIVED.name, 0, 1, None))
    if dead:
        world.give_up(Position(topic=SUBMISSION_RECEIVED.name, partition=0, offset=1))
    ledger = fold(world.records)
    assert ledger.balanced
    assert (ledger.dead_letters, ledger.waiting_ids) == ((1, ()) if dead else (0, ("submission.received.v1[0]@1",)))

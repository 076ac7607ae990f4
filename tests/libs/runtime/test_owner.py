"""The stage loop on a real broker: exactly once, refused records, dead letters, redeliveries."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import pytest

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source, Status
from libs.contracts.codec import encode, header
from libs.contracts.events import ChangeRecorded, Event, LeadClassified, LeadRouted, LeadScored
from libs.contracts.keys import key_of
from libs.contracts.lead import Route
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_ROUTED, LEAD_SCORED
from libs.runtime.broker import read_topics
from libs.runtime.database import migrate, open_pool
from libs.runtime.errors import Rejected
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import Stage
from tests.libs.runtime import harness
from tests.libs.runtime.leads import lead


async def nothing(events: Sequence[Event]) -> None:
    """Facts of stages that need none."""


def scored(event: LeadClassified, facts: None, now: datetime) -> Outcome[LeadScored]:
    number = int(event.lead.submission.submission_id.rpartition("-")[2])
    if number % 10 == 3:
        raise Rejected(RejectionReason.INVALID, "ends in 3")
    if number % 10 == 4:
        raise KeyError("a bug")
    change = ProposedChange(
        record=RecordRef(type="lead", id=event.lead.lead_id), field="priority", new=number,
        source=Source(kind="rule", name="score"), actor=Actor(kind="rule", id="score"), reason="test",
    )  # fmt: skip
    return Outcome(next=LeadScored(lead=event.lead), changes=(change,))


SCORE = Stage("score", "score", "1", LEAD_CLASSIFIED, (LEAD_SCORED,), nothing, scored)


def routed(event: LeadScored, facts: None, now: datetime) -> Outcome[LeadRouted]:
    route = Route(destination="queue", queue="inbound", rule="test", reason="test", confidence=1)
    return Outcome(next=LeadRouted(lead=event.lead, route=route), state=event.lead.lead_id)


async def kept(outcomes: Sequence[Outcome[LeadRouted]]) -> None:
    """A stage whose state is what it produced."""


ROUTE = Stage("router", "router", "1", LEAD_SCORED, (LEAD_ROUTED,), nothing, routed, save=kept)


@pytest.fixture
def mine(request: pytest.FixtureRequest) -> str:
    return request.node.name


def of(prefix: str):  # type: ignore[no-untyped-def]
    return lambda event: event.lead.submission.submission_id.startswith(prefix + "-")


async def test_each_input_leads_to_one_outcome_and_failures_to_dead_letters(
    settings: RuntimeSettings, mine: str
) -> None:
    leads = [lead(number, harness.POLICY_HASH, prefix=mine) for number in range(30)]
    events = [LeadClassified(event_id=f"{mine}{number}", lead=one) for number, one in enumerate(leads)]
    await harness.send(settings.kafka, LEAD_CLASSIFIED, events)
    async with harness.running(settings, [SCORE]):
        found = await harness.until(settings.kafka, "lead.scored.v1", of(mine), 24)
    assert len(found) == len({event.event_id for event in found}) == 24
    assert {event.lead.value("priority") for event in found} == {n for n in range(30) if n % 10 not in (3, 4)}
    ids = {one.lead_id for one in leads}
    changes = await harness.events_of(settings.kafka, "audit.change.v1", lambda e: e.change.lead_id in ids)
    assert len(changes) == 24
    assert all(isinstance(c, ChangeRecorded) and c.change.status is Status.APPLIED for c in changes)
    letters = await harness.events_of(settings.kafka, "score.dead-letter.v1", lambda e: e.lead_id in ids)
    assert sorted(e.reason_code for e in letters) == ["defect"] * 3 + ["invalid"] * 3
    tasks = await harness.events_of(settings.kafka, "triage.requested.v1", lambda e: e.lead_id in ids)
    assert len(tasks) == 6
    assert all(task.waiting is not None and task.due_at == task.waiting.due_at for task in tasks), (
        "failures are due, too"
    )


async def test_a_fused_line_writes_the_same_events_with_the_same_ids(
    settings: RuntimeSettings, database: str, mine: str
) -> None:
    await migrate(settings, "router", None)
    pool = await open_pool(settings, "router")
    numbers = [0, 1, 2, 5, 6]
    events = [LeadClassified(event_id=f"{mine}{n}", lead=lead(n, harness.POLICY_HASH, prefix=mine)) for n in numbers]
    async with harness.running(settings, [SCORE, ROUTE], pools={"router": pool}):
        await harness.send(settings.kafka, LEAD_CLASSIFIED, events)
        separate = await harness.until(settings.kafka, "lead.routed.v1", of(mine), 5)
    await pool.execute("delete from outcome")
    await pool.execute("delete from checkpoint")
    async with harness.running(settings, [SCORE, ROUTE], pools={"router": pool}, fused=True):
        await harness.send(settings.kafka, LEAD_CLASSIFIED, events)
        both = await harness.until(settings.kafka, "lead.routed.v1", of(mine), 10)
    await pool.close()
    assert sorted(e.event_id for e in both) == sorted([e.event_id for e in separate] * 2)
    flags = [header(record.headers, "sb_fused") async for record in read_topics(settings.kafka, ["lead.scored.v1"])]
    assert flags.count("1") == 5


async def test_a_stateful_stage_tells_redelivery_and_repeats_stored_outcomes(
    settings: RuntimeSettings, database: str, mine: str
) -> None:
    await migrate(settings, "router", None)
    pool: asyncpg.Pool = await open_pool(settings, "router")
    event = LeadScored(event_id=mine, lead=lead(1, harness.POLICY_HASH, prefix=mine))
    async with harness.running(settings, [ROUTE], pools={"router": pool}):
        await harness.send(settings.kafka, LEAD_SCORED, [event, event])
        await harness.until(settings.kafka, "lead.routed.v1", of(mine), 1)
        await harness.send(settings.kafka, LEAD_SCORED, [event])
        again = LeadScored(event_id=mine + "2", lead=lead(2, harness.POLICY_HASH, prefix=mine))
        await harness.send(settings.kafka, LEAD_SCORED, [again])
        found = await harness.until(settings.kafka, "lead.routed.v1", of(mine), 2)
    assert len(found) == 2
    verdicts = [r["verdict"] for r in await pool.fetch("select verdict from outcome where event_id = $1", mine)]
    await pool.close()
    assert sorted(verdicts) == ["decided", "redelivered", "redelivered"]


async def test_a_record_that_is_too_large_is_a_dead_letter_and_its_neighbours_go_on(
    settings: RuntimeSettings, mine: str
) -> None:
    events = [LeadClassified(event_id=f"{mine}{n}", lead=lead(n, harness.POLICY_HASH, prefix=mine)) for n in (1, 2)]
    big = events[0].lead.model_copy(update={"form": "x" * 6000})
    records = [
        encode(LEAD_CLASSIFIED, event, key_of(event), source="test")
        for event in (events[1], LeadClassified(event_id=mine + "big", lead=big))
    ]
    await harness.send_records(settings.kafka, records)
    async with harness.running(settings, [SCORE], limits={"lead.scored.v1": 5000}):
        await harness.until(settings.kafka, "lead.scored.v1", of(mine), 1)
        letters = await harness.until(
            settings.kafka, "score.dead-letter.v1", lambda e: e.lead_id == events[0].lead.lead_id, 1
        )
    assert letters[0].reason_code == "refused_by_broker"

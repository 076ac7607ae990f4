"""From a notice that holds an id to exactly one lead, on the real broker and database: retries, restarts, duplicates."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from libs.contracts import ids
from libs.contracts.events import ChangeRecorded, Event, LeadReceived, SubmissionReceived, TriageRequested
from libs.contracts.fetch import METHOD, FetchOrder
from libs.contracts.topics import AUDIT_CHANGE, LEAD_RECEIVED, SUBMISSION_RECEIVED, TRIAGE_REQUESTED
from libs.runtime import clock
from libs.runtime.settings import RuntimeSettings
from tests.libs.runtime.harness import events_of, until
from tests.services.fetch.providers import Providers, providers
from tests.services.fetch.running import SECRET, Running, running


@pytest.fixture
def held() -> Iterator[Providers]:
    with providers() as served:
        yield served


@pytest.fixture
async def world(settings: RuntimeSettings, held: Providers) -> AsyncIterator[Running]:
    async with running(settings, held) as ready:
        yield ready


def number_of(settings: RuntimeSettings, extra: int = 0) -> str:
    """A lead id of this test's own: other tests write to the same topics."""
    return str(int(hashlib.sha256(f"{settings.env}{extra}".encode()).hexdigest()[:12], 16))


def wanted(lead: str) -> FetchOrder:
    return FetchOrder(source="meta_lead_ads", provider="meta", object_id=lead, trust="signed", verified_by="first")


async def notify(world: Running, *leads: str, time: int = 1) -> dict[str, Any]:
    """Post a notice of Meta's; another `time` makes other bytes, as a redelivery of Meta's has."""
    changes = [{"field": "leadgen", "value": {"leadgen_id": lead}} for lead in leads]
    body = json.dumps({"object": "page", "entry": [{"id": "1", "time": time, "changes": changes}]}).encode()
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
    answer = await world.client.post("/hooks/meta_lead_ads", content=body, headers=headers)
    assert answer.status_code == 202
    receipt: dict[str, Any] = answer.json()
    return receipt


async def open_calls(world: Running, *leads: str, times: int = 1) -> None:
    """Wait until each of these was ordered so often. What other tests left on the topic does not count."""
    keys = [wanted(lead).submission_id for lead in leads]
    async with asyncio.timeout(60):
        while (  # noqa: ASYNC110
            await world.pool.fetchval("select count(*) from effect where key = any($1)", keys) < len(leads) * times
        ):
            await asyncio.sleep(0.05)


async def settled(world: Running, lead: str, state: str) -> None:
    """Wait until the object is in that state."""
    async with asyncio.timeout(60):
        key = wanted(lead).submission_id
        while await world.pool.fetchval("select state from wanted where key = $1", key) != state:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def lead_of(lead: str) -> Callable[[Event], bool]:
    lead_id = ids.lead_id(wanted(lead).submission_id, 0)
    return lambda event: isinstance(event, LeadReceived) and event.lead.lead_id == lead_id


def kept_of(lead: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, SubmissionReceived) and event.submission_id == wanted(lead).submission_id


def asked_of(lead: str) -> Callable[[Event], bool]:
    lead_id = ids.lead_id(wanted(lead).submission_id, 0)
    return lambda event: isinstance(event, TriageRequested) and event.lead_id == lead_id


async def test_an_id_becomes_a_lead_with_its_bytes_kept_and_both_are_accounted_for(
    world: Running, held: Providers, settings: RuntimeSettings
) -> None:
    lead = number_of(settings)
    held.first[lead] = [(503, {}, {}), (400, {"error": {"code": 80005}}, {})]
    receipt = await notify(world, lead)
    await open_calls(world, lead)
    for _ in range(3):
        await world.make_due()
        await asyncio.sleep(0)
        assert await world.call_due() == 1
        if len(held.calls) == 2:  # the limit asks for a minute: its pause is the process's own
            await _forget_pauses(world)
    assert held.calls == [lead] * 3
    (event,) = await until(settings.kafka, LEAD_RECEIVED.name, lead_of(lead), 1, 60)
    assert isinstance(event, LeadReceived)
    assert event.lead.value("email") == "ana@acme.com"
    assert event.lead.submission.delivery_id == f"meta {lead}"
    (kept,) = await events_of(settings.kafka, SUBMISSION_RECEIVED.name, kept_of(lead))
    assert isinstance(kept, SubmissionReceived)
    assert (kept.method, kept.trust, kept.verified_by) == (METHOD, "signed", "first")

    def is_said(found: Event) -> bool:
        return isinstance(found, ChangeRecorded) and found.change.record.id == receipt["submission_id"]

    (said,) = await until(settings.kafka, AUDIT_CHANGE.name, is_said, 1, 60)
    assert isinstance(said, ChangeRecorded)
    assert said.change.new == "fetching"
    await settled(world, lead, "fetched")


async def _forget_pauses(world: Running) -> None:
    world.fetch.effects["call"].__self__._pauses.clear()  # type: ignore[attr-defined]


async def test_redeliveries_and_a_crash_between_keeping_and_telling_make_one_lead(
    world: Running, held: Providers, settings: RuntimeSettings
) -> None:
    lead = number_of(settings)
    await notify(world, lead)
    await open_calls(world, lead)
    order = wanted(lead).model_dump(mode="json")
    await world.fetch.effects["call"](order, "effect")  # kept, and then the process dies: the row is still open
    assert await world.call_due() == 1
    await settled(world, lead, "fetched")
    for time in (1, 2, 3):
        await notify(world, lead, time=time)
    after = number_of(settings, 1)
    await notify(world, after)
    await open_calls(world, after)
    assert await world.call_due() == 1
    await until(settings.kafka, LEAD_RECEIVED.name, lead_of(after), 1, 60)
    found = await until(settings.kafka, LEAD_RECEIVED.name, lead_of(lead), 2, 60)
    assert len({event.event_id for event in found}) == 1
    assert held.calls == [lead, lead, after]


async def test_a_restart_in_the_middle_loses_nothing(settings: RuntimeSettings, held: Providers) -> None:
    leads = [number_of(settings, extra) for extra in range(3)]
    async with running(settings, held) as before:
        await notify(before, *leads)
        await open_calls(before, *leads)
    assert held.calls == []
    async with running(settings, held, again=True) as after:
        assert await after.call_due() == 3
        for lead in leads:
            await until(settings.kafka, LEAD_RECEIVED.name, lead_of(lead), 1, 60)
            await settled(after, lead, "fetched")
    assert sorted(held.calls) == sorted(leads)


async def test_what_is_given_up_reaches_a_person_and_is_fetched_once_they_say_so(
    world: Running, held: Providers, settings: RuntimeSettings
) -> None:
    lead = number_of(settings)
    held.deleted.add(lead)
    await notify(world, lead)
    await open_calls(world, lead)
    assert await world.call_due() == 1
    (asked,) = await until(settings.kafka, TRIAGE_REQUESTED.name, asked_of(lead), 1, 60)
    assert isinstance(asked, TriageRequested)
    assert lead in asked.questions[0].review.reason
    held.deleted.clear()
    place = {"partition": asked.submission.position.partition, "offset": asked.submission.position.offset}
    redriven = await world.client.post(f"/api/submissions/{asked.submission.submission_id}/redrive", json=place)
    assert redriven.status_code == 202
    await open_calls(world, lead, times=2)
    assert await world.call_due() == 1
    (found,) = await until(settings.kafka, LEAD_RECEIVED.name, lead_of(lead), 1, 60)
    assert isinstance(found, LeadReceived)
    assert found.lead.lead_id == asked.lead_id, "the lead's first version closes the question"


async def test_a_call_that_is_told_to_wait_is_given_up_after_a_day_and_not_after_attempts(
    world: Running, held: Providers, settings: RuntimeSettings
) -> None:
    lead = number_of(settings)
    held.token = "another token"
    await notify(world, lead)
    await open_calls(world, lead)
    for _ in range(15):
        await world.make_due()
        assert await world.call_due() == 1
    assert await world.pool.fetchval("select attempts from effect") == 0
    waits = await world.pool.fetchval("select next_at from effect")
    assert 200 < (waits - clock.now()).total_seconds() <= 300
    await world.pool.execute("update effect set created_at = created_at - interval '25 hours'")
    await world.make_due()
    assert await world.call_due() == 1
    await settled(world, lead, "given_up")
    (asked,) = await until(settings.kafka, TRIAGE_REQUESTED.name, asked_of(lead), 1, 60)
    assert isinstance(asked, TriageRequested)
    assert "refuses the access token" in asked.questions[0].review.reason
    assert "another token" not in asked.model_dump_json()

"""The wired service on a real broker: HTTP in, leads, triage requests and audited values out, and a redrive."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from libs.contracts import ids
from libs.contracts.events import ChangeRecorded, Event, LeadReceived, TriageRequested
from libs.contracts.topics import AUDIT_CHANGE, LEAD_RECEIVED, TRIAGE_REQUESTED
from libs.runtime import clock
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.consumer import GroupConsumer, OwnerOf
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.service import Resources
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage
from libs.runtime.telemetry import Meter
from services.intake.service import build
from tests.libs.runtime.harness import policies, until

SECRET = "s" * 32


@asynccontextmanager
async def intake(settings: RuntimeSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The service's stages at work and a client in front of its application."""
    settings.data.joinpath("sources.json").write_text(json.dumps({"typeform": [{"name": "first", "value": SECRET}]}))
    producer, reader = Producer(settings.kafka), RecordReader(settings.kafka)
    await producer.start()
    service = build(Resources(settings, policies(), producer, reader, Commands(producer, None), Health(ready=True)))
    transport = httpx.ASGITransport(service.app)
    headers = {"Authorization": f"Bearer {settings.api_token}"}
    line = Line(Emitter(policies()), {}, {}, clock.now, NoKeys())
    owners = {stage.consumes.name: _owner(stage, line, settings) for stage in service.stages}
    consumer = GroupConsumer(settings, service.name, owners, Health())
    await consumer.start()
    async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
        yield client
    await consumer.stop()
    await reader.stop()
    await producer.stop()


def _owner(stage: AnyStage, line: Line, settings: RuntimeSettings) -> OwnerOf:
    return lambda tp, consumer: Owner(stage, tp, line, consumer, settings, Health(), Meter())


@pytest.fixture
async def client(settings: RuntimeSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with intake(settings) as ready:
        yield ready


def typeform(token: str, email: str) -> tuple[bytes, dict[str, str]]:
    answers = [{"type": "email", "email": email, "field": {"id": "f"}}]
    body = json.dumps({"event_type": "form_response", "form_response": {"token": token, "answers": answers}}).encode()
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    return body, {"Typeform-Signature": f"sha256={signature}", "Content-Type": "application/json"}


async def test_from_a_post_to_a_lead_with_audited_values(client: httpx.AsyncClient, settings: RuntimeSettings) -> None:
    body, headers = typeform(settings.env, "Ana@Acme.com")
    receipts = [(await client.post("/hooks/typeform", content=body, headers=headers)).json() for _ in range(2)]
    corrected, headers = typeform(settings.env, "anna@acme.com")
    receipts.append((await client.post("/hooks/typeform", content=corrected, headers=headers)).json())
    assert len({receipt["submission_id"] for receipt in receipts}) == 1
    assert len({(receipt["partition"], receipt["offset"]) for receipt in receipts}) == 3
    lead_id = ids.lead_id(receipts[0]["submission_id"], 0)

    def is_it(event: Event) -> bool:
        return isinstance(event, LeadReceived) and event.lead.lead_id == lead_id

    found = await until(settings.kafka, LEAD_RECEIVED.name, is_it, 3)
    leads = [event.lead for event in found if isinstance(event, LeadReceived)]
    assert found[0].event_id == found[1].event_id != found[2].event_id
    assert [lead.value("email") for lead in leads] == ["ana@acme.com", "ana@acme.com", "anna@acme.com"]

    def is_its_email(event: Event) -> bool:
        return isinstance(event, ChangeRecorded) and event.change.record.id == lead_id and event.change.field == "email"

    changes = [
        event
        for event in await until(settings.kafka, AUDIT_CHANGE.name, is_its_email, 3)
        if isinstance(event, ChangeRecorded)
    ]
    assert {change.change.status for change in changes} == {"applied"}
    assert changes[0].event_id == changes[1].event_id
    assert changes[0].change.evidence[0].quote == "Ana@Acme.com"


async def test_what_cannot_be_read_is_kept_asked_about_and_mapped_again(
    client: httpx.AsyncClient, settings: RuntimeSettings
) -> None:
    body = b'{"broken": "' + settings.env.encode()
    receipt = (await client.post("/hooks/demo", content=body, headers={"Content-Type": "application/json"})).json()
    lead_id = ids.lead_id(receipt["submission_id"], 0)

    def is_it(event: Event) -> bool:
        return isinstance(event, TriageRequested) and event.lead_id == lead_id

    (asked,) = await until(settings.kafka, TRIAGE_REQUESTED.name, is_it, 1)
    assert isinstance(asked, TriageRequested)
    place = {"partition": asked.submission.position.partition, "offset": asked.submission.position.offset}
    shown = await client.get(f"/api/submissions/{receipt['submission_id']}", params=place)
    assert base64.b64decode(shown.json()["body_base64"]) == body
    redriven = await client.post(f"/api/submissions/{receipt['submission_id']}/redrive", json=place)
    assert redriven.status_code == 202
    again = await until(settings.kafka, TRIAGE_REQUESTED.name, is_it, 2)
    assert again[0].event_id == again[1].event_id
    assert again[0].caused_by != again[1].caused_by


async def test_several_leads_a_test_and_an_unmapped_item_of_one_post(
    client: httpx.AsyncClient, settings: RuntimeSettings
) -> None:
    name = settings.env.replace("_", "-")
    body = {"leads": [{"email": f"{name}-{n}@acme.com"} for n in range(3)] + [{"x": name}, {"test": True}]}
    receipt = (await client.post("/hooks/referral", json=body)).json()

    def is_it(event: Event) -> bool:
        held = event.lead.submission if isinstance(event, LeadReceived) else getattr(event, "submission", None)
        return held is not None and held.submission_id == receipt["submission_id"]

    def is_said(event: Event) -> bool:
        return isinstance(event, ChangeRecorded) and event.change.record.id == receipt["submission_id"]

    leads, asked, said = await asyncio.gather(
        until(settings.kafka, LEAD_RECEIVED.name, is_it, 3),
        until(settings.kafka, TRIAGE_REQUESTED.name, is_it, 1),
        until(settings.kafka, AUDIT_CHANGE.name, is_said, 1),
    )
    assert all(isinstance(event, LeadReceived) and event.lead.value("email") for event in leads)
    assert (len(leads), len(asked), len(said)) == (3, 1, 1)

"""Crm as it is wired, on the real broker and database: HTTP in, events and audit out, writes and decisions by topic."""

import asyncio

import asyncpg
import pytest

from libs.contracts.change import RecordRef, Status
from libs.contracts.events import ChangeRecorded, Event, RecordChanged
from libs.contracts.ids import derived_id
from libs.contracts.signing import signature
from libs.contracts.topics import CRM_WRITE, TRIAGE_DECIDED
from libs.runtime.effects import run_due_effects
from libs.runtime.settings import RuntimeSettings
from services.crm.deliver import WebhookCalls
from services.crm.service import build
from services.crm.settings import CrmSettings
from services.crm.store import PostgresWebhooks
from tests.libs.runtime.harness import events_of, send, until
from tests.services.crm.receiver import receiving
from tests.services.crm.running import running_service
from tests.services.crm.world import SUGGESTED, change, decided, write


async def test_people_and_machines_write_the_same_record(settings: RuntimeSettings) -> None:
    ref = RecordRef(type="company", id=derived_id("crm service test", settings.env))
    kafka, path = settings.kafka, f"/api/records/company/{ref.id}"

    def mine(event: Event) -> bool:
        return isinstance(event, RecordChanged) and event.record == ref

    def blocked(event: Event) -> bool:
        return (
            isinstance(event, ChangeRecorded) and event.change.record == ref and event.change.status is Status.BLOCKED
        )

    async with running_service(settings, "crm", build) as crm:
        body = {"records": [{"id": ref.id, "fields": {"name": "Acme", "domain": "acme.com"}}]}
        made = await crm.client.post("/api/records/company", json=body)
        assert (made.status_code, made.json()["answer"]["records"][0]["status"]) == (200, "created")
        machine = change("name", "Acme Holding", old="Acme", record=ref)
        rejected = change("industry", "Finance", record=ref)
        no = decided(1, rejected, "reject").model_copy(update={"event_id": derived_id("no", ref.id)})
        await send(kafka, TRIAGE_DECIDED, [no])
        await until_rejected(crm.pool)
        tried = write(1, machine, rejected, policy=SUGGESTED).model_copy(
            update={"event_id": derived_id("write", ref.id)}
        )
        await send(kafka, CRM_WRITE, [tried])
        told = await until(kafka, "audit.change.v1", blocked, 2)
        assert {event.change.rule for event in told if isinstance(event, ChangeRecorded)} == {
            "human_verified",
            "rejected_before",
        }
        edited = await crm.client.patch(path, json={"fields": {"name": "Acme Inc"}}, headers={"If-Match": '"1"'})
        assert edited.status_code == 200
        shown = (await crm.client.get(path)).json()
        assert (shown["version"], shown["fields"]) == (2, {"name": "Acme Inc", "domain": "acme.com"})
    changed = await events_of(kafka, "record.changed.v1", mine)
    assert [event.version for event in changed if isinstance(event, RecordChanged)] == [1, 2]


async def until_rejected(pool: asyncpg.Pool) -> None:
    """Wait for the decision: it comes by another topic than the write."""
    async with asyncio.timeout(20):
        while True:
            if await pool.fetchval("select count(*) from rejection"):
                return
            await asyncio.sleep(0.05)


async def test_a_change_calls_a_webhook_and_is_logged(
    settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_LOOPBACK", "true")
    person = derived_id("webhook test", settings.env)
    async with receiving() as receiver, running_service(settings, "crm", build) as crm:
        made = await crm.client.post("/api/webhooks", json={"url": receiver.url, "types": ["contact.created"]})
        assert made.status_code == 201, made.text
        webhook = made.json()["webhook_id"]
        body = {"records": [{"id": person, "fields": {"name": "Ann", "email": "ann@acme.com"}}], "source": "old crm"}
        assert (await crm.client.post("/api/import/contact", json=body)).status_code == 200
        assert (await crm.client.patch(f"/api/records/contact/{person}", json={"fields": {"name": "B"}})).is_success
        calls = WebhookCalls(PostgresWebhooks(crm.pool), CrmSettings())
        assert await run_due_effects("crm", crm.pool, crm.producer, {"webhook": calls.run}) == 1
        assert await run_due_effects("crm", crm.pool, crm.producer, {"webhook": calls.run}) == 0
        ((headers, told),) = receiver.got
        sent = signature(made.json()["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), told)
        assert headers["webhook-signature"] == sent
        (row,) = (await crm.client.get(f"/api/webhooks/{webhook}/deliveries")).json()["items"]
        assert (row["state"], row["record_id"], row["type"]) == ("delivered", person, "contact.created")
        assert (await crm.client.delete(f"/api/webhooks/{webhook}")).status_code == 200
        assert (await crm.client.get("/api/webhooks")).json() == {"items": []}

"""Notes and drafts on the real broker and database, over HTTP, with a model behind a real HTTP server."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

import services.triage
from libs.contracts.change import Status
from libs.contracts.events import ChangeRecorded, Event
from libs.contracts.ids import derived_id
from libs.contracts.lead import Lead
from libs.contracts.topics import LEAD_ROUTED
from libs.runtime.database import migrate, open_pool
from libs.runtime.effects import run_due_effects
from libs.runtime.rebuild.inventory import Derived
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from services.triage.domain.handoff import FIELD, Handoff, after_route
from services.triage.erasure import TOMBSTONES
from services.triage.rebuild import REBUILD
from services.triage.service import build
from services.triage.store_drafts import PostgresHandoffReads, PostgresHandoffs, handoff_rows
from tests.access.persons import become, hiding
from tests.libs.runtime.harness import POLICY_HASH, events_of, send
from tests.services.classify.chat_server import Answer, chat_server, completion
from tests.services.crm.running import Running, running_service
from tests.services.triage.drafted import QUOTE, a_lead, policy, routed
from tests.services.triage.fake import MemoryHandoffs
from tests.services.triage.test_draft_checker import GOOD, answer
from tests.services.triage.world import AT


def lead_of(settings: RuntimeSettings, name: str) -> Lead:
    lead_id = derived_id("triage drafts test", settings.env, name)
    return a_lead().model_copy(update={"lead_id": lead_id, "policy_hash": POLICY_HASH})


async def shown(client: httpx.AsyncClient, lead_id: str, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The lead's draft, once it is so."""
    async with asyncio.timeout(30):
        while True:
            told = await client.get(f"/api/leads/{lead_id}/draft")
            if told.status_code == 200 and ready(told.json()):
                found: dict[str, Any] = told.json()
                return found
            await asyncio.sleep(0.05)


async def moves(kafka: str, lead_id: str) -> list[tuple[Status, str]]:
    def ours(event: Event) -> bool:
        return isinstance(event, ChangeRecorded) and event.change.lead_id == lead_id and event.change.field == FIELD

    found = await events_of(kafka, "audit.change.v1", ours)
    return [(one.change.status, one.change.actor.id) for one in found if isinstance(one, ChangeRecorded)]


async def said(triage: Running, lead_id: str, act: str, **body: str) -> httpx.Response:
    return await triage.client.post(f"/api/leads/{lead_id}/draft/{act}", json=body)


async def test_a_draft_from_the_routed_lead_to_its_approval(settings: RuntimeSettings) -> None:
    lead = lead_of(settings, "whole")
    path = f"/api/leads/{lead.lead_id}"
    async with running_service(settings, "triage", build) as triage:
        assert (await triage.client.get(f"{path}/note")).status_code == 404
        await send(settings.kafka, LEAD_ROUTED, [routed(lead)])
        first = await shown(triage.client, lead.lead_id, lambda told: told["status"] == "created")
        assert QUOTE in first["draft"]["text"]
        assert all(one["grounds"] for one in first["draft"]["sentences"])
        note = (await triage.client.get(f"{path}/note")).json()
        assert [line["about"] for line in note["lines"]][-1] == "next_step"
        assert (await said(triage, lead.lead_id, "approve", seen_hash="old")).status_code == 409
        edited = await said(triage, lead.lead_id, "edit", seen_hash=first["seen_hash"], text="Hello, $5?")
        assert edited.status_code == 200, edited.text
        assert len(edited.json()["answer"]["warnings"]) == 1
        seen = edited.json()["answer"]["seen_hash"]
        assert (await said(triage, lead.lead_id, "approve", seen_hash=seen)).status_code == 200
        assert (await said(triage, lead.lead_id, "approve", seen_hash=seen)).status_code == 409
        await _as_others(triage, lead.lead_id)
    assert await moves(settings.kafka, lead.lead_id) == [
        (Status.PROPOSED, "triage"), (Status.EDITED, "ana"), (Status.APPROVED, "ana"),
    ]  # fmt: skip


async def _as_others(triage: Running, lead_id: str) -> None:
    """A rep sees their own, a viewer nothing, and a hidden field takes its lines with it."""
    path = f"/api/leads/{lead_id}"
    log = become(triage.client, "rep", member="m1")
    assert (await triage.client.get(f"{path}/draft")).status_code == 200
    assert log.kept == [("rep", "triage GET /api/leads/{lead_id}/draft", [f"lead:{lead_id}"])]
    become(triage.client, "rep", member="m2")
    assert (await triage.client.get(f"{path}/note")).status_code == 403
    assert (await said(triage, lead_id, "discard", seen_hash="x")).status_code == 403
    become(triage.client, "viewer")
    assert (await triage.client.get(f"{path}/draft")).status_code == 403
    become(triage.client, "rep", hiding("lead", "name", "rep"), member="m1")
    lines = (await triage.client.get(f"{path}/note")).json()["lines"]
    assert [line["text"] for line in lines if line["name"] == "person"] == [{"masked": True}]
    assert "Bo" not in str(lines)


@pytest.mark.parametrize(
    ("content", "engine", "refused"),
    [
        (answer(GOOD), "model", ""),
        (answer("We guarantee 50% off."), "template", "themselves"),
        (None, "template", "empty"),
    ],
)
async def test_a_model_is_asked_by_an_effect_and_checked(
    settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch, content: str | None, engine: str, refused: str
) -> None:
    lead = lead_of(settings, f"model {engine} {refused}")

    def script(_: dict[str, Any]) -> Answer:
        return completion(content)

    with chat_server(script) as server:
        monkeypatch.setenv("TRIAGE_OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("TRIAGE_OPENAI_MODEL", "gpt")
        async with running_service(settings, "triage", build) as triage:
            await send(settings.kafka, LEAD_ROUTED, [routed(lead)])
            await shown(triage.client, lead.lead_id, lambda told: told["status"] == "created")
            assert await run_due_effects("triage", triage.pool, triage.producer, triage.service.effects) == 1

            def settled(told: dict[str, Any]) -> bool:
                return told["draft"]["engine"] == "model" or bool(told["draft"]["refused"])

            draft = (await shown(triage.client, lead.lead_id, settled))["draft"]
    assert draft["engine"] == engine
    assert (GOOD in draft["text"]) == (engine == "model")
    assert refused in str(draft["refused"])
    assert "50%" not in draft["text"]
    assert QUOTE in str(server.bodies[0]["messages"])
    assert "bo@" not in str(server.bodies[0])


async def test_stores_agree_and_what_is_kept_is_forgotten_and_rebuilt(database: str) -> None:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "triage", Path(services.triage.__file__).parent / "migrations")
    pool: asyncpg.Pool = await open_pool(settings, "triage")
    versions = [
        a_lead("Å 😀 we want to route support tickets faster").model_copy(update={"version": at}) for at in (1, 2)
    ]
    made = [after_route(None, routed(lead), policy(), AT) for lead in versions]
    held = [one for one in made if one is not None]
    memory = MemoryHandoffs()
    try:
        async with pool.acquire() as connection, connection.transaction():
            with bind(connection):  # type: ignore[arg-type]
                for store in (memory, PostgresHandoffs()):
                    await store.save(held)
                    assert await store.newest(["l1", "other"]) == {"l1": held[1]}
        assert await PostgresHandoffReads(pool).one("l1") == await memory.one("l1") == held[1]
        (row,) = handoff_rows(held[0])
        told = REBUILD.tables["handoff"]
        assert isinstance(told, Derived)
        assert Handoff.model_validate_json(str(row.values["held"])) == held[0]
        for tombstone in TOMBSTONES:
            await pool.execute(tombstone.sql, ["l1"])
        assert await PostgresHandoffReads(pool).one("l1") is None
    finally:
        await pool.close()

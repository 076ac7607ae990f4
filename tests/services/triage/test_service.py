"""Triage as it is wired, on the real broker and database: requests in, a person decides over HTTP, decisions out."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from libs.contracts.events import Event, SlaChanged, TriageDecided
from libs.contracts.ids import derived_id
from libs.contracts.topics import LEAD_ROUTED, TRIAGE_REQUESTED
from libs.runtime import clock
from libs.runtime.settings import RuntimeSettings
from services.triage.service import build
from tests.libs.runtime.harness import POLICY_HASH, events_of, send, until
from tests.services.crm.running import running_service
from tests.services.triage.world import ROUTE, lead, request, routed, yes


async def item(client: httpx.AsyncClient, lead_id: str, status: str) -> dict[str, Any]:
    """The item of a lead, once it has a status."""
    async with asyncio.timeout(20):
        while True:
            answer = await client.get(f"/api/items/{lead_id}")
            if answer.status_code == 200 and answer.json()["status"] == status:
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.05)


async def test_an_item_is_decided_and_another_one_is_overtaken(settings: RuntimeSettings) -> None:
    kafka = settings.kafka
    mine, other = (derived_id("triage service test", settings.env, name) for name in ("mine", "other"))
    late = clock.now() - timedelta(minutes=1)
    leads = {lead_id: lead(lead_id).model_copy(update={"policy_hash": POLICY_HASH}) for lead_id in (mine, other)}
    asked = [request(lead_id=lead_id, lead=leads[lead_id], due_at=late) for lead_id in (mine, other)]

    def breached(event: Event) -> bool:
        return isinstance(event, SlaChanged) and event.lead_id == mine and event.state == "breached"

    async with running_service(settings, "triage", build) as triage:
        await send(kafka, TRIAGE_REQUESTED, asked)
        opened = await item(triage.client, mine, "open")
        await item(triage.client, other, "open")
        assert (await triage.client.get("/api/items")).json()["total"] == 2
        assert await triage.tick("triage") == 2
        assert len(await until(kafka, "sla.changed.v1", breached, 1)) == 1
        body = {"seen_hash": opened["question_hash"], "answers": [yes("q-change")]}
        done = await triage.client.post(f"/api/items/{mine}/decision", json=body)
        assert (done.status_code, done.json()["answer"]["status"]) == (200, "decided")
        again = await triage.client.post(f"/api/items/{mine}/decision", json=body)
        assert (again.status_code, again.json()["by"]) == (409, "ana")
        newer = routed(2, asks=False, lead_id=other)
        await send(
            kafka, LEAD_ROUTED, [newer.model_copy(update={"lead": leads[other].model_copy(update={"version": 2})})]
        )
        await item(triage.client, other, "superseded")
    decided = await events_of(
        kafka, "triage.decided.v1", lambda event: isinstance(event, TriageDecided) and event.lead_id == mine
    )
    assert len(decided) == 1


async def test_of_two_people_at_once_one_decides_and_the_other_is_told(settings: RuntimeSettings) -> None:
    """Two real requests at the same time, then an undo over HTTP: nothing is lost, and all of it is on the topic in order."""
    kafka, lead_id = settings.kafka, derived_id("two people", settings.env)
    asked = request(1, ROUTE, lead_id=lead_id, lead=lead(lead_id).model_copy(update={"policy_hash": POLICY_HASH}))
    async with running_service(settings, "triage", build) as triage:
        await send(kafka, TRIAGE_REQUESTED, [asked])
        opened = await item(triage.client, lead_id, "open")

        async def decides(person: str, verdict: str) -> httpx.Response:
            body = {"seen_hash": opened["question_hash"], "answers": [{"question_id": "q-route", "verdict": verdict}]}
            headers = {"X-Signalbox-Actor": person}
            return await triage.client.post(f"/api/items/{lead_id}/decision", json=body, headers=headers)

        both = await asyncio.gather(decides("ana", "approve"), decides("bo", "reject"))
        assert sorted(one.status_code for one in both) == [200, 409]
        refused = next(one.json() for one in both if one.status_code == 409)
        winner, verdict = ("ana", "approve") if both[0].status_code == 200 else ("bo", "reject")
        assert (refused["error"], refused["by"]) == ("not_open", winner)
        assert refused["answers"] == [{"question_id": "q-route", "verdict": verdict}]
        loser = "bo" if winner == "ana" else "ana"
        for person, status in ((loser, 409), (winner, 200), (winner, 409)):
            undo = await triage.client.post(f"/api/items/{lead_id}/undo", headers={"X-Signalbox-Actor": person})
            assert undo.status_code == status, undo.text
        again = await item(triage.client, lead_id, "open")
        assert again["question_hash"] == opened["question_hash"]
        assert (await decides(loser, "approve")).json()["error"] == "settling"
    told = await events_of(
        kafka, "triage.decided.v1", lambda event: isinstance(event, TriageDecided) and event.lead_id == lead_id
    )
    first, back = (event for event in told if isinstance(event, TriageDecided))
    assert (first.answers[0].verdict, first.undoes) == (verdict, "")
    assert (back.answers, back.taken_back, back.undoes) == ((), first.answers, first.event_id)

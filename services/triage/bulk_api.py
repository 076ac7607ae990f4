"""Deciding equal items together over HTTP: a preview that changes nothing, and the act, one command an item."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.runtime import clock
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, View, may
from services.triage.bodies import body_of, fitting
from services.triage.domain.bulk import (
    BulkDecision,
    Standing,
    answers_for,
    differences,
    equality_among,
    questions_shown,
    standing_of,
)
from services.triage.domain.item import Item
from services.triage.outcomes import command_id_of, refusal_in
from services.triage.settings import TriageSettings
from services.triage.work_api import IdempotencyKey

AT_ONCE = 8
"""Commands of one request that are under way together."""


class Items(Protocol):
    """Where items are read."""

    async def many(self, lead_ids: Sequence[str]) -> Sequence[Item]:
        """The items of these leads, as far as there are."""
        ...


def add_bulk_routes(app: FastAPI, items: Items, commands: CommandSender, settings: TriageSettings) -> None:
    """The routes `POST /api/items/bulk/preview` and `/api/items/bulk`."""

    async def asked(request: Request, view: View, person: str) -> tuple[BulkDecision, dict[str, Item], list[Standing]]:
        told = fitting(BulkDecision, await body_of(request, settings.body_max_bytes), "the bulk decision")
        names = [one.lead_id for one in told.items]
        if len(set(names)) < len(names) or len(names) > settings.bulk_max:
            raise BadRequest(422, "invalid", f"items: each lead once, and at most {settings.bulk_max}")
        found = {one.lead_id: one for one in await items.many(names)}
        reached = {name: one for name, one in found.items() if _reaches(view, one)}
        equality = equality_among([reached[name] for name in names if name in reached])
        now = clock.now()
        stand = [
            Standing(one.lead_id, "not_yours")
            if one.lead_id in found and one.lead_id not in reached
            else standing_of(one, reached.get(one.lead_id), equality, person, now)
            for one in told.items
        ]
        return told, reached, stand

    @app.post("/api/items/bulk/preview", dependencies=[may("decide")])
    async def preview(request: Request, actor: Human, view: Shows) -> JSONResponse:
        """How many of the chosen items are equal and as they were seen, what differs among them, and what is wrong with the
        answers: {"items": [{"lead_id", "seen_hash"}], "answers"?: {slot: {"verdict", "value"?, "reason"?}}}."""
        told, found, stand = await asked(request, view, actor.id)
        ready = [found[one.lead_id] for one in stand if one.status == "ready"]
        await view.shows(RecordRef(type="lead", id=one.lead_id) for one in ready)
        problems = {one.lead_id: answers_for(one, told.answers)[1] for one in ready} if told.answers else {}
        return JSONResponse({
            "ready": len(ready), "items": [_standing(one) for one in stand], "differs": differences(ready),
            "questions": questions_shown(ready[0]) if ready else [],
            "problems": {name: found for name, found in problems.items() if found},
        })  # fmt: skip

    @app.post("/api/items/bulk", dependencies=[may("decide")])
    async def decide(request: Request, actor: Human, view: Shows, key: IdempotencyKey = "") -> JSONResponse:
        """Decide them: what became of each is told by itself, and one that is refused keeps no other back. With the same
        Idempotency-Key the same request may be sent again."""
        told, found, stand = await asked(request, view, actor.id)
        bulk_id = ids.derived_id("bulk", actor.id, key) if key else clock.new_id()
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(chosen: str, seen_hash: str, standing: Standing) -> dict[str, Any]:
            # an item that this very request decided before is told again by its command
            if standing.status not in ("ready", "not_open", "changed"):
                return _standing(standing)
            if standing.status != "ready" and not key:
                return _standing(standing)
            async with turns:
                return await _decided(commands, actor, found[chosen], seen_hash, told, (bulk_id, key))

        given = {one.lead_id: one.seen_hash for one in told.items}
        done = await asyncio.gather(*(one(each.lead_id, given[each.lead_id], each) for each in stand))
        counts = {status: sum(one["status"] == status for one in done) for status in {one["status"] for one in done}}
        return JSONResponse({"bulk_id": bulk_id, "counts": counts, "items": done})


async def _decided(
    commands: CommandSender, actor: Actor, item: Item, seen_hash: str, told: BulkDecision, named: tuple[str, str]
) -> dict[str, Any]:
    bulk_id, key = named
    answers, problems = answers_for(item, told.answers)
    if problems and item.status == "open":
        return {"lead_id": item.lead_id, "status": "invalid", "problems": problems}
    arguments: JsonValue = {"answers": [one.model_dump(mode="json") for one in answers], "bulk_id": bulk_id}
    command_id = command_id_of(actor.id, key, "bulk", item.lead_id)
    result = await commands.send("triage", "decide", item.lead_id, actor, arguments, seen_hash, command_id)
    refusal = refusal_in(result)
    if refusal is not None:
        known = {name: refusal.get(name) for name in ("message", "by", "at") if refusal.get(name)}
        return {"lead_id": item.lead_id, "status": str(refusal.get("code")), **known}
    if result.refused is not None:
        return {"lead_id": item.lead_id, "status": "refused", "message": result.refused}
    return {"lead_id": item.lead_id, "status": "done" if result.done else "accepted", "command_id": command_id}


def _reaches(view: View, item: Item) -> bool:
    return view.caller.reaches(item.queue, None if item.told is None else item.told.id)


def _standing(one: Standing) -> dict[str, Any]:
    told = {"by": one.by or None, "at": None if one.at is None else one.at.isoformat()}
    return {"lead_id": one.lead_id, "status": one.status, **{name: value for name, value in told.items() if value}}

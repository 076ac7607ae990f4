"""Erasing people, and giving them what is held of them: found first, looked at, then ordered."""

import base64
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated

import asyncpg
from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field, JsonValue

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import RecordRef
from libs.contracts.lead import Position
from libs.runtime import clock
from libs.runtime.commands import Commands
from libs.runtime.http import BadRequest, Human, Shows, may
from libs.runtime.keyring import destroy_keys
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings
from services.audit.answers import Answers
from services.audit.api import answered, json_body, model_of
from services.audit.domain.erasure import ERASE, EraseOrder, Group, counts
from services.audit.domain.query import ChangeQuery
from services.audit.settings import AuditSettings
from services.audit.store import events, subjects

Reads = Callable[[Position], Awaitable[Record]]
MAX_SUBJECT = 320
"""Characters: as long as an e-mail address may be."""


class Subject(Model):
    """Whom it is about: an e-mail address, `type:id` of a record, or the id of a lead or a submission. In the body and not in
    the address, which is logged."""

    subject: Annotated[str, Field(min_length=1, max_length=MAX_SUBJECT)]


def add_erasures(
    app: FastAPI, pool: asyncpg.Pool, answers: Answers, commands: Commands, read: Reads, settings: AuditSettings
) -> None:
    """Add the routes."""

    @app.post("/api/subjects", dependencies=[may("administer")])
    async def found(request: Request, view: Shows) -> JSONResponse:
        """What is one person's: {"subject": e-mail, "type:id" of a record, or the id of a lead or a submission}."""
        group = await _group(pool, model_of(Subject, await json_body(request, settings.body_max_bytes)).subject)
        await view.shows(refs_of(group))
        rows = await subjects.changes_under(pool, group.subject_key_ids)
        told = {
            "group": group.model_dump(mode="json"),
            "erasure_id": group.erasure_id,
            **counts(group),
            "changes": rows,
        }
        return JSONResponse(told)

    @app.post("/api/subjects/export", dependencies=[may("administer")])
    async def export(request: Request, view: Shows) -> JSONResponse:
        """All that is held of a person as JSON: raw submissions, journeys of leads, and every change of every record."""
        group = await _group(pool, model_of(Subject, await json_body(request, settings.body_max_bytes)).subject)
        await view.shows(refs_of(group))
        return JSONResponse(await exported(group, pool, answers, read))

    @app.post("/api/erasures", dependencies=[may("administer")])
    async def order(
        request: Request,
        actor: Human,
        key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
    ) -> JSONResponse:
        """Erase what was looked at: {"group": as /api/subjects gave it, "reason": why, without naming the person}."""
        ordered = model_of(EraseOrder, await json_body(request, settings.body_max_bytes))
        if not ordered.group:
            raise BadRequest(422, "invalid", "the group names nothing")
        command_id = ids.derived_id("command", "audit", actor.id, key) if key else clock.new_id()
        arguments: JsonValue = ordered.model_dump(mode="json")
        return answered(
            await commands.send("audit", ERASE, ordered.group.erasure_id, actor, arguments, command_id=command_id)
        )

    @app.get("/api/erasures", dependencies=[may("operate")])
    async def listed(limit: Annotated[int, Query(ge=1)] = 50, before: AwareDatetime | None = None) -> JSONResponse:
        """Erasures that were ordered, the newest first; `next` is the `before` of the next page."""
        most = min(limit, settings.page_max)
        page = await subjects.erasures(pool, most, before or clock.now() + timedelta(days=1))
        return JSONResponse({"items": page, "next": page[-1]["ordered_at"] if len(page) == most else None})

    @app.get("/api/erasures/{erasure_id}", dependencies=[may("operate")])
    async def one(erasure_id: str) -> JSONResponse:
        """An erasure: what was named, and when its keys were destroyed."""
        held = await subjects.erasure(pool, erasure_id[:100])
        if held is None:
            raise BadRequest(404, "not_found", "there is no erasure of that id")
        return JSONResponse(held)


def refs_of(group: Group) -> Sequence[RecordRef]:
    """All of it as records, for the note of who was shown it."""
    return [*(RecordRef(type="lead", id=name) for name in group.lead_ids), *group.records]


async def exported(group: Group, pool: asyncpg.Pool, answers: Answers, read: Reads) -> dict[str, JsonValue]:
    """All that is held of the person."""
    received: list[JsonValue] = []
    for name in group.submission_ids:
        for facts in await events.submissions(pool, name):
            assert isinstance(facts, dict)
            place = Position.model_validate(
                {"topic": facts["topic"], "partition": facts["partition"], "offset": facts["kafka_offset"]}
            )
            try:
                body: JsonValue = {"body_base64": base64.b64encode((await read(place)).value or b"").decode()}
            except LookupError as error:
                body = {"missing": str(error)}
            received.append({**facts, "body": body})
    changes: list[JsonValue] = []
    for ref in refs_of(group):
        async for page in answers.all_changes(ChangeQuery(record_type=ref.type, record_id=ref.id, order="oldest")):
            changes += [move.model_dump(mode="json") for move in page]
    return {
        "group": group.model_dump(mode="json"),
        "exported_at": clock.now().isoformat(),
        "submissions": received,
        "leads": [(await answers.journey(name)).model_dump(mode="json") for name in group.lead_ids],
        "changes": changes,
    }


def key_destroyer(pool: asyncpg.Pool, settings: RuntimeSettings) -> Callable[[JsonValue, str], Awaitable[JsonValue]]:
    """The effect that destroys the keys of an erasure. May run again."""

    async def destroy(arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG001
        assert isinstance(arguments, dict)
        assert isinstance(arguments["subject_key_ids"], list)
        erasure_id = str(arguments["erasure_id"])
        count = await destroy_keys(settings, [str(one) for one in arguments["subject_key_ids"]], erasure_id)
        await subjects.keys_destroyed(pool, erasure_id, count, clock.now())
        return {"keys": count}

    return destroy


async def _group(pool: asyncpg.Pool, subject: str) -> Group:
    group = await subjects.group_of(pool, subject)
    if not group:
        raise BadRequest(404, "not_found", "the log knows no lead, record or submission by that")
    return group

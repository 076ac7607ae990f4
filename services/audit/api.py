"""Audit's REST API: timeline, state at a time, why, a lead's journey, verify, and rollback as plan and order."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol, TypeVar, cast, get_args

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import AwareDatetime, BaseModel, JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.change import RecordRef, RecordType
from libs.contracts.lead import Route
from libs.contracts.places import places
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import (
    BadRequest,
    CommandSender,
    Human,
    Shows,
    View,
    command_response,
    json_response,
    may,
    new_app,
)
from services.audit.domain.compensate import RollbackOrder
from services.audit.domain.journey import Journey, MoveView, place_of
from services.audit.domain.rollback import Plan, PlanRequest
from services.audit.domain.selection import Selection, SelectionTooLarge
from services.audit.domain.timeline import State
from services.audit.domain.why import Why
from services.audit.settings import AuditSettings

M = TypeVar("M", bound=BaseModel)
MAX_ID = 200
BEGINNING = (-1, 0)
SHARED = ("contact", "company", "opportunity", "member", "calendar", "task", "activity", "suppression", "policy")
"""Records that all who may read see; leads are seen by their queue or their people."""


class Routes(Protocol):
    """Where leads were routed."""

    async def route(self, lead_id: str) -> Route | None: ...


class Records(Routes, Protocol):
    """Where records are asked about."""

    async def timeline(
        self, record: RecordRef, field: str | None, limit: int, after: tuple[int, int]
    ) -> list[MoveView]: ...

    async def state(self, record: RecordRef, as_of: datetime | None) -> State: ...

    async def why(self, record: RecordRef, field: str, as_of: datetime | None) -> Why: ...

    async def why_all(self, record: RecordRef, as_of: datetime | None) -> list[Why]: ...


class Leads(Protocol):
    """Where leads are asked about."""

    async def journey(self, lead_id: str) -> Journey: ...


class RollbackBook(Protocol):
    """Where rollbacks are planned and looked up."""

    async def plan(self, selection: Selection, confirmed: Sequence[str], now: datetime) -> Plan: ...

    async def rollback(self, rollback_id: str) -> dict[str, JsonValue] | None: ...

    async def rollbacks(self, limit: int, before: datetime) -> list[dict[str, JsonValue]]: ...


class Verification(Protocol):
    """What proves the log."""

    def lines(self, with_topic: bool) -> AsyncIterator[dict[str, JsonValue]]: ...

    def digests(self) -> AsyncIterator[dict[str, JsonValue]]: ...


class Book(Records, Leads, RollbackBook, Protocol):
    """All that is read."""


def create_app(
    book: Book,
    verification: Verification,
    commands: CommandSender,
    api_token: str,
    health: Health,
    settings: AuditSettings,
) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox audit", api_token, health)

    _add_records(app, book, settings)
    _add_leads(app, book)
    _add_verify(app, verification)
    _add_rollbacks(app, book, commands, settings)
    return app


def _add_records(app: FastAPI, records: Records, settings: AuditSettings) -> None:
    @app.get("/api/records/{record_type}/{record_id}/timeline", dependencies=[may("read")])
    async def timeline(
        record_type: str,
        record_id: str,
        view: Shows,
        field: str | None = None,
        limit: Annotated[int, Query(ge=1)] = 100,
        after: str = "",
    ) -> Response:
        """Every move of a record or one field, oldest first; `next` is the `after` of the next page. What made a whole
        record is told as a move of each field, so a page may hold more than `limit`."""
        limit = min(limit, settings.page_max)
        moves = await records.timeline(
            await reached(ref_of(record_type, record_id), records, view),
            None if field is None else _id(field),
            limit,
            _place(after),
        )
        following = moves[-1].place if len(moves) >= limit else None
        async with view.showing(move.change.record for move in moves):
            return json_response({"items": [move_shown(move, view) for move in moves], "next": following})

    @app.get("/api/records/{record_type}/{record_id}/state", dependencies=[may("read")])
    async def state(record_type: str, record_id: str, view: Shows, as_of: datetime | None = None) -> JSONResponse:
        """The record's fields now or as of a time, each with the move that set it."""
        ref = await reached(ref_of(record_type, record_id), records, view)
        found = await records.state(ref, as_of)
        if not found.moves:
            raise unheard_of(ref, " at that time" if as_of else "")
        set_by = {
            name: {"change_id": held.move.change.change_id, "at": held.move.change.at.isoformat(),
                   "place": f"{held.move.chain}.{held.move.seq}", "actor": held.move.change.actor.model_dump(),
                   "workflow": held.move.change.workflow.model_dump()}
            for name, held in sorted(found.fields.items())
        }  # fmt: skip
        await view.shows([ref])
        return JSONResponse({
            "record": ref.model_dump(), "as_of": None if as_of is None else as_of.isoformat(),
            "fields": view.fields(ref.type, found.values()), "set_by": set_by, "moves": found.moves,
        })  # fmt: skip

    @app.get("/api/why/{record_type}/{record_id}/{field}", dependencies=[may("personal")])
    async def why(
        record_type: str, record_id: str, field: str, view: Shows, as_of: datetime | None = None
    ) -> JSONResponse:
        """The chain from the value to raw bytes or a person."""
        ref = await reached(ref_of(record_type, record_id), records, view)
        view.refuse_hidden(ref.type, [field])
        found = await records.why(ref, _id(field), as_of)
        if not found.known:
            raise BadRequest(404, "not_found", f"nothing has set that field of that {ref.type}")
        await view.shows([ref])
        return JSONResponse(_shown(found))

    @app.get("/api/why/{record_type}/{record_id}", dependencies=[may("personal")])
    async def why_all(record_type: str, record_id: str, view: Shows, as_of: datetime | None = None) -> JSONResponse:
        """The same for every field of a record that holds something; a field that is hidden is left out, and named."""
        ref = await reached(ref_of(record_type, record_id), records, view)
        found = await records.why_all(ref, as_of)
        told = [one for one in found if not view.hides(ref.type, one.field)]
        hidden = [one.field for one in found if view.hides(ref.type, one.field)]
        await view.shows([ref] if told else [])
        return JSONResponse({"record": ref.model_dump(), "fields": [_shown(one) for one in told], "hidden": hidden})


def _add_leads(app: FastAPI, leads: Leads) -> None:
    @app.get("/api/leads/{lead_id}", dependencies=[may("personal")])
    async def journey(lead_id: str, view: Shows) -> JSONResponse:
        """A lead's journey: submission, every change, each version's score table, tried rules and route, triage, writes."""
        found = await leads.journey(_id(lead_id))
        if not found.known:
            raise BadRequest(404, "not_found", "the log knows no lead of that id")
        _refuse_unreached(view, found.routes[-1].route if found.routes else None)
        await view.shows([RecordRef(type="lead", id=found.lead_id), *(move.change.record for move in found.changes)])
        return JSONResponse({**_shown(found), "changes": [move_shown(move, view) for move in found.changes]})


def _add_verify(app: FastAPI, verification: Verification) -> None:
    @app.get("/api/verify", dependencies=[may("operate")])
    async def verify(topic: bool = True) -> StreamingResponse:
        """Proves the whole log, and compares it with the topic: JSON lines of progress, the last one is the result."""

        async def lines() -> AsyncIterator[str]:
            async for line in verification.lines(topic):
                yield json.dumps(line, separators=(",", ":")) + "\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    @app.get("/api/submissions/digests", dependencies=[may("operate")])
    async def digests() -> StreamingResponse:
        """The sha256 of every raw submission as it was noted when it came, by its place: JSON lines."""

        async def lines() -> AsyncIterator[str]:
            async for line in verification.digests():
                yield json.dumps(line, separators=(",", ":")) + "\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")


def _add_rollbacks(app: FastAPI, book: RollbackBook, commands: CommandSender, settings: AuditSettings) -> None:
    @app.post("/api/rollbacks/plan", dependencies=[may("operate")])
    async def plan(request: Request) -> JSONResponse:
        """What a rollback would do: {"selection": {...}, "confirmed"?: [item_id]}. Nothing is changed."""
        asked = model_of(PlanRequest, await json_body(request, settings.body_max_bytes))
        try:
            found = await book.plan(asked.selection, asked.confirmed, clock.now())
        except SelectionTooLarge as error:
            raise BadRequest(422, "too_large", str(error)) from None
        return JSONResponse(_shown(found))

    @app.post("/api/rollbacks", dependencies=[may("operate")])
    async def order(
        request: Request,
        actor: Human,
        key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
    ) -> JSONResponse:
        """Carry out a plan that was looked at: {"selection", "plan_hash", "reason", "confirmed"?}; 409 when it changed."""
        ordered = model_of(RollbackOrder, await json_body(request, settings.body_max_bytes))
        command_id = ids.derived_id("command", "audit", actor.id, key) if key else clock.new_id()
        arguments = ordered.model_dump(mode="json", exclude_defaults=True)
        result = await commands.send(
            "audit", "rollback", ordered.plan_hash, actor, arguments, ordered.plan_hash, command_id
        )
        return answered(result)

    @app.get("/api/rollbacks", dependencies=[may("operate")])
    async def ordered(limit: Annotated[int, Query(ge=1)] = 50, before: AwareDatetime | None = None) -> JSONResponse:
        """Rollbacks that were ordered, the newest first; `next` is the `before` of the next page."""
        most = min(limit, settings.page_max)
        found = await book.rollbacks(most, before or clock.now() + timedelta(days=1))
        return JSONResponse({"items": found, "next": found[-1]["ordered_at"] if len(found) == most else None})

    @app.get("/api/rollbacks/{rollback_id}", dependencies=[may("operate")])
    async def one(rollback_id: str) -> JSONResponse:
        """A rollback: its plan, and what crm has reported of each field (`item_status`, null: not yet)."""
        found = await book.rollback(_id(rollback_id))
        if found is None:
            raise BadRequest(404, "not_found", "there is no rollback of that id")
        return JSONResponse(found)

    @app.get("/api/commands/{command_id}", dependencies=[may("operate")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of an order that was answered with 202."""
        return answered(await commands.outcome(_id(command_id)))


def answered(result: CommandResult) -> JSONResponse:
    """What an order is answered with: 409 for one that audit refused."""
    answer = result.answer
    if result.done and isinstance(answer, Mapping) and answer.get("status") == "refused":
        told = {name: value for name, value in answer.items() if name not in ("status", "code")}
        return JSONResponse({"command_id": result.command_id, "error": answer.get("code"), **told}, 409)
    return command_response(result)


def _shown(model: BaseModel) -> Any:
    return model.model_dump(mode="json")


async def reached(ref: RecordRef, records: Routes, view: View) -> RecordRef:
    """The record, when it is the asker's to see: a lead by its queue or its people; what tells of leads beside them is for
    those who see all. Raises BadRequest."""
    if view.caller.is_limited and ref.type not in SHARED:
        _refuse_unreached(view, await records.route(ref.id) if ref.type == "lead" else None)
    return ref


def _refuse_unreached(view: View, route: Route | None) -> None:
    people = () if route is None else (one.id for one in (route.owner, route.told) if one is not None)
    view.refuse_unreached(None if route is None else route.queue, *people)


def move_shown(move: MoveView, view: View) -> Any:
    """A move as JSON, as the asker is shown it."""
    told = _shown(move)
    return {**told, "change": view.change(told["change"])}


def _id(text: str) -> str:
    if not text.isprintable() or not 0 < len(text) <= MAX_ID:
        raise BadRequest(404, "not_found", "that can't be an id of ours")
    return text


def ref_of(record_type: str, record_id: str) -> RecordRef:
    """The record of a path. Raises BadRequest when it can't be one."""
    if record_type not in get_args(RecordType):
        raise BadRequest(404, "not_found", f"there are no records of that type: {', '.join(get_args(RecordType))}")
    return RecordRef(type=cast(RecordType, record_type), id=_id(record_id))


def unheard_of(ref: RecordRef, when: str = "") -> BadRequest:
    """What is said of a record that nothing ever happened to."""
    return BadRequest(404, "not_found", f"the log knows no {ref.type} of that id{when}")


def _place(after: str) -> tuple[int, int]:
    try:
        chain, seq = place_of(after) if after else BEGINNING
    except ValueError:
        chain, seq = 1 << 40, 0
    if not (-1 <= chain < 1 << 31 and 0 <= seq < 1 << 63):
        raise BadRequest(422, "invalid", "after: take it from `next` of the page before")
    return chain, seq


async def json_body(request: Request, limit: int) -> JsonValue:
    """The body of a request. Raises BadRequest for one that is too large or no JSON."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BadRequest(413, "too_large", f"the body may have {limit} bytes")
    try:
        return parse_strict(bytes(body)).value
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None


def model_of(model: type[M], given: JsonValue) -> M:
    """The JSON as what it should be. Raises BadRequest that names what does not fit."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        problems = places(details)
        raise BadRequest(422, "invalid", "the request does not fit", problems) from None

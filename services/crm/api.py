"""Crm's REST API: read records; every write is a command, so that nothing escapes the audit log."""

from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, CommandSender, Human, Token, command_response, new_app
from services.crm.domain.commands import (
    CreateArguments,
    CrmRecordType,
    DeleteArguments,
    EditArguments,
    is_record_id,
    problems_of,
    shape_problems,
)
from services.crm.domain.page import Filter, Page
from services.crm.domain.record import FieldMeta, RecordState
from services.crm.settings import CrmSettings

Arguments = EditArguments | CreateArguments | DeleteArguments
_STATUS_OF = {"not_found": 404, "changed": 409, "invalid": 422}


class RecordPages(Protocol):
    """Where records are read."""

    async def one(self, ref: RecordRef) -> RecordState | None:
        """The record, deleted ones too."""
        ...

    async def page(self, record_type: str, limit: int, after: str, wanted: Filter) -> Page:
        """The next records of a type by id."""
        ...


def create_app(
    records: RecordPages, commands: CommandSender, api_token: str, health: Health, settings: CrmSettings
) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox crm", api_token, health)
    app.state.body_max_bytes = settings.body_max_bytes

    _add_reads(app, records, settings)
    _add_writes(app, commands)
    return app


def _add_reads(app: FastAPI, records: RecordPages, settings: CrmSettings) -> None:
    @app.get("/api/records/{record_type}/{record_id}", dependencies=[Token])
    async def one(record_type: CrmRecordType, record_id: str) -> JSONResponse:
        """One record with where each value came from; its version is the ETag."""
        state = await records.one(_ref(record_type, record_id))
        if state is None:
            raise BadRequest(404, "not_found", f"there is no {record_type} {record_id}")
        if state.deleted:
            raise BadRequest(410, "deleted", f"the {record_type} was deleted; a rollback of that change restores it")
        return JSONResponse(_shown(state), headers={"ETag": f'"{state.version}"'})

    @app.get("/api/records/{record_type}", dependencies=[Token])
    async def page(
        record_type: CrmRecordType,
        limit: Annotated[int, Query(ge=1)] = 100,
        after: str = "",
        email: str = "",
        domain: str = "",
    ) -> JSONResponse:
        """Records of a type by id, all or those with an e-mail or domain; `next` is the `after` of the next page."""
        for name, text in (("after", after), ("email", email), ("domain", domain)):
            if "\x00" in text:
                raise BadRequest(422, "invalid", f"{name}: holds a NUL character")
        wanted = Filter(email.strip(), domain.strip())
        found = await records.page(record_type, min(limit, settings.page_max), after, wanted)
        following = found.records[-1].ref.id if found.more else None
        return JSONResponse({"items": [_shown(state) for state in found.records], "next": following})


async def _json_object(request: Request) -> dict[str, JsonValue]:
    """The body as a JSON object. Raises BadRequest for anything else, before it is read when it says that it is too long."""
    limit: int = request.app.state.body_max_bytes
    too_long = BadRequest(413, "too_large", f"the body may have {limit} bytes: send fewer records at a time")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise too_long
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_long
    try:
        value = parse_strict(bytes(body)).value
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadRequest(400, "bad_json", "the body has to be a JSON object")
    return value


Body = Annotated[dict[str, JsonValue], Depends(_json_object)]
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
IfMatch = Annotated[str, Header(alias="If-Match", max_length=40)]


def _add_writes(app: FastAPI, commands: CommandSender) -> None:
    @app.patch("/api/records/{record_type}/{record_id}", dependencies=[Token])
    async def edit(
        record_type: CrmRecordType, record_id: str, given: Body, actor: Human, if_match: IfMatch = "", key: Key = ""
    ) -> JSONResponse:
        """Set fields (null clears), lock or unlock them; a person's value is not overwritten by machines afterwards."""
        ref = _ref(record_type, record_id)
        arguments = _arguments(EditArguments, {**given, "type": record_type, **_if_version(if_match)})
        return await _ask(commands, "edit", ref.id, arguments, actor, key)

    @app.delete("/api/records/{record_type}/{record_id}", dependencies=[Token])
    async def delete(
        record_type: CrmRecordType,
        record_id: str,
        actor: Human,
        if_match: IfMatch = "",
        reason: str = "",
        key: Key = "",
    ) -> JSONResponse:
        """Delete a record; it stays as a tombstone and a rollback restores it."""
        ref = _ref(record_type, record_id)
        clean = stored_reason(reason)
        arguments = _arguments(DeleteArguments, {"type": record_type, "reason": clean, **_if_version(if_match)})
        return await _ask(commands, "delete", ref.id, arguments, actor, key)

    @app.post("/api/records/{record_type}", dependencies=[Token])
    async def create(record_type: CrmRecordType, given: Body, actor: Human, key: Key = "") -> JSONResponse:
        """Create records: {"records": [{"id"?, "fields"}], "source"?, "reason"?}; one that exists is left as it is."""
        arguments = _arguments(CreateArguments, {**given, "type": record_type})
        return await _ask(commands, "create", "", arguments, actor, key)

    @app.get("/api/commands/{command_id}", dependencies=[Token])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a write that was answered with 202."""
        if not is_record_id(command_id):
            raise BadRequest(404, "not_found", "that is not the id of a command")
        return _answered(await commands.outcome(command_id))


async def _ask(
    commands: CommandSender,
    name: Literal["edit", "create", "delete"],
    key: str,
    arguments: Arguments,
    actor: Actor,
    idempotency: str,
) -> JSONResponse:
    """The outcome of a command whose arguments fit; without a key of its own it is keyed by its id."""
    if problems := problems_of(arguments):
        raise BadRequest(422, "invalid", "the request does not fit", problems)
    command_id = ids.derived_id("command", "crm", actor.id, idempotency) if idempotency else clock.new_id()
    told = arguments.model_dump(mode="json")
    return _answered(await commands.send("crm", name, key or command_id, actor, told, command_id=command_id))


def stored_reason(text: str) -> str:
    """A reason as it may be stored."""
    return text.replace("\x00", "").strip()[:2000]


def _arguments(model: type[Arguments], given: dict[str, JsonValue]) -> Arguments:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise BadRequest(422, "invalid", "the request does not fit", shape_problems(error)) from None


def _if_version(if_match: str) -> dict[str, JsonValue]:
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text or text == "*":
        return {}
    if not text.isdecimal():
        raise BadRequest(422, "invalid", 'If-Match: the record\'s version as its ETag gives it, like "7"')
    return {"if_version": int(text)}


def _ref(record_type: CrmRecordType, record_id: str) -> RecordRef:
    if not is_record_id(record_id):
        raise BadRequest(404, "not_found", f"that can't be the id of a {record_type}")
    return RecordRef(type=record_type, id=record_id)


def _answered(result: CommandResult) -> JSONResponse:
    """The outcome as HTTP: refusals by their kind, an edit of which nothing was applied as 409."""
    answer = result.answer
    if not result.done or result.refused is not None or not isinstance(answer, dict):
        return command_response(result)
    if answer.get("status") == "refused":
        code = str(answer.get("code"))
        told = {name: value for name, value in answer.items() if name not in ("status", "code")}
        return JSONResponse({"command_id": result.command_id, "error": code, **told}, _STATUS_OF.get(code, 409))
    fields = answer.get("fields")
    if isinstance(fields, dict) and fields and not any(_applied(told) for told in fields.values()):
        message = "nothing was written: each field says why"
        return JSONResponse({"command_id": result.command_id, "error": "blocked", "message": message, **answer}, 409)
    return command_response(result)


def _applied(told: JsonValue) -> bool:
    return isinstance(told, dict) and told.get("status") == "applied"


def _shown(state: RecordState) -> dict[str, Any]:
    return {
        "type": state.ref.type,
        "id": state.ref.id,
        "version": state.version,
        "fields": dict(state.fields),
        "meta": {name: _shown_meta(meta) for name, meta in state.meta.items()},
        "locked": sorted(state.locks),
    }


def _shown_meta(meta: FieldMeta) -> dict[str, Any]:
    return {
        "source": meta.source.model_dump(mode="json"),
        "confidence": meta.confidence,
        "verified_by": meta.verified_by,
        "change_id": meta.change_id,
        "actor": meta.actor.model_dump(mode="json"),
        "at": meta.at.isoformat(),
        "version": meta.version,
    }

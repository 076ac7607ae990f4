"""Changing records: every write is a command, and its outcome the answer."""

from typing import Annotated, Literal, TypeVar

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.http import BadRequest, CommandSender, Human, command_response, may
from services.crm.api.reads import record_ref
from services.crm.domain.commands import (
    Arguments,
    CreateArguments,
    CrmRecordType,
    DeleteArguments,
    EditArguments,
    ImportArguments,
    problems_of,
    shape_problems,
)
from services.crm.domain.links import is_record_id
from services.crm.domain.natural import with_natural_ids

_STATUS_OF = {"not_found": 404, "changed": 409, "invalid": 422}
A = TypeVar("A", bound=BaseModel)


async def json_object(request: Request) -> dict[str, JsonValue]:
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


Body = Annotated[dict[str, JsonValue], Depends(json_object)]
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
IfMatch = Annotated[str, Header(alias="If-Match", max_length=40)]


def add_writes(app: FastAPI, commands: CommandSender, tenant_secret: bytes) -> None:
    """The routes that ask for a change."""

    @app.patch("/api/records/{record_type}/{record_id}", dependencies=[may("decide")])
    async def edit(
        record_type: CrmRecordType, record_id: str, given: Body, actor: Human, if_match: IfMatch = "", key: Key = ""
    ) -> JSONResponse:
        """Set fields (null clears), lock or unlock them; a person's value is not overwritten by machines afterwards."""
        ref = record_ref(record_type, record_id)
        arguments = arguments_of(EditArguments, {**given, "type": record_type, **_if_version(if_match)})
        return await _ask(commands, "edit", ref.id, arguments, actor, key)

    @app.delete("/api/records/{record_type}/{record_id}", dependencies=[may("decide")])
    async def delete(
        record_type: CrmRecordType,
        record_id: str,
        actor: Human,
        if_match: IfMatch = "",
        reason: str = "",
        key: Key = "",
    ) -> JSONResponse:
        """Delete a record; it stays as a tombstone and a rollback restores it."""
        ref = record_ref(record_type, record_id)
        clean = stored_reason(reason)
        arguments = arguments_of(DeleteArguments, {"type": record_type, "reason": clean, **_if_version(if_match)})
        return await _ask(commands, "delete", ref.id, arguments, actor, key)

    @app.post("/api/records/{record_type}", dependencies=[may("decide")])
    async def create(record_type: CrmRecordType, given: Body, actor: Human, key: Key = "") -> JSONResponse:
        """Create records: {"records": [{"id"?, "fields"}], "source"?, "reason"?}; one that exists is left as it is."""
        arguments = arguments_of(CreateArguments, {**given, "type": record_type})
        return await _ask(commands, "create", "", arguments, actor, key)

    @app.post("/api/import/{record_type}", dependencies=[may("operate")])
    async def import_(record_type: CrmRecordType, given: Body, actor: Human, key: Key = "") -> JSONResponse:
        """Create many: {"records": [{"id", "fields"}], "source", "reason"?}. What does not fit is told by record and sinks
        nothing else; what exists stays as it is. Suppression entries and days of calendars need no id: what they say is one."""
        arguments = arguments_of(ImportArguments, {**given, "type": record_type})
        named = with_natural_ids(record_type, arguments.records, tenant_secret)
        arguments = arguments.model_copy(update={"records": named})
        return await _ask(commands, "import", "", arguments, actor, key)

    @app.get("/api/commands/{command_id}", dependencies=[may("decide")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a write that was answered with 202."""
        if not is_record_id(command_id):
            raise BadRequest(404, "not_found", "that is not the id of a command")
        return answered(await commands.outcome(command_id))


async def _ask(
    commands: CommandSender,
    name: Literal["edit", "create", "import", "delete"],
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
    return answered(await commands.send("crm", name, key or command_id, actor, told, command_id=command_id))


def stored_reason(text: str) -> str:
    """A reason as it may be stored."""
    return text.replace("\x00", "").strip()[:2000]


def arguments_of(model: type[A], given: dict[str, JsonValue]) -> A:
    """The body as a command's arguments. Raises BadRequest that names each place."""
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


def answered(result: CommandResult) -> JSONResponse:
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

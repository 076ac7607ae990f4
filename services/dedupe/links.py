"""Dedupe's links over HTTP: a person links a lead to a record, or cuts that link; both are commands."""

from typing import Annotated

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.base import Model, PersonalText
from libs.contracts.change import Actor
from libs.contracts.places import places
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime import clock
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, command_response, may

BODY_LIMIT = 64 * 1024


class LinkRequest(Model):
    """Which record, and why. `seen_hash` refuses the command when the lead changed since the person saw it."""

    model_config = ConfigDict(extra="forbid")

    record_id: str = Field(min_length=1, max_length=200)
    reason: PersonalText = ""
    seen_hash: str | None = None


def add_link_routes(app: FastAPI, commands: CommandSender) -> None:
    """The routes `POST /api/leads/{lead_id}/link` and `/unlink`, and where the outcome of a slow one is asked."""

    @app.post("/api/leads/{lead_id}/link", dependencies=[may("decide")])
    async def link(lead_id: str, request: Request, view: Shows, actor: Human, key: IdempotencyKey = "") -> JSONResponse:
        """Link a lead to a contact or company: {"record_id", "reason"?, "seen_hash"?}."""
        view.refuse_unreached(None)  # whose lead it is is not known here
        return await _sent(commands, "link", lead_id, request, actor, key)

    @app.post("/api/leads/{lead_id}/unlink", dependencies=[may("decide")])
    async def unlink(
        lead_id: str, request: Request, view: Shows, actor: Human, key: IdempotencyKey = ""
    ) -> JSONResponse:
        """Cut a lead's link to a contact or company; what came in by that link goes to the right side too."""
        view.refuse_unreached(None)  # whose lead it is is not known here
        return await _sent(commands, "unlink", lead_id, request, actor, key)

    @app.get("/api/commands/{command_id}", dependencies=[may("decide")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a command."""
        return command_response(await commands.outcome(command_id))


IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]


async def _sent(
    commands: CommandSender, name: str, lead_id: str, request: Request, actor: Actor, key: str
) -> JSONResponse:
    asked = _asked(await request.body())
    arguments: JsonValue = {"record_id": asked.record_id, "reason": asked.reason}
    command_id = ids.derived_id("command", "dedupe", name, lead_id, actor.id, key) if key else clock.new_id()
    result = await commands.send("dedupe", name, lead_id, actor, arguments, asked.seen_hash, command_id)
    return command_response(result)


def _asked(body: bytes) -> LinkRequest:
    if len(body) > BODY_LIMIT:
        raise BadRequest(413, "too_large", f"the body may have {BODY_LIMIT} bytes")
    try:
        return LinkRequest.model_validate(parse_strict(body).value)
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        problems = places(told)
        raise BadRequest(422, "invalid", "the request does not fit", problems) from None

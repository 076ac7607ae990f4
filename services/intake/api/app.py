"""The application: hooks first, then the API for people.

POST /hooks/{source}                        a tool's submission; GET and OPTIONS answer its checks of the address
GET  /api/sources                           the addresses, without their secrets
GET  /api/presets                           what each tool needs to be set up
POST /api/sources/{name}/try                what a body would be mapped to; nothing is kept
GET  /api/submissions/{id}                  one submission's facts and bytes, by its place in Kafka
POST /api/submissions/{id}/redrive          map it again
"""

import base64
from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.contracts.codec import UnreadableError
from libs.contracts.events import SubmissionReceived
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import Human, Shows, may, new_app
from services.intake.api.hooks import PREFIX, Hooks, Receive, Scope, Send
from services.intake.domain.sources import Source

ReadSubmission = Callable[[Position], Awaitable[SubmissionReceived]]
NO_SUBMISSION = {"error": "not_found", "message": "no such submission at that position"}


class CommandSender(Protocol):
    """Sends commands; `libs.runtime.commands.Commands` is one."""

    async def send(self, service: str, name: str, key: str, actor: Actor, arguments: JsonValue) -> CommandResult:
        """The command's outcome, or that it is not decided yet. Raises Retryable."""
        ...


class RedriveRequest(BaseModel):
    """Where the submission's bytes are; a triage item and a receipt say it."""

    partition: int
    offset: int


class IntakeApp:
    """Hands /hooks/ to the hot path and all else to FastAPI."""

    def __init__(self, hooks: Hooks, api: FastAPI) -> None:
        self._hooks = hooks
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or follow the server's lifespan."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._hooks(scope, receive, send)
        else:
            await self.api(scope, receive, send)


def create_app(
    hooks: Hooks,
    sources: Callable[[], list[Source]],
    read: ReadSubmission,
    commands: CommandSender,
    api_token: str,
    health: Health,
    base_url: str,
    setup: Callable[[FastAPI], None] | None = None,
) -> IntakeApp:
    """The ASGI application of the service; `setup` adds further routes for people."""
    api = new_app("Signalbox intake", api_token, health)

    @api.get("/api/sources", dependencies=[may("operate")])
    async def list_sources() -> list[dict[str, JsonValue]]:
        return [_described(source, base_url) for source in sources()]

    @api.get("/api/submissions/{submission_id}", dependencies=[may("raw")])
    async def show(
        submission_id: str, view: Shows, partition: Annotated[int, Query(ge=0)], offset: Annotated[int, Query(ge=0)]
    ) -> dict[str, JsonValue]:
        view.refuse_unreached(None)  # whose lead it became is not known here
        await view.shows([RecordRef(type="submission", id=submission_id)])
        return _shown(await _read(read, submission_id, partition, offset))

    @api.post("/api/submissions/{submission_id}/redrive", dependencies=[may("operate")], status_code=202)
    async def redrive(submission_id: str, body: RedriveRequest, actor: Human) -> JSONResponse:
        await _read(read, submission_id, body.partition, body.offset)
        position = Position(topic=SUBMISSION_RECEIVED.name, partition=body.partition, offset=body.offset)
        arguments: JsonValue = {"position": position.model_dump(mode="json")}
        result = await commands.send("intake", "redrive", submission_id, actor, arguments)
        answer = {"command_id": result.command_id, "status": "accepted", "submission_id": submission_id}
        return JSONResponse({**answer, "lead_id": ids.lead_id(submission_id, 0)}, 202)

    if setup is not None:
        setup(api)
    return IntakeApp(hooks, api)


async def _read(read: ReadSubmission, submission_id: str, partition: int, offset: int) -> SubmissionReceived:
    """The submission at a position. Answers 404 when another one or none stands there, 503 when the broker is away."""
    try:
        found = await read(Position(topic=SUBMISSION_RECEIVED.name, partition=partition, offset=offset))
    except (LookupError, UnreadableError):
        raise HTTPException(404, NO_SUBMISSION) from None
    if found.submission_id != submission_id:
        raise HTTPException(404, NO_SUBMISSION)
    return found


def _shown(submission: SubmissionReceived) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = submission.model_dump(mode="json", exclude={"event_id", "caused_by", "decided_at"})
    facts["intact"] = ids.content_hash(submission.body) == submission.sha256
    facts["body_base64"] = base64.b64encode(submission.body).decode()
    try:
        facts["body_text"] = submission.body.decode()
    except UnicodeDecodeError:
        facts["body_text"] = None
    return facts


def _described(source: Source, base_url: str) -> dict[str, JsonValue]:
    return {
        "name": source.name,
        "url": f"{base_url}{PREFIX}{source.name}",
        "adapter": source.adapter.name,
        "kind": source.rules.kind,
        "trust": source.rules.trust,
        "takes_unsigned": source.takes_unsigned,
        "secrets_under": source.rules.secret or source.name,
        "secrets": [secret.name for secret in source.secrets],
    }

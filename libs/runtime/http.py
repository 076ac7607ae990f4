"""What every HTTP API shares: the bearer token, the actor, health, and errors that say what to do."""

import hmac
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.places import places
from libs.runtime.commands import CommandResult
from libs.runtime.errors import Retryable
from libs.runtime.health import Health

MAX_ACTOR = 200


class CommandSender(Protocol):
    """Where an API's writes go; `libs.runtime.commands.Commands` is one."""

    async def send(
        self,
        service: str,
        name: str,
        key: str,
        actor: Actor,
        arguments: JsonValue,
        seen_hash: str | None = None,
        command_id: str | None = None,
    ) -> CommandResult:
        """The outcome, or that it is still under way."""
        ...

    async def outcome(self, command_id: str) -> CommandResult:
        """What became of a command so far."""
        ...


class BadRequest(Exception):
    """A request that can't be taken, with its HTTP status, a code, what is wrong and what to do about it."""

    def __init__(self, status: int, code: str, message: str, problems: list[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": code, "message": message, "problems": problems or []}


def new_app(title: str, api_token: str, health: Health) -> FastAPI:
    """An app whose routes under /api ask for `Authorization: Bearer TOKEN`, with /health/live and /health/ready."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None)
    app.state.api_token = api_token.encode()

    @app.get("/health/live", include_in_schema=False)
    async def live() -> JSONResponse:
        stuck = health.stuck()
        return JSONResponse({"live": not stuck, "stuck": stuck}, 503 if stuck else 200)

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        problems = health.problems()
        is_ready = health.ready and not problems
        told: dict[str, Any] = {"ready": is_ready, "problems": problems}
        if health.policy:
            told["policy"] = health.policy
        if warnings := health.warnings():
            told["warnings"] = warnings
        return JSONResponse(told, 200 if is_ready else 503)

    @app.exception_handler(Retryable)
    async def unavailable(_: Request, error: Retryable) -> JSONResponse:
        return JSONResponse({"error": "unavailable", "message": str(error)}, 503, {"Retry-After": "2"})

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own answer repeats what was sent
        body = {"error": "invalid", "message": "the request does not fit", "problems": places(error.errors())}
        return JSONResponse(body, 422)

    @app.exception_handler(BadRequest)
    async def bad_request(_: Request, error: BadRequest) -> JSONResponse:
        return JSONResponse(error.body, error.status)

    return app


def require_token(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    """Refuses a request without the token; the same answer for every cause."""
    given = authorization.removeprefix("Bearer ").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, request.app.state.api_token):
        raise HTTPException(401, {"error": "unauthorized", "message": "send Authorization: Bearer <the API token>"})


def human(x_signalbox_actor: Annotated[str, Header()] = "api") -> Actor:
    """The person who acts, from the header X-Signalbox-Actor."""
    if not x_signalbox_actor or len(x_signalbox_actor) > MAX_ACTOR:
        raise HTTPException(
            422, {"error": "bad_actor", "message": f"X-Signalbox-Actor has 1 to {MAX_ACTOR} characters"}
        )
    return Actor(kind="human", id=x_signalbox_actor)


Token = Depends(require_token)
Human = Annotated[Actor, Depends(human)]


def command_response(result: CommandResult, status: int = 200) -> JSONResponse:
    """The outcome of a command as HTTP: its answer, 409 when it was refused, or 202 with where to ask again."""
    body: dict[str, Any] = {"command_id": result.command_id}
    if not result.done:
        link = f"/api/commands/{result.command_id}"
        return JSONResponse({**body, "status": "accepted", "link": link}, 202, {"Location": link})
    if result.refused is not None:
        return JSONResponse({**body, "error": "refused", "message": result.refused, "detail": result.answer}, 409)
    return JSONResponse({**body, "status": "done", "answer": result.answer}, status)

"""What every HTTP API shares: who asks and what they may, the actor, health, and errors that say what to do."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import JsonValue
from pydantic_core import to_json

from libs.contracts.base import MASKED
from libs.contracts.change import WHOLE, Actor, RecordRef
from libs.contracts.places import places
from libs.policy.access import Right, is_hidden, masked
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from libs.runtime.people import AccessLog, Caller, NoAccessLog, People
from libs.runtime.policies import PolicyVersions, PublishedPolicies

MAX_ACTOR = 200
NOBODY = "api"
"""The actor that is taken when none is named."""


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
    """An app for routes that ask for rights (`may`), with /health/live and /health/ready."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None)
    app.state.api_token, app.state.service = api_token.encode(), title.removeprefix("Signalbox ")
    connect(app, People(), PublishedPolicies(), NoAccessLog())

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


def _caller(request: Request, authorization: str, named: str) -> Caller | None:
    """Who asks: the stack's own token acts under the name that it gives, a person's token under the person's alone."""
    state, given = request.app.state, authorization.removeprefix("Bearer ")
    if hmac.compare_digest(given.encode("utf-8", "surrogateescape"), state.api_token):
        return Caller(Actor(kind="human", id=named))
    people: People = state.people
    return people.caller(given, state.api_token, clock.now())


@dataclass(frozen=True)
class Needs:
    """A route's dependency: refuses whoever lacks the right. A token that is not ours gets the same answer for every cause."""

    right: Right

    def __call__(
        self,
        request: Request,
        authorization: Annotated[str, Header()] = "",
        x_signalbox_actor: Annotated[str, Header()] = NOBODY,
    ) -> None:
        """Puts who asks into `request.state.caller`. Raises HTTPException or BadRequest."""
        caller = _caller(request, authorization, x_signalbox_actor)
        if caller is None:
            raise HTTPException(401, {"error": "unauthorized", "message": "send Authorization: Bearer <the API token>"})
        if not x_signalbox_actor or len(x_signalbox_actor) > MAX_ACTOR:
            raise BadRequest(422, "bad_actor", f"X-Signalbox-Actor has 1 to {MAX_ACTOR} characters")
        if caller.role is not None and x_signalbox_actor not in (NOBODY, caller.actor.id):
            raise BadRequest(403, "not_you", f"the token is {caller.actor.id}'s: nobody acts as somebody else")
        if not caller.may(self.right):
            raise BadRequest(403, "forbidden", f"a {caller.role} may not do this: it takes the right `{self.right}`")
        request.state.caller = caller


def may(right: Right) -> Any:
    """What a route depends on to be open to whoever has a right."""
    return Depends(Needs(right))


def caller_of(request: Request) -> Caller:
    """Who asks; on routes that depend on `may` alone."""
    caller: Caller = request.state.caller
    return caller


def human(request: Request) -> Actor:
    """The person who acts: whose token it is, or whom the stack's own token names in X-Signalbox-Actor."""
    return caller_of(request).actor


Asker = Annotated[Caller, Depends(caller_of)]
Human = Annotated[Actor, Depends(human)]


class View:
    """What one request may show: masks by role, and the record of whose personal data was shown."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.caller = caller_of(request)

    def hides(self, record_type: str, field: str) -> bool:
        """Whether the asker is not shown a field. Raises Retryable while no policy is known that says so."""
        role = self.caller.role
        return role is not None and is_hidden(self._policies.newest(), role, record_type, field)

    def fields(self, record_type: str, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """A record's fields as the asker is shown them."""
        role = self.caller.role
        return dict(fields) if role is None else masked(self._policies.newest(), role, record_type, fields)

    def change(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """An audited change, as JSON, as the asker is shown it: without values, and quotes of where they were read, of a
        field that is hidden; and without anybody's words when personal data is."""
        kind, name = change["record"]["type"], change["field"]
        told = dict(change)
        if name != WHOLE and self.hides(kind, name):
            told |= {"old": dict(MASKED), "new": dict(MASKED), "evidence": []}
        elif name == WHOLE:
            for side in ("old", "new"):
                if isinstance(change[side], Mapping):
                    told[side] = self.fields(kind, change[side])
        if not self.caller.may("personal"):
            told |= {"evidence": [], "reason": dict(MASKED) if change.get("reason") else change.get("reason")}
        return told

    def refuse_hidden(self, record_type: str, names: Iterable[str]) -> None:
        """Refuse to filter or sort by what the asker is not shown: the answer would tell it. Raises BadRequest."""
        if hidden := [name for name in names if self.hides(record_type, name)]:
            raise BadRequest(403, "hidden_field", f"not by {', '.join(hidden)}: a {self.caller.role} is not shown it")

    def refuse_unreached(self, queue: str | None, *members: str | None) -> None:
        """Refuse a lead of a queue that is not the asker's, or for a rep that is none of theirs. Raises BadRequest."""
        if not self.caller.reaches(queue, *members):
            raise BadRequest(403, "not_yours", f"{self.caller.actor.id} sees the leads of other queues or members")

    async def shows(self, records: Iterable[RecordRef]) -> None:
        """Keep that the asker is shown personal data of these records. To be called before the answer goes out; raises
        Retryable when it can't be kept."""
        listed = list(dict.fromkeys(records))
        if not listed or not self.caller.may("personal"):
            return
        state, route = self._request.app.state, self._request.scope["route"]
        log: AccessLog = state.accesses
        await log.record(self.caller, state.service, f"{self._request.method} {route.path}", listed)

    @asynccontextmanager
    async def showing(self, records: Iterable[RecordRef]) -> AsyncIterator[None]:
        """As `shows`, for an answer that is long to make: it is made inside the block, while the record of it is on its way."""
        noted = asyncio.ensure_future(self.shows(records))
        try:
            await asyncio.sleep(0)  # it goes out now
            yield
            await noted
        finally:
            noted.cancel()

    @property
    def _policies(self) -> PolicyVersions:
        policies: PolicyVersions = self._request.app.state.policies
        return policies


Shows = Annotated[View, Depends(View)]


def connect(app: Any, people: People, policies: PolicyVersions, accesses: AccessLog) -> None:
    """Give an app what it asks about callers; without it, only the stack's own token is known and nothing is recorded."""
    api = getattr(app, "api", app)
    api.state.people, api.state.policies, api.state.accesses = people, policies, accesses


def json_response(told: Mapping[str, Any]) -> Response:
    """An answer as JSON, models and times included, in a fraction of what the standard library takes for a long one."""
    return Response(to_json(told), media_type="application/json")


def command_response(result: CommandResult, status: int = 200) -> JSONResponse:
    """The outcome of a command as HTTP: its answer, 409 when it was refused, or 202 with where to ask again."""
    body: dict[str, Any] = {"command_id": result.command_id}
    if not result.done:
        link = f"/api/commands/{result.command_id}"
        return JSONResponse({**body, "status": "accepted", "link": link}, 202, {"Location": link})
    if result.refused is not None:
        return JSONResponse({**body, "error": "refused", "message": result.refused, "detail": result.answer}, 409)
    return JSONResponse({**body, "status": "done", "answer": result.answer}, status)

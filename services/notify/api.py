"""Notify's REST API: who was told what, how channels fare, a test, and the door for Slack's buttons."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.commands import command_record
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, Human, may, new_app
from libs.runtime.policies import PolicyVersions
from services.notify.domain.account import Accounts, Target
from services.notify.domain.plan import PRESSED
from services.notify.domain.slack import PRESSED as SHAPE
from services.notify.domain.slack import BadRequest as NotAPress
from services.notify.domain.slack import Pressed, is_signed, pressed_of
from services.notify.settings import NotifySettings

log = logging.getLogger(__name__)

BODY_MAX = 512 * 1024
"""Slack sends the whole message back with each press."""
_FILTERS = {"lead": "lead_id", "member": "recipient", "channel": "channel", "state": "state", "kind": "kind"}


class Book(Protocol):
    """Where deliveries and channels are read, and Slack's requests remembered."""

    async def deliveries(
        self, filters: Mapping[str, str], limit: int, after: tuple[datetime, str] | None
    ) -> list[dict[str, Any]]:
        """The newest deliveries with their attempts."""
        ...

    async def channels(self) -> dict[str, dict[str, Any]]:
        """How channels fare that failed lately, by name."""
        ...

    async def once(self, signature: str, now: datetime, act: Callable[[], Awaitable[None]]) -> bool:
        """Do it, and remember the request; False for one that was taken before."""
        ...


class Sender(Protocol):
    """What is set up, and a message now; `send.Sending` is one."""

    @property
    def accounts(self) -> Callable[[float], Accounts]:
        """What `notify.json` says."""
        ...

    @property
    def policies(self) -> PolicyVersions:
        """Published policies."""
        ...

    async def test(self, channel: str, target: Target, now: datetime) -> None:
        """Send a test. Raises Retryable or Rejected."""
        ...


class Tested(Model):
    """Where a test goes, on the channels that go to a member."""

    model_config = ConfigDict(extra="forbid")
    to: str = Field(default="", max_length=254)


def create_app(
    book: Book, sending: Sender, producer: Producer, api_token: str, health: Health, settings: NotifySettings
) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox notify", api_token, health)
    _add_deliveries(app, book, settings)
    _add_channels(app, book, sending)
    _add_slack(app, book, sending, producer)
    return app


def _add_deliveries(app: FastAPI, book: Book, settings: NotifySettings) -> None:
    @app.get("/api/deliveries", dependencies=[may("operate")])
    async def deliveries(
        request: Request,
        lead: str = "", member: str = "", channel: str = "", state: str = "", kind: str = "",  # noqa: ARG001 - by name
        limit: Annotated[int, Query(ge=1)] = 50,
        after: str = "",
    ) -> JSONResponse:  # fmt: skip
        """Who was told what by which channel, the newest first: ids and outcomes. `next` is the `after` of the next page."""
        given = {_FILTERS[name]: value for name, value in request.query_params.items() if name in _FILTERS and value}
        most = min(limit, settings.page_max)
        rows = await book.deliveries(given, most, _place(after))
        following = f"{rows[-1]['at'].isoformat()}|{rows[-1]['delivery_id']}" if len(rows) == most else None
        return JSONResponse({"items": [_plain(row) for row in rows], "next": following})


def _add_channels(app: FastAPI, book: Book, sending: Sender) -> None:
    @app.get("/api/channels", dependencies=[may("operate")])
    async def channels() -> JSONResponse:
        """Every channel that is set up or named by the policy, and how it fares."""
        named = {one for rule in sending.policies.newest().notices.rules for one in rule.channels}
        ready, faring = sending.accounts(clock.monotonic()).channels(), await book.channels()
        return JSONResponse(
            {
                "items": [
                    {"channel": one, "set_up": one in ready, "used": one in named, **_faring(faring.get(one, {}))}
                    for one in sorted({*named, *ready, *faring})
                ]
            }
        )

    @app.post("/api/channels/{channel}/test", dependencies=[may("operate")])
    async def test(channel: str, actor: Human, tested: Tested) -> JSONResponse:
        """Send a test now, and say what happened; one that gets through switches the channel on again."""
        log.info("%s tests %s", actor.id, channel)
        if not tested.to and ":" not in channel:
            raise BadRequest(422, "invalid", "to: an e-mail address, or a user id of Slack")
        try:
            await sending.test(channel, Target("", tested.to), clock.now())
        except Rejected as error:
            return JSONResponse({"channel": channel, "sent": False, "message": error.message, "again": False})
        except Retryable as error:
            return JSONResponse({"channel": channel, "sent": False, "message": str(error), "again": True})
        return JSONResponse({"channel": channel, "sent": True, "message": "the channel took it"})


def _add_slack(app: FastAPI, book: Book, sending: Sender, producer: Producer) -> None:
    @app.post("/slack/interactivity", include_in_schema=False)
    async def interactivity(request: Request) -> Response:
        """A button was pressed. Answered at once: what follows from it is told at the press's own address."""
        body = await _body(request)
        account, now = sending.accounts(clock.monotonic()).slack, clock.now()
        stamp, signature = (request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
        secret = account.signing_secret if account is not None else ""
        if not is_signed(secret, stamp, signature, body, now.timestamp()):
            raise BadRequest(401, "unauthorized", "this request is not signed by Slack, or too old")
        try:
            pressed = pressed_of(body)
        except NotAPress as error:
            raise BadRequest(400, "bad_request", str(error)) from None
        if pressed is None:
            return Response()

        async def send() -> None:
            await producer.send_and_wait(_command(pressed, now))

        if not await book.once(signature, now, send):
            raise BadRequest(409, "replayed", "this very request was taken before")
        return Response()


def _command(pressed: Pressed, now: datetime) -> Any:
    """The command that keeps the press; the same press has the same id."""
    command_id = ids.derived_id("slack press", pressed.team, pressed.user, pressed.delivery_id, pressed.action_ts)
    return command_record(
        "notify", PRESSED, pressed.lead_id, Actor(kind="human", id=f"slack:{pressed.user}"),
        SHAPE.dump_python(pressed, mode="json"), now, command_id=command_id, seen_hash=pressed.seen_hash,
    )  # fmt: skip


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX:
            raise BadRequest(413, "too_large", f"a request may have {BODY_MAX} bytes")
    return bytes(body)


def _place(after: str) -> tuple[datetime, str] | None:
    at, mark, delivery_id = after.partition("|")
    try:
        found = datetime.fromisoformat(at) if after else None
    except ValueError:
        found = None
    if not after:
        return None
    if found is None or found.tzinfo is None or not mark:
        raise BadRequest(422, "invalid", "after: take it from `next` of the page before")
    return found, delivery_id


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _faring(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("failing_since", "disabled_at", "disabled_for")
    return _plain({name: row.get(name) for name in names})

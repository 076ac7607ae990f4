"""Webhooks: who is told of changes, and what became of each call."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.contracts.signing import secret_problem
from libs.runtime import clock
from libs.runtime.http import BadRequest, CommandSender, Human, may
from services.crm.api.writes import Body, Key, answered, arguments_of
from services.crm.domain.links import is_record_id
from services.crm.domain.record import RECORD_TYPES
from services.crm.domain.webhooks import EVERYTHING, WebhookArguments, derived_secret, webhook_problems
from services.crm.settings import CrmSettings


class WebhookStore(Protocol):
    """Where webhooks and their calls are read, and secrets kept."""

    async def keep_secret(self, webhook_id: str, secret: str) -> str:
        """The webhook's secret: this one, or the one that it has already."""
        ...

    async def listed(self) -> list[dict[str, Any]]:
        """All webhooks with how they fare; never a secret."""
        ...

    async def calls(self, webhook_id: str, limit: int) -> list[dict[str, Any]]:
        """The newest calls."""
        ...


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the routes need: the store, and the tenant's secret from which webhooks get theirs."""

    store: WebhookStore
    tenant_secret: bytes = field(repr=False)


class _Wanted(Model):
    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2000)
    types: tuple[str, ...] = Field(default=(EVERYTHING,), min_length=1, max_length=50)
    secret: str = Field(default="", max_length=200, repr=False)
    active: bool = True


def add_webhooks(app: FastAPI, commands: CommandSender, webhooks: Webhooks, settings: CrmSettings) -> None:
    """The routes under /api/webhooks."""
    store = webhooks.store

    @app.post("/api/webhooks", dependencies=[may("operate")])
    async def add(given: Body, actor: Human, key: Key = "") -> JSONResponse:
        """Set a webhook up: {"url", "types"?, "secret"?}. The answer alone tells the secret that calls are signed with."""
        wanted = _checked(given, settings)
        if wanted.secret and (problem := secret_problem(wanted.secret)):
            raise BadRequest(422, "invalid", "the request does not fit", [problem])
        webhook_id = ids.derived_id("webhook", actor.id, key) if key else clock.new_id()
        given_secret = wanted.secret or derived_secret(webhooks.tenant_secret, webhook_id)
        secret = await store.keep_secret(webhook_id, given_secret)
        told = await _set(commands, webhook_id, actor, WebhookArguments(url=wanted.url, types=wanted.types))
        return JSONResponse({"webhook_id": webhook_id, "secret": secret}, 201) if told.status_code == 200 else told

    @app.put("/api/webhooks/{webhook_id}", dependencies=[may("operate")])
    async def change(webhook_id: str, given: Body, actor: Human) -> JSONResponse:
        """Change a webhook, or switch it off and on again; whatever had switched it off is forgotten. Its secret stays."""
        await _known(store, webhook_id)
        wanted = _checked(given, settings)
        arguments = WebhookArguments(url=wanted.url, types=wanted.types, active=wanted.active)
        return await _set(commands, webhook_id, actor, arguments)

    @app.delete("/api/webhooks/{webhook_id}", dependencies=[may("operate")])
    async def remove(webhook_id: str, actor: Human) -> JSONResponse:
        """Call it no more."""
        await _known(store, webhook_id)
        return await _set(commands, webhook_id, actor, WebhookArguments(act="remove"))

    @app.get("/api/webhooks", dependencies=[may("operate")])
    async def listed() -> JSONResponse:
        """All webhooks, since when one fails, and why one was switched off."""
        return JSONResponse({"items": [_shown(row) for row in await store.listed()]})

    @app.get("/api/webhooks/{webhook_id}/deliveries", dependencies=[may("operate")])
    async def deliveries(webhook_id: str, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> JSONResponse:
        """The newest calls: of which record and version, how often tried, what was answered."""
        await _known(store, webhook_id)
        return JSONResponse({"items": [_shown(row) for row in await store.calls(webhook_id, limit)]})


def _checked(given: dict[str, JsonValue], settings: CrmSettings) -> _Wanted:
    wanted = arguments_of(_Wanted, given)
    if problems := webhook_problems(wanted.url, wanted.types, RECORD_TYPES, plain_http=settings.webhook_loopback):
        raise BadRequest(422, "invalid", "the request does not fit", problems)
    return wanted


async def _set(commands: CommandSender, webhook_id: str, actor: Actor, arguments: WebhookArguments) -> JSONResponse:
    told = arguments.model_dump(mode="json")
    return answered(await commands.send("crm", "webhook", webhook_id, actor, told, command_id=clock.new_id()))


async def _known(store: WebhookStore, webhook_id: str) -> None:
    known = is_record_id(webhook_id) and any(row["webhook_id"] == webhook_id for row in await store.listed())
    if not known:
        raise BadRequest(404, "not_found", "there is no such webhook")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}

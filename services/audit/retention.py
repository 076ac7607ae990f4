"""Forgetting what is kept no longer: shown to people, ordered by them, or by itself where the policy says so."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import asyncpg
from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.runtime import clock
from libs.runtime.commands import Commands
from libs.runtime.errors import Retryable
from libs.runtime.http import Human, may
from libs.runtime.policies import PolicyVersions
from libs.runtime.state import DATABASE_AWAY
from services.audit.domain.erasure import ERASE, EraseOrder
from services.audit.store.retention import Due, due, shown

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
MOST = 500
"""Leads that are ordered to be forgotten in one go."""


def add_retention(app: FastAPI, pool: asyncpg.Pool, commands: Commands, policies: PolicyVersions) -> None:
    """Add the routes."""

    @app.get("/api/retention/due", dependencies=[may("operate")])
    async def listed(limit: Annotated[int, Query(ge=1, le=MOST)] = 50) -> JSONResponse:
        """Leads that the policy in force keeps no longer, at most `limit`."""
        retention = policies.newest().retention
        found = await due(pool, retention, clock.now(), limit)
        return JSONResponse({"items": [shown(one) for one in found], "automatic": retention.automatic,
                             "classes": [one.model_dump(mode="json") for one in retention.classes]})  # fmt: skip

    @app.post("/api/retention/apply", dependencies=[may("administer")])
    async def apply(actor: Human, limit: Annotated[int, Query(ge=1, le=MOST)] = MOST) -> JSONResponse:
        """Forget what is due, at most `limit` leads; say it again until `ordered` is 0."""
        found = await due(pool, policies.newest().retention, clock.now(), limit)
        await order(commands, found, actor)
        counts: JsonValue = dict(Counter(one.retention_class for one in found))
        return JSONResponse({"ordered": len(found), "by_class": counts})


async def order(commands: Commands, found: Sequence[Due], actor: Actor) -> None:
    """Order the erasure of each. One that was ordered before is no second one."""
    for one in found:
        asked = EraseOrder(group=one.group, reason=f"retention class {one.retention_class}")
        command_id = ids.derived_id("retention", one.group.erasure_id)
        await commands.send(
            "audit", ERASE, one.group.erasure_id, actor, asked.model_dump(mode="json"), command_id=command_id
        )


def forgetting(pool: asyncpg.Pool, commands: Commands, policies: PolicyVersions) -> Callable[[], Awaitable[None]]:
    """The background task that orders what is due, where the policy says that nobody has to."""

    async def run() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                retention = policies.newest().retention
                while retention.automatic and (found := await due(pool, retention, clock.now(), MOST)):
                    await order(commands, found, Actor(kind="rule", id="retention"))
                    log.info("%s leads are kept no longer and are forgotten", len(found))
                    await asyncio.sleep(1)
            except (Retryable, *DATABASE_AWAY) as error:
                log.warning("what is due to be forgotten can't be asked for: %s", type(error).__name__)

    return run

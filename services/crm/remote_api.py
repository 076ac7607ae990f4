"""What people want to know of the remote CRMs: GET /api/remotes."""

from datetime import timedelta
from typing import Any, Protocol

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from libs.runtime import clock
from libs.runtime.http import may
from services.crm.connectors import Remotes
from services.crm.connectors.base import Connector
from services.crm.domain.remote_commands import effect_of


class Overviews(Protocol):
    """Where a remote's figures are read."""

    async def overview(self, connector: str, effect: str) -> dict[str, Any]:
        """Linked, conflicts, waiting, failed, refused, last poll, last problem."""
        ...


def add_remotes(app: FastAPI, remotes: Remotes, rows: Overviews) -> None:
    """The route, on the service's app."""

    @app.get("/api/remotes", dependencies=[may("operate")])
    async def overview() -> JSONResponse:
        """Every connected remote: whether it answers, what waits for it, conflicts, what it refused. No secrets."""
        items = [await _shown(name, one, rows) for name, one in remotes.current().items()]
        return JSONResponse({"items": items, "problem": remotes.problem})


async def _shown(name: str, connector: Connector, rows: Overviews) -> dict[str, Any]:
    told = await rows.overview(name, effect_of(connector.kind))
    now, http = clock.monotonic(), connector.http
    left = max(http.breaker.open_until - now, http.bucket.paused_until - now, 0.0)
    used = getattr(connector, "used", None)
    return {
        "name": name,
        "kind": connector.kind,
        "state": "away" if http.breaker.open_until > now else "waiting" if left > 0 else "up",
        "asks_again_at": (clock.now() + timedelta(seconds=left)).isoformat() if left else None,
        "types": sorted(connector.types),
        "daily_calls": {"used": used[0], "limit": used[1]} if used and used[1] else None,
        **told,
    }

"""Sites and APIs on this machine, and the providers that read them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import JsonValue

from libs.policy.enrichment import PaidApi as ApiRules
from libs.policy.enrichment import Website as SiteRules
from libs.runtime import clock
from libs.runtime.health import Health
from libs.runtime.outbound import Outbound, with_hosts
from services.enrich.connectors.paid_api import PaidApi
from services.enrich.connectors.website import Website
from services.enrich.http.manners import Manners
from services.enrich.http.store import Cache, Purse, Unkept

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Web:
    """Answers by path: status, headers and body. Keeps every request's head."""

    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    port: int = 0
    waits: asyncio.Event | None = None

    def page(self, path: str, body: str | bytes = b"", status: int = 200, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, told, body.encode() if isinstance(body, str) else body)

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, but for robots.txt."""
        paths = [head.split(" ")[1] for head in self.heads]
        return [path for path in paths if path != "/robots.txt"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            if first == b"\x16":
                writer.close()  # somebody tries TLS
                return
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        self.heads.append(head)
        if self.waits is not None:
            await self.waits.wait()
        status, headers, body = self.pages.get(head.split(" ")[1], (404, {}, b""))
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in ({"Content-Type": "text/html"} | headers).items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        writer.close()


@asynccontextmanager
async def web() -> AsyncIterator[Web]:
    one = Web()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    server.close()


@dataclass
class Kept:
    """A cache in memory; passes the same tests as the table."""

    held: dict[tuple[str, str], tuple[JsonValue, datetime]] = field(default_factory=dict)

    async def get(self, provider: str, asked: str, now: datetime) -> JsonValue | None:
        answer, until = self.held.get((provider, asked), (None, now))
        return answer if until > now else None

    async def put(self, provider: str, asked: str, answer: JsonValue, now: datetime, keeps: timedelta) -> None:
        self.held[provider, asked] = (answer, now + keeps)


def outbound(server: Web, *names: str) -> Outbound:
    return Outbound(loopback=True, ports=None, resolve=with_hosts(dict.fromkeys(names, f"127.0.0.1:{server.port}")))


def site_reader(server: Web, cache: Cache | None = None, *names: str, **rules: Any) -> Website:
    told = SiteRules(**{"per_host_seconds": 0.001, **rules})
    known = names or ("acme.example", "www.acme.example")
    return Website(
        told, outbound(server, *known), cache or Kept(), Manners(clock.monotonic), lambda: NOW, "Signalbox/1.0"
    )


def api_of(
    server: Web,
    rules: Mapping[str, Any],
    *,
    cache: Cache | None = None,
    purse: Purse | None = None,
    secrets: Mapping[str, str] | None = None,
    health: Health | None = None,
    now: Callable[[], datetime] = lambda: NOW,
) -> PaidApi:
    url = f"http://api.example:{server.port}/v2?domain={{domain}}"
    told = ApiRules.model_validate({"url": url, "fields": {"employees": {"path": "company.size"}}, **rules})
    return PaidApi(
        "clearfirm", told, outbound(server, "api.example"), cache or Kept(), purse or Unkept(), Manners(clock.monotonic),
        lambda: secrets or {}, health or Health(), now, "Signalbox/1.0",
    )  # fmt: skip

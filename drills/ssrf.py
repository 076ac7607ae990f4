"""Drill 33: addresses in every hostile form, redirects and rebinding names. All are refused, and nobody listening sees a call."""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from drills.drill import Drill, Plan, Say
from drills.hostile_urls import BOTH, DIRECT, REBOUND, REDIRECTED
from drills.report import Report
from libs.runtime.outbound import Limits, Outbound, OutboundError, RefusedAddress, resolved

PUBLIC = "93.184.215.14"
"""A public address; nothing is sent there: `Outside` answers in its place."""
LIMITS = Limits(connect_seconds=1, read_seconds=1, total_seconds=3)


@dataclass
class Listeners:
    """Servers on this machine that count who connects."""

    port: int = 0
    seen: int = 0
    _servers: list[asyncio.Server] = field(default_factory=list)

    async def start(self) -> None:
        """Listen on every loopback address that there is, IPv6 too, at one port."""
        first = await asyncio.start_server(self._count, "0.0.0.0", 0)  # noqa: S104 - all of 127/8 is meant
        self.port = first.sockets[0].getsockname()[1]
        self._servers.append(first)
        with contextlib.suppress(OSError):  # a machine without IPv6 has nothing to protect there
            self._servers.append(await asyncio.start_server(self._count, "::1", self.port))

    async def _count(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        writer.close()

    async def stop(self) -> None:
        """End them."""
        for server in self._servers:
            server.close()
            await server.wait_closed()


class Outside(httpx.AsyncBaseTransport):
    """The world: a public server that redirects as it is told; everything else goes where it really leads."""

    def __init__(self) -> None:
        self.location: str | None = None
        self.asked: list[str] = []
        self._real = httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The redirect, or the real answer."""
        self.asked.append(request.url.host)
        if request.url.host not in {first for first, _ in REBOUND}:
            return await self._real.handle_async_request(request)
        if self.location is None:
            return httpx.Response(200, stream=httpx.ByteStream(b"public"))
        return httpx.Response(302, headers=[(b"location", self.location.encode())], stream=httpx.ByteStream(b""))

    async def aclose(self) -> None:
        """Let go of its connections."""
        await self._real.aclose()


@dataclass
class Names:
    """A resolver that gives one name its answers in turn, the last one for ever; other names really."""

    answers: Iterator[Sequence[str]]

    async def __call__(self, host: str, port: int) -> Sequence[tuple[str, int]]:
        """Where the name is now."""
        if host != "public.example":
            return await resolved(host, port)
        return [(address, port) for address in next(self.answers)]


def names(*answers: Sequence[str]) -> Names:
    """The answers in turn."""
    return Names(itertools.chain(answers[:-1], itertools.repeat(answers[-1])))


async def refused(client: Outbound, url: str) -> str:
    """Why the call was refused; empty when it came through, or was tried."""
    try:
        await client.get(url, limits=LIMITS)
    except RefusedAddress as error:
        return str(error)
    except OutboundError:
        return ""
    return ""


async def run(data: Path, plan: Plan, say: Say) -> Report:  # noqa: ARG001 - no stack is needed: the guard is called itself
    """Any port may be called here, so that nothing but the check of addresses is in the way."""
    report, listeners, tried, through = Report("ssrf", plan.seed), Listeners(), 0, list[str]()
    await listeners.start()
    outside = Outside()
    cases: list[tuple[str, Names, str | None]] = []
    cases += [(url.format(port=listeners.port), names([PUBLIC]), None) for url in DIRECT]
    cases += [("http://public.example/", names([PUBLIC]), url.format(port=listeners.port)) for url in REDIRECTED]
    again = f"http://public.example:{listeners.port}/again"
    cases += [(again, names([first], [then]), again) for first, then in REBOUND]
    cases += [(again, names(both), None) for both in BOTH]
    for url, resolve, location in cases:
        outside.location, tried = location, tried + 1
        client = Outbound(ports=None, resolve=resolve, transport=outside)
        if not await refused(client, url):
            through.append(f"{url!r} (redirected to {location!r})" if location else repr(url))
    seen = listeners.seen
    say(f"{tried} addresses tried, {seen} connections seen")
    pinned = await _pinned(outside, listeners.port)
    control = Outbound(loopback=True, ports=None)
    await control.get(f"http://127.0.0.1:{listeners.port}/", limits=LIMITS)
    report.require(listeners.seen == seen + 1, "the listeners do not see even a call that is allowed")
    await control.close()
    await outside.aclose()
    await listeners.stop()
    report.figures |= {"addresses": tried, "blocked": tried - len(through), "connections_seen": seen}
    report.problems += [f"came through: {one}" for one in through]
    report.require(seen == 0, f"{seen} connections reached this machine")
    report.require(tried >= 60, f"only {tried} addresses were tried")
    report.require(pinned == [PUBLIC], f"a name that moves after the check was followed to {pinned}")
    return report


async def _pinned(outside: Outside, port: int) -> list[str]:
    """Where the call goes whose name is public when it is checked and this machine right after."""
    outside.asked.clear()
    outside.location = None
    client = Outbound(ports=None, resolve=names([PUBLIC], ["127.0.0.1"]), transport=outside)
    await client.get(f"http://public.example:{port}/", limits=LIMITS)
    return outside.asked


DRILL = Drill("ssrf", 33, "addresses that lead into the own network, in 100 forms: none is called", run)

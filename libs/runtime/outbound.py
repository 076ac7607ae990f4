"""Calls to addresses that users or leads named: never into the own network, and never elsewhere than to what was checked.

OutboundError
├── Unreachable   nobody answers there: connection, TLS, time (also a ConnectionError)
│   └── NoSuchHost
└── Unusable      the answer is not what was asked for: type, encoding, redirects
RefusedAddress    (addresses.py) the address, or one that it redirects to, may not be called
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

from libs.runtime.addresses import PORTS, RefusedAddress, Target, address_problem, target_of

__all__ = [
    "Answer", "Limits", "NoSuchHost", "Outbound", "OutboundError", "RefusedAddress", "Unreachable", "Unusable", "with_hosts",
]  # fmt: skip

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""Host and port to IP addresses and ports. Raises OSError for a name that can't be resolved."""
REDIRECTS = frozenset((301, 302, 303, 307, 308))
ADDRESSES_TRIED = 3
_PLAIN = frozenset(("user-agent", "accept", "accept-language"))
"""What still goes along to another host after a redirect."""
_PIECE = 64 * 1024


class OutboundError(Exception):
    """Base of what may go wrong with an address that may be called."""


class Unreachable(OutboundError, ConnectionError):
    """Nobody answers there."""


class NoSuchHost(Unreachable):
    """The name stands for no address."""


class Unusable(OutboundError):
    """The answer is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may take. `body_bytes` is counted after decompression; the rest is left unread."""

    connect_seconds: float = 3.0
    read_seconds: float = 5.0
    total_seconds: float = 5.0
    body_bytes: int = 1_000_000
    redirects: int = 3
    wanted: tuple[str, ...] = ()
    """Content types that are read, by their beginning; empty: any. It is asked of answers with status 200 only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: status, the address that answered at last, headers in small letters, and the beginning of the body."""

    status: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    cut: bool = False
    """There was more than the limit."""
    hops: tuple[str, ...] = ()
    """The addresses that redirected, in order."""


async def resolved(host: str, port: int) -> Sequence[tuple[str, int]]:
    """What this machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(one[4][0]), int(one[4][1])) for one in found))


def with_hosts(hosts: Mapping[str, str], otherwise: Resolve = resolved) -> Resolve:
    """The resolver, with names that stand elsewhere: `{"acme.example": "127.0.0.1:8080"}`, as a hosts file has them. What
    they stand for is checked like any other address."""

    async def resolve(host: str, port: int) -> Sequence[tuple[str, int]]:
        if host not in hosts:
            return await otherwise(host, port)
        address, _, other = hosts[host].rpartition(":")
        return [(address.strip("[]"), int(other))]

    return resolve


class Outbound:
    """The client. Each hop is resolved once, every address of it checked, and the connection goes to a checked one with
    the host's own name for Host and TLS; no proxies, no cookies, no connection is kept.

    `loopback` lets this machine be called, and `ports` None any port: for tests and demonstrations.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        ports: Collection[int] | None = PORTS,
        resolve: Resolve = resolved,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._loopback = loopback
        self._ports = ports
        self._resolve = resolve
        self._transport = transport or httpx.AsyncHTTPTransport(
            trust_env=False, limits=httpx.Limits(max_connections=100, max_keepalive_connections=0)
        )  # a kept connection would be used for another name at the same address, whose certificate nobody checked

    async def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        limits: Limits = Limits(),
        consent: Callable[[Target], Awaitable[None]] | None = None,
    ) -> Answer:
        """The answer, after redirects; to another origin none of the headers goes along that the caller gave, but for
        User-Agent and Accept. `consent` is asked before each hop, and stops the call by raising.

        Raises RefusedAddress, OutboundError, or TimeoutError for the total time."""
        async with asyncio.timeout(limits.total_seconds):
            target, sent, hops = target_of(url, self._ports), dict(headers or {}), list[str]()
            while True:
                if consent is not None:
                    await consent(target)
                answer = await self._call("GET", target, sent, None, limits)
                place = answer.headers.get("location", "")
                if answer.status not in REDIRECTS or not place:
                    return Answer(answer.status, target.url, answer.headers, answer.body, answer.cut, tuple(hops))
                hops.append(target.url)
                if len(hops) > limits.redirects:
                    raise Unusable(f"more than {limits.redirects} redirects, the last one by {target.host}")
                following = self._followed(target, place)
                if following.origin != target.origin:
                    sent = {name: value for name, value in sent.items() if name.lower() in _PLAIN}
                target = following

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: Limits = Limits()) -> Answer:
        """The answer; redirects are not followed. Raises as `get`."""
        async with asyncio.timeout(limits.total_seconds):
            return await self._call("POST", target_of(url, self._ports), headers, body, limits)

    async def close(self) -> None:
        """Let go of its connections."""
        await self._transport.aclose()

    async def addresses(self, host: str, port: int) -> Sequence[tuple[str, int]]:
        """Where a host may be called. Raises RefusedAddress when any of its addresses may not be: one that has both could
        be asked again until it gives the other; Unreachable for a name without any."""
        try:
            found = await self._resolve(host, port)
        except socket.gaierror as error:
            if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
                raise NoSuchHost(f"{host}: there is no such name") from None
            raise Unreachable(f"{host} can't be looked up now") from None
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{host} can't be looked up: {type(error).__name__}") from None
        if not found:
            raise NoSuchHost(f"{host} has no address")
        for address, _ in found:
            if problem := address_problem(address, loopback=self._loopback):
                raise RefusedAddress(f"{host} is at {address}: {problem}")
        return found

    def _followed(self, target: Target, place: str) -> Target:
        try:
            return target_of(urljoin(target.url, place), self._ports)
        except ValueError as error:
            problem = error if isinstance(error, RefusedAddress) else "no address that can be read"
            raise RefusedAddress(f"{target.host} redirects: {problem}") from None

    async def _call(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None, limits: Limits
    ) -> Answer:
        places = await self.addresses(target.host, target.port)
        for address, port in places[: ADDRESSES_TRIED - 1]:
            try:
                return await self._at(address, port, method, target, headers, body, limits)
            except httpx.ConnectError:
                continue  # nothing was sent
            except (httpx.HTTPError, ssl.SSLError, OSError) as error:
                raise _unreachable(target, error) from None
        address, port = places[min(len(places), ADDRESSES_TRIED) - 1]
        try:
            return await self._at(address, port, method, target, headers, body, limits)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise _unreachable(target, error) from None

    async def _at(
        self,
        address: str,
        port: int,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes | None,
        limits: Limits,
    ) -> Answer:
        place = f"[{address}]" if ":" in address else address
        timeout = httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds)
        own = {"host": target.authority, "accept-encoding": "gzip, deflate", "connection": "close"}
        request = httpx.Request(
            method, f"{target.scheme}://{place}:{port}{target.path}", headers={**headers, **own}, content=body,
            extensions={"timeout": timeout.as_dict(), "sni_hostname": target.host},
        )  # fmt: skip
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            return await _read(response, target, limits)
        finally:
            await response.aclose()


def _unreachable(target: Target, error: Exception) -> Unreachable:
    return Unreachable(f"{target.host} does not answer: {type(error).__name__}")


async def _read(response: httpx.Response, target: Target, limits: Limits) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    kind = headers.get("content-type", "").strip().lower()
    if response.status_code == httpx.codes.OK and limits.wanted and kind and not kind.startswith(limits.wanted):
        raise Unusable(f"{target.host} answers with {kind.partition(';')[0][:60]}, not {' or '.join(limits.wanted)}")
    body = bytearray()
    async for piece in _plain_pieces(response, headers.get("content-encoding", ""), target, limits.body_bytes):
        body += piece
        if len(body) > limits.body_bytes:
            return Answer(response.status_code, target.url, headers, bytes(body[: limits.body_bytes]), cut=True)
    return Answer(response.status_code, target.url, headers, bytes(body))


async def _plain_pieces(response: httpx.Response, encoding: str, target: Target, most: int) -> AsyncIterator[bytes]:
    """The body decompressed, never more than a piece of it at a time. httpx's own decoders give whatever a bomb holds."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if name not in ("gzip", "x-gzip", "deflate"):
        raise Unusable(f"{target.host} answers in an encoding that was not asked for")
    inflate, begun, seen = zlib.decompressobj(zlib.MAX_WBITS | 32), False, 0
    try:
        async for chunk in response.aiter_raw():
            seen += len(chunk)
            if seen > most + _PIECE:
                raise Unusable(f"{target.host} sends more than {most} bytes that hold nothing")
            if name == "deflate" and not begun and chunk and chunk[0] & 0x0F != 8:
                inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # raw, as some servers send it
            begun = begun or bool(chunk)
            rest = chunk
            while rest:
                yield inflate.decompress(rest, _PIECE)
                rest = inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error:
        raise Unusable(f"{target.host} answers with a broken {name} body") from None

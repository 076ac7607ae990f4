"""The guard of outgoing calls, on real sockets of this machine."""

import asyncio
import gzip
import ipaddress
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.ssrf import DRILL
from libs.runtime.addresses import RefusedAddress, address_problem, target_of
from libs.runtime.outbound import Limits, NoSuchHost, Outbound, Unreachable, Unusable, with_hosts


@dataclass
class Server:
    """Answers by path with raw bytes, and keeps the head of every request."""

    answers: dict[str, bytes] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        raw = self.answers.get(head.split(" ")[1])
        if raw is None:
            await reader.read()  # never answers
        else:
            writer.write(raw)
        writer.close()


def http(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@asynccontextmanager
async def serving(**answers: bytes) -> AsyncIterator[Server]:
    one = Server({f"/{name}": raw for name, raw in answers.items()})
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    server.close()


def local(server: Server, *names: str) -> Outbound:
    return Outbound(loopback=True, ports=None, resolve=with_hosts(dict.fromkeys(names, f"127.0.0.1:{server.port}")))


async def test_every_hostile_address_is_refused() -> None:
    report = await DRILL.run(Path(), DRILL.plan, lambda _: None)
    assert report.problems == []
    assert report.figures["connections_seen"] == 0


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "::1", "fd00::1", "::ffff:10.0.0.1",
     "100.64.0.1", "224.0.0.1", "2002:a00:1::"],
)  # fmt: skip
async def test_nothing_in_the_own_network_is_called(host: str) -> None:
    with pytest.raises(RefusedAddress):
        await Outbound().addresses(host, 443)
    if host in ("127.0.0.1", "localhost", "::1"):
        assert await Outbound(loopback=True).addresses(host, 443)


@given(st.integers(0, 2**32 - 1))
def test_an_address_behind_ipv6_is_judged_as_itself_or_not_called_at_all(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    allowed = address_problem(str(plain)) == ""
    assert not (allowed and (plain.is_private or plain.is_loopback or plain.is_multicast or plain.is_link_local))
    assert (address_problem(f"::ffff:{plain}") == "") == allowed
    for hidden in (
        f"::{plain}",
        f"64:ff9b::{plain}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
        f"::ffff:0:{plain}",
    ):
        assert address_problem(hidden) != ""


@given(st.text(max_size=40))
def test_any_text_is_refused_or_read_as_a_plain_address(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a.example/{text}"):
        try:
            target = target_of(url)
        except RefusedAddress:
            continue
        assert target.scheme in ("http", "https")
        assert target.port in (80, 443)
        assert "@" not in target.host
        assert target.host.isascii()


def test_addresses_as_they_should_be() -> None:
    assert target_of("https://Bücher.example/ä?x=1#y").url == "https://xn--bcher-kva.example/ä?x=1"
    assert target_of("http://8.8.8.8").origin == "http://8.8.8.8"
    assert target_of("https://[2606:4700::1111]:8443/", None).authority == "[2606:4700::1111]:8443"
    with pytest.raises(RefusedAddress, match="port 8443"):
        target_of("https://example.com:8443/")


async def test_the_host_s_own_name_is_sent_to_the_checked_address() -> None:
    async with serving(a=http(b"hello", content_type="text/html")) as server:
        answer = await local(server, "acme.example").get("http://acme.example/a", {"X-Key": "k"})
    assert (answer.status, answer.body, answer.url) == (200, b"hello", "http://acme.example/a")
    assert "host: acme.example\r\n" in server.heads[0].lower()
    assert "cookie" not in server.heads[0].lower()


async def test_credentials_stay_with_their_host() -> None:
    async with serving(a=http(status=302, location="/b"), c=http(b"end")) as server:
        server.answers["/b"] = http(status=307, location="http://other.example/c", set_cookie="a=b")
        client = local(server, "acme.example", "other.example")
        answer = await client.get(
            "http://acme.example/a", {"authorization": "Bearer s", "x-key": "s", "user-agent": "U"}
        )
    assert answer.body == b"end"
    assert answer.hops == ("http://acme.example/a", "http://acme.example/b")
    assert ["Bearer s" in head for head in server.heads] == [True, True, False]
    assert "x-key" not in server.heads[2]
    assert "U\r\n" in server.heads[2]
    assert "cookie" not in server.heads[2].lower()


async def test_only_so_many_redirects() -> None:
    async with serving(a=http(status=302, location="/a")) as server:
        with pytest.raises(Unusable, match="more than 3 redirects"):
            await local(server, "acme.example").get("http://acme.example/a")
        assert len(server.heads) == 4


@pytest.mark.parametrize("packed", ["gzip", "deflate", "raw"])
async def test_a_bomb_is_cut(packed: str) -> None:
    plain = b"0" * 50_000_000
    body = gzip.compress(plain) if packed == "gzip" else zlib.compress(plain)
    if packed == "raw":
        squeeze = zlib.compressobj(wbits=-15)
        body = squeeze.compress(plain) + squeeze.flush()
    coding = "gzip" if packed == "gzip" else "deflate"
    async with serving(a=http(body, content_encoding=coding)) as server:
        answer = await local(server, "a.example").get("http://a.example/a", limits=Limits(body_bytes=10_000))
    assert (len(answer.body), answer.cut) == (10_000, True)


@given(st.binary(max_size=3_000))
async def test_what_is_compressed_comes_out_whole(plain: bytes) -> None:
    async with serving(a=http(gzip.compress(plain), content_encoding="gzip")) as server:
        answer = await local(server, "a.example").get("http://a.example/a")
    assert (answer.body, answer.cut) == (plain, False)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (http(b"x", content_encoding="br"), "encoding"), (http(b"x", content_encoding="gzip, gzip"), "encoding"),
        (http(b"no gzip", content_encoding="gzip"), "broken gzip"),
        (http(b"x", content_type="application/pdf"), "application/pdf"),
    ],
)  # fmt: skip
async def test_answers_that_can_t_be_used(raw: bytes, told: str) -> None:
    async with serving(a=raw) as server:
        with pytest.raises(Unusable, match=told):
            await local(server, "a.example").get("http://a.example/a", limits=Limits(wanted=("text/html",)))


async def test_nobody_there_and_no_answer() -> None:
    async with serving() as server:
        client = local(server, "a.example")
        with pytest.raises(TimeoutError):
            await client.get("http://a.example/never", limits=Limits(read_seconds=5, total_seconds=0.2))
        with pytest.raises(Unreachable, match="ReadTimeout"):
            await client.get("http://a.example/never", limits=Limits(read_seconds=0.1))

    async def nowhere(host: str, port: int) -> Sequence[tuple[str, int]]:
        return []

    with pytest.raises(NoSuchHost):
        await Outbound(resolve=nowhere).get("http://a.example/")
    with pytest.raises(Unreachable, match="ConnectError"):
        await Outbound(loopback=True, ports=None).get("http://127.0.0.1:1/")


async def test_the_next_address_is_tried_when_nobody_listens_at_the_first() -> None:
    async with serving(a=http(b"here")) as server:

        async def two(host: str, port: int) -> Sequence[tuple[str, int]]:
            return [("127.0.0.1", 1), ("127.0.0.1", server.port)]

        answer = await Outbound(loopback=True, ports=None, resolve=two).get("http://a.example/a")
    assert answer.body == b"here"


async def test_a_post_is_not_redirected() -> None:
    async with serving(a=http(status=302, location="/b")) as server:
        answer = await local(server, "a.example").post("http://a.example/a", b"{}", {"x": "y"})
    assert (answer.status, len(server.heads)) == (302, 1)

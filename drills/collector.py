"""Servers on loopback that a drill plays the outside with: what was asked is kept, what is answered is decided by a function."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its head as it came, and its body, unpacked."""

    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        """The path with its query."""
        return self.head.split(b" ", 2)[1].decode("latin-1")


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    status: str = "200 OK"
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def raw(self) -> bytes:
        """The answer on the wire."""
        lines = [f"HTTP/1.1 {self.status}", f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
        lines += ["Connection: close", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + self.body


@dataclass
class Loopback:
    """A running server."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def loopback(answer: Callable[[Asked, int], Said]) -> AsyncIterator[Loopback]:
    """A server for the length of the block; `answer` is given the request and its number."""
    server = Loopback()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await _read(reader)
            server.asked.append(asked)
            writer.write(answer(asked, len(server.asked) - 1).raw())
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        body = bytearray()
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        whole = bytes(body)
    else:
        whole = await reader.readexactly(int(fields.get(b"content-length", b"0")))
    packed = fields.get(b"content-encoding", b"").strip()
    return Asked(head, gzip.decompress(whole) if packed == b"gzip" else zlib.decompress(whole) if packed else whole)

"""A fake remote on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.services.crm.connectors.server import Server


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[str]:
    """The fake's address until the block ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split()
                headers = []
                while (row := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = row.partition(b":")
                    headers.append((name.strip().lower(), value.strip()))
                body = await reader.readexactly(int(dict(headers).get(b"content-length", b"0")))
                writer.write(await _answered(server, method, target, headers, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        listening.close()


async def _answered(server: Server, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = target.partition("?")
    await server(
        {"method": method, "raw_path": path.encode(), "query_string": query.encode(), "headers": headers}, receive, send
    )
    start, rest = sent
    lines = [b"HTTP/1.1 %d X" % start["status"], b"content-length: %d" % len(rest["body"])]
    lines += [name + b": " + value for name, value in start["headers"]]
    return b"\r\n".join(lines) + b"\r\n\r\n" + bytes(rest["body"])

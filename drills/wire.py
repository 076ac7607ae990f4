"""Plain HTTP/1.1 over sockets: quick enough for a hundred thousand requests, and free to send what no client library would."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from libs.runtime import clock

ANSWER_SECONDS = 15.0
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Post:
    """One request, with whatever bytes it is made of."""

    path: str
    headers: Headers
    body: bytes
    about: str = ""
    """What is special about it, for the report."""

    def raw(self) -> bytes:
        """The request on the wire."""
        lines = [f"POST {self.path} HTTP/1.1".encode(), b"host: 127.0.0.1", b"content-length: %d" % len(self.body)]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


@dataclass
class Answered:
    """One answer; status 0: the connection ended without one, or none came in time."""

    status: int
    body: bytes = b""
    seconds: float = 0.0


@dataclass
class Connection:
    """One connection, opened again when the other side closes it."""

    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, raw: bytes) -> Answered:
        """The answer to these bytes."""
        begun = clock.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status, body, stays = await self._ask(raw)
        except (OSError, EOFError, TimeoutError, ValueError):
            await self.close()
            return Answered(0, b"", clock.monotonic() - begun)
        if not stays:
            await self.close()
        return Answered(status, body, clock.monotonic() - begun)

    async def _ask(self, raw: bytes) -> tuple[int, bytes, bool]:
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self._reader is not None
        self._writer.write(raw)
        await self._writer.drain()
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length = _STATUS.match(head), _LENGTH.search(head)
        if status is None:
            raise ValueError("no HTTP answer")
        body = await self._reader.readexactly(int(length.group(1))) if length else b""
        return int(status.group(1)), body, b"connection: close" not in head.lower()

    async def close(self) -> None:
        """End the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass
class Tally:
    """Answers counted by status, and the posts behind those that should not have come."""

    codes: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, post: Post, answer: Answered, fine: Callable[[int], bool]) -> None:
        """Count one answer; at most twenty wrong ones are described."""
        self.codes[answer.status] = self.codes.get(answer.status, 0) + 1
        if not fine(answer.status) and len(self.wrong) < 20:
            self.wrong.append(f"{post.path.partition('?')[0]}: {post.about}: {answer.status}")


async def ask_all(
    port: int, posts: Sequence[Post], told: Callable[[Post, Answered], None], connections: int = 16
) -> None:
    """Send every post once, over so many connections, and tell each answer."""
    waiting = iter(posts)

    async def work() -> None:
        connection = Connection(port)
        for post in waiting:
            told(post, await connection.ask(post.raw()))
        await connection.close()

    await asyncio.gather(*(work() for _ in range(connections)))

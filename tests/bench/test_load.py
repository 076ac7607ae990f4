"""The load generator against a real server: what is posted, counted and timed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from bench.load.files import read_requests, write_requests
from bench.load.posting import post
from bench.load.submissions import BODY_BYTES, submissions

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


class Server:
    """Answers every request with 202 and keeps the bodies."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                self.bodies.append(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n")
                await asyncio.sleep(0)
                writer.write(b"ok")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()


async def test_an_open_loop_sends_each_request_once_at_its_time(server: Server, tmp_path: Path) -> None:
    made = list(islice(submissions(1, "secret", AT), 50))
    seen = await post([one.request for one in made], tmp_path, server.port, connections=4, seconds=0.5, rate=100)
    assert seen.answered == len(seen.due) == 50
    assert seen.statuses == {"202": 50}
    assert sorted(server.bodies) == sorted(one.body for one in made)
    assert seen.due[-1] - seen.due[0] == pytest.approx(0.49)


async def test_a_closed_loop_keeps_every_connection_busy(server: Server, tmp_path: Path) -> None:
    made = list(islice(submissions(1, "secret", AT), 10))
    seen = await post([one.request for one in made], tmp_path, server.port, connections=4, seconds=0.5)
    assert seen.answered == len(server.bodies) > 10
    assert 0 < seen.p50_ms <= seen.p99_ms


async def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="load generator failed"):
        await post([b"x"], tmp_path, 1, connections=1, seconds=0.1)


def test_submissions_are_distinct_and_the_same_for_a_seed() -> None:
    first, again = (list(islice(submissions(3, "secret", AT), 300)) for _ in range(2))
    assert first == again
    assert len({one.submission_id for one in first}) == 300
    assert all(BODY_BYTES <= len(one.body) < 2 * BODY_BYTES for one in first)
    assert first != list(islice(submissions(4, "secret", AT), 300))


def test_prepared_requests_come_back_as_they_were(tmp_path: Path) -> None:
    held = [b"", b"one", bytes(range(256))]
    write_requests(tmp_path / "r", held)
    assert read_requests(tmp_path / "r") == held
    (tmp_path / "r").write_bytes((tmp_path / "r").read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut short"):
        read_requests(tmp_path / "r")

"""The load generator: a process of its own that posts prepared requests over open connections and times every answer.

`python -m bench.load.generator FILE PORT CONNECTIONS SECONDS RATE`; rate 0 is a closed loop (each connection sends its
next request when the last is answered), else requests fall due at that rate whether or not answers came (open loop), and
time counts from when they fell due. Prints one JSON object.
"""

import asyncio
import json
import resource
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import uvloop

from bench.load.files import read_requests
from bench.result import percentile

DRAIN_SECONDS = 10.0


@dataclass
class Tally:
    """What was answered. `due` are the moments requests fell due, on the machine's monotonic clock, by request."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    due: list[float] = field(default_factory=list)
    late: int = 0
    """Open loop: requests that found no free connection when they fell due, and waited for one."""

    def told(self, elapsed: float, cpu: float) -> dict[str, object]:
        """The tally as plain data; times in milliseconds, CPU as a share of one core."""
        good = sum(count for status, count in self.statuses.items() if 200 <= status < 300)
        return {
            "answered": len(self.seconds),
            "per_second": good / elapsed,
            "p50_ms": percentile(self.seconds, 0.5) * 1000,
            "p99_ms": percentile(self.seconds, 0.99) * 1000,
            "generator_cores": cpu / elapsed,
            "statuses": self.statuses,
            "late": self.late,
            "due": self.due,
        }


class Connection(asyncio.Protocol):
    """One connection with one request in flight; tells `on_free` when it may send again."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._since = 0.0
        self._held = b""
        self._wanted = -1
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._run.lost()

    def post(self, request: bytes, since: float) -> None:
        """Send a request; `since` is when its time began to count."""
        assert self._transport is not None
        self._since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._held = held = self._held + data if self._held else data
        if self._wanted < 0:
            end = held.find(b"\r\n\r\n")
            if end < 0:
                return
            self._wanted = end + 4 + _content_length(held[:end])
        if len(held) >= self._wanted:
            status = int(held[9:12])
            self._held, self._wanted = b"", -1
            self._run.answered(self, status, time.monotonic() - self._since)


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return 0 if at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])


class Run:
    """One run against one port."""

    def __init__(self, requests: list[bytes], connections: int, seconds: float, rate: float) -> None:
        self._requests, self._connections, self._seconds, self._rate = requests, connections, seconds, rate
        self._next = 0
        self._ends = 0.0
        self._waiting: deque[float] = deque()
        self._free: list[Connection] = []
        self._open = 0
        self._done = asyncio.Event()
        self._broken = False
        self.tally = Tally()

    async def against(self, port: int) -> dict[str, object]:
        """Run, and tell. Raises ConnectionError when the server ends a connection."""
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", port) for _ in range(self._connections)
        ]
        connections = [connection for _, connection in made]
        began, cpu = time.monotonic(), _cpu_seconds()
        self._ends = began + self._seconds
        if self._rate:
            self._free = connections
            await self._open_loop(began)
        else:
            for connection in connections:
                self._post(connection, time.monotonic())
        await asyncio.wait_for(self._done.wait(), self._seconds + DRAIN_SECONDS)
        elapsed, used = time.monotonic() - began, _cpu_seconds() - cpu
        for transport, _ in made:
            transport.close()
        if self._broken:
            raise ConnectionError("the server ended a connection")
        return self.tally.told(elapsed, used)

    async def _open_loop(self, began: float) -> None:
        for number in range(int(self._seconds * self._rate)):
            due = began + number / self._rate
            pause = due - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            self.tally.due.append(due)
            if self._free:
                self._post(self._free.pop(), due)
            else:
                self.tally.late += 1
                self._waiting.append(due)
        self._ends = 0.0
        if not self._open:
            self._done.set()

    def _post(self, connection: Connection, since: float) -> None:
        self._open += 1
        connection.post(self._requests[self._next % len(self._requests)], since)
        self._next += 1

    def answered(self, connection: Connection, status: int, seconds: float) -> None:
        """Count an answer and go on."""
        self._open -= 1
        self.tally.seconds.append(seconds)
        self.tally.statuses[status] = self.tally.statuses.get(status, 0) + 1
        if self._rate:
            if self._waiting:
                self._post(connection, self._waiting.popleft())
            else:
                self._free.append(connection)
        elif (now := time.monotonic()) < self._ends:
            self._post(connection, now)
        if not self._open and time.monotonic() >= self._ends:
            self._done.set()

    def lost(self) -> None:
        """A connection was ended; an error while the run goes on."""
        if not self._done.is_set():
            self._broken = True
            self._done.set()


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str]) -> None:
    """Run what the arguments say and print what it came to."""
    path, port, connections, seconds, rate = arguments
    run = Run(read_requests(Path(path)), int(connections), float(seconds), float(rate))
    print(json.dumps(uvloop.run(run.against(int(port)))))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Drill 32: five times more than intake can take for a while. It refuses what it must, loses nothing, and recovers at once."""

import asyncio
import json
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.oracle import events_of
from drills.report import Report
from drills.site import Site, site
from drills.traffic import SOURCE
from drills.wire import ANSWER_SECONDS, Connection, Post, Tally
from libs.runtime import clock

RECOVERY_SECONDS = 10.0
SLOW_SECONDS = 10.0
PROBE_SECONDS = 5.0
JSON = ((b"content-type", b"application/json"),)


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """First what one closed loop of 8 connections gets through, then an open loop of five times that rate."""
    report = Report("overload", plan.seed)
    env = {"INTAKE_MAPS": "false", "INTAKE_SOURCE_RATE": "0", "INTAKE_MAX_REQUESTS_IN_FLIGHT": "256"}
    async with site(data, say, separate=False, without=("line",), env=env) as running:
        load = Load(running)
        sustained = await load.closed_loop(PROBE_SECONDS, 8)
        say(f"{sustained:.0f} a second are sustained; now {5 * sustained:.0f} for {plan.size} s")
        tally = await load.open_loop(float(plan.size), 5 * sustained)
        recovered = await load.recovered(RECOVERY_SECONDS)
        kept = {event.submission_id for _, event in await events_of(running.kafka, "submission.received.v1")}  # type: ignore[attr-defined]
        restarts = running.restarts("intake")
    lost = load.acknowledged - kept
    report.figures |= {"sustained_per_second": round(sustained), "codes": dict(sorted(tally.codes.items()))}
    report.figures |= {"acknowledged": len(load.acknowledged), "slowest_seconds": round(load.slowest, 2)}
    report.figures["recovery_seconds"] = recovered
    report.problems += tally.wrong[:5]
    report.require(not lost, f"{len(lost)} acknowledged submissions are not on the topic")
    report.require(tally.codes.get(503, 0) + tally.codes.get(429, 0) > 0, "nothing was refused: it was no overload")
    report.require(load.slowest < SLOW_SECONDS, f"an answer took {load.slowest:.1f} s")
    report.require(recovered is not None, f"no quick answer within {RECOVERY_SECONDS:.0f} s after the overload")
    report.require(restarts == 0, f"intake ended {restarts} times")
    return report


class Load:
    """Posts of ever new deliveries."""

    def __init__(self, running: Site) -> None:
        self._port = running.ports["INTAKE_PORT"]
        self._number = 0
        self.acknowledged: set[str] = set()
        self.slowest = 0.0

    async def closed_loop(self, seconds: float, connections: int) -> float:
        """Answers a second of so many connections that each wait for their answer."""
        until, count = clock.monotonic() + seconds, 0

        async def work() -> None:
            nonlocal count
            connection = Connection(self._port)
            while clock.monotonic() < until:
                await self._one(connection, Tally())
                count += 1
            await connection.close()

        await asyncio.gather(*(work() for _ in range(connections)))
        return count / seconds

    async def open_loop(self, seconds: float, per_second: float) -> Tally:
        """Requests that fall due at a rate whether or not answers came, on at most 1,000 connections."""
        tally, free = Tally(), [Connection(self._port) for _ in range(1_000)]
        begun, sent, under_way = clock.monotonic(), 0, set[asyncio.Task[None]]()

        async def once(connection: Connection) -> None:
            await self._one(connection, tally)
            free.append(connection)

        while (elapsed := clock.monotonic() - begun) < seconds:
            while free and sent < elapsed * per_second:
                task = asyncio.create_task(once(free.pop()))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                sent += 1
            await asyncio.sleep(0.002)
        await asyncio.gather(*under_way)
        for connection in free:
            await connection.close()
        return tally

    async def recovered(self, within: float) -> float | None:
        """Seconds until ten answers in a row are good and take under 100 ms; None when that does not happen in time."""
        begun, row, connection = clock.monotonic(), 0, Connection(self._port)
        while clock.monotonic() - begun < within:
            asked, tally = clock.monotonic(), Tally()
            await self._one(connection, tally)
            row = row + 1 if tally.codes.get(202) and clock.monotonic() - asked < 0.1 else 0
            if row == 10:
                return round(clock.monotonic() - begun, 2)
        return None

    async def _one(self, connection: Connection, tally: Tally) -> None:
        self._number += 1
        body = {"id": f"load-{self._number}", "email": f"p{self._number}@example.com", "message": "x" * 1_000}
        post = Post(f"/hooks/{SOURCE}", JSON, json.dumps(body).encode(), "overload")
        answer = await connection.ask(post.raw())
        self.slowest = max(self.slowest, answer.seconds)
        if answer.status == 202:
            self.acknowledged.add(json.loads(answer.body)["submission_id"])
        slow = answer.status == 0 and answer.seconds >= ANSWER_SECONDS
        tally.add(post, answer, lambda status: status in (202, 429, 503) or (status == 0 and not slow))


DRILL = Drill("overload", 32, "five times too much: 429 and 503 only, nothing acknowledged lost", run, Plan(size=60))

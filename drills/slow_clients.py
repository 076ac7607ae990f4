"""Drill 31: half-open requests, slow bodies, bodies without end and compressed ones, 2,000 in all. Good traffic goes on."""

import asyncio
import gzip
from dataclasses import dataclass, field
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.report import Report
from drills.site import Site, site
from drills.traffic import SOURCE, Told, post_all
from drills.wire import Connection, Post
from libs.runtime import clock

EACH = 1_000
CLOSED_SECONDS = 15.0
RSS_BYTES = 200 * 1024 * 1024
PATH = f"/hooks/{SOURCE}"
HALF = f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: ".encode()
SLOW = f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 500\r\n\r\n{{".encode()


@dataclass
class Seen:
    """How long bad connections lived, in seconds."""

    lives: list[float] = field(default_factory=list)
    failed: int = 0


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Good posts before, and beside 2,000 bad connections."""
    report = Report("slow-clients", plan.seed)
    async with site(data, say, separate=False, without=("line",)) as running:
        begun = clock.monotonic()
        await post_all(running, plan.size, plan.seed, per_second=plan.per_second, prefix="warm")
        quiet = await post_all(running, plan.size, plan.seed + 1, per_second=plan.per_second, prefix="before")
        rss_before = _rss(running)
        seen = Seen()
        bad = [asyncio.create_task(_hold(running, HALF, seen)) for _ in range(EACH)]
        bad += [asyncio.create_task(_hold(running, SLOW, seen)) for _ in range(EACH)]
        await asyncio.sleep(1)
        say(f"{len(bad)} bad connections")
        beside = await post_all(running, plan.size, plan.seed + 2, per_second=plan.per_second, prefix="beside")
        rss_during = _rss(running)
        await asyncio.gather(*bad)
        statuses = [await _endless(running), await _bomb(running)]
    _judge(report, begun, quiet, beside, seen)
    report.figures |= {"endless_body": statuses[0], "gzip_bomb": statuses[1]}
    report.figures["rss_growth_mb"] = round((rss_during - rss_before) / 1e6, 1)
    report.require(rss_during - rss_before < RSS_BYTES, "the bad connections cost more than 200 MB")
    report.require(statuses[0] in (413, 0), f"a body without end was answered {statuses[0]}")
    report.require(statuses[1] in (202, 413), f"a gzip bomb was answered {statuses[1]}")
    return report


def _judge(report: Report, begun: float, quiet: Told, beside: Told, seen: Seen) -> None:
    good = beside.codes.get(202, 0) / max(1, beside.posts)
    before, during = quiet.p99(begun, clock.monotonic()), beside.p99(begun, clock.monotonic())
    slowest = max(seen.lives, default=0.0)
    report.figures |= {
        "good_share": round(good, 4), "p99_before_ms": round((before or 0) * 1000, 1),
        "p99_beside_ms": round((during or 0) * 1000, 1), "slowest_closed_seconds": round(slowest, 1),
        "not_opened": seen.failed,
    }  # fmt: skip
    report.require(good >= 0.95, f"only {good:.1%} of the good posts were taken")
    report.require(before is not None and during is not None and during < 2 * before, "good answers took twice as long")
    report.require(slowest <= CLOSED_SECONDS, f"a bad connection lived {slowest:.1f} s")
    report.require(seen.failed < EACH // 10, f"{seen.failed} bad connections could not even be opened")


async def _hold(running: Site, start: bytes, seen: Seen) -> None:
    """Open, send the beginning, then a byte every 2 s until the other side has enough."""
    begun = clock.monotonic()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.ports["INTAKE_PORT"])
    except OSError:
        seen.failed += 1
        return
    try:
        writer.write(start)
        ending = asyncio.ensure_future(reader.read())
        while not ending.done() and clock.monotonic() - begun < 2 * CLOSED_SECONDS:
            await asyncio.wait([ending], timeout=2)
            if not ending.done():
                writer.write(b"a")
                await writer.drain()
        ending.cancel()
    except OSError:
        pass
    finally:
        seen.lives.append(clock.monotonic() - begun)
        writer.close()


async def _endless(running: Site) -> int:
    """A chunked body that goes on past every limit."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.ports["INTAKE_PORT"])
    writer.write(f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n".encode())
    try:
        for _ in range(64):
            writer.write(b"10000\r\n" + b"a" * 65536 + b"\r\n")
            await writer.drain()
        line = await asyncio.wait_for(reader.readline(), 10)
    except OSError:
        return 0
    finally:
        writer.close()
    return int(line.split()[1]) if line else 0


async def _bomb(running: Site) -> int:
    """A gigabyte of zeros as a megabyte."""
    body = gzip.compress(b"0" * 500_000_000, 9)
    headers = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
    connection = Connection(running.ports["INTAKE_PORT"])
    answer = await connection.ask(Post(PATH, headers, body).raw())
    await connection.close()
    return answer.status


def _rss(running: Site) -> int:
    """The memory of intake, in bytes."""
    pid = running.pid("intake")
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


DRILL = Drill(
    "slow-clients", 31, "2,000 slow connections, endless and compressed bodies: good traffic goes on", run,
    Plan(size=600, per_second=60),
)  # fmt: skip

"""Drill 30: a secret is replaced under load. While both live nobody is refused; when the old one ends it counts no more."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.report import Report
from drills.senders import Sender, make_secrets, now, senders
from drills.site import site
from drills.wire import Connection
from embedded.files import write_atomically
from libs.runtime import clock

OVERLAP_SECONDS = 15.0
AFTER_SECONDS = 5.0
GRACE_SECONDS = 1.0
NEW = "the-new-secret-of-the-drill"
CLIENTS = 8


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Half of the clients change to the new secret in the overlap, the others never do."""
    report = Report("rotation", plan.seed)
    make_secrets(data)
    async with site(data, say, separate=False, without=("line",)) as running:
        sender = next(one for one in senders(data, running.url("intake")) if one.tool == "typeform")
        connections = [Connection(running.ports["INTAKE_PORT"]) for _ in range(CLIENTS)]
        begun = clock.monotonic()
        ends = now() + timedelta(seconds=OVERLAP_SECONDS)
        _rotate(data, sender, ends.isoformat())
        await asyncio.sleep(2)
        until = begun + OVERLAP_SECONDS + AFTER_SECONDS
        told = await asyncio.gather(
            *(_client(connection, sender, number % 2 == 0, until) for number, connection in enumerate(connections))
        )
        ended = begun + OVERLAP_SECONDS
    answers = [answer for client in told for answer in client]
    overlap = [status for when, _, status in answers if when < ended - 0.2]
    old = [status for when, is_old, status in answers if is_old and when > ended + GRACE_SECONDS]
    new = [status for when, is_old, status in answers if not is_old and when > ended]
    report.figures |= {"in_overlap": len(overlap), "old_after": len(old), "new_after": len(new)}
    refused = sum(status >= 300 for status in overlap)
    report.require(refused == 0, f"{refused} requests were refused while both secrets lived")
    report.require(bool(old) and all(status == 401 for status in old), f"the old secret still counts: {set(old)}")
    report.require(bool(new) and all(status < 300 for status in new), f"the new secret was refused: {set(new)}")
    return report


def _rotate(data: Path, sender: Sender, ends: str) -> None:
    path = data / "sources.json"
    held = json.loads(path.read_text())
    old = {"name": "old", "value": sender.secret, "not_after": ends}
    held[sender.source] = [old, {"name": "new", "value": NEW}]
    write_atomically(path, json.dumps(held))


async def _client(connection: Connection, sender: Sender, stays: bool, until: float) -> list[tuple[float, bool, int]]:
    """When each request was sent, whether with the old secret, and what was answered."""
    found, number = [], 0
    while clock.monotonic() < until:
        sent = clock.monotonic()
        post = sender.signed(now(), secret=None if stays else NEW)
        found.append((sent, stays, (await connection.ask(post.raw())).status))
        number += 1
        await asyncio.sleep(0.02)
    await connection.close()
    return found


DRILL = Drill("rotation", 30, "a secret replaced under load: no refusal in the overlap, none accepted after", run)

"""Drill 9: the spool's disk is full. Intake says so, loses nothing that it acknowledged, and goes on when there is room."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.drill import Drill, NotHereError, Plan, Say, exactly_once
from drills.report import Report
from drills.site import site
from drills.spool import drained_seconds
from drills.traffic import post_all

DISK_BYTES = 4 * 1024 * 1024
DRAIN_SECONDS = 60.0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """The folder as a file system of 4 MB in memory. Raises NotHereError where this user may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        raise NotHereError("this drill needs the commands mount and umount")
    command = [mount, "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHereError(f"this drill needs the right to mount a small disk (root): {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([umount, "-l", str(folder)], capture_output=True, check=False)


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Fill the disk with other things while the broker is away, make room again, bring the broker back."""
    report = Report("spool-full", plan.seed)
    with small_disk(data / "spool") as disk:
        async with site(data, say, separate=False) as running:
            told = await post_all(running, 50, plan.seed, per_second=plan.per_second)
            await asyncio.to_thread(running.take_out, "kafka")
            await post_all(running, plan.size, plan.seed + 1, per_second=plan.per_second, prefix="s", told=told)
            filler = disk / "filler"
            size = _fill(filler, disk)
            say(f"{len(told.spooled)} spooled; {size} bytes of other things fill the disk")
            posting = asyncio.create_task(
                post_all(running, plan.size, plan.seed + 2, per_second=plan.per_second, prefix="full", told=told)
            )
            await asyncio.sleep(10)
            filler.unlink()
            say(f"room again after {told.codes.get(503, 0)} answers of 503; waiting for the clients")
            await posting
            await asyncio.to_thread(running.put_back)
            report.figures["spool_drained_seconds"] = await drained_seconds(running, DRAIN_SECONDS, report)
            restarts = running.restarts("intake")
            await exactly_once(running, told, report)
    report.figures |= {"spooled": len(told.spooled), "restarts_of_intake": restarts}
    report.require(bool(told.codes.get(503)), "nobody was told 503: the disk was not full")
    report.require(not told.unknown, f"{len(told.unknown)} clients were never served, though there was room again")
    report.require(restarts == 0, f"intake ended {restarts} times over a full disk")
    return report


def _fill(filler: Path, disk: Path) -> int:
    """Write a file until the disk takes no more; its size."""
    with filler.open("wb", buffering=0) as file:
        try:
            while shutil.disk_usage(disk).free:
                file.write(b"\0" * min(4096, shutil.disk_usage(disk).free))
        except OSError:
            pass
        return file.tell()


DRILL = Drill(
    "spool-full", 9, "no broker and no room: 503, nothing lost, recovers by itself", run, Plan(size=300, per_second=40)
)

"""Drill 11: the end of the spool's file is cut or altered, a thousand times. Whole records come back, garbage never does."""

import asyncio
import random
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.report import Report
from libs.contracts.codec import Encoded
from services.intake.store import Spool

KEY = b"drill" * 8
TAIL_BYTES = 2_000


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Each case writes a spool of its own, damages its last bytes, and reads it as a new process would."""
    report, rng = Report("torn-tail", plan.seed), random.Random(plan.seed)
    lost = garbage = torn = 0
    for case in range(plan.size):
        folder = data / f"case-{case}"
        folder.mkdir(parents=True)
        records = [_record(number, rng) for number in range(rng.randrange(1, 12))]
        sizes = await _written(folder, records)
        whole = _damage(folder, sizes, rng)
        spool = Spool(folder, 1 << 30, KEY)
        found = [one for segment in spool.segments() for one in await asyncio.to_thread(_read, spool, segment)]
        lost += sum(record not in found for record in records[:whole])
        garbage += sum(record not in records for record in found)
        torn += len(records) - whole
        if case % 250 == 249:
            say(f"{case + 1} of {plan.size} cases")
    report.figures |= {"cases": plan.size, "records_damaged": torn, "records_lost": lost, "garbage": garbage}
    report.require(lost == 0, f"{lost} whole records did not come back")
    report.require(garbage == 0, f"{garbage} records came back that nobody wrote")
    report.require(torn > plan.size // 4, "too little was damaged for the drill to mean anything")
    return report


def _record(number: int, rng: random.Random) -> Encoded:
    body = rng.randbytes(rng.randrange(0, 1500))
    return Encoded("submission.received.v1", f"k{number}".encode(), body, (("h", b"SBXF"),))


async def _written(folder: Path, records: list[Encoded]) -> list[int]:
    """The file's size after each record."""
    spool, sizes = Spool(folder, 1 << 30, KEY, sync=lambda _: None), []
    for record in records:
        await spool.append(record)
        sizes.append(spool.bytes)
    await spool.close_segment()
    return sizes


def _damage(folder: Path, sizes: list[int], rng: random.Random) -> int:
    """Cut or alter the last bytes; how many records before them are whole."""
    file = next(folder.glob("*.seg"))
    data = bytearray(file.read_bytes())
    start = rng.randrange(max(0, len(data) - TAIL_BYTES), len(data))
    if rng.random() < 0.5:
        del data[start:]
    else:
        for at in range(start, len(data)):
            data[at] ^= rng.randrange(1, 256) if rng.random() < 0.1 or at == start else 0
    file.write_bytes(bytes(data))
    return sum(size <= start for size in sizes)


def _read(spool: Spool, segment: Path) -> list[Encoded]:
    return spool.records_of(segment)[0]


DRILL = Drill(
    "torn-tail", 11, "the spool's end is cut or altered: whole records come back, garbage never", run, Plan(size=1000)
)

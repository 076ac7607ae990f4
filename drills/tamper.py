"""Drill 20: whoever may do everything to the database tampers with the audit log. Each time verify names the first bad row."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.audit_proof import Proving, proven
from drills.audit_rows import check_rows
from drills.drill import Drill, Plan, Say, exactly_once, rng_of
from drills.report import Report
from drills.site import Site, site
from drills.tampering import ACTS, Chain, Expected, chain_of
from drills.traffic import post_all
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime import clock
from libs.runtime.broker import read_topics
from libs.runtime.cluster import keys_for
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from services.audit.domain.chain import Head
from services.audit.domain.checkpoint import Book, checkpoint_line, line_hash, read_book
from services.audit.proof import Prover
from services.audit.store.checkpoints import FILE, book_of, trusted_in

SIGNED_SECONDS = 20.0
COMMITTED = 12
"""So many acts are committed and looked at by the command itself, one after the other; the others are rolled back."""
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """The line fills a log and signs it; then it is tampered with, `faults` times, and the checkpoints as often again."""
    report, chance = Report("tamper", plan.seed), rng_of(plan)
    env = {"AUDIT_CHECKPOINT_ROWS": "40", "AUDIT_CHECKPOINT_SECONDS": "1"}
    async with site(data, say, separate=False, env=env) as running:
        told = await post_all(running, plan.size, plan.seed, per_second=plan.per_second)
        await exactly_once(running, told, report)
        await check_rows(running, report)
        book = await _signed(running, report)
        records = [record async for record in read_topics(running.kafka, [AUDIT_CHANGE.name])]
        say(f"{len(records)} rows, {len(book.checkpoints)} checkpoints; tampering {plan.faults} times")
        db = await asyncpg.connect(running.database_url, server_settings={"search_path": "audit, public"})
        try:
            await db.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
            async with keys_for(running.kafka) as keys:
                await _tampered(db, records, keys, book, plan.faults, chance, report)
            await _committed(db, running, report, chance)
        finally:
            await db.close()
        _checkpoints_tampered(running.data, plan.faults, chance, report)
    return report


async def _signed(running: Site, report: Report) -> Book:
    """The checkpoints, once the last row is signed."""
    folder, keys = running.data / "checkpoints", trusted_in(running.data / "audit-key.pub")
    db = await asyncpg.connect(running.database_url)
    try:
        async with asyncio.timeout(SIGNED_SECONDS):
            while True:
                rows = await db.fetch("select chain, seq from audit.chain_head where seq > 0")
                heads: dict[int, int] = {row["chain"]: row["seq"] for row in rows}
                book = book_of(folder, keys)
                newest = {chain: max((one.head.seq for one in book.of_chain(chain)), default=0) for chain in heads}
                if newest == heads:
                    break
                await asyncio.sleep(0.5)
    finally:
        await db.close()
    report.figures |= {"checkpoints": len(book.checkpoints), "chains": len(heads)}
    report.require(not book.problems, f"checkpoints that nobody touched have problems: {book.problems[:3]}")
    return book


async def _tampered(
    db: asyncpg.Connection, records: Sequence[Record], keys: Keys, book: Book, acts: int, chance: Random, report: Report
) -> None:
    async def scan(chain: int, start: int) -> AsyncGenerator[Record, None]:
        for held in records:
            if held.partition == chain and held.offset >= start:
                yield held

    prover = Prover(db, scan, 2000, keys, book=lambda: book)
    chains = [await chain_of(db, number) for number in sorted({one.head.chain for one in book.checkpoints})]
    found, by_kind, signed_alone = 0, dict[str, int](), 0
    for number in range(acts):
        act, chain = chance.choice(ACTS), chance.choice(chains)
        transaction = db.transaction()
        await transaction.start()
        expected = await act(db, chain, chance)
        result = [line async for line in prover.lines(True, only=[chain.number])][-1]
        problem = missed(result, chain, expected)
        if problem is None and expected.rewritten and act.__name__ == "rewritten":
            without = [line async for line in prover.lines(False, only=[chain.number])][-1]
            kinds = {one["kind"] for one in without["findings"]}  # type: ignore[index,union-attr,call-overload]
            if not kinds & {"checkpoint mismatch", "truncated"}:
                problem = f"without the topic what was signed does not tell: {without['findings']}"
            signed_alone += problem is None
        await transaction.rollback()
        found += problem is None
        by_kind[act.__name__] = by_kind.get(act.__name__, 0) + 1
        if problem is not None:
            report.problems.append(f"act {number}, {act.__name__} of chain {chain.number}: {problem}")
    report.figures |= {"acts": acts, "found": found, "acts_by_kind": by_kind, "found_by_signature_alone": signed_alone}


def missed(result: dict[str, Any], chain: Chain, expected: Expected) -> str | None:
    """What is wrong with a verification of a log that was tampered with; None when it names the row."""
    if result["ok"]:
        return f"not found; row {expected.seq} was"
    first = result["findings"][0]
    if (first["chain"], first["seq"]) != (chain.number, expected.seq) or first["kind"] not in expected.kinds:
        return f"row {expected.seq} {sorted(expected.kinds)} was told as {first}"
    return None


async def _committed(db: asyncpg.Connection, running: Site, report: Report, chance: Random) -> None:
    """The same, for all to see: by the command's own connections, and put back from a copy."""
    places = running.data / "checkpoints", running.data / "audit-key.pub"
    given = Proving(running.kafka, running.database_url, True, None, places, 2000)
    whole = (await asyncio.to_thread(lambda: list(proven(given))))[-1]
    report.require(bool(whole["ok"]), f"the untouched log does not verify: {whole['findings']}")
    await db.execute(
        "create table kept_change as select * from change; create table kept_head as select * from chain_head"
    )
    number = int(next(iter(await db.fetch("select chain from chain_head where seq > 0")))["chain"])
    found = 0
    for act in ACTS[:COMMITTED]:
        async with db.transaction():
            chain = await chain_of(db, number)
            expected = await act(db, chain, chance)
        problem = missed((await asyncio.to_thread(lambda: list(proven(given))))[-1], chain, expected)
        found += problem is None
        report.require(problem is None, f"committed {act.__name__}: {problem}")
        async with db.transaction():
            await db.execute("delete from change; delete from chain_head")
            await db.execute(
                "insert into change select * from kept_change; insert into chain_head select * from kept_head"
            )
    report.figures |= {"committed": COMMITTED, "committed_found": found}
    whole = (await asyncio.to_thread(lambda: list(proven(given))))[-1]
    report.require(bool(whole["ok"]), f"the log that was put back does not verify: {whole['findings']}")


def _checkpoints_tampered(data: Path, acts: int, chance: Random, report: Report) -> None:
    """Lines altered, taken out, put in, moved and forged, by somebody without the key."""
    lines = (data / "checkpoints" / FILE).read_bytes().splitlines()
    keys = trusted_in(data / "audit-key.pub")
    found = 0
    for number in range(acts):
        at = chance.randrange(len(lines) - 1)  # nothing follows the last line: that it is gone only its reader can know
        changed, first = with_one_changed(lines, at, chance)
        book = read_book([(FILE, changed)], keys)
        named = book.problems[0].line if book.problems else None
        found += named == first
        if named != first:
            report.problems.append(f"checkpoints {number}: line {first} was told as {named}")
    report.figures |= {"checkpoint_acts": acts, "checkpoint_acts_found": found}


def with_one_changed(lines: Sequence[bytes], at: int, chance: Random) -> tuple[list[bytes], int]:
    """The lines after one act, and the number of the first that must be named."""
    changed = list(lines)
    match chance.choice(["edit", "garble", "delete", "copy", "swap", "forge"]):
        case "edit":
            body = json.loads(lines[at])
            body["seq"] = body.get("seq", 0) + 1
            changed[at] = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
            return changed, at + 1
        case "garble":
            changed[at] = lines[at][:-3]
            return changed, at + 2
        case "delete":
            del changed[at]
            return changed, at + 1
        case "copy":
            changed.insert(at, lines[at])
            return changed, at + 2
        case "swap":
            changed[at], changed[at + 1] = changed[at + 1], changed[at]
            return changed, at + 1
        case _:
            head = Head(chance.randrange(2), chance.randint(1, 99), chance.randbytes(32), chance.randint(0, 99))
            before = line_hash(changed[at - 1]) if at else bytes(32)
            changed[at] = checkpoint_line(head, clock.now(), before, STRANGER)
            return changed, at + 1


DRILL = Drill(
    "tamper", 20, "a superuser tampers with the audit log: every act is found, the first bad row named", run,
    Plan(size=40, per_second=20, faults=500),
)  # fmt: skip

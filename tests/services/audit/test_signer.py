"""What the service signs, what it refuses to sign, and what `verify` finds by it in a real Postgres."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.record import Record
from services.audit.domain.chain import Head, extend, microseconds
from services.audit.proof import Prover
from services.audit.signer import Signer
from services.audit.sink import change_writer
from services.audit.store import log
from services.audit.store.checkpoints import FILE, Keys, Place, PlaceError, signed_in
from tests.services.audit.conftest import batch
from tests.services.audit.made import at, change, change_record, scan

ROWS = 12


@dataclass
class Signed:
    """A log, its signer, and the records that it was written from."""

    pool: asyncpg.Pool
    signer: Signer
    folder: Path
    records: list[Record]

    async def log(self, count: int, chain: int = 0) -> None:
        """Append so many changes."""
        first = len(self.records)
        new = [change_record(first + number, change(first + number), chain) for number in range(count)]
        self.records += new
        async with batch(self.pool) as connection:
            await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, chain, new)

    async def verify(self, db: Any = None, *, topic: bool = False, since: datetime | None = None) -> dict[str, Any]:
        """The last line of a verification."""
        book = partial(signed_in, self.folder, self.folder / "key.pub")
        prover = Prover(db or self.pool, partial(scan, self.records), 5, NoKeys(), book=book)
        return [line async for line in prover.lines(topic, since)][-1]

    def found(self, result: dict[str, Any]) -> list[tuple[int, int, str]]:
        """Where and what was found."""
        return [(one["chain"], one["seq"], one["kind"]) for one in result["findings"]]


@pytest.fixture
async def signed(pool: asyncpg.Pool, tmp_path: Path) -> Signed:
    place = Place(tmp_path, Keys(tmp_path / "key.pem"))
    place.ready()
    signer = Signer(pool, place, Health(), every_rows=5, every_seconds=60, page_rows=3)
    made = Signed(pool, signer, tmp_path, [])
    await made.log(ROWS)
    assert await signer.round(at(0)) == 1
    return made


async def forge(owner: asyncpg.Connection, records: Sequence[Record], upto: int, forged: Record | None = None) -> None:
    """A superuser's whole chain, hashed anew from other records, head included."""
    links, head = extend(
        Head(0), [(one.offset, one.value or b"", microseconds(one.timestamp)) for one in records][:upto]
    )
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    await owner.execute("delete from change where chain = 0 and seq > $1", upto)
    for link in links:
        await owner.execute(
            "update change set prev = $2, hash = $3, bytes = $4 where chain = 0 and seq = $1",
            link.seq, link.prev, link.hash, link.value,
        )  # fmt: skip
    await owner.execute("update chain_head set seq = $1, hash = $2, kafka_offset = $3 where chain = 0", *_told(head))


def _told(head: Head) -> tuple[int, bytes, int]:
    return head.seq, head.hash, head.kafka_offset


async def test_a_chain_is_signed_by_rows_or_by_time(signed: Signed) -> None:
    assert await signed.signer.round(at(0)) == 0, "nothing has grown"
    await signed.log(4)
    assert await signed.signer.round(at(0.5)) == 0, "neither five rows nor a minute"
    assert await signed.signer.round(at(1)) == 1
    await signed.log(5)
    await signed.log(5, chain=1)
    assert await signed.signer.round(at(1)) == 2
    result = await signed.verify(topic=True)
    assert (result["ok"], result["checkpoints"]["signed"], result["checkpoints"]["rows_after"]) == (True, 4, 0)


async def test_a_rewritten_chain_is_found_without_the_topic(signed: Signed, owner: asyncpg.Connection) -> None:
    """Every hash and the head fit: only what was signed says otherwise."""
    other = [*signed.records]
    other[6] = change_record(6, change(6, reason="forged"))
    await forge(owner, other, ROWS)
    await signed.log(2)
    assert signed.found(await signed.verify()) == [(0, ROWS, "checkpoint mismatch")]
    assert signed.found(await signed.verify(topic=True)) == [(0, 7, "edited"), (0, ROWS, "checkpoint mismatch")]


@pytest.mark.parametrize("left", [0, 1, ROWS - 1])
async def test_a_tail_cut_off_with_its_head_is_found(signed: Signed, owner: asyncpg.Connection, left: int) -> None:
    await forge(owner, signed.records, left)
    assert signed.found(await signed.verify()) == [(0, left + 1, "truncated")]
    assert await signed.signer.round(at(9)) == 0
    assert "rows are gone" in signed.signer.health.warnings()["audit chain 0"]


async def test_a_chain_that_is_gone_is_found(signed: Signed, owner: asyncpg.Connection) -> None:
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    await owner.execute("delete from change; delete from chain_head")
    assert signed.found(await signed.verify(topic=True)) == [(0, 1, "truncated")]


async def test_nothing_is_signed_that_does_not_follow_from_what_was(signed: Signed, owner: asyncpg.Connection) -> None:
    other = [*signed.records]
    other[3] = change_record(3, change(3, reason="forged"))
    await forge(owner, other, ROWS)
    await signed.signer.round(at(9))
    assert "not the one that was signed" in signed.signer.health.warnings()["audit chain 0"]
    await owner.execute("alter table change enable always trigger change_continues")
    await signed.log(9)
    assert await signed.signer.round(at(9)) == 0
    assert "does not follow" in signed.signer.health.warnings()["audit chain 0"]


async def test_an_edit_before_it_is_signed_is_not_signed(signed: Signed, owner: asyncpg.Connection) -> None:
    await signed.log(5)
    await owner.execute("alter table change disable trigger all")
    await owner.execute("update change set bytes = bytes || ' ' where seq = $1", ROWS + 2)
    assert await signed.signer.round(at(9)) == 0
    assert f"row {ROWS + 2} " in signed.signer.health.warnings()["audit chain 0"]


async def test_from_a_time_on_only_later_rows_are_read(signed: Signed, owner: asyncpg.Connection) -> None:
    await signed.log(6)
    assert await signed.signer.round(at(5)) == 1
    await signed.log(3)
    result = await signed.verify(topic=True, since=at(4))
    assert (result["ok"], result["rows"], result["from"]) == (True, 9, {"0": ROWS})
    assert (await signed.verify(topic=True, since=at(5)))["rows"] == 3
    assert (await signed.verify(since=at(-1)))["rows"] == ROWS + 9, "nothing was signed by then"
    await owner.execute("alter table change disable trigger all")
    await owner.execute("update change set bytes = bytes || ' ' where seq in (2, $1)", ROWS + 4)
    assert signed.found(await signed.verify(topic=True, since=at(4))) == [(0, ROWS + 4, "edited")]
    assert signed.found(await signed.verify(since=at(5))) == []
    assert signed.found(await signed.verify()) == [(0, 2, "edited")]


async def test_a_place_that_fails_is_loud_and_not_forgotten(signed: Signed) -> None:
    (signed.folder / FILE).chmod(0o400)
    key = signed.folder / "key.pem"
    key.rename(signed.folder / "away.pem")
    await signed.log(5)
    with pytest.raises(PlaceError, match=os.fspath(key)):
        await signed.signer.round(at(9))
    (signed.folder / "away.pem").rename(key)
    (signed.folder / FILE).chmod(0o600)
    assert await signed.signer.round(at(9)) == 1, "what was due is signed as soon as it can be"
    assert (await signed.verify())["ok"]


async def test_lines_that_were_touched_are_a_warning_and_a_problem(signed: Signed) -> None:
    await signed.log(5)
    file = signed.folder / FILE
    file.write_bytes(file.read_bytes().replace(b'"seq":12', b'"seq":11'))
    fresh = Signer(
        signed.pool,
        Place(signed.folder, Keys(signed.folder / "key.pem")),
        Health(),
        every_rows=5,
        every_seconds=60,
        page_rows=3,
    )
    await fresh.round(at(9))
    assert "line 1" in fresh.health.warnings()["audit checkpoint lines"]
    result = await signed.verify()
    assert not result["ok"]
    assert result["checkpoints"]["problems"][0]["line"] == 1


async def test_a_log_made_again_from_the_topic_fits_what_was_signed(signed: Signed, owner: asyncpg.Connection) -> None:
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    await owner.execute("delete from change; delete from chain_head")
    await owner.execute("alter table change enable always trigger change_continues")
    async with batch(signed.pool) as connection:
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, signed.records)
    assert (await signed.verify(topic=True))["ok"]
    assert len([page async for page in log.link_pages(signed.pool, 0, 2, ROWS, 4)]) == 3

"""Every act of the drill `tamper`, on a small log: found each time, and named as the act says."""

from functools import partial
from random import Random

import asyncpg
import pytest

from drills.tamper import missed, with_one_changed
from drills.tampering import ACTS, Act, chain_of
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.keys import NoKeys
from services.audit.domain.chain import GENESIS, Head
from services.audit.domain.checkpoint import Book, Checkpoint, checkpoint_line, line_hash, read_book
from services.audit.proof import Prover
from services.audit.sink import change_writer
from tests.services.audit.conftest import batch, owner, pool  # noqa: F401 - fixtures
from tests.services.audit.made import at, change, change_record, scan
from tests.services.audit.test_checkpoint import KEY

ROWS = 20
TIMES = 25


@pytest.mark.parametrize("act", dict.fromkeys(ACTS), ids=lambda act: act.__name__)
async def test_each_act_is_found(pool: asyncpg.Pool, owner: asyncpg.Connection, act: Act) -> None:  # noqa: F811
    records = [change_record(number * 2 + number // 3, change(number)) for number in range(ROWS)]
    async with batch(pool) as connection:
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, records)
    chain = await chain_of(owner, 0)
    book = Book([Checkpoint(Head(0, one.seq, one.hash, one.kafka_offset), at(one.seq)) for one in chain.links[6::7]])
    book.checkpoints.append(Checkpoint(Head(0, ROWS, chain.links[-1].hash, chain.links[-1].kafka_offset), at(99)))
    prover, chance = Prover(owner, partial(scan, records), 7, NoKeys(), book=lambda: book), Random(5)
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    for number in range(TIMES):
        transaction = owner.transaction()
        await transaction.start()
        expected = await act(owner, chain, chance)
        result = [line async for line in prover.lines(True)][-1]
        await transaction.rollback()
        assert missed(result, chain, expected) is None, (number, expected, result["findings"])
    assert [line async for line in prover.lines(True)][-1]["ok"]


def test_each_act_on_checkpoints_is_found() -> None:
    lines, chance = [], Random(6)
    for number in range(9):
        before = line_hash(lines[-1]) if lines else GENESIS
        lines.append(checkpoint_line(Head(0, number + 1, bytes(32), number), at(number), before, KEY))
    for _ in range(300):
        changed, first = with_one_changed(lines, chance.randrange(8), chance)
        assert [one.line for one in read_book([("c", changed)], [KEY.public_key()]).problems][:1] == [first]

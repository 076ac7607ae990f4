"""What audit noted of raw submissions is told whole and in order, however it is paged."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.broker import Record
from services.audit.proof import Prover

PLACES = [(partition, offset) for partition in range(2) for offset in range(5)]


async def nothing() -> AsyncIterator[Record]:
    """No record of the log itself."""
    for record in ():
        yield record


@pytest.mark.parametrize("page", [1, 3, 10, 100])
async def test_every_digest_once_and_in_order(pool: asyncpg.Pool, page: int) -> None:
    await pool.executemany(
        "insert into submission values ($1, $2, $3, 's', 'e', 'demo', null, 'signed', '', $4, 1, now())",
        [
            (topic, *place, f"{place}")
            for place in reversed(PLACES)
            for topic in (SUBMISSION_RECEIVED.name, "another.topic")
        ],
    )
    told = [line async for line in Prover(pool, nothing, page).digests()]
    assert [(line["partition"], line["offset"]) for line in told] == PLACES
    assert [line["sha256"] for line in told] == [f"{place}" for place in PLACES]

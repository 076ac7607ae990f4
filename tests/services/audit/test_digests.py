"""What audit noted of raw submissions is told whole and in order, however it is paged."""

from functools import partial

import asyncpg
import pytest

from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.keys import NoKeys
from services.audit.proof import Prover
from tests.services.audit.made import scan

PLACES = [(partition, offset) for partition in range(2) for offset in range(5)]


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
    told = [line async for line in Prover(pool, partial(scan, []), page, NoKeys()).digests()]
    assert [(line["partition"], line["offset"]) for line in told] == PLACES
    assert [line["sha256"] for line in told] == [f"{place}" for place in PLACES]

"""Reading the index outside the stage loop: in a transaction of its own that changes nothing and ends at once."""

from typing import Protocol, cast

import asyncpg

from libs.runtime.errors import Retryable
from libs.runtime.state import DATABASE_AWAY, bind
from services.dedupe.domain.known import Known, Wanted


class KnownIndex(Protocol):
    """Where people and companies are kept; used inside a database transaction."""

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted."""
        ...


class ReadingIndex:
    """The index for questions that decide nothing."""

    def __init__(self, pool: asyncpg.Pool, index: KnownIndex) -> None:
        self._pool = pool
        self._index = index

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted, as it stands now. Raises Retryable when the database is away."""
        try:
            async with self._pool.acquire(timeout=10) as connection, connection.transaction():
                with bind(cast(asyncpg.Connection, connection)):
                    return await self._index.known(wanted)
        except DATABASE_AWAY as error:
            raise Retryable(f"Postgres: {type(error).__name__}") from error

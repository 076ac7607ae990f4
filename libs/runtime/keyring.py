"""The keys of an installation: their schema in Postgres, the pool that reads it, and their destruction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from libs.runtime.database import migrate, open_pool
from libs.runtime.errors import Retryable
from libs.runtime.keys import Keys, NoKeys, SubjectKeys
from libs.runtime.master_key import master_key
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import DATABASE_AWAY

SCHEMA = "keys"
MIGRATIONS = Path(__file__).parent / "keys_migrations"
POOL_SIZE = 2


def keys_of(settings: RuntimeSettings) -> Keys:
    """The installation's keys; everything in the clear where it has no master key. Raises ValueError for a bad master key.

    Connects when the first key is asked for: intake takes submissions also while Postgres is away.
    """
    master = master_key(settings.master_key)
    return NoKeys() if master is None else SubjectKeys(KeyPool(settings).get, master)


@dataclass
class KeyPool:
    """Connections to the schema `keys`, opened at the first call."""

    settings: RuntimeSettings
    _pool: asyncpg.Pool | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self) -> asyncpg.Pool:
        """The pool. Raises Retryable while Postgres is away."""
        async with self._opening:
            if self._pool is None:
                try:
                    await migrate(self.settings, SCHEMA, MIGRATIONS, own=None)
                    self._pool = await open_pool(self.settings, SCHEMA, POOL_SIZE)
                except DATABASE_AWAY as error:
                    raise Retryable(f"the keys can't be read ({type(error).__name__}): is Postgres away?") from error
        return self._pool

    async def close(self) -> None:
        """Disconnect."""
        if self._pool is not None:
            await self._pool.close()


async def destroy_keys(settings: RuntimeSettings, subjects: Sequence[str], erasure_id: str) -> int:
    """Destroy these subjects' keys for good; returns how many keys there were. May be repeated, with the same result.

    Runs as the owner of the schema: no service's role may delete a key. The table is vacuumed, so that the wrapped keys
    leave its pages; write-ahead log and backups keep them until those are gone (docs/erasure.md).
    """
    connection = await asyncpg.connect(settings.database_url, server_settings={"search_path": SCHEMA})
    try:
        async with connection.transaction():
            await connection.execute("lock table subject_key in share row exclusive mode")
            await connection.execute(
                "insert into erased (subject_key_id, erasure_id) select unnest($1::text[]), $2 on conflict do nothing",
                list(subjects), erasure_id,
            )  # fmt: skip
            rows = await connection.fetch(
                "delete from subject_key where subject_key_id = any($1::text[]) returning subject_key_id",
                list(subjects),
            )
        await connection.execute("vacuum subject_key")
    finally:
        await connection.close()
    return len(rows)

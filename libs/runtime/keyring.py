"""The keys of an installation: their schema in Postgres, the pool that reads it, and their destruction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from libs.runtime.database import migrate, open_pool
from libs.runtime.errors import Retryable
from libs.runtime.keys import Keys, NoKeys, SubjectKeys
from libs.runtime.master_key import NAME_BYTES, MasterKey, master_key
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import DATABASE_AWAY

SCHEMA = "keys"
MIGRATIONS = Path(__file__).parent / "keys_migrations"
POOL_SIZE = 2
REWRAPPED_AT_ONCE = 1_000


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


@dataclass(frozen=True, slots=True)
class Wrapped:
    """How many subjects' keys a master key wraps. `name`: hex of the first bytes of its hash; `held`: it is at hand."""

    name: str
    keys: int
    held: bool


async def wrapped_by(settings: RuntimeSettings) -> list[Wrapped]:
    """The master keys that wrap any key, by their names. Raises ValueError for a bad master key."""
    master = _needed(settings)
    known = {name for name, _ in master.keys}
    connection = await asyncpg.connect(settings.database_url, server_settings={"search_path": SCHEMA})
    try:
        rows = await connection.fetch(
            "select substring(wrapped for $1) as name, count(*) as keys from subject_key group by 1 order by 1",
            NAME_BYTES,
        )
    finally:
        await connection.close()
    return [Wrapped(row["name"].hex(), row["keys"], row["name"] in known) for row in rows]


async def rewrap(settings: RuntimeSettings, say: Callable[[int, int], None]) -> int:
    """Wrap by the first master key what others wrapped; returns how many keys. `say` is told how many are done, of how many.

    May run beside the services, be broken off and begun again: each key is whole at any time. Raises ValueError, before
    anything is changed, for a key whose master key is not at hand. The table is vacuumed: what the old one wrapped is gone.
    """
    master = _needed(settings)
    first = master.keys[0][0]
    connection = await asyncpg.connect(settings.database_url, server_settings={"search_path": SCHEMA})
    try:
        held = [name for name, _ in master.keys]
        strange = await connection.fetchval(
            "select encode(substring(wrapped for $1), 'hex') from subject_key where substring(wrapped for $1) <> all($2) limit 1",
            NAME_BYTES, held,
        )  # fmt: skip
        if strange is not None:
            raise ValueError(f"some keys are wrapped by master key {strange}, which SIGNALBOX_MASTER_KEY does not hold")
        total = await connection.fetchval(
            "select count(*) from subject_key where substring(wrapped for $1) <> $2", NAME_BYTES, first
        )
        done = 0
        while rows := await connection.fetch(
            "select subject_key_id, fingerprint, wrapped from subject_key where substring(wrapped for $1) <> $2 limit $3",
            NAME_BYTES, first, REWRAPPED_AT_ONCE,
        ):  # fmt: skip
            await connection.executemany(
                "update subject_key set wrapped = $4 where subject_key_id = $1 and fingerprint = $2 and wrapped = $3",
                [
                    (
                        *row,
                        master.wrapped(master.unwrapped(row["wrapped"], row["subject_key_id"]), row["subject_key_id"]),
                    )
                    for row in rows
                ],
            )
            done += len(rows)
            say(done, total)
        await connection.execute("vacuum subject_key")
    finally:
        await connection.close()
    return done


def _needed(settings: RuntimeSettings) -> MasterKey:
    master = master_key(settings.master_key)
    if master is None:
        raise ValueError("there is no master key: nothing is encrypted here (docs/erasure.md)")
    return master

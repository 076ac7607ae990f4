"""Where topics are, together with the keys of what is sealed in them, and reading them decrypted."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from libs.runtime.broker import read_shared, read_topics
from libs.runtime.keyring import KeyPool
from libs.runtime.keys import Keys, NoKeys, SubjectKeys
from libs.runtime.master_key import in_hand, master_key
from libs.runtime.record import Record, readable
from libs.runtime.settings import RuntimeSettings


class Cluster(str):
    """The brokers' addresses of an installation, which knows where its keys are: wherever addresses are told, this may be."""

    settings: RuntimeSettings

    def __new__(cls, settings: RuntimeSettings) -> "Cluster":
        """The cluster of these settings."""
        made = super().__new__(cls, settings.kafka)
        made.settings = settings
        return made

    def __reduce__(self) -> tuple[type["Cluster"], tuple[RuntimeSettings]]:
        return Cluster, (self.settings,)


def with_its_key(kafka: str) -> str:
    """The cluster with its master key in hand, for a process that may run no command any more to get it."""
    if not isinstance(kafka, Cluster):
        return kafka
    return Cluster(kafka.settings.model_copy(update={"master_key": in_hand(kafka.settings.master_key)}))


@asynccontextmanager
async def keys_for(kafka: str) -> AsyncIterator[Keys]:
    """The keys of a cluster, connected while they are used; for mere addresses none: then what is sealed can't be read.

    Raises ValueError for a bad master key.
    """
    master = master_key(kafka.settings.master_key) if isinstance(kafka, Cluster) else None
    if master is None or not isinstance(kafka, Cluster):
        yield NoKeys()
        return
    pool = KeyPool(kafka.settings)
    try:
        yield SubjectKeys(pool.get, master)
    finally:
        await pool.close()


async def read_opened(
    kafka: str,
    names: Iterable[str],
    starts: Mapping[tuple[str, int], int] | None = None,
    only: Collection[int] | None = None,
    *,
    erased: bool = False,
) -> AsyncGenerator[Record, None]:
    """What `read_topics` reads, decrypted; without the records of erased subjects unless `erased`: then they come as they are.

    Raises Retryable while the keys can't be read.
    """
    async with keys_for(kafka) as keys:
        async for record in readable(read_topics(kafka, names, starts, only), keys, erased=erased):
            yield record


async def read_shared_opened(
    kafka: str, group: str, names: Sequence[str], start: Callable[[str, int], int | None]
) -> AsyncGenerator[Record, None]:
    """What `read_shared` reads, decrypted, without the records of erased subjects."""
    async with keys_for(kafka) as keys:
        async for record in readable(read_shared(kafka, group, names, start), keys):
            yield record

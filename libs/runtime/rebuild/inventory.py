"""What of a service's schema comes from which topic, and what does not: each service's `rebuild.py` is one of these.

Every table is named, those that are not derived with the reason; a test compares it with the migrated schema, so that a new
table without an entry fails.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg

from libs.contracts.events import Event
from libs.contracts.topics import FOREVER, STATE_STORED, Topic
from libs.runtime.keys import Keys
from libs.runtime.record import Record, opened_all

Write = Callable[[asyncpg.Connection, str, int, Sequence[Record]], Awaitable[None]]
Finish = Callable[[asyncpg.Connection], Awaitable[None]]

RUNTIME: Mapping[str, str] = MappingProxyType({
    "migration": "which files were applied to this schema",
    "checkpoint": "how far inputs were read, a fact about this database and not about the leads",
    "outcome": "answers to inputs of the last 90 days, sent again after a crash; the topics hold what followed from them",
    "timer": "what is still to ring; it follows the clocks of leads and items, which are rebuilt",
    "effect": "calls that are owed or were made: how far they got is known here only",
})  # fmt: skip
"""Tables of the runtime in every schema, none of them derived, with the reasons."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


@dataclass(frozen=True, slots=True)
class Derived:
    """A table whose rows follow from the topics. `key`: what makes it the same row, also what its rows are compared by.

    `without` names columns that are not compared, each with the reason; `where` the rows that are, with `where_reason`.
    """

    key: tuple[str, ...]
    kept: bool = True
    """Its rows are those of `state.stored.v1`, the newest of each key; otherwise a fold or `finish` writes them."""
    without: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    where_reason: str = ""
    greatest: tuple[str, ...] = ()
    """Columns that never go back, whichever row came last."""
    gone_by: tuple[str, ...] = ()
    """Columns by which rows go; empty: the key."""
    query: str = ""
    """What is compared instead of the table's own columns."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Topics that a service's tables follow from, and what writes a batch of one partition, in order, in a transaction.

    `write` is given decrypted records, none of erased people; `sealed` makes of the keys what writes them as they are.
    """

    topics: tuple[Topic[Event], ...]
    write: Write | None = None
    sealed: Callable[[Keys], Write] | None = None

    def writer(self, keys: Keys) -> Write:
        """What writes records as they were read."""
        if self.sealed is not None:
            return self.sealed(keys)
        write = self.write
        assert write is not None, "a fold has one of both"

        async def opened(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
            await write(connection, topic, partition, await opened_all(records, keys))

        return opened


@dataclass(frozen=True, slots=True)
class Rebuild:
    """How one service's schema is made anew. `staged` are rows of `state.stored.v1` that are no table, by name, with their
    columns and types: `finish` reads them from `staged_NAME`, once the tables are there."""

    service: str
    migrations: Path
    tables: Mapping[str, Derived]
    not_derived: Mapping[str, str] = field(default_factory=dict)
    folds: tuple[Fold, ...] = ()
    staged: Mapping[str, str] = field(default_factory=dict)
    finish: Finish | None = None

    def __post_init__(self) -> None:
        for topic in self.topics:
            if topic.retention_days != FOREVER:
                raise ValueError(
                    f"{self.service}: {topic.name} is not kept for ever, so nothing can be rebuilt from it"
                )

    @property
    def topics(self) -> tuple[Topic[Any], ...]:
        """All that is read."""
        own = tuple(topic for fold in self.folds for topic in fold.topics)
        return (*own, STATE_STORED) if self.reads_kept else own

    @property
    def declared(self) -> frozenset[str]:
        """Every table of the schema that something is said about."""
        return frozenset((*self.tables, *self.not_derived, *RUNTIME))

    @property
    def reads_kept(self) -> bool:
        """Whether any of its rows are told on `state.stored.v1`."""
        return bool(self.staged) or any(table.kept for table in self.tables.values())


def schema_of(into: str, service: str) -> str:
    """The schema that a service's state is rebuilt into. Raises ValueError for a prefix that is no name."""
    if not _NAME.fullmatch(into) or into.startswith("pg_"):
        raise ValueError(f"{into!r} is no prefix for schemas: small letters, digits and _, at most 30, a letter first")
    return f"{into}_{service}"


def inventories(modules: Sequence[str]) -> list[Rebuild]:
    """The services' `REBUILD`, by the names of their modules."""
    return [import_module(name).REBUILD for name in modules]

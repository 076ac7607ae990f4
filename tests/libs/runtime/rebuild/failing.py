"""A fold that calls out, as no fold may."""

import socket
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from libs.contracts.topics import POLICY_PUBLISHED, RECORD_CHANGED
from libs.runtime.rebuild.inventory import Derived, Fold, Rebuild
from libs.runtime.record import Record


async def calls_out(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
    """Asks somebody what a record means."""
    socket.create_connection(("127.0.0.1", 9), 1)


REBUILD = Rebuild(
    "fetch",
    Path("services/fetch/migrations").resolve(),
    {"wanted": Derived(("key",))},
    folds=(Fold((RECORD_CHANGED, POLICY_PUBLISHED), calls_out),),
)

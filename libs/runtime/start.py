"""The start of a process: waiting for what has to be there and saying what is missing, and settling its memory."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from aiokafka.errors import KafkaError

from libs.runtime import clock
from libs.runtime.errors import Retryable
from libs.runtime.state import DATABASE_AWAY

log = logging.getLogger(__name__)
T = TypeVar("T")
WAIT_SECONDS = 120.0


async def until_up(what: str, attempt: Callable[[], Awaitable[T]]) -> T:
    """The result of `attempt`, tried again while what it needs is not there. Raises the last error after 120 s."""
    deadline = clock.monotonic() + WAIT_SECONDS
    pause = 0.1
    while True:
        try:
            return await attempt()
        except (KafkaError, Retryable, *DATABASE_AWAY, asyncpg.CannotConnectNowError) as error:
            if clock.monotonic() > deadline:
                raise
            log.warning("waiting for %s: %s", what, type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(2.0, pause * 2)


def collect_seldom() -> None:
    """Leave what the start made out of garbage collection, and collect the rest seldom.

    Events are trees without cycles, freed when the last reference goes; at the default thresholds (700 objects) the
    collector looked through every batch dozens of times and took a fifth of a stage's CPU time (docs/bench.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)

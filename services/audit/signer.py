"""Signs where each chain ends, at least every so many rows or seconds, and only what follows from what it signed before."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from libs.runtime import clock
from libs.runtime.exits import exit_now
from libs.runtime.health import Health
from libs.runtime.state import DATABASE_AWAY
from services.audit.domain.chain import Head
from services.audit.domain.checkpoint import Problem
from services.audit.domain.verify import Finding, Verifier
from services.audit.store import log
from services.audit.store.checkpoints import PlaceError
from services.audit.store.log import Database

logger = logging.getLogger(__name__)
NAME = "audit checkpoints"
LOOK_SECONDS = 1.0
TOLD_AGAIN_SECONDS = 60.0


class Place(Protocol):
    """Where checkpoints lie."""

    @property
    def problems(self) -> list[Problem]: ...

    def ready(self) -> None: ...

    def newest(self) -> dict[int, Head]: ...

    def append(self, heads: Sequence[Head], now: datetime) -> int: ...


@dataclass
class Signer:
    """The service's background task. `every_rows` or `every_seconds` after the last checkpoint of a chain that has grown.

    A place that can't be written when the service starts ends it; later the service goes on storing, is not ready, and says
    so every minute: changes without a checkpoint are worth more than no changes.
    """

    db: Database
    place: Place
    health: Health
    every_rows: int
    every_seconds: float
    page_rows: int
    _signed_at: dict[int, datetime] = field(default_factory=dict)
    _told_at: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Look every second, until cancelled."""
        try:
            await asyncio.to_thread(self.place.ready)
        except PlaceError as error:
            exit_now(f"audit does not start without checkpoints: {error}")
        while True:
            try:
                await self.round(clock.now())
                self.health.gone(NAME)
            except PlaceError as error:
                self.health.trouble(NAME, str(error), beats=False)
                self._tell(NAME, f"NO CHECKPOINTS are written: {error}")
            except DATABASE_AWAY as error:
                self.health.trouble(NAME, f"Postgres: {type(error).__name__}", beats=False)
            await asyncio.sleep(LOOK_SECONDS)

    async def round(self, now: datetime) -> int:
        """Sign what is due; returns how many checkpoints were written. Raises PlaceError."""
        newest = await asyncio.to_thread(self.place.newest)
        self._warn_of_lines()
        heads = await log.chain_heads(self.db)
        due = [head for head in heads if self._is_due(head, newest, now)]
        proven = [head for head in due if await self._follows(newest.get(head.chain, Head(head.chain)), head)]
        written = await asyncio.to_thread(self.place.append, proven, now) if proven else 0
        self._signed_at.update({head.chain: now for head in proven})
        return written

    def _is_due(self, head: Head, newest: Mapping[int, Head], now: datetime) -> bool:
        signed = newest.get(head.chain, Head(head.chain))
        since = self._signed_at.setdefault(head.chain, now)
        if head.seq == signed.seq:
            if head.hash != signed.hash:
                self._warn(head.chain, f"row {head.seq} is not the one that was signed: run `signalbox audit verify`")
            self._signed_at[head.chain] = now
            return False
        if head.seq < signed.seq:
            self._warn(head.chain, f"the log ends at row {head.seq}, but row {signed.seq} was signed: rows are gone")
            return False
        return head.seq - signed.seq >= self.every_rows or now - since >= timedelta(seconds=self.every_seconds)

    async def _follows(self, signed: Head, head: Head) -> bool:
        """Whether the rows after the last signed one, hashed again, lead to the head: a signature says that somebody looked."""
        verifier = Verifier(head.chain, signed)
        async for page in log.link_pages(self.db, head.chain, signed.seq, head.seq, self.page_rows):
            for link in page:
                verifier.push(link)
            await asyncio.sleep(0)
        finding: Finding | None = verifier.end(head)
        if finding is not None:
            self._warn(
                head.chain, f"row {finding.seq} does not follow from what was signed ({finding.kind}: {finding.detail}): "
                "nothing more is signed; run `signalbox audit verify`",
            )  # fmt: skip
            return False
        self.health.mended(f"audit chain {head.chain}")
        return True

    def _warn_of_lines(self) -> None:
        if problems := self.place.problems:
            first = problems[0]
            message = (
                f"{first.file} line {first.line}: {first.detail}; {len(problems)} in all: run `signalbox audit verify`"
            )
            self.health.warn("audit checkpoint lines", message)
            self._tell("lines", message)

    def _warn(self, chain: int, message: str) -> None:
        self.health.warn(f"audit chain {chain}", message)
        self._tell(f"chain {chain}", f"chain {chain}: {message}")

    def _tell(self, about: str, message: str) -> None:
        now = clock.monotonic()
        if now - self._told_at.get(about, -TOLD_AGAIN_SECONDS) >= TOLD_AGAIN_SECONDS:
            self._told_at[about] = now
            logger.error(message)

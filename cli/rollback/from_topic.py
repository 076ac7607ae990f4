"""A rollback's plan from Kafka alone: what is left to look at when the database is gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cli.client import running
from cli.console import say
from cli.errors import CliError
from libs.contracts.codec import Headers
from libs.contracts.places import places
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime import clock
from libs.runtime.cluster import read_opened
from services.audit.domain.replayed import replayed_moves
from services.audit.domain.rollback import Plan, plan
from services.audit.domain.selection import Selection, SelectionTooLarge
from services.audit.settings import AuditSettings

SAY_SECONDS = 2.0


def plan_from_topic(data: Path, selection: dict[str, Any], confirmed: list[str]) -> dict[str, Any]:
    """The plan as JSON. Raises CliError when the selection does not fit or is too large."""
    try:
        wanted = Selection.model_validate(selection)
    except ValidationError as error:
        wrong = "; ".join(places(error.errors(include_url=False, include_input=False, include_context=False)))
        raise CliError(f"the selection does not fit: {wrong}", "rollback plan", "look at its options: --help") from None
    try:
        made = asyncio.run(_planned(running(data).kafka, wanted, confirmed))
    except SelectionTooLarge as error:
        raise CliError(str(error), "rollback plan", "add --since and --until, or a --field") from None
    told: dict[str, Any] = made.model_dump(mode="json")
    return told


async def _planned(kafka: str, selection: Selection, confirmed: list[str]) -> Plan:
    passes = 0

    def read() -> AsyncIterator[tuple[int, int, bytes | None, Headers]]:
        nonlocal passes
        passes += 1
        return _read(kafka, passes)

    moves = await replayed_moves(read, selection, AuditSettings.model_fields["rollback_max_moves"].default)
    return plan(moves, selection, confirmed)


async def _read(kafka: str, number: int) -> AsyncIterator[tuple[int, int, bytes | None, Headers]]:
    count, began = 0, clock.monotonic()
    said = began
    async for record in read_opened(kafka, [AUDIT_CHANGE.name], erased=True):
        count += 1
        if (now := clock.monotonic()) - said > SAY_SECONDS:
            said = now
            say(f"pass {number} of at most 3: {count:,} changes read, {count / (now - began):,.0f} a second")
        yield record.partition, record.offset, record.value, record.headers

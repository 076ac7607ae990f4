"""Notes and drafts in Postgres."""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from libs.runtime.rows import Kept, named
from libs.runtime.state import transaction
from services.triage.domain.handoff import Handoff

HANDOFF = ("lead_id", "version", "owner", "queue", "status", "held")
_NEWEST = "select distinct on (lead_id) held::text from handoff where lead_id = any($1::text[]) order by lead_id, version desc"
_UPSERT = """
insert into handoff (lead_id, version, owner, queue, status, held) values ($1, $2, $3, $4, $5, $6::text::jsonb)
on conflict (lead_id, version) do update set owner = excluded.owner, queue = excluded.queue, status = excluded.status,
    held = excluded.held
"""


class PostgresHandoffs:
    """Notes and drafts, inside the transaction of the stage loop."""

    async def newest(self, lead_ids: Sequence[str]) -> Mapping[str, Handoff]:
        """What is kept of each lead's newest version."""
        rows = await transaction().fetch(_NEWEST, list(lead_ids))
        return {held.lead_id: held for held in map(_handoff, rows)}

    async def save(self, moved: Iterable[Handoff]) -> None:
        """Store them, one row for each version."""
        await transaction().executemany(_UPSERT, [handoff_values(one) for one in moved])


class PostgresHandoffReads:
    """Notes and drafts as the API reads them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def one(self, lead_id: str) -> Handoff | None:
        """What is kept of a lead's newest version."""
        row = await self._pool.fetchrow(_NEWEST, [lead_id])
        return None if row is None else _handoff(row)


def handoff_rows(held: Handoff) -> list[Kept]:
    """The row of a handoff, as it is told for a rebuild."""
    return [named("handoff", HANDOFF, handoff_values(held), held.lead_id)]


def handoff_values(held: Handoff) -> tuple[object, ...]:
    """A row in the order of `HANDOFF`."""
    return held.lead_id, held.version, held.owner, held.queue, held.status, held.model_dump_json()


def _handoff(row: asyncpg.Record) -> Handoff:
    return Handoff.model_validate_json(row["held"])

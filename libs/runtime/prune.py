"""Forgets what the runtime kept of inputs that nobody can send again: their topics have dropped them too."""

from datetime import datetime, timedelta

import asyncpg

KEPT = timedelta(days=90)
"""As long as the line's topics keep records, and so as long as a dead letter can be redriven."""
BATCH = 1000
ROUNDS = 20
"""Batches in one go: a long backlog is worked off over several, with the autovacuum between them."""


async def prune(pool: asyncpg.Pool, now: datetime) -> int:
    """Delete outcomes and finished effects older than 90 days, at most 20,000 of each; returns how many.

    Checkpoints stay, so that an input whose outcome is forgotten leads to nothing when it is read again.
    """
    oldest, deleted = now - KEPT, 0
    for table, age in (("outcome", "decided_at"), ("effect", "finished_at")):
        for _ in range(ROUNDS):
            status = await pool.execute(
                f"delete from {table} where ctid = any(array("  # noqa: S608 - both names are written above
                f"select ctid from {table} where {age} < $1 limit $2))",
                oldest, BATCH,
            )  # fmt: skip
            count = int(status.rpartition(" ")[2])
            deleted += count
            if count < BATCH:
                break
    return deleted

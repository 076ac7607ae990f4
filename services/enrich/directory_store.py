"""The company directory in Postgres."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from libs.runtime.errors import Retryable
from libs.runtime.state import DATABASE_AWAY, transaction
from services.enrich.domain.directory import Listed, Loaded
from services.enrich.rows import listed_values

_LOAD = """
INSERT INTO directory_load (load_id, file, actor, loaded_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (load_id) DO UPDATE SET file = excluded.file, actor = excluded.actor, loaded_at = excluded.loaded_at,
    removed_at = NULL, removed_by = NULL
WHERE directory_load.removed_at IS NOT NULL
"""
_ROW = """
INSERT INTO directory_company (load_id, line, domain, name_key, name, fields)
VALUES ($1, $2, $3, $4, $5, $6::jsonb)
ON CONFLICT (load_id, line) DO UPDATE SET domain = excluded.domain, name_key = excluded.name_key, name = excluded.name,
    fields = excluded.fields
"""
_FOUND = """
SELECT c.load_id, c.line, coalesce(c.domain, '') AS domain, coalesce(c.name_key, '') AS name_key, c.name,
    c.fields::text AS fields, l.file, l.actor, l.loaded_at
FROM directory_company c JOIN directory_load l USING (load_id)
"""
_BY_DOMAIN, _BY_NAME = _FOUND + "WHERE c.domain = ANY($1::text[])", _FOUND + "WHERE c.name_key = ANY($1::text[])"
_LOADS = """
SELECT l.*, (SELECT count(*) FROM directory_company c WHERE c.load_id = l.load_id) AS rows
FROM directory_load l ORDER BY loaded_at DESC, load_id
"""


class DirectoryTable:
    """The directory's rows; written by the stage `enrich.commands`, read by the provider `company_directory` and the API."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def save_loads(self, loads: Sequence[tuple[Loaded, datetime]]) -> None:
        """Add rows, or take a load's rows away, inside the batch's transaction and in this order."""
        for load, at in loads:
            if load.removed:
                await transaction().execute("DELETE FROM directory_company WHERE load_id = $1", load.load_id)
                await transaction().execute(
                    "UPDATE directory_load SET removed_at = $2, removed_by = $3 WHERE load_id = $1 AND removed_at IS NULL",
                    load.load_id, at, load.actor,
                )  # fmt: skip
            else:
                await transaction().execute(_LOAD, load.load_id, load.file, load.actor, at)
                await transaction().executemany(_ROW, [listed_values(row) for row in load.rows])

    async def rows(
        self, domains: Sequence[str], name_keys: Sequence[str]
    ) -> tuple[Mapping[str, Sequence[Listed]], Mapping[str, Sequence[Listed]]]:
        """The rows of these domains, and of these names. Raises Retryable when the database is away."""
        by_domain: dict[str, list[Listed]] = {}
        by_name: dict[str, list[Listed]] = {}
        try:
            for row in await self._pool.fetch(_BY_DOMAIN, list(domains)) if domains else ():
                by_domain.setdefault(row["domain"], []).append(_listed(row))
            for row in await self._pool.fetch(_BY_NAME, list(name_keys)) if name_keys else ():
                by_name.setdefault(row["name_key"], []).append(_listed(row))
        except DATABASE_AWAY as error:
            raise Retryable(f"the company directory is away: {type(error).__name__}") from error
        return by_domain, by_name

    async def loads(self) -> list[dict[str, Any]]:
        """All loads, the newest first, with how many rows each has. Raises Retryable when the database is away."""
        try:
            return [dict(row) for row in await self._pool.fetch(_LOADS)]
        except DATABASE_AWAY as error:
            raise Retryable(f"the company directory is away: {type(error).__name__}") from error


def _listed(row: asyncpg.Record) -> Listed:
    facts = {
        name: row[name] for name in ("load_id", "line", "domain", "name_key", "name", "file", "actor", "loaded_at")
    }
    return Listed(**facts, fields=json.loads(row["fields"]))

"""Reading numbers and cases from Postgres."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from services.insights.domain.marks import NAMES
from services.insights.domain.query import Place, Query
from services.insights.domain.weeks import UTC_NAME

Cells = list[tuple[tuple[str, ...], int, int, int, int]]
_COLUMNS = {
    "week": "to_char(day, 'IYYY-\"W\"IW')",
    "day": "to_char(day, 'YYYY-MM-DD')",
    **{name: f"slice.{name}" for name in NAMES},
}
_BRIEF = {"week", "day", "queue", "label"}
"""What the smallest table tells apart."""
_PART = {"denominator": "true", "numerator": "num > 0", "rest": "num = 0"}


class PostgresNumbers:
    """Sums are read from the smaller of two tables; a rep's own, which are few, from the marks."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def cells(self, metrics: Sequence[str], query: Query) -> dict[str, Cells]:
        """By metric: (group, value, n, num, den) of each cell group."""
        source, sums = _source(query)
        where, arguments = _where(metrics, query)
        groups = [_COLUMNS[name] for name in query.by]
        held = ", ".join(["metric", "value", *groups])
        rows = await self._pool.fetch(
            f"select {held}, {sums} from {source} where {where} "  # noqa: S608 - names of ours
            f"group by {', '.join(map(str, range(1, len(groups) + 3)))}",
            *arguments,
        )
        found: dict[str, Cells] = {name: [] for name in metrics}
        for row in rows:
            metric, value, *rest = tuple(row)
            found[metric].append((tuple(rest[: len(groups)]), value, *map(int, rest[len(groups) :])))
        return found

    async def cases(
        self, metric: str, query: Query, part: str, after: Place | None, limit: int
    ) -> tuple[list[Mapping[str, Any]], Place | None]:
        """The cases of a number, the newest day first, and where the next page begins."""
        where, arguments = _where([metric], query)
        if after is not None:
            arguments += [after.day, after.subject, after.number]
            last = len(arguments)
            where += (
                f" and (day < ${last - 2} or (day = ${last - 2} and (subject, number) > (${last - 1}, ${last}::int)))"
            )
        names = ", ".join(f"slice.{name}" for name in NAMES)
        rows = await self._pool.fetch(
            f"select subject, number, case_id, day, value, num, den, {names} from mark join slice using (slice) "  # noqa: S608
            f"where {where} and {_PART[part]} order by day desc, subject, number limit {limit + 1:d}",
            *arguments,
        )
        following = rows[limit - 1] if len(rows) > limit else None
        place = None if following is None else Place(following["day"], following["subject"], following["number"])
        return [dict(row) for row in rows[:limit]], place

    async def state(self) -> tuple[str, int]:
        """The zone of days, and how many subjects are still to be counted anew."""
        zone = await self._pool.fetchval("select name from zone")
        waiting = await self._pool.fetchval("select count(*) from dirty")
        return zone or UTC_NAME, int(waiting)

    async def values(self, name: str) -> list[str]:
        """What there is of a name that numbers are told apart by."""
        rows = await self._pool.fetch(
            f"select distinct {_COLUMNS[name]} as held from slice where {_COLUMNS[name]} <> '' order by 1 limit 500"  # noqa: S608
        )
        return [row["held"] for row in rows]


def _source(query: Query) -> tuple[str, str]:
    """Where to read, and its sums: the smallest table that tells apart what is asked for."""
    if query.reach.owner is not None:
        return "mark join slice using (slice)", "count(*), sum(num), sum(den)"
    brief = {*query.by, *query.filters} <= _BRIEF
    return "brief slice" if brief else "cell join slice using (slice)", "sum(n), sum(num), sum(den)"


def _where(metrics: Sequence[str], query: Query) -> tuple[str, list[Any]]:
    # one metric is named as such: its cases are then read in the order of their index
    alone = len(metrics) == 1
    parts = ["metric = $1" if alone else "metric = any($1::text[])", "day between $2 and $3"]
    arguments: list[Any] = [metrics[0] if alone else list(metrics), query.since, query.until]
    for name, value in query.filters.items():
        arguments.append(value)
        parts.append(f"{_COLUMNS[name]} = ${len(arguments)}")
    if query.reach.owner is not None:
        arguments.append(query.reach.owner)
        parts.append(f"owner = ${len(arguments)} and owner <> ''")
    if query.reach.queues is not None:
        arguments.append(list(query.reach.queues))
        parts.append(f"slice.queue = any(${len(arguments)}::text[])")
    return " and ".join(parts), arguments

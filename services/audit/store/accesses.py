"""Questions to the record of who was shown whom."""

from datetime import datetime
from typing import Any

from services.audit.store.log import Database


class PostgresAccesses:
    """Reads it from Postgres."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def shown(
        self, record: tuple[str, str] | None, person: str | None, since: datetime | None, limit: int, before: tuple[datetime, str]
    ) -> list[dict[str, Any]]:  # fmt: skip
        """The newest first, from before (time, event id) on; requests that showed several records tell all of them."""
        about = "true" if record is None else (
            "event_id in (select event_id from access where record_type = $6 and record_id = $7 and at <= $3)"
        )  # fmt: skip
        rows = await self._db.fetch(
            "select event_id, person, role, service, route, at, array_agg(record_type || ':' || record_id "  # noqa: S608 - own text
            "order by record_type, record_id) as records from access "
            "where ($1::text is null or person = $1) and ($2::timestamptz is null or at >= $2) "
            f"and at <= $3 and (at, event_id) < ($3, $4) and {about} "
            "group by event_id, person, role, service, route, at order by at desc, event_id desc limit $5",
            person, since, *before, limit, *(record or ()),
        )  # fmt: skip
        return [{**dict(row), "at": row["at"].isoformat()} for row in rows]

    async def grants(self, person: str | None) -> list[dict[str, Any]]:
        """Every grant and revocation, the newest first."""
        rows = await self._db.fetch(
            "select person, role, queues, member, valid_from, until, actor_id as by, reason from access_grant "
            "where $1::text is null or person = $1 order by kafka_offset desc",
            person,
        )
        return [
            {
                **dict(row),
                "valid_from": row["valid_from"].isoformat(),
                "until": row["until"] and row["until"].isoformat(),
            }
            for row in rows
        ]

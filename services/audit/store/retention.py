"""Leads that are due to be forgotten, by the newest route of each and the last that happened to it."""

from datetime import datetime, timedelta

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.policy.retention import Retention
from services.audit.domain.erasure import Group
from services.audit.store.log import Database

_OLD = """
select newest.*, (select max(decided_at) from event later where later.lead_id = newest.lead_id) as last_at from (
    select distinct on (lead_id) lead_id, decided_at, destination, lead_kind as kind, submission_id
    from event where topic = 'lead.routed.v1' and lead_id > $1 order by lead_id, lead_version desc, kafka_offset desc
) newest where newest.decided_at < $2 order by newest.lead_id limit $3
"""
_SHARED = """
select distinct submission_id from event
where topic = 'lead.routed.v1' and submission_id = any($1) and lead_id <> all($2)
"""
AT_ONCE = 1000


class Due(Model):
    """A lead that is kept no longer."""

    lead_id: str
    retention_class: str
    last_at: datetime
    group: Group
    """The lead, and what it came in unless that holds other people's leads too."""


async def due(db: Database, retention: Retention, now: datetime, limit: int) -> list[Due]:
    """At most `limit` leads whose time is over, in order of their ids."""
    if retention.least_days is None:
        return []
    found: list[Due] = []
    after, oldest = "", now - timedelta(days=retention.least_days)
    while len(found) < limit:
        rows = await db.fetch(_OLD, after, oldest, AT_ONCE)
        for row in rows:
            held = retention.of(row["destination"] or "", row["kind"] or "")
            if held is not None and row["last_at"] < now - timedelta(days=held.days):
                group = Group(lead_ids=(row["lead_id"],), submission_ids=(row["submission_id"],))
                found.append(
                    Due(lead_id=row["lead_id"], retention_class=held.name, last_at=row["last_at"], group=group)
                )
        if len(rows) < AT_ONCE:
            break
        after = rows[-1]["lead_id"]
    return await _alone(db, found[:limit])


async def _alone(db: Database, found: list[Due]) -> list[Due]:
    names = [name for one in found for name in one.group.submission_ids]
    rows = await db.fetch(_SHARED, names, [one.lead_id for one in found])
    shared = {row["submission_id"] for row in rows}
    return [
        one.model_copy(update={"group": Group(lead_ids=one.group.lead_ids)})
        if shared & set(one.group.submission_ids)
        else one
        for one in found
    ]


def shown(one: Due) -> dict[str, JsonValue]:
    """As the API tells it."""
    return {"lead_id": one.lead_id, "class": one.retention_class, "last_at": one.last_at.isoformat()}

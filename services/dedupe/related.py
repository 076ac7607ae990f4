"""Opportunities, activity and suppression entries in Postgres, and which leads are linked to a contact."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from libs.runtime.state import transaction
from services.dedupe.domain.records import Delta, Related
from services.dedupe.rows import RELATED, values_of


async def related_to(keys: Iterable[str], record_ids: Iterable[str]) -> dict[str, Related]:
    """What is about any of these keys, and the rows of these ids."""
    rows = await transaction().fetch(
        "select * from related where about && $1::text[] union select * from related where record_id = any($2)",
        sorted(keys), sorted(record_ids),
    )  # fmt: skip
    return {row["record_id"]: Related(**{**dict(row), "about": tuple(row["about"])}) for row in rows}


async def save_related(deltas: Sequence[Delta]) -> None:
    """Store the rows of a batch; of one id the newest counts."""
    rows = {one.record_id: one for delta in deltas for one in delta.related}
    if rows:
        await transaction().executemany(
            "insert into related (record_id, kind, about, version, reason, at, until) values ($1, $2, $3, $4, $5, $6, $7) "
            "on conflict (record_id) do update set kind = excluded.kind, about = excluded.about, "
            "version = excluded.version, reason = excluded.reason, at = greatest(related.at, excluded.at), "
            "until = excluded.until",
            [values_of(one, RELATED) for one in rows.values()],
        )


async def linked_leads(contact_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By contact: the leads that are linked to it now."""
    asked = sorted(contact_ids)
    found: dict[str, list[str]] = defaultdict(list)
    if asked:
        for row in await transaction().fetch(
            "select contact_id, lead_id from contact_link where contact_id = any($1) and cut_at_version is null order by 2",
            asked,
        ):
            found[row["contact_id"]].append(row["lead_id"])
    return {one: tuple(found[one]) for one in asked}

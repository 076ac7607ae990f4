"""Who is who: from a lead, a record, a submission or an e-mail address to all that is one person's, by the log's own events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.runtime.state import transaction
from services.audit.domain.erasure import Erasing, Group, records_named
from services.audit.rows import ERASURE, erasure_values
from services.audit.store.log import Database

_LEADS = "topic in ('lead.routed.v1', 'triage.requested.v1')"
_ORDER = f"insert into erasure ({', '.join(ERASURE)}) values ({', '.join(f'${place}' for place in range(1, len(ERASURE) + 1))})"  # noqa: S608
ROUNDS = 20
"""So often what was found is asked for more; a person's leads and records are found in two or three rounds."""


@dataclass
class _Found:
    leads: set[str] = field(default_factory=set)
    submissions: set[str] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)

    def size(self) -> int:
        return len(self.leads) + len(self.submissions) + len(self.contacts) + len(self.records)


async def group_of(db: Database, subject: str) -> Group:
    """All that is the person's whom this names: an e-mail address, `type:id` of a record, or the id of a lead or a submission.

    Leads belong to a person by the contact that they are linked to; e-mail addresses are followed only when one is asked
    for, since people share them. Empty when the log knows nothing of it.
    """
    found = _Found()
    if "@" in subject:
        await _by_address(db, subject.strip().lower(), found)
    elif ":" in subject:
        kind, _, name = subject.partition(":")
        known = await db.fetchrow("select from event where record_type = $1 and record_id = $2 limit 1", kind, name)
        known = known or await db.fetchrow(
            "select from change where record_type = $1 and record_id = $2 limit 1", kind, name
        )
        if known is None and kind == "contact":
            known = await db.fetchrow(
                f"select from event where {_LEADS} and contact_id = $1 limit 1",
                name,
            )
        if known is not None:
            (found.contacts if kind == "contact" else found.records).add(name if kind == "contact" else subject)
    else:
        await _by_id(db, subject, found)
    before = -1
    for _ in range(ROUNDS):
        if found.size() == before:
            break
        before = found.size()
        await _follow(db, found)
    return await _group(db, found)


async def _by_address(db: Database, address: str, found: _Found) -> None:
    rows = await db.fetch(
        f"select distinct lead_id from event where {_LEADS} and email = $1",  # noqa: S608
        address,
    )
    found.leads |= {row["lead_id"] for row in rows}
    rows = await db.fetch(
        "select distinct record_type, record_id from event where topic = 'record.changed.v1' "
        "and email = $1 and record_type in ('contact', 'member')",
        address,
    )
    found.contacts |= {row["record_id"] for row in rows if row["record_type"] == "contact"}
    found.records |= {f"member:{row['record_id']}" for row in rows if row["record_type"] == "member"}


async def _by_id(db: Database, name: str, found: _Found) -> None:
    if (
        await db.fetchrow("select from event where lead_id = $1 limit 1", name) is not None
        or await db.fetchrow("select from change where lead_id = $1 limit 1", name) is not None
    ):
        found.leads.add(name)
    elif await db.fetchrow("select from submission where submission_id = $1 limit 1", name) is not None:
        found.submissions.add(name)


async def _follow(db: Database, found: _Found) -> None:
    """One step: from leads to their contacts and submissions, from contacts to leads, tasks and activities. A lead belongs to
    the contact that its newest version is linked to: links can be cut."""
    rows = await db.fetch(
        f"select distinct lead_id from event where {_LEADS} and contact_id = any($1)",  # noqa: S608
        sorted(found.contacts),
    )
    candidates = {row["lead_id"] for row in rows}
    rows = await db.fetch(
        f"select distinct on (lead_id) lead_id, contact_id as contact, submission_id as submission "  # noqa: S608
        f"from event where lead_id = any($1) and {_LEADS} "
        "order by lead_id, lead_version desc nulls last, contact_id is null",
        sorted(found.leads | candidates),
    )
    for row in rows:
        if row["lead_id"] in found.leads or row["contact"] in found.contacts:
            found.leads.add(row["lead_id"])
            found.contacts |= {row["contact"]} - {None}
            found.submissions |= {row["submission"]} - {None}
    rows = await db.fetch(
        "select distinct record_type, record_id from event where topic = 'record.changed.v1' "
        "and contact_id = any($1) and record_type in ('task', 'activity')",
        sorted(found.contacts),
    )
    found.records |= {f"{row['record_type']}:{row['record_id']}" for row in rows}


async def _group(db: Database, found: _Found) -> Group:
    rows = await db.fetch(
        f"select distinct lead_id from event where {_LEADS} and submission_id = any($1)",  # noqa: S608
        sorted(found.submissions),
    )
    shared = {row["lead_id"] for row in rows} - found.leads
    records = found.records | {f"contact:{name}" for name in found.contacts}
    return Group(
        lead_ids=tuple(sorted(found.leads)), submission_ids=tuple(sorted(found.submissions)),
        records=records_named(sorted(records)), shared=tuple(sorted(shared)),
    )  # fmt: skip


async def changes_under(db: Database, subject_key_ids: Iterable[str]) -> int:
    """How many rows of the log are sealed under these keys."""
    row = await db.fetchrow("select count(*) as rows from change where subject_key_id = any($1)", list(subject_key_ids))
    return int(row["rows"])


class Erasures:
    """The stage's store of erasures: everything in the transaction of the batch."""

    async def erasing(self, erasure_id: str) -> Erasing | None:
        """An erasure that was ordered before."""
        row = await transaction().fetchrow("select * from erasure where erasure_id = $1", erasure_id)
        if row is None:
            return None
        group = Group(
            lead_ids=tuple(row["lead_ids"]),
            submission_ids=tuple(row["submission_ids"]),
            records=records_named(row["records"]),
        )
        return Erasing(group, Actor(kind=row["actor_kind"], id=row["actor_id"]), row["reason"], row["ordered_at"])

    async def order(self, one: Erasing) -> None:
        """Keep an erasure that is ordered now."""
        await transaction().execute(_ORDER, *erasure_values(one))

    async def repeated(self, erasure_id: str, at: datetime) -> None:
        """Note that it was said again."""
        await transaction().execute("update erasure set repeated_at = $2 where erasure_id = $1", erasure_id, at)


async def keys_destroyed(db: Database, erasure_id: str, keys: int, at: datetime) -> None:
    """Note that the keys are gone."""
    await db.execute(
        "update erasure set keys_destroyed = coalesce(keys_destroyed, $2), destroyed_at = coalesce(destroyed_at, $3) "
        "where erasure_id = $1",
        erasure_id, keys, at,
    )  # fmt: skip


async def erasures(db: Database, limit: int, before: datetime) -> list[dict[str, JsonValue]]:
    """Erasures that were ordered before a time, the newest first."""
    rows = await db.fetch(
        "select * from erasure where ordered_at < $2 order by ordered_at desc limit $1", limit, before
    )
    return [_shown(row) for row in rows]


async def erasure(db: Database, erasure_id: str) -> dict[str, JsonValue] | None:
    """An erasure and how far it is; None when there is none of that id."""
    row = await db.fetchrow("select * from erasure where erasure_id = $1", erasure_id)
    return None if row is None else _shown(row)


def _shown(row: object) -> dict[str, JsonValue]:
    told = dict(row)  # type: ignore[call-overload]
    times = {
        name: told[name].isoformat() if told[name] else None for name in ("ordered_at", "destroyed_at", "repeated_at")
    }
    return {**told, **times}

"""The index in Postgres: sorted advisory locks on the exact keys of a batch, then one query for each kind of row."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

import asyncpg

from libs.runtime.errors import Retryable
from libs.runtime.state import transaction
from services.dedupe.company_blocks import companies_of, drop_blocks, save_blocks
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.known import Known, Wanted, needed_blocks, related_keys
from services.dedupe.domain.likeness import worth_reading
from services.dedupe.domain.records import Company, Contact, Delta, LeadRow, Pair
from services.dedupe.related import linked_leads, related_to, save_related
from services.dedupe.rows import COMPANY, CONTACT, EDITS, company_keys, contact_keys, lead_values, values_of

LOCK_CLASS = 0x5B0D
LOCK_BUCKETS = 1024
"""Keys share so many locks, so that a batch of any size fits into Postgres's lock table (6,400 entries by default)."""


class PostgresIndex:
    """See `stage.gathering.Index`; every method uses the batch's transaction."""

    async def rows(self, lead_ids: Iterable[str]) -> Mapping[str, LeadRow]:
        """The leads' rows, not locked."""
        return await _leads(sorted(lead_ids), lock=False)

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted. Locks come first and sorted, so that two batches never wait for each other in a ring."""
        await _lock(wanted)
        known = Known(leads=dict(await _leads(sorted(wanted.leads), lock=True)))
        known.pairs = await _pairs(wanted.subjects)
        keys = sorted(wanted.keys)
        contact_ids = await _ids("contact", keys)
        company_ids = await _ids("company", keys)
        known.keys = {key: contact_ids[key] | company_ids[key] for key in keys}
        apart = frozenset(pair.record_id for pair in known.pairs.values() if pair.verdict == "apart")
        known.blocks, texts = await companies_of(sorted(needed_blocks(wanted, company_ids, apart)))
        named = {record for _, record in known.pairs} | wanted.records
        known.contacts = await _contacts(named.union(*_telling(contact_ids.values())))
        of_contacts = {one.company_id for one in known.contacts.values() if one.company_id}
        known.companies = await _companies(
            named.union(of_contacts, *company_ids.values(), worth_reading(wanted.companies, known.blocks, texts))
        )
        known.related = await related_to(related_keys(wanted, known), wanted.records)
        known.linked = await linked_leads(wanted.cut)
        return known

    async def save(self, deltas: Sequence[Delta]) -> None:
        """Store the changes of a batch; of one row the newest counts. Raises Retryable when another batch was faster."""
        try:
            await _save(deltas)
        except asyncpg.UniqueViolationError as error:
            raise Retryable("another batch took the same key first") from error


def _telling(found: Iterable[set[str]]) -> list[set[str]]:
    """What is behind the keys that say something: rows of a common key are never looked at, so they are not read."""
    return [ids for ids in found if len(ids) <= MAX_COMMON]


async def _lock(wanted: Wanted) -> None:
    keys = {*wanted.keys, *(f"lead:{lead}" for lead in wanted.leads)}
    buckets = sorted(
        {int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % LOCK_BUCKETS for key in keys}
    )
    await transaction().execute(
        "select pg_advisory_xact_lock($1, bucket) from unnest($2::int[]) with ordinality as t(bucket, n)",
        LOCK_CLASS,
        buckets,
    )


async def _leads(lead_ids: Sequence[str], *, lock: bool) -> dict[str, LeadRow]:
    if not lead_ids:
        return {}
    tail = " order by lead_id for update" if lock else ""
    rows = await transaction().fetch("select * from lead where lead_id = any($1)" + tail, lead_ids)  # noqa: S608
    return {
        row["lead_id"]: LeadRow(**{**dict(row), "edits": EDITS.validate_json(row["edits"])})  # a constant tail only
        for row in rows
    }


async def _pairs(subjects: Iterable[str]) -> dict[tuple[str, str], Pair]:
    rows = await transaction().fetch(
        "select subject, record_id, verdict, actor_id, lead_id, evidence from pair where subject = any($1) order by 1, 2",
        sorted(subjects),
    )
    return {(row["subject"], row["record_id"]): Pair(**dict(row)) for row in rows}


async def _ids(kind: str, keys: Sequence[str]) -> dict[str, set[str]]:
    """The ids behind each key, one more than `MAX_COMMON` at most: enough to know that a key says nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = await transaction().fetch(
        f"select k.key, h.id from unnest($1::text[]) as k(key) cross join lateral ("  # noqa: S608 - kind is ours
        f"select {kind}_id as id from {kind}_key where key = k.key order by 1 limit $2) h",
        keys, MAX_COMMON + 1,
    )  # fmt: skip
    for row in rows:
        found[row["key"]].add(row["id"])
    return found


async def _contacts(contact_ids: Iterable[str]) -> dict[str, Contact]:
    """Locked, in order: a link may change a contact that another batch reaches by another key."""
    rows = await transaction().fetch(
        "select * from contact where contact_id = any($1) order by contact_id for update", sorted(contact_ids)
    )
    return {row["contact_id"]: contact_of(row) for row in rows}


def contact_of(row: asyncpg.Record) -> Contact:
    """The contact of a row."""
    told = {"emails": tuple(row["emails"]), "learned": tuple(row["learned"]), "fields": _fields(row["fields"])}
    return Contact(**{**dict(row), **told})


async def _companies(company_ids: Iterable[str]) -> dict[str, Company]:
    rows = await transaction().fetch("select * from company where company_id = any($1)", sorted(company_ids))
    return {row["company_id"]: company_of(row) for row in rows}


def company_of(row: asyncpg.Record) -> Company:
    """The company of a row."""
    return Company(**{**dict(row), "domains": tuple(row["domains"]), "fields": _fields(row["fields"])})


def _fields(held: str | None) -> dict[str, object] | None:
    return None if held is None else json.loads(held)


async def _save(deltas: Sequence[Delta]) -> None:
    contacts, companies, gone = _last_rows(deltas)
    await transaction().execute("delete from contact where contact_id = any($1)", sorted(gone))
    await drop_blocks(gone)
    await transaction().execute("delete from company where company_id = any($1)", sorted(gone))
    await _save_contacts(list(contacts.values()))
    await _save_companies(list(companies.values()))
    await _save_leads([delta for delta in deltas if delta.lead is not None])
    await save_related(deltas)
    pairs = {(pair.subject, pair.record_id): pair for delta in deltas for pair in delta.pairs}
    unpaired = sorted({taken for delta in deltas for taken in delta.unpaired} - pairs.keys())
    await transaction().executemany("delete from pair where subject = $1 and record_id = $2", unpaired)
    await transaction().executemany(
        "insert into pair values ($1, $2, $3, $4, $5, $6) on conflict (subject, record_id) do update set "
        "verdict = excluded.verdict, actor_id = excluded.actor_id, lead_id = excluded.lead_id, "
        "evidence = excluded.evidence",
        [(one.subject, one.record_id, one.verdict, one.actor_id, one.lead_id, one.evidence) for one in pairs.values()],
    )


def _last_rows(deltas: Sequence[Delta]) -> tuple[dict[str, Contact], dict[str, Company], set[str]]:
    """The newest row of each record, and the records that are gone in the end."""
    contacts: dict[str, Contact] = {}
    companies: dict[str, Company] = {}
    gone: set[str] = set()
    for delta in deltas:
        for record_id in delta.gone:
            contacts.pop(record_id, None)
            companies.pop(record_id, None)
            gone.add(record_id)
        for contact in delta.contacts:
            contacts[contact.contact_id] = contact
        for company in delta.companies:
            companies[company.company_id] = company
    return contacts, companies, gone


async def _save_contacts(contacts: Sequence[Contact]) -> None:
    """Rows and keys; all old keys go before new ones come, since a key may move from one contact to another."""
    if not contacts:
        return
    await _upsert("contact", CONTACT, [values_of(one, CONTACT) for one in contacts])
    await transaction().execute(
        "delete from contact_key where contact_id = any($1)", [one.contact_id for one in contacts]
    )
    await _insert_keys("contact", [row for one in contacts for row in contact_keys(one)])


async def _save_companies(companies: Sequence[Company]) -> None:
    if not companies:
        return
    await _upsert("company", COMPANY, [values_of(one, COMPANY) for one in companies])
    await transaction().execute(
        "delete from company_key where company_id = any($1)", [one.company_id for one in companies]
    )
    await _insert_keys("company", [row for one in companies for row in company_keys(one)])
    await save_blocks(companies)


async def _upsert(table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    await transaction().executemany(
        f"insert into {table} ({', '.join(columns)}) values ({places}) "  # noqa: S608 - names are constants of this module
        f"on conflict ({columns[0]}) do update set {changes}",
        rows,
    )


async def _insert_keys(kind: str, rows: Sequence[tuple[str, str, bool]]) -> None:
    await transaction().execute(
        f"insert into {kind}_key (key, {kind}_id, alone) select * from unnest($1::text[], $2::text[], $3::bool[])",  # noqa: S608
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows],
    )  # fmt: skip


async def _save_leads(deltas: Sequence[Delta]) -> None:
    """The newest row of each lead, and its links: the one before is cut, and stays."""
    await transaction().executemany(
        "insert into lead (lead_id, version, facts_hash, contact_id, company_id, email, lead, edits) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb) on conflict (lead_id) do update set version = excluded.version, "
        "facts_hash = excluded.facts_hash, contact_id = excluded.contact_id, company_id = excluded.company_id, "
        "email = excluded.email, lead = excluded.lead, edits = excluded.edits",
        [lead_values(delta.lead) for delta in deltas if delta.lead],
    )
    for once in _rounds(deltas):
        await _save_links(once)


def _rounds(deltas: Sequence[Delta]) -> list[list[Delta]]:
    """The deltas so that each round has a lead once: the links of two versions in one batch follow each other."""
    rounds: list[list[Delta]] = []
    count: dict[str, int] = defaultdict(int)
    for delta in deltas:
        lead_id = delta.lead.lead_id if delta.lead else ""
        if count[lead_id] == len(rounds):
            rounds.append([])
        rounds[count[lead_id]].append(delta)
        count[lead_id] += 1
    return rounds


async def _save_links(deltas: Sequence[Delta]) -> None:
    links = [
        (delta.lead.lead_id, delta.lead.contact_id, delta.lead.version, delta.link_rule, delta.linked_by)
        for delta in deltas
        if delta.lead
    ]
    await transaction().executemany(
        "update contact_link set cut_at_version = $3 where lead_id = $1 and cut_at_version is null and contact_id <> $2",
        [link[:3] for link in links],
    )
    await transaction().executemany(
        "insert into contact_link (lead_id, contact_id, version, rule, linked_by) values ($1, $2, $3, $4, $5) "
        "on conflict (lead_id) where cut_at_version is null do nothing",
        links,
    )

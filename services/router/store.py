"""The router's state in Postgres. One batch decides at a time: turns and owners are then never given twice."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from libs.contracts.lead import Route
from libs.contracts.notices import NoticeGiven
from libs.runtime.errors import Retryable
from libs.runtime.rows import Gone, Kept, Row
from libs.runtime.state import DATABASE_AWAY, transaction
from services.router.domain.fairness import Place
from services.router.domain.holds import party_matches
from services.router.domain.known import Known, Wanted
from services.router.domain.records import (
    AnsweredQuestion,
    DayException,
    Delta,
    Earned,
    Entry,
    LeadRow,
    LetOut,
    Load,
    Member,
    Opportunity,
    Party,
)
from services.router.domain.shown import LeadState
from services.router.rows import CLOCKS, EXCEPTION, LOAD, MEMBER, rows_of

LOCK_CLASS = 0x5B0E
"""Advisory lock of the one batch that decides."""
_KEYS = {
    "lead": ("lead_id",), "party": ("record_id",), "opportunity": ("record_id",), "entry": ("record_id",),
    "member": ("record_id",), "exception": ("record_id",), "place": ("pool", "member_id"), "load": ("member_id",),
    "earned": ("key",), "let_out": ("record_id", "field"), "answered": ("lead_id", "question_id"),
}  # fmt: skip
"""By table: what makes it the same row. The columns of a row come in the same order, its key first."""
_PENDING = "(settled and (route ->> 'offer')::int > 0 and not accepted)"
_STATE: Mapping[LeadState, str] = {
    "active": "settled and sla in ('running', 'breached')",
    "offered": _PENDING,
    "accepted": f"settled and sla in ('running', 'breached') and not {_PENDING}",
    "overdue": "sla = 'breached'",
    "met": "sla = 'met'",
    "waiting": "not settled",
    "gone": "true",
    "all": "true",
}


class PostgresState:
    """See `stage.gathering.State`; every method uses the batch's transaction."""

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted, and the parties and deals that belong to it. Waits until no other batch decides."""
        await transaction().execute("select pg_advisory_xact_lock($1, 0)", LOCK_CLASS)
        known = Known(leads=await _leads(wanted.leads), answered=await _answered(wanted.leads))
        parties = wanted.parties.union(*({row.contact_id, row.company_id or ""} - {""} for row in known.leads.values()))
        known.parties = await _parties(parties)
        known.opportunities = await _opportunities(parties, wanted.records)
        matches = wanted.matches.union(*map(party_matches, known.parties.values()), (one.casefold() for one in parties))
        known.entries = await _entries(matches, wanted.records)
        known.let_out = await _let_out(wanted.records)
        known.earned = await _earned(wanted.earned.union(one.key for one in known.let_out.values()))
        if wanted.pools:
            known.members, known.places, known.loads = await _members(), await _places(), await _loads()
            known.exceptions = await _exceptions()
        return known

    async def save(self, deltas: Sequence[Delta]) -> None:
        """Store the changes of a batch; of one row the newest counts."""
        rows = [row for delta in deltas for row in rows_of(delta)]
        for table, keys in _KEYS.items():
            await _save_table(table, keys, [row for row in rows if row.table == table])
        await _save_notices([row for row in rows if row.table == "notice"])
        await _save_marks(deltas)


class PostgresLeads:
    """See `api.Leads`: routed leads as people list them, outside of any batch."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def one(self, lead_id: str) -> LeadRow | None:
        """The newest version of a lead that was routed."""
        rows = await self._fetched("select * from lead where lead_id = $1", lead_id)
        return _lead_row(dict(rows[0])) if rows else None

    async def page(
        self, member: str | None, state: LeadState, limit: int, after: tuple[str, str], queues: Sequence[str] = ()
    ) -> list[LeadRow]:
        """What is due first, from behind `after` (due time as ISO, lead id) on; `queues`: only of these, if any are given."""
        owner = "route -> 'owner' ->> 'id'"
        left = f"$1::text = any(offered) and {owner} is distinct from $1::text"
        mine = left if state == "gone" else f"{owner} = $1::text"
        if state == "waiting":
            mine = f"coalesce(route -> 'told' ->> 'id', {owner}) = $1::text"
        whose = "true" if member is None else mine
        rows = await self._fetched(
            f"select * from lead where ({whose} or $1::text is null) and {_STATE[state]} "  # noqa: S608 - constants of this module
            "and (coalesce(due_at, 'infinity'), lead_id) > ($2::text::timestamptz, $3) "
            "and ($5::text[] = '{}' or route ->> 'queue' = any($5)) "
            "order by coalesce(due_at, 'infinity'), lead_id limit $4",
            member, *after, limit, list(queues),
        )  # fmt: skip
        return [_lead_row(dict(row)) for row in rows]

    async def members(self) -> dict[str, str]:
        """The members' names by id; those who are gone too, since old offers name them."""
        rows = await self._fetched("select data from member")
        people = (MEMBER.validate_json(row["data"]) for row in rows)
        return {one.record_id: one.name or one.record_id for one in people}

    async def exceptions(self) -> list[DayException]:
        """Days on which calendars have other hours."""
        return [EXCEPTION.validate_json(row["data"]) for row in await self._fetched("select data from exception")]

    async def turns(self) -> Known:
        """Members, days, places and loads, each as it was committed last."""
        people = [MEMBER.validate_json(row["data"]) for row in await self._fetched("select data from member")]
        places = await self._fetched("select * from place")
        loads = await self._fetched("select * from load")
        return Known(
            members={one.record_id: one for one in people},
            exceptions={one.record_id: one for one in await self.exceptions()},
            places={(row["pool"], row["member_id"]): Place(*(row[name] for name in Place._fields)) for row in places},
            loads={row["member_id"]: Load(*(row[name] for name in LOAD)) for row in loads},
        )

    async def waiting(self) -> dict[str, int]:
        """Leads that wait for a person, by queue."""
        rows = await self._fetched(
            "select route ->> 'queue' as queue, count(*) as leads from lead where not settled group by 1"
        )
        return {row["queue"] or "": row["leads"] for row in rows}

    async def notices(self, member: str, unread: bool, limit: int, after: int) -> list[tuple[int, NoticeGiven]]:
        """What a member should hear, themselves or by their roles, oldest first, with its number."""
        rows = await self._fetched(
            "select number, data from notice where number > $3 "
            "and (not $2 or number > coalesce((select upto from notice_read where member_id = $1), 0)) "
            "and (member_id = $1 or role in (select jsonb_array_elements_text(data -> 'roles') from member "
            "where record_id = $1 and data ? 'roles')) "
            "order by number limit $4",
            member, unread, after, limit,
        )  # fmt: skip
        return [(row["number"], NoticeGiven.model_validate_json(row["data"])) for row in rows]

    async def _fetched(self, query: str, *values: object) -> list[asyncpg.Record]:
        try:
            return await self._pool.fetch(query, *values)
        except DATABASE_AWAY as error:
            raise Retryable(f"Postgres: {type(error).__name__}") from error


async def _save_table(table: str, keys: Sequence[str], rows: Sequence[Kept]) -> None:
    last = {tuple(row.values[key] for key in keys): row for row in rows}
    held = [row.values for row in last.values() if isinstance(row, Row)]
    if held:
        await _upsert(table, tuple(held[0]), len(keys), [tuple(values.values()) for values in held])
    gone = [key for key, row in last.items() if isinstance(row, Gone)]
    if gone:
        which = " and ".join(f"{key} = ${place}" for place, key in enumerate(keys, 1))
        await transaction().executemany(f"delete from {table} where {which}", gone)  # noqa: S608 - names of this module


async def _save_notices(rows: Sequence[Kept]) -> None:
    if rows:
        await transaction().executemany(
            "insert into notice (notice_id, member_id, role, lead_id, data) values ($1, $2, $3, $4, $5) "
            "on conflict do nothing",
            [tuple(row.values.values()) for row in rows],
        )


async def _save_marks(deltas: Sequence[Delta]) -> None:
    for member, upto in [mark for delta in deltas for mark in (delta.read or {}).items()]:
        # a mark never goes back, and never past what there is: what comes later is new
        await transaction().execute(
            "insert into notice_read (member_id, upto) "
            "values ($1, least($2::bigint, coalesce((select max(number) from notice), 0))) "
            "on conflict (member_id) do update set upto = greatest(notice_read.upto, excluded.upto)",
            member, upto,
        )  # fmt: skip


async def _earned(keys: Iterable[str]) -> dict[str, Earned]:
    wanted = sorted(keys)
    rows = await transaction().fetch("select * from earned where key = any($1)", wanted) if wanted else []
    return {row["key"]: Earned(**{**dict(row), "recent": _pairs(row["recent"])}) for row in rows}


def _pairs(held: str) -> tuple[tuple[str, bool], ...]:
    return tuple((answer_id, accepted) for answer_id, accepted in json.loads(held))


async def _let_out(record_ids: Iterable[str]) -> dict[tuple[str, str], LetOut]:
    wanted = sorted(record_ids)
    rows = await transaction().fetch("select * from let_out where record_id = any($1)", wanted) if wanted else []
    found = (LetOut(**{**dict(row), "value": json.loads(row["value"])}) for row in rows)
    return {(one.record_id, one.field): one for one in found}


async def _leads(lead_ids: Iterable[str]) -> dict[str, LeadRow]:
    rows = await transaction().fetch("select * from lead where lead_id = any($1)", sorted(lead_ids))
    return {row["lead_id"]: _lead_row(dict(row)) for row in rows}


def _lead_row(row: Mapping[str, Any]) -> LeadRow:
    route, clocks = Route.model_validate_json(row["route"]), CLOCKS.validate_json(row["clocks"])
    return LeadRow(**{**row, "route": route, "clocks": clocks, "offered": tuple(row["offered"])})


async def _answered(lead_ids: Iterable[str]) -> dict[tuple[str, str], AnsweredQuestion]:
    rows = await transaction().fetch("select * from answered where lead_id = any($1)", sorted(lead_ids))
    found = (AnsweredQuestion(**{**dict(row), "value": json.loads(row["value"])}) for row in rows)
    return {(one.lead_id, one.question_id): one for one in found}


async def _parties(record_ids: Iterable[str]) -> dict[str, Party]:
    rows = await transaction().fetch("select * from party where record_id = any($1)", sorted(record_ids))
    return {row["record_id"]: Party(**{**dict(row), "fields": _loaded(row["fields"])}) for row in rows}


async def _opportunities(parties: Iterable[str], record_ids: Iterable[str]) -> dict[str, Opportunity]:
    rows = await transaction().fetch(
        "select * from opportunity where record_id = any($2) or (is_open and (contact_id = any($1) or company_id = any($1)))",
        sorted(parties), sorted(record_ids),
    )  # fmt: skip
    return {row["record_id"]: Opportunity(**dict(row)) for row in rows}


async def _entries(matches: Iterable[str], record_ids: Iterable[str]) -> dict[str, Entry]:
    rows = await transaction().fetch(
        "select * from entry where record_id = any($2) or (email <> '' and email = any($1)) "
        "or (domain <> '' and domain = any($1)) or (names <> '' and names = any($1))",
        sorted(matches), sorted(record_ids),
    )  # fmt: skip
    return {row["record_id"]: Entry(**dict(row)) for row in rows}


async def _members() -> dict[str, Member]:
    rows = await transaction().fetch("select data from member")
    return {one.record_id: one for one in (MEMBER.validate_json(row["data"]) for row in rows)}


async def _exceptions() -> dict[str, DayException]:
    rows = await transaction().fetch("select data from exception")
    return {one.record_id: one for one in (EXCEPTION.validate_json(row["data"]) for row in rows)}


async def _places() -> dict[tuple[str, str], Place]:
    rows = await transaction().fetch("select * from place")
    return {(row["pool"], row["member_id"]): Place(*(row[name] for name in Place._fields)) for row in rows}


async def _loads() -> dict[str, Load]:
    rows = await transaction().fetch("select * from load")
    return {row["member_id"]: Load(*(row[name] for name in LOAD)) for row in rows}


def _loaded(held: str | None) -> dict[str, object] | None:
    return None if held is None else json.loads(held)


async def _upsert(table: str, columns: Sequence[str], keys: int, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert or update by the first `keys` columns."""
    if not rows:
        return
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[keys:])
    await transaction().executemany(
        f"insert into {table} ({', '.join(columns)}) values ({places}) "  # noqa: S608 - names are constants of this module
        f"on conflict ({', '.join(columns[:keys])}) do update set {changes}",
        rows,
    )

"""The conformance suite of the router's state: the fake and Postgres answer alike. And two routers never give one turn twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import services.router.store as store
from libs.contracts.change import RecordRef
from libs.contracts.events import Event, LeadScored
from libs.contracts.lead import Route
from libs.contracts.notices import NoticeGiven
from libs.runtime.state import bind
from services.router.domain.fairness import Place
from services.router.domain.known import Wanted
from services.router.domain.records import (
    AnsweredQuestion,
    Clock,
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
from services.router.stage.gathering import State
from tests.services.router.fakes import NOW, MemoryState, a_lead, member
from tests.services.router.running import Router, run_batch, scored
from tests.services.router.test_rules_hold import sequences, shown

MIGRATIONS = Path(store.__file__).parent / "migrations"
Transaction = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            await pool.execute(file.read_text())
        yield pool


def transactions(pool: asyncpg.Pool) -> Transaction:
    @asynccontextmanager
    async def transaction() -> AsyncIterator[None]:
        async with pool.acquire() as connection, connection.transaction():
            with bind(connection):  # type: ignore[arg-type]
                yield

    return transaction


@asynccontextmanager
async def no_transaction() -> AsyncIterator[None]:
    yield


@pytest.fixture(params=["memory", "postgres"])
def held(request: pytest.FixtureRequest) -> tuple[State, Transaction]:
    if request.param == "memory":
        return MemoryState(), no_transaction
    return store.PostgresState(), transactions(request.getfixturevalue("pool"))


ROUTE = Route(destination="queue", queue="inbound_sales", rule="r", reason="r", confidence=0.9, sla_due_at=NOW)
ROW = LeadRow(
    "l1",
    2,
    ROUTE,
    True,
    "c1",
    "k1",
    NOW,
    "running",
    b'{"x": 1}',
    "inbound",
    {"accept": Clock("running", NOW)},
    ("ann", "bob"),
    True,
)
PARTIES = (Party("c1", 3, {"owner": "ann", "email": "A@x.example"}), Party("k1", assigned="ann"))
DEALS = (Opportunity("o1", 1, "", "k1", "ann", True), Opportunity("o2", 1, "c1", "", "", False))
ENTRIES = (
    Entry("e1", 1, "partner", domain="x.example"),
    Entry("e2", 1, "investor", names="k1", until="2026-12-01T00:00:00+00:00"),
    Entry("e3", 1, "regulated", email="z@z.example"),
    Entry("e4", 1, ""),
)
SAID = AnsweredQuestion("l1", "q1", "edit", {"x": [1]}, "dana")
ALL = Delta(
    lead=ROW, parties=PARTIES, opportunities=DEALS, entries=ENTRIES, members=(Member("ann", 1, "Ann", pools=("inbound",)),),
    places={("inbound", "ann"): Place(-2, 3, 1, 9)}, loads={"ann": Load(1, "2026-11-24", 1, "2026-11-23", 2)},
    exceptions=(DayException("x1", 1, "2026-12-24", country="DE", shifts=(("09:00", "12:00"),)),), answered=(SAID,),
)  # fmt: skip


async def test_a_known_lead_brings_all_that_belongs_to_it(held: tuple[State, Transaction]) -> None:
    state, transaction = held
    async with transaction():
        await state.save([Delta(lead=LeadRow("l1", 1, ROUTE, False, "c1", None, None, "none", b"{}")), ALL])
    async with transaction():
        known = await state.known(Wanted(leads=frozenset(("l1", "l2")), pools=True))
    assert known.leads == {"l1": ROW}
    assert known.parties == {one.record_id: one for one in PARTIES}
    assert known.opportunities == {"o1": DEALS[0]}
    assert set(known.entries) == {"e1", "e2"}
    assert known.members == {one.record_id: one for one in ALL.members}
    assert (known.places, known.loads) == (ALL.places, ALL.loads)
    assert known.exceptions == {"x1": ALL.exceptions[0]}
    assert known.answered == {("l1", "q1"): SAID}


async def test_what_was_not_asked_for_stays_away(held: tuple[State, Transaction]) -> None:
    state, transaction = held
    async with transaction():
        await state.save([ALL])
    async with transaction():
        known = await state.known(Wanted(matches=frozenset(("z@z.example",)), records=frozenset(("o2", "e4"))))
    assert (known.leads, known.parties, known.members, known.answered) == ({}, {}, {}, {})
    assert (set(known.opportunities), set(known.entries)) == ({"o2"}, {"e3", "e4"})


async def test_levels_and_watched_writes_are_kept_found_and_let_go(held: tuple[State, Transaction]) -> None:
    state, transaction = held
    row = Earned(
        "e:contact.title:x", "e", "contact", "title", "x", "approved_writes", NOW, 2, 1, (("q1", True), ("q2", False))
    )
    out = [
        LetOut("c1", "title", row.key, "q1", {"a": [1]}, True, True),
        LetOut("c1", "city", row.key, "q3", None, False),
    ]
    async with transaction():
        await state.save([Delta(earned=(replace(row, decided=1),)), Delta(earned=(row,), let_out=tuple(out))])
    async with transaction():
        found = await state.known(Wanted(records=frozenset(("c1",))))
        named = await state.known(Wanted(earned=frozenset((row.key, "nothing"))))
        assert (await state.known(Wanted())).earned == {}
    assert found.let_out == {("c1", "title"): out[0], ("c1", "city"): out[1]}
    assert found.earned == named.earned == {row.key: row}
    async with transaction():
        await state.save([Delta(done=(("c1", "title"),)), Delta(let_out=(replace(out[1], seen=True),))])
    async with transaction():
        left = await state.known(Wanted(records=frozenset(("c1",))))
    assert left.let_out == {("c1", "city"): replace(out[1], seen=True)}


def examples(count: int) -> list[list[Event]]:
    """The same sequences in each run."""
    found: list[list[Event]] = []

    @seed(7)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sequences)
    def collect(events: list[Event]) -> None:
        found.append(events)

    collect()
    return found


async def test_both_decide_random_sequences_alike(pool: asyncpg.Pool) -> None:
    """The fake is as good as the database: the same events lead to the same outcomes on both."""
    transaction = transactions(pool)
    for events in examples(30):
        expected = Router().runs(events)
        real = Router(state=store.PostgresState())
        await pool.execute("truncate lead, party, opportunity, entry, exception, member, place, load, answered")
        found = []
        for one in events:
            async with transaction():
                found += await run_batch(real.stages[type(one)], [one])
        assert [shown(one) for one in found] == [shown(one) for one in expected]


async def test_routers_at_once_never_give_one_turn_twice(pool: asyncpg.Pool) -> None:
    transaction = transactions(pool)
    router = Router(state=store.PostgresState())
    people = [member(name, open_leads_cap=1000, daily_cap=1000) for name in ("ann", "bob", "eve")]
    async with transaction():
        await run_batch(router.stages[type(people[0])], people)

    async def batch(number: int) -> list[str]:
        events = [scored(a_lead(f"s{number}-{n}")) for n in range(2)]
        async with transaction():
            outcomes = await run_batch(router.stages[LeadScored], events)
        return [outcome.next.route.owner.id for outcome in outcomes]  # type: ignore[union-attr]

    owners = [owner for batch_owners in await asyncio.gather(*map(batch, range(10))) for owner in batch_owners]
    assert sorted(Counter(owners).values()) == [6, 7, 7]


async def test_a_members_leads_are_listed_by_their_state(pool: asyncpg.Pool) -> None:
    state, leads = store.PostgresState(), store.PostgresLeads(pool)

    def row(name: str, owner: str, **more: Any) -> LeadRow:
        route = ROUTE.model_copy(update={"owner": RecordRef(type="member", id=owner), "offer": more.pop("offer", 0)})
        held = {"settled": True, "due_at": NOW, "sla": "running", **more}
        return replace(ROW, lead_id=name, route=route, clocks={}, accepted=False, **{"offered": (), **held})

    rows = [
        row("a", "ann", offer=1, offered=("ann",)), row("b", "ann", sla="breached"), row("c", "ann", sla="met"),
        row("d", "bob", offer=2, offered=("ann", "bob")), row("e", "ann", settled=False),
    ]  # fmt: skip
    async with transactions(pool)():
        await state.save([Delta(lead=one) for one in rows])

    async def ids_of(
        member: str | None, wanted: LeadState, limit: int = 10, after: tuple[str, str] = ("-infinity", "")
    ) -> str:
        return "".join(one.lead_id for one in await leads.page(member, wanted, limit, after))

    assert [await ids_of("ann", one) for one in ("active", "offered", "accepted", "overdue", "met", "gone", "all")] == [
        "ab", "a", "b", "b", "c", "d", "abce",
    ]  # fmt: skip
    assert await ids_of(None, "offered") == "ad"
    assert await ids_of("ann", "active", 1) == "a"
    assert await ids_of("ann", "active", 5, (NOW.isoformat(), "a")) == "b"
    found = await leads.one("a")
    assert found is not None
    assert (found.lead_id, found.offered) == ("a", ("ann",))
    assert await leads.one("nobody") is None


async def test_notices_are_listed_in_order_by_member_and_role_and_the_mark_never_hides_what_comes(
    pool: asyncpg.Pool,
) -> None:
    """The fake and Postgres: the same lists."""
    leads, kept = store.PostgresLeads(pool), MemoryState()

    async def save(*deltas: Delta) -> None:
        await kept.save(deltas)
        async with transactions(pool)():
            await store.PostgresState().save(deltas)

    def notice(name: str, to: str = "", role: str = "") -> NoticeGiven:
        ref = RecordRef(type="member", id=to) if to else None
        return NoticeGiven(notice_id=name, to=ref, role=role, lead_id="l1", kind="moved", text=f"Å {name}", at=NOW)

    async def heard(unread: bool = True, limit: int = 9, after: int = 0) -> str:
        found = await leads.notices("max", unread, limit, after)
        assert found == await kept.heard("max", unread, limit, after)
        return "".join(one.notice_id for _, one in found)

    first = (notice("a", "max"), notice("b", "ann"), notice("c", role="revops"), notice("d", role="sales_manager"))
    await save(Delta(notices=first))
    assert await heard() == "a", "before anybody says which roles there are"
    await save(Delta(members=(Member("max", 1, "Max", roles=("revops",)),)))
    assert await heard() == "ac"
    assert await heard(limit=1) == "a"
    assert await heard(after=1) == "c"
    await save(Delta(read={"max": 2**50}))
    assert await heard() == ""
    await save(Delta(notices=(notice("e", "max"),)), Delta(read={"max": 1}))
    assert await heard() == "e"
    assert await heard(unread=False) == "ace"


async def test_leads_of_an_account_that_wait_are_listed_to_who_looks_after_it(pool: asyncpg.Pool) -> None:
    told = ROUTE.model_copy(update={"told": RecordRef(type="member", id="eve")})
    suggested = ROUTE.model_copy(update={"owner": RecordRef(type="member", id="eve")})
    rows = [replace(ROW, lead_id="a", route=told), replace(ROW, lead_id="b", route=told, settled=False)]
    rows.append(replace(ROW, lead_id="c", route=suggested, settled=False))
    async with transactions(pool)():
        await store.PostgresState().save([Delta(lead=one) for one in rows])
    listed = await store.PostgresLeads(pool).page("eve", "waiting", 9, ("-infinity", ""))
    assert [one.lead_id for one in listed] == ["b", "c"]

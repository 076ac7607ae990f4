"""What today's routers get wrong about pools, each as a case with a known answer."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.lead import Route
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.policy.routing import Pool
from services.router.domain.records import Load, Member
from services.router.domain.turns import Turn, free_in, full_for, loaded, turn_in
from tests.paths import ROOT
from tests.services.router.fakes import NOW, a_lead, changed, member, policy
from tests.services.router.running import Router, route_of, scored

BERLIN_NOON = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
"""A Tuesday, 12:30 in Berlin and 06:30 in New York."""


def owners(router: Router, count: int, name: str = "s") -> list[str]:
    """Who gets so many leads, one after the other."""
    routes = [route_of(router.scored(a_lead(f"{name}{number}"))) for number in range(count)]
    return [route.owner.id if route.owner else "" for route in routes]


def pooled(**options: Any) -> Policy:
    """The repository's policy with other options of the pool `inbound`, and `spare` to overflow into."""
    held, pools = policy(), policy().pools
    inbound = Pool.model_validate({**pools["inbound"].model_dump(), **options})
    return held.model_copy(update={"pools": {**pools, "inbound": inbound, "spare": pools["enterprise"]}})


def turn(router: Router, held: Policy, now: datetime = NOW, **fields: Any) -> Turn:
    """Whose turn it would be in the pool `inbound`."""
    return turn_in("inbound", a_lead(**fields), held, router.state.all, now)


def whom(router: Router, held: Policy, now: datetime = NOW, **fields: Any) -> str | None:
    found = turn(router, held, now, **fields).member
    return found.record_id if found else None


def test_a_changed_pool_does_not_start_again_with_the_first_member() -> None:
    router = Router()
    router.runs([member("ann"), member("bob"), member("eve")])
    first = owners(router, 2)
    router.runs([member("ann", version=2, weight=1, title="Senior"), member("zoe")])
    after = owners(router, 2, "t")
    assert sorted([*first, *after]) == ["ann", "bob", "eve", "zoe"]


def test_who_returns_from_leave_gets_no_flood() -> None:
    router = Router()
    away = [{"from": NOW.isoformat(), "until": (NOW + timedelta(days=14)).isoformat()}]
    router.runs([member("ann", absences=away), member("bob"), member("eve")])
    assert "ann" not in owners(router, 20)
    router.now = NOW + timedelta(days=14)
    assert Counter(owners(router, 9, "t")) == {"ann": 3, "bob": 3, "eve": 3}


def test_an_absence_of_half_a_day_counts_for_that_half_only() -> None:
    router = Router()
    absences = [{"from": "2026-11-24T13:00:00+01:00", "until": "2026-11-24T17:00:00+01:00"}]
    router.runs([member("ann", absences=absences)])
    assert whom(router, policy(), BERLIN_NOON - timedelta(minutes=31)) == "ann"
    assert whom(router, policy(), BERLIN_NOON + timedelta(minutes=30)) is None
    assert whom(router, policy(), BERLIN_NOON + timedelta(hours=5)) == "ann"


def test_an_empty_pool_is_a_visible_failure_and_never_everyone() -> None:
    router = Router()
    router.runs([member("ann", pool="enterprise"), member("bob", on_hold=True), member("eve", active=False)])
    [route] = [route_of(router.scored(a_lead()))]
    assert (route.destination, route.queue, route.owner) == ("review", "unassigned", None)
    assert "Bob: on hold" in route.reason
    assert "Eve: not active" in route.reason
    assert route.turn is not None
    assert {one.member: one.why_not for one in route.turn.members} == {"bob": "on hold", "eve": "not active"}


def test_an_overflow_is_named_and_not_guessed() -> None:
    router = Router()
    router.runs([member("ann", pool="spare"), member("bob", on_hold=True)])
    assert whom(router, pooled()) is None
    found = turn(router, pooled(overflow="spare"))
    assert (found.pool, found.member and found.member.record_id) == ("spare", "ann")
    assert "Bob: on hold" in found.why, "and why it came so far"
    assert whom(router, pooled(overflow="inbound")) is None, "a pool that overflows into itself ends"


def test_a_bulk_insert_is_shared_out() -> None:
    router = Router()
    router.runs([member("ann"), member("bob"), member("eve")])
    outcomes = router.runs([scored(a_lead(f"s{number}")) for number in range(30)])
    routes = [route for one in outcomes if isinstance(route := getattr(one.next, "route", None), Route)]
    assert Counter(route.owner.id for route in routes if route.owner) == {"ann": 10, "bob": 10, "eve": 10}


def test_a_days_cap_ends_at_the_members_own_midnight() -> None:
    """In New York the day goes on when it is over in London, and the week begins on Monday."""
    router = Router()
    router.runs([member("ann", daily_cap=1, calendar="sales_us"), member("bob", daily_cap=1, calendar="sales_emea")])
    router.now = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)  # Tuesday 17:00 in New York, 23:00 in Berlin
    assert sorted(owners(router, 3)) == ["", "ann", "bob"]
    router.now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # Wednesday in Berlin, Tuesday in New York
    assert owners(router, 2, "t") == ["bob", ""]


def test_clocks_that_differ_begin_no_cap_again() -> None:
    """Two workers, one ten minutes ahead, take turns around a Berlin midnight that ends a week."""
    router = Router()
    router.runs([member("ann", daily_cap=4, weekly_cap=30, calendar="sales_emea"), member("bob", calendar="sales_us")])
    midnight = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    found: Counter[str] = Counter()
    for number in range(40):
        skew = timedelta(minutes=10 if number % 2 else 0)
        router.now = midnight - timedelta(minutes=8) + timedelta(seconds=number) + skew
        found.update(owners(router, 1, f"n{number}-"))
    assert found["ann"] == 8, "four of each day"


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
def test_a_days_count_never_goes_back(line: list[tuple[int, bool]]) -> None:
    """Whichever of two zones asks: no later day has more leads than came since its first, and no cap is passed."""
    load, pool, cap = Load(), policy().pools["inbound"], 3
    given_on: Counter[str] = Counter()
    for hours, east in sorted(line):
        today = (date(2026, 11, 27) + timedelta(days=(hours + (9 if east else 0)) // 24)).isoformat()
        if not full_for(Member("ann", 1, daily_cap=cap), pool, load, today):
            load = loaded(load, today)
            given_on[load.day] += 1
    assert all(count <= cap for count in given_on.values())
    assert load.day_leads == given_on[load.day]


def test_a_weeks_cap_ends_on_monday() -> None:
    router = Router()
    router.runs([member("ann", weekly_cap=2)])
    router.now = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
    assert owners(router, 3) == ["ann", "ann", ""]
    router.now = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
    assert owners(router, 1, "t") == ["ann"]


def test_a_weight_changed_at_noon_counts_from_then_on() -> None:
    router = Router()
    router.runs([member("ann"), member("bob")])
    before = Counter(owners(router, 6))
    router.runs([member("ann", version=2, weight=3)])
    after = Counter(owners(router, 12, "t"))
    assert before == {"ann": 3, "bob": 3}
    assert after == {"ann": 9, "bob": 3}


def test_who_is_deleted_gets_nothing_and_leaves_nothing_behind() -> None:
    router = Router()
    router.runs([member("ann"), member("bob")])
    owners(router, 3)
    router.runs([changed("member", "ann", 2)])
    assert set(owners(router, 4, "t")) == {"bob"}


@pytest.mark.parametrize(("cap", "found"), [(0, ["", ""]), (1, ["ann", ""])])
def test_a_cap_of_none_is_a_cap(cap: int, found: list[str]) -> None:
    router = Router()
    router.runs([member("ann", daily_cap=cap)])
    assert owners(router, 2) == found


def test_a_weight_of_none_is_nobodys_turn() -> None:
    router = Router()
    router.runs([member("ann", weight=0), member("bob")])
    assert owners(router, 3) == ["bob"] * 3


def test_only_who_is_at_work_where_a_pool_says_so() -> None:
    router = Router()
    router.runs([member("ann", calendar="sales_us"), member("bob", calendar="sales_emea")])
    held = pooled(only_in_hours=True)
    assert whom(router, held, BERLIN_NOON) is None, "lunch in Berlin, night in New York"
    assert whom(router, held, BERLIN_NOON + timedelta(hours=1)) == "bob"
    assert whom(router, held, BERLIN_NOON + timedelta(hours=9)) == "ann"
    assert free_in("inbound", held, router.state.all, BERLIN_NOON + timedelta(hours=3)) == 2


def test_clock_changes_move_working_hours_with_the_people() -> None:
    """Berlin leaves summer time on 2026-10-25: 08:30 UTC is inside hours on the Friday before and outside on the Monday."""
    router = Router()
    router.runs([member("bob", calendar="sales_emea")])
    held = pooled(only_in_hours=True)
    assert whom(router, held, datetime(2026, 10, 23, 7, 30, tzinfo=UTC)) == "bob"
    assert whom(router, held, datetime(2026, 10, 26, 7, 30, tzinfo=UTC)) is None
    assert whom(router, held, datetime(2026, 10, 26, 8, 30, tzinfo=UTC)) == "bob"


def test_a_days_exception_is_a_record_and_counts_at_once() -> None:
    router = Router()
    router.runs([member("bob", calendar="sales_emea")])
    held, at = pooled(only_in_hours=True), BERLIN_NOON + timedelta(hours=2)
    assert whom(router, held, at) == "bob"
    router.runs([changed("calendar", "x1", 1, calendar="sales_emea", day="2026-11-24", closed=True)])
    assert whom(router, held, at) is None
    router.runs([changed("calendar", "x1", 2, calendar="sales_emea", day="2026-11-24", shifts=[["14:00", "15:00"]])])
    assert whom(router, held, at) == "bob", "14:30 in Berlin"
    assert whom(router, held, at + timedelta(hours=1)) is None
    router.runs([changed("calendar", "x1", 3)])
    assert whom(router, held, at + timedelta(hours=1)) == "bob"


def test_a_countrys_holiday_closes_its_calendars_only() -> None:
    router = Router()
    router.runs([member("ann", calendar="sales_us"), member("bob", calendar="sales_emea")])
    router.runs([changed("calendar", "x1", 1, country="DE", day="2026-11-24", closed=True)])
    held, at = pooled(only_in_hours=True), BERLIN_NOON + timedelta(hours=3)
    assert held.sla.calendars["sales_emea"].country == "DE"
    assert [whom(router, held, at) for _ in range(2)] == ["ann", "ann"]


def test_language_and_skill_come_first_and_are_a_must_only_when_said() -> None:
    router = Router()
    router.runs([member("ann", languages=["de"]), member("bob", skills=["voice_ai"])])
    assert whom(router, pooled(match_language=True), language="de-AT") == "ann"
    assert whom(router, pooled(match_language=True), language="fr") in ("ann", "bob")
    assert whom(router, pooled(require_language=True), language="fr") is None
    assert whom(router, pooled(match_skill=["use_case"]), use_case="voice_ai") == "bob"
    assert whom(router, pooled(match_skill=["use_case"], require_skill=True), use_case="crm_cleanup") is None
    assert whom(router, pooled(match_skill=["use_case"], require_skill=True), use_case="unknown") in ("ann", "bob")


def test_no_pool_of_the_shipped_policy_goes_to_everyone() -> None:
    held = load_policy(read_files(ROOT / "policy"))
    assert all(pool.when_empty in held.routing.queues for pool in held.pools.values())


def test_no_territory_falls_between_two_rules() -> None:
    """A lead of no territory goes where the rules without one send it, and the route tells its territory."""
    router = Router()
    router.runs([member("ann"), member("bob", pool="inbound_emea")])
    routes = {
        country: route_of(router.scored(a_lead(f"s{country}", country=country))) for country in ("AT", "GB", "US", "AQ")
    }
    assert {one: route.queue for one, route in routes.items()} == {
        "AT": "inbound_sales_emea", "GB": "inbound_sales_emea", "US": "inbound_sales", "AQ": "inbound_sales",
    }  # fmt: skip
    assert [routes[one].record["lead.territory"] for one in routes] == ["dach", "emea", "americas", None]


def test_capacity_can_be_a_ground() -> None:
    router = Router()
    router.runs([member("ann", daily_cap=1), member("bob", on_hold=True)])
    known = router.state.all
    assert free_in("inbound", policy(), known, NOW) == 1
    owners(router, 1)
    assert free_in("inbound", policy(), known, NOW) == 0

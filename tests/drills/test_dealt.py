"""The checks of the drill `double-assignment` pass what the router's own turns deal, and find each thing that must not be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from drills.dealing import COUNTRIES, FULL, HELD, MEMBERS, MOVES, PLAIN, buyer, drill_policy
from drills.dealt import (
    deals_of,
    dealt_twice,
    last_routes,
    miscounted,
    nowhere,
    other_owners,
    over_cap,
    unfair,
)
from libs.contracts.change import RecordRef
from libs.contracts.events import LeadRouted
from libs.contracts.lead import PoolTurn, Route, TurnMember
from libs.policy.load import load_policy
from services.router.domain.fairness import Place, turn_among

EXAMPLE = LeadRouted.model_validate_json(Path("libs/contracts/examples/lead.routed.v1.json").read_text())
Weights = Mapping[str, int]


def routed(lead: int, member: str | None, line: Weights, offer: int = 0, pool: str = PLAIN) -> LeadRouted:
    """A lead of the pool with this owner; None: it waits. `line`: who could take it."""
    seen = tuple(TurnMember(member=name, weight=weight) for name, weight in line.items())
    route = Route(
        destination="queue" if member else "review",
        queue="inbound_sales" if member else "unassigned",
        owner=RecordRef(type="member", id=member) if member else None,
        rule="inbound",
        reason="",
        confidence=1.0,
        pool=pool,
        turn=PoolTurn(pool=pool, members=seen, picked=member),
        offer=offer,
    )
    identity = EXAMPLE.lead.identity
    assert identity is not None
    contact = RecordRef(type="contact", id=f"contact-{lead}")
    held = {"lead_id": f"lead-{lead}", "identity": identity.model_copy(update={"contact": contact}), "route": route}
    return EXAMPLE.model_copy(update={"lead": EXAMPLE.lead.model_copy(update=held), "route": route})


def dealt(lines: Sequence[Weights]) -> list[LeadRouted]:
    """A lead for each line, given as the router would."""
    places: dict[str, Place] = {}
    events = []
    for number, line in enumerate(lines):
        picked, after = turn_among(line, places)
        places |= after
        events.append(routed(number, picked, line))
    return events


@st.composite
def periods(draw: st.DrawFn) -> list[Weights]:
    """Who could take each lead: everybody, then one fewer at a time, as with caps that fill."""
    team = {f"m{n}": weight for n, weight in enumerate(draw(st.lists(st.integers(1, 9), min_size=2, max_size=7)))}
    names = draw(st.permutations(sorted(team)))
    lines: list[Weights] = []
    for gone in range(len(names)):
        lines += [{name: team[name] for name in names[gone:]}] * draw(st.integers(0, 30))
    return lines or [team]


@given(periods())
def test_what_the_router_deals_is_found_right(lines: list[Weights]) -> None:
    events = dealt(lines)
    deals, last = deals_of(events), last_routes(events)
    had = Counter(deal.member for deal in deals)
    owners = {f"contact-{number}": deal.member for number, deal in enumerate(deals)}
    assert len(deals) == len(events)
    assert not dealt_twice(deals, {}) + unfair(deals) + nowhere(last, ()) + over_cap(deals, PLAIN, max(had.values()))
    assert not miscounted(last, deals, had) + other_owners(last, {}, owners)


@given(periods(), st.data())
def test_a_turn_that_was_taken_from_others_is_found(lines: list[Weights], data: st.DataObject) -> None:
    events = dealt(lines)
    line = lines[0]
    thief = data.draw(st.sampled_from(sorted(line)))
    more = [routed(1000 + number, thief, line) for number in range(3 * sum(line.values()))]
    deals = deals_of([*events, *more])
    assert len(line) == 1 or unfair(deals)
    assert over_cap(deals, PLAIN, Counter(deal.member for deal in deals)[thief] - 1)


@given(periods(), st.data())
def test_a_lead_that_was_dealt_again_is_found(lines: list[Weights], data: st.DataObject) -> None:
    events = dealt(lines)
    again = data.draw(st.integers(0, len(events) - 1))
    member = data.draw(st.sampled_from(sorted(lines[again])))
    events.append(routed(again, member, lines[again]))
    assert dealt_twice(deals_of(events), {})


TEAM = {"ann": 1, "bob": 1, "cid": 1}


def offers(*members: str, numbers: Sequence[int] = ()) -> list[LeadRouted]:
    """A lead offered to these, one after the other."""
    counted = numbers or range(1, len(members) + 1)
    return [routed(7, member, TEAM, offer) for member, offer in zip(members, counted, strict=True)]


def test_offers_go_from_one_to_the_next_until_somebody_takes_it() -> None:
    once = {"lead-7": 1}
    assert not dealt_twice(deals_of(offers("ann", "bob", "cid")), {})
    assert not dealt_twice(deals_of(offers("ann", "bob", "bob", numbers=(1, 2, 2))), once)
    wrong = {
        "the same offer to two": (offers("ann", "bob", numbers=(1, 1)), {}),
        "the same one again": (offers("ann", "bob", "ann"), {}),
        "one left out": (offers("ann", "cid", numbers=(1, 3)), {}),
        "told again though nobody took it": (offers("ann", "ann", numbers=(1, 1)), {}),
        "taken and given on": (offers("ann", "ann", "bob", numbers=(1, 1, 2)), once),
        "taken before it was told": (offers("ann", "bob"), once),
        "taken twice": (offers("ann", "ann", numbers=(1, 1)), {"lead-7": 2}),
    }
    assert [name for name, (events, taken) in wrong.items() if not dealt_twice(deals_of(events), taken)] == []


def test_one_lead_off_is_right_and_more_is_not() -> None:
    pair = {"ann": 1, "bob": 1}
    assert not unfair(deals_of(routed(number, "ann", pair) for number in range(2)))
    assert unfair(deals_of(routed(number, "ann", pair) for number in range(3)))
    halves = [routed(number, "ann", pair if number else {**pair, "cid": 1}) for number in range(3)]
    assert not unfair(deals_of(halves))


def test_what_waits_unseen_or_for_nothing_is_found() -> None:
    waiting = last_routes([routed(1, None, {})])
    assert not nowhere(waiting, {"lead-1"})
    assert nowhere(waiting, ())
    assert nowhere(last_routes([routed(1, None, TEAM)]), {"lead-1"})


def test_other_counts_and_other_owners_are_found() -> None:
    events = [*dealt([TEAM] * 3), routed(9, "ann", TEAM, 1)]
    deals, last = deals_of(events), last_routes(events)
    had = Counter(deal.member for deal in deals)
    owners = {f"contact-{number}": deal.member for number, deal in enumerate(deals[:3])}
    assert not other_owners(last, {}, owners)
    assert miscounted(last, deals, {**had, "ann": had["ann"] - 1})
    assert other_owners(last, {}, {**owners, "contact-0": "cid" if owners["contact-0"] != "cid" else "bob"})
    assert other_owners(last, {}, {**owners, "contact-9": "ann"})  # it is only offered
    assert other_owners(last, {"lead-9": 1}, owners)  # it was taken


def test_the_policy_of_the_drill_loads_and_nobody_comes_back_to_a_line() -> None:
    policy = load_policy(drill_policy(5))
    assert policy.pools[FULL].open_leads_cap == 5
    assert policy.sla.accept_minutes("inbound_sales_emea") == 60
    held: set[str] = set()
    lines = [frozenset(MEMBERS[PLAIN])]
    for name, away in MOVES:
        held = held | {name} if away else held - {name}
        lines.append(frozenset(MEMBERS[PLAIN].keys() - held))
    assert len(set(lines)) == len(lines)
    assert held == HELD
    assert len({buyer(number, None, 0) for number in range(len(COUNTRIES) * 100)}) == len(COUNTRIES) * 100  # type: ignore[arg-type]

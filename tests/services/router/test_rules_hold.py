"""Properties: a batch is n singles, every lead has a destination, held leads write nothing, older versions change nothing,
and turns are fair."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.events import Command, Event, LeadScored
from libs.contracts.lead import Review
from libs.contracts.outcome import Outcome
from services.router.domain.records import Member
from services.router.domain.turns import next_turn
from tests.services.router.fakes import NOW, a_lead, changed, member, policy, proposal
from tests.services.router.running import Router, route_of, scored, writes

IDENTITY = Review(kind="identity", reason="two?", stage="dedupe", detail={"candidates": [{"id": "c0"}]})
QUEUED = Review(
    kind="change", reason="queued", stage="classify", detail={"field": "timeline", "old": None, "new": "Q1"}
)
MODES = ["limited_auto", "limited_auto", "limited_auto", "suggested", "read_only"]


def _lead(number: int, version: int, person: int, firm: int, **more: Any) -> LeadScored:
    proposals = (
        proposal(f"p{person}"),
        proposal(f"p{person}", "lifecycle", "sql"),
        proposal(f"p{person}", "activity", {"n": number}),
    )
    held = a_lead(
        f"s{number}",
        version=version,
        contact=f"contact-p{person}",
        company=f"k{firm}" if firm else None,
        proposals=proposals,
        **more,
    )
    return scored(held)


leads = st.builds(
    _lead,
    st.integers(0, 5),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(0, 2),
    priority=st.sampled_from([None, 10, 45, 60, 65, 90]),
    confidence=st.sampled_from([None, 0.2, 0.9, 0.9, 0.9]),
    flags=st.sampled_from([(), (), (), ("spam",)]),
    employees=st.sampled_from([None, 5000]),
    country=st.sampled_from([None, "DE"]),
    language=st.sampled_from([None, "de"]),
    email=st.sampled_from([None, "a@spam.example", "a@ok.example"]),
    reviews=st.sampled_from([(), (), (QUEUED,), (IDENTITY,)]),
    verdict=st.sampled_from(["new", "new", "new", "ambiguous"]),
    mode=st.sampled_from(MODES),
)
MEMBERS: list[dict[str, Any]] = [
    {}, {"active": False}, {"weight": 3}, {"languages": ["de"]}, {"open_leads_cap": 1}, {"daily_cap": 2},
]  # fmt: skip
CONTACTS: list[dict[str, Any]] = [
    {"owner": "ann"}, {"do_not_mail": True}, {"email": "x@spam.example"}, {}, {"customer_status": "customer"},
]  # fmt: skip
COMPANIES: list[dict[str, Any]] = [{"tier": "strategic"}, {"owner": "bob"}, {"domain": "spam.example"}]
versions = st.integers(1, 3)
records = st.one_of(
    st.builds(
        lambda name, pool, version, more: member(name, pool, version, **more),
        st.sampled_from(["ann", "bob", "eve"]),
        st.sampled_from(["inbound", "enterprise", "inbound_emea"]),
        versions,
        st.sampled_from(MEMBERS),
    ),
    st.builds(
        lambda number, version, more: changed("contact", f"contact-p{number}", version, **more),
        st.integers(0, 3),
        versions,
        st.sampled_from(CONTACTS),
    ),
    st.builds(lambda version, more: changed("company", "k1", version, **more), versions, st.sampled_from(COMPANIES)),
    st.builds(
        lambda version, reason: changed("suppression", "e1", version, reason=reason, domain="spam.example"),
        versions,
        st.sampled_from(["never_route", "partner"]),
    ),
    st.builds(
        lambda stage: changed("opportunity", "o1", 1, company_id="k2", stage=stage, owner="eve"),
        st.sampled_from(["demo", "won"]),
    ),
)
acts = st.one_of(
    st.builds(
        lambda number, who: Command(
            event_id=ids.derived_id("reassign", number, who), command_id="c", name="reassign", key=ids.lead_id(f"s{number}", 0),
            actor=Actor(kind="human", id="dana"), arguments={"owner": who, "reason": "knows them"},
        ),
        st.integers(0, 5), st.sampled_from(["ann", "bob"]),
    ),
    st.builds(
        lambda number, name, who: Command(
            event_id=ids.derived_id(name, number, who), command_id="c", name=name, key=ids.lead_id(f"s{number}", 0),
            actor=Actor(kind="human", id=who), arguments={"reason": "no time", "text": "well"},
        ),
        st.integers(0, 5),
        st.sampled_from(["touched", "followed_up", "accept", "reject", "comment"]),
        st.sampled_from(["ann", "bob"]),
    ),
)  # fmt: skip
sequences = st.lists(st.one_of(leads, leads, leads, records, records, acts), max_size=16)


def shown(outcome: Outcome[Any]) -> tuple[object, ...]:
    return (
        outcome.next, outcome.changes, outcome.emits, outcome.settled, outcome.timers, outcome.answer, outcome.state,
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(sequences)
def test_a_batch_is_as_good_as_singles(events: list[Event]) -> None:
    together, alone = Router(), Router()
    in_batches = together.runs(events)
    one_by_one = [alone.runs([one])[0] for one in events]
    assert [shown(one) for one in in_batches] == [shown(one) for one in one_by_one]
    assert together.state == alone.state


@settings(max_examples=150, deadline=None)
@given(sequences, leads)
def test_every_lead_has_a_destination_and_only_sent_ones_write(before: list[Event], last: LeadScored) -> None:
    router = Router()
    router.runs(before)
    version = (
        router.state.all.leads[last.lead.lead_id].version + 1 if last.lead.lead_id in router.state.all.leads else 1
    )
    outcome = router.scored(last.lead.model_copy(update={"version": version}))
    route = route_of(outcome)
    event(f"{route.destination} {'suggested' if route.suggested else ''}")
    assert route.reason
    assert route.rule
    assert route.tried
    if route.suggested or route.destination not in ("owner", "queue", "nurture"):
        assert writes(outcome) == []
        assert [one for one in outcome.changes if one.actor.id == "router"] == []
    for write in writes(outcome):
        assert write.changes
        assert all(change.field != "lifecycle" for change in write.changes)


@settings(max_examples=100, deadline=None)
@given(sequences, leads)
def test_a_version_that_is_not_newer_changes_nothing(before: list[Event], late: LeadScored) -> None:
    router = Router()
    router.runs([*before, scored(late.lead.model_copy(update={"version": 5}))])
    row = router.state.all.leads[late.lead.lead_id]
    outcome = router.one(late)
    assert (outcome.next, outcome.emits, outcome.state) == (None, (), None)
    assert router.state.all.leads[late.lead.lead_id] == row


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["s1", "s2", "s3"]), max_size=8), st.sampled_from(["ann", "bob"]))
def test_a_later_version_never_moves_an_owner_by_rule(names: list[str], who: str) -> None:
    router = Router()
    router.runs([member("ann"), member("bob"), member("eve")])
    owner = route_of(router.scored(a_lead("s0"))).owner
    for name in names:
        router.scored(a_lead(name))
    again = route_of(router.scored(a_lead("s0", version=2, priority=95)))
    moved = route_of(router.scored(a_lead("s0", version=3, contact=f"contact-{who}")))
    assert again.owner == owner
    assert moved.owner == owner


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 7), st.integers(1, 60))
def test_equal_weights_share_within_one_lead(people: int, count: int) -> None:
    shares = Counter(_turns(people, count, {}))
    assert all(abs(shares[f"m{n}"] - count / people) < 1 + 1e-9 for n in range(people))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(1, 6))
def test_weights_are_kept_exactly_over_whole_rounds(weights: list[int], rounds: int) -> None:
    given_out = Counter(_turns(len(weights), sum(weights) * rounds, dict(enumerate(weights))))
    assert [given_out[f"m{n}"] for n in range(len(weights))] == [weight * rounds for weight in weights]


def _turns(people: int, count: int, weights: dict[int, int]) -> list[str]:
    """Who got each of `count` leads in a pool without caps."""
    router = Router()
    known = router.state.all
    known.members = {
        f"m{n}": Member(f"m{n}", 1, pools=("inbound",), weight=weights.get(n), daily_cap=10_000, open_cap=10_000)
        for n in range(people)
    }
    found = []
    for number in range(count):
        turn = next_turn("inbound", a_lead(f"s{number}"), policy(), known, NOW)
        known.places.update(turn.places)
        known.loads.update(turn.loads)
        assert turn.member is not None
        found.append(turn.member.record_id)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30))
def test_who_joins_gets_a_share_and_no_flood(before: int, after: int) -> None:
    router = Router()
    router.runs([member("ann"), member("bob")])
    for number in range(before):
        router.scored(a_lead(f"b{number}"))
    router.runs([member("eve")])
    owners = [route_of(router.scored(a_lead(f"a{number}"))).owner for number in range(after)]
    got = Counter(one.id for one in owners if one)["eve"]
    assert abs(got - after / 3) <= 1 + 1e-9


def test_a_daily_cap_counts_anew_each_day() -> None:
    router = Router()
    router.runs([member("ann", daily_cap=1)])
    found = []
    for number in range(3):
        found.append(route_of(router.scored(a_lead(f"s{number}"))).destination)
        router.now += timedelta(hours=12)
    assert found == ["queue", "queue", "review"] or found == ["queue", "review", "queue"]

"""How requests, routes and the clock move an item, in whatever order the two topics arrive."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.events import LeadRouted, SlaChanged, TriageRequested
from libs.contracts.lead import Route
from libs.runtime.errors import Rejected
from services.triage.domain.item import asks_triage
from tests.services.triage.world import (
    CHANGE,
    CONFLICT,
    CRM_CHANGE,
    DUE,
    FAILURE,
    IDENTITY,
    UNMAPPED,
    Triage,
    decision,
    lead,
    overdue,
    proposal,
    question,
    request,
    routed,
    yes,
)


def clocks(outcome: Any) -> list[str]:
    return [event.state for event in outcome.emits if isinstance(event, SlaChanged)]


def audited(outcome: Any) -> list[tuple[str, Any, Any]]:
    return [(change.field, change.old, change.new) for change in outcome.settled]


async def test_a_request_opens_an_item_with_its_clock() -> None:
    triage = Triage()
    outcome = await triage.take(request())
    assert triage.item().status == "open"
    assert clocks(outcome) == ["started"]
    timers = [(one.name, one.key, one.due_at) for one in outcome.timers]
    assert timers == [("remind", "l1", None), ("overdue", "l1", DUE), ("escalate", "l1", None)], (
        "an old request's clock"
    )
    assert audited(outcome) == [("status", None, "open")]
    assert (triage.item().worth, outcome.settled[0].record.type) == (70, "triage_item")


async def test_a_newer_version_replaces_and_an_older_one_is_dropped() -> None:
    triage = Triage()
    await triage.take(request(1))
    outcome = await triage.take(request(3, IDENTITY))
    assert clocks(outcome) == ["stopped", "started"]
    assert audited(outcome) == [("status", "open", "superseded"), ("status", None, "open")]
    late = await triage.take(request(2))
    assert late.state is None
    assert (triage.item().version, triage.item().questions) == (3, (IDENTITY,))


async def test_the_routed_event_beside_a_request_closes_nothing_in_either_order() -> None:
    for events in ([request(1), routed(1, asks=True)], [routed(1, asks=True), request(1)]):
        triage = Triage()
        for event in events:
            await triage.take(event)
        assert triage.item().status == "open"


async def test_a_version_that_needs_nobody_closes_the_item() -> None:
    triage = Triage()
    await triage.take(request(1))
    outcome = await triage.take(routed(2, asks=False))
    assert triage.item().status == "superseded"
    assert clocks(outcome) == ["stopped"]
    assert outcome.timers[0].due_at is None
    assert audited(outcome) == [("status", "open", "superseded")]


async def test_a_request_that_was_overtaken_opens_nothing() -> None:
    triage = Triage()
    await triage.take(routed(2, asks=False))
    assert (await triage.take(request(1))).state is None
    assert (await triage.take(request(2))).state is None
    await triage.take(request(3))
    assert triage.item().status == "open"


async def test_a_redrive_that_maps_closes_the_unmapped_item() -> None:
    triage = Triage()
    await triage.take(request(1, UNMAPPED, lead=None))
    await triage.take(routed(1, asks=False))
    assert triage.item().status == "superseded"


async def test_a_failure_stands_beside_the_questions_and_outlives_the_route() -> None:
    triage = Triage()
    await triage.take(request(1))
    asked = triage.item().question_hash
    await triage.take(request(1, FAILURE, number=1))
    assert triage.item().questions == (CHANGE, FAILURE)
    assert triage.item().question_hash != asked
    assert (await triage.take(request(1, FAILURE, number=2))).state is None
    await triage.take(routed(1, asks=False))
    assert (triage.item().status, triage.item().questions) == ("open", (FAILURE,))
    await triage.take(routed(2, asks=False))
    assert triage.item().status == "superseded"


async def test_a_failure_after_the_lead_went_on_still_reaches_a_person() -> None:
    triage = Triage()
    await triage.take(routed(1, asks=False))
    await triage.take(request(1, FAILURE))
    assert triage.item().status == "open"


async def test_a_conflict_stands_beside_the_questions_outlives_the_route_and_is_asked_once() -> None:
    triage = Triage()
    await triage.take(request(1))
    await triage.take(request(1, CONFLICT, number=1, due_at=DUE + timedelta(days=1), lead=lead(priority=1)))
    assert triage.item().questions == (CHANGE, CONFLICT)
    assert (triage.item().due_at, triage.item().worth) == (DUE, 70)
    reworded = CONFLICT.model_copy(update={"review": CONFLICT.review.model_copy(update={"reason": "told otherwise"})})
    assert (await triage.take(request(1, reworded, number=2))).state is None
    await triage.take(routed(1, asks=False))
    assert (triage.item().status, triage.item().questions) == ("open", (CONFLICT,))


async def test_a_conflict_of_a_decided_item_asks_only_itself() -> None:
    triage = Triage()
    await triage.take(request(1, CONFLICT))
    await triage.take(decision(1, triage.item().question_hash, yes("q-conflict")))
    assert (await triage.take(request(1, CONFLICT, number=1))).state is None
    other = question("q-other", "conflict", proposal("company", "domain"), ("approve", "reject"))
    await triage.take(request(1, CONFLICT, other, number=2))
    assert (triage.item().status, triage.item().questions) == ("open", (other,))
    await triage.take(decision(2, triage.item().question_hash, yes("q-other")))
    assert triage.item().status == "decided"


async def test_an_item_that_nobody_decided_in_time_is_a_breach_once() -> None:
    triage = Triage()
    await triage.take(request(1))
    assert (await triage.take(overdue(1))).emits == ()
    triage.now = DUE + timedelta(seconds=1)
    assert (await triage.take(overdue(2, version=9))).emits == ()
    outcome = await triage.take(overdue(3))
    assert clocks(outcome) == ["breached"]
    assert triage.item().overdue
    assert (await triage.take(overdue(4))).emits == ()
    decided = await triage.take(decision(5, triage.item().question_hash, yes("q-change")))
    assert clocks(decided) == ["stopped"]


async def test_in_time_is_met_and_just_too_late_is_a_breach() -> None:
    for late, state in ((0, "met"), (1, "breached")):
        triage = Triage()
        await triage.take(request(1))
        triage.now = DUE + timedelta(seconds=late)
        assert clocks(await triage.take(decision(1, triage.item().question_hash, yes("q-change")))) == [state]


async def test_an_unknown_command_is_rejected() -> None:
    with pytest.raises(Rejected, match="no command"):
        await Triage().take(decision(1, "h").model_copy(update={"name": "close"}))


@pytest.mark.parametrize(
    ("destination", "suggested", "asks"),
    [
        ("queue", False, False),
        ("queue", True, True),
        ("triage", False, True),
        ("review", False, True),
        ("owner", False, False),
    ],
)
def test_which_routes_stand_beside_a_request(destination: Any, suggested: bool, asks: bool) -> None:
    route = Route(destination=destination, suggested=suggested, rule="r", reason="r", confidence=1.0)
    assert asks_triage(route) is asks


VERSIONS = st.lists(st.booleans(), min_size=1, max_size=6)
"""For each version from 1: whether it asks triage."""


@given(VERSIONS, st.data())
@settings(max_examples=150, deadline=None)
async def test_any_interleaving_of_the_two_topics_ends_the_same(asks: list[bool], data: st.DataObject) -> None:
    """Each topic is in order, the two are not: what is open at the end depends on the newest version alone."""
    requests: list[TriageRequested] = [request(v) for v, one in enumerate(asks, start=1) if one]
    routes: list[LeadRouted] = [routed(v, asks=one) for v, one in enumerate(asks, start=1)]
    triage = Triage()
    while requests or routes:
        from_requests = bool(requests) and (not routes or data.draw(st.booleans()))
        size = data.draw(st.integers(1, 3))
        taken = requests[:size] if from_requests else routes[:size]
        await triage.batch(taken)
        if from_requests:
            requests = requests[size:]
        else:
            routes = routes[size:]
    waiting = triage.case().open_item
    assert (None if waiting is None else waiting.version) == (len(asks) if asks[-1] else None)


EVENTS = st.lists(
    st.tuples(
        st.integers(1, 3), st.sampled_from([(CHANGE,), (CHANGE, CRM_CHANGE), (FAILURE,)]), st.sampled_from(["l1", "l2"])
    ),
    min_size=1,
    max_size=6,
)


@given(EVENTS)
@settings(max_examples=80, deadline=None)
async def test_a_batch_of_requests_equals_its_singles(asked: list[Any]) -> None:
    events = [request(v, *asks, lead_id=name, number=n) for n, (v, asks, name) in enumerate(asked)]
    together, single = Triage(), Triage()
    assert await together.batch(events) == [await single.take(event) for event in events]
    assert together.store.cases == single.store.cases

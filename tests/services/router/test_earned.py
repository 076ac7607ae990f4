"""Earned autonomy: no rise without a yes and the measure, never above the contract, down at once, and counts that add up."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.change import Actor, Status
from libs.contracts.events import AutonomyChanged
from libs.contracts.outcome import Outcome
from libs.policy.autonomy import AUTONOMOUS, LADDER, breached, missing_answers, wilson
from libs.runtime.errors import Rejected
from services.router.domain.records import Earned
from tests.services.router.earning import (
    ANA,
    KEY,
    EarningPolicies,
    answered,
    asked_about_title,
    commanded,
    earning_policy,
    earning_router,
    shown,
    titled,
)
from tests.services.router.running import Router, writes

VERDICTS = st.sampled_from(["approve"] * 5 + ["edit", "reject", "block"])


def told(outcome: Outcome[Any]) -> list[AutonomyChanged]:
    """The levels that an outcome tells."""
    return [one for one in outcome.emits if isinstance(one, AutonomyChanged)]


def row_of(router: Router) -> Earned:
    """The row of the key."""
    found = router.state.all.earned[KEY]
    assert isinstance(found, Earned)
    return found


def fed(policies: EarningPolicies, outcome: Outcome[Any]) -> Outcome[Any]:
    """The outcome, after the feed told everybody."""
    for one in told(outcome):
        policies.held[one.key] = one.level
    return outcome


def autonomous() -> tuple[Router, EarningPolicies]:
    """A router whose titles are written by themselves."""
    router, policies = earning_router()
    for number in range(20):
        fed(policies, router.one(answered(number, "approve")))
    fed(policies, router.one(commanded("raise_level")))
    assert row_of(router).level == AUTONOMOUS
    return router, policies


def test_what_is_not_earned_is_asked_and_what_is_earned_is_written() -> None:
    router, policies = earning_router()
    assert asked_about_title(router.scored(titled(100)))
    for number in range(20):
        fed(policies, router.one(answered(number, "approve")))
    assert asked_about_title(router.scored(titled(101))), "acceptance alone raises nothing"
    outcome = fed(policies, router.one(commanded("raise_level")))
    assert [one.step for one in told(outcome)] == ["raised"]
    [entry] = outcome.settled
    assert (entry.record.type, entry.record.id, entry.field, entry.old, entry.new, entry.actor) == (
        "autonomy", KEY, "level", "approved_writes", AUTONOMOUS, ANA,
    )  # fmt: skip
    assert entry.status is Status.APPLIED
    assert "20 of 20 accepted" in entry.reason
    written = router.scored(titled(102))
    assert not asked_about_title(written)
    assert "title" in [change.field for write in writes(written) for change in write.changes]


def test_a_step_up_needs_a_person_a_reason_and_the_measure() -> None:
    router, _ = earning_router()
    for number in range(10):
        router.one(answered(number, "approve" if number else "reject"))
    for command, missing in (
        (commanded("raise_level"), r"9 of 10 accepted.*more accepted ones in a row would do"),
        (commanded("raise_level", actor=Actor(kind="rule", id="r")), "only a person"),
        (commanded("raise_level", reason=" "), "say why"),
        (commanded("raise_level", key="enrich:contact.phone:lead"), "nothing is earned"),
        (commanded("raise_level", key="enrich:contact.title"), "nothing is earned"),
        (commanded("raise_level", key="nonsense"), "nothing is earned"),
        (commanded("lower_level", to=AUTONOMOUS), "the level is approved_writes"),
    ):
        with pytest.raises(Rejected, match=missing):
            router.one(command)
    assert row_of(router).level == "approved_writes"


def test_a_level_never_passes_the_contract() -> None:
    held = earning_policy()
    enrich = held.workflows["enrich"].model_copy(update={"permission": "approved_writes"})
    strict = held.model_copy(update={"workflows": {**held.workflows, "enrich": enrich}})
    router = Router(policies=EarningPolicies(strict))
    for number in range(30):
        router.one(answered(number, "approve"))
    with pytest.raises(Rejected, match="allows enrich approved_writes at most"):
        router.one(commanded("raise_level"))


def test_bad_answers_end_it_at_once_and_the_list_shows_why() -> None:
    router, policies = autonomous()
    number, steps = 200, []
    while not steps and number < 230:
        outcome = fed(policies, router.one(answered(number, "reject")))
        steps = [one for one in told(outcome) if one.step == "dropped"]
        number += 1
    assert number - 200 == 5, "6 of 10 are not below 0.6, 5 of 10 are"
    assert steps[0].level == "approved_writes"
    assert "5 of the last 10" in steps[0].reason
    assert [(one.old, one.new, one.actor.kind) for one in outcome.settled if one.record.type == "autonomy"] == [
        (AUTONOMOUS, "approved_writes", "rule")
    ]
    assert asked_about_title(router.scored(titled(300)))
    assert (row_of(router).decided, row_of(router).accepted) == (0, 0)


def test_a_rollback_of_an_automatic_write_ends_it() -> None:
    router, policies = autonomous()
    router.scored(titled(400))
    assert not told(router.one(shown(400, "old", 1, ANA))), "what moved before the write was seen says nothing about it"
    router.one(shown(400, "CTO", 2))
    outcome = fed(policies, router.one(shown(400, "old", 3, ANA, rollback="r1")))
    assert [(one.step, one.reason) for one in told(outcome)] == [("dropped", "an automatic write was rolled back")]
    assert not told(router.one(shown(400, "older", 4, ANA, rollback="r2"))), "one write is taken back once"


def test_a_rolled_back_yes_no_longer_counts_as_one_and_a_correction_counts_against() -> None:
    router, _ = earning_router()
    router.scored(titled(1))
    router.one(answered(1, "approve"))
    assert (row_of(router).decided, row_of(router).accepted) == (1, 1)
    router.one(shown(1, "CTO", 1))
    router.one(shown(1, "", 2, ANA, rollback="r1"))
    assert (row_of(router).decided, row_of(router).accepted) == (1, 0)
    router, policies = autonomous()
    router.scored(titled(500))
    router.runs([shown(500, "CTO", 1), shown(500, "CIO", 2, ANA)])
    assert (row_of(router).decided, row_of(router).accepted, row_of(router).level) == (1, 0, AUTONOMOUS)
    assert policies.held[KEY] == AUTONOMOUS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), VERDICTS), max_size=60), st.sets(st.integers(0, 60), max_size=8))
def test_any_sequence(answers: list[tuple[int, str]], raises: set[int]) -> None:
    """Counts equal a recount, a rise has a yes and its measure behind it, and a fall leaves nothing autonomous below the line."""
    router, again = earning_router()[0], earning_router()[0]
    drop = earning_policy().workflows["enrich"].autonomy
    assert drop is not None
    first: dict[int, bool] = {}
    since: dict[int, bool] = {}
    everything: list[bool] = []
    level = "approved_writes"
    events: list[Any] = []
    for place, (number, verdict) in enumerate(answers):
        if place in raises:
            command = commanded("raise_level", number=place)
            events.append(command)
            try:
                router.one(command)
            except Rejected:
                pass
            else:
                assert len(since) >= 10
                assert wilson(sum(since.values()), len(since))[0] >= 0.7
                level, since = AUTONOMOUS, {}
        event = answered(number, verdict).model_copy(update={"event_id": f"d{place}"})
        events.append(event)
        router.one(event)
        kept = verdict == "approve"
        if number in first:
            everything[list(first).index(number)] = kept
            if number in since:
                since[number] = kept
        else:
            everything.append(kept)
            since[number] = kept
        first[number] = kept
        row = row_of(router)
        window = "".join("1" if one else "0" for one in everything)
        if level == AUTONOMOUS and breached(drop.drop, window):
            level, since = "approved_writes", {}
        assert (row.level, row.decided, row.accepted) == (level, len(since), sum(since.values()))
        assert LADDER.index(row.level) <= LADDER.index(AUTONOMOUS)
    again.runs(events)
    assert again.state.all.earned == router.state.all.earned, "one batch is n batches of one, and a replay the same"


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_and_what_is_missing(accepted: int, refused: int) -> None:
    decided = accepted + refused
    low, high = wilson(accepted, decided)
    assert 0 <= low <= (accepted / decided if decided else 0) <= high <= 1 or not decided
    assert wilson(accepted + 1, decided + 1)[0] >= low
    block = earning_policy().workflows["enrich"].autonomy
    assert block is not None
    missing = missing_answers(block.rise, accepted, decided)
    enough = [wilson(accepted + n, decided + n)[0] >= 0.7 and decided + n >= 10 for n in (missing - 1, missing)]
    assert enough == [missing == 0 and enough[0], True]

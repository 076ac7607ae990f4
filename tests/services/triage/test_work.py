"""Working on items: claims, assignments, snoozes and comments, as rules, as commands, and what they leave alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor
from libs.contracts.events import Command
from services.triage.domain.work import (
    NOBODY,
    UNTIL_EVIDENCE,
    Refusal,
    Work,
    WorkRules,
    assigned,
    awake,
    claimed,
    refuse_claimed,
    released,
    snoozed,
)
from tests.services.triage.world import ANA, AT, BO, CHANGE, CRM_CHANGE, DUE, Triage, decision, overdue, request, yes

RULES = WorkRules()
PEOPLE = st.sampled_from(["ana", "bo", "cem"])
ACTS = st.lists(
    st.tuples(st.sampled_from(["claim", "take", "release", "assign", "snooze", "wake"]), PEOPLE, st.integers(0, 20)),
    max_size=14,
)


def command(number: int, name: str, actor: Actor = ANA, lead_id: str = "l1", **arguments: Any) -> Command:
    return Command(
        event_id=f"{name}-{number}", command_id=f"{name}-{number}", name=name, key=lead_id, actor=actor,
        arguments=arguments,
    )  # fmt: skip


def step(work: Work, act: str, person: str, now: datetime) -> Work:
    """One act by the rules."""
    match act:
        case "claim" | "take":
            return claimed(work, person, now, RULES, take_over=act == "take")
        case "release":
            return released(work, person, now)
        case "assign":
            return assigned(work, person, now)
        case "snooze":
            return snoozed(work, None, person, now, RULES)
        case _:
            return awake(work)


@given(ACTS)
def test_nobody_loses_a_claim_but_by_time_by_assignment_or_by_being_taken_over(
    acts: list[tuple[str, str, int]],
) -> None:
    work, now = NOBODY, AT
    for act, person, minutes in acts:
        now += timedelta(minutes=minutes)
        before = work.claimant(now)
        if act in ("claim", "release") and before not in ("", person):
            with pytest.raises(Refusal) as told:
                step(work, act, person, now)
            assert (told.value.code, told.value.facts["by"]) == ("claimed", before)
            continue
        work = step(work, act, person, now)
        after = work.claimant(now)
        if act in ("claim", "take"):
            assert after == person
        elif before and after != before:
            assert (act, person) in (("release", before), ("snooze", before)) or (act == "assign" and person != before)
        if act == "assign":
            assert work.assigned_to == person
        if act == "snooze":
            assert work.is_snoozed(now)
        if act == "wake":
            assert not work.is_snoozed(now)


@given(st.integers(0, 40))
def test_a_claim_runs_out_by_itself(minutes: int) -> None:
    work, later = claimed(NOBODY, "ana", AT, RULES), AT + timedelta(minutes=minutes)
    assert (work.claimant(later) == "ana") is (minutes < 15)
    if minutes < 15:
        with pytest.raises(Refusal, match="ana works on it since"):
            refuse_claimed(work, "bo", later, take_over=False)
        assert claimed(work, "ana", later, RULES).claimed_since == AT, "taking it again goes on from when it began"
    else:
        assert claimed(work, "bo", later, RULES).claimed_by == "bo"


@given(st.integers(-3, 33 * 24))
def test_a_snooze_ends_within_the_limit(hours: int) -> None:
    until = AT + timedelta(hours=hours)
    if 0 < hours <= 30 * 24:
        work = snoozed(NOBODY, until, "ana", AT, RULES)
        assert work.is_snoozed(until - timedelta(seconds=1))
        assert not work.is_snoozed(until)
    else:
        with pytest.raises(Refusal, match="at most 30 days"):
            snoozed(NOBODY, until, "ana", AT, RULES)


async def test_a_second_person_is_told_who_has_it_and_takes_it_over_explicitly() -> None:
    triage = Triage()
    await triage.take(request())
    first = await triage.take(command(1, "claim"))
    assert (first.answer["claimed_by"], first.answer["claimed_since"]) == ("ana", AT.isoformat())
    assert [(one.field, one.old, one.new, one.actor.id) for one in first.settled] == [
        ("claimed_by", None, "ana", "ana")
    ]
    second = await triage.take(command(2, "claim", BO))
    assert (second.answer["code"], second.answer["by"], second.answer["since"]) == ("claimed", "ana", AT.isoformat())
    item = triage.item()
    refused = await triage.take(decision(1, item.question_hash, yes("q-change"), actor=BO))
    assert (refused.answer["code"], refused.next, triage.item()) == ("claimed", None, item)
    taken = await triage.take(command(3, "claim", BO, take_over=True))
    assert taken.answer["claimed_by"] == "bo"
    done = await triage.take(decision(2, item.question_hash, yes("q-change"), actor=BO))
    assert done.answer["status"] == "decided"
    assert triage.item().work.claimant(AT) == ""


async def test_deciding_over_a_claim_takes_a_word() -> None:
    triage = Triage()
    await triage.take(request())
    await triage.take(command(1, "claim"))
    over = decision(1, triage.item().question_hash, yes("q-change"), actor=BO)
    told = over.model_copy(update={"arguments": {**over.arguments, "take_over": True}})  # type: ignore[dict-item]
    assert (await triage.take(told)).answer["status"] == "decided"


async def test_a_snooze_ends_with_a_new_question_and_not_with_the_same_again() -> None:
    triage = Triage()
    await triage.take(request())
    await triage.take(command(1, "claim"))
    out = await triage.take(command(2, "snooze", reason="waits for a call"))
    assert (triage.item().work.snoozed_until, triage.item().work.claimed_by) == (UNTIL_EVIDENCE, "")
    assert [one.reason for one in out.settled] == ["waits for a call"]
    await triage.take(request(2, number=1))
    assert triage.item().work.is_snoozed(AT), "the same question of a newer version is nothing new"
    await triage.take(request(3, CHANGE, CRM_CHANGE, number=2))
    assert not triage.item().work.is_snoozed(AT)


async def test_work_does_not_stop_the_clock_and_the_next_version_goes_on_with_it() -> None:
    triage = Triage()
    await triage.take(request())
    for number, (name, arguments) in enumerate(
        [("claim", {}), ("assign", {"to": "bo"}), ("snooze", {"until": (AT + timedelta(days=2)).isoformat()})]
    ):
        out = await triage.take(command(number, name, **arguments))
        assert (out.timers, out.emits) == ((), ()), f"{name} moves no clock"
    assert triage.item().due_at == DUE
    triage.now = DUE
    breached = await triage.take(overdue(1))
    assert [one.state for one in breached.emits if hasattr(one, "state")] == ["breached"]
    assert triage.item().work.snoozed_until is not None, "a snoozed item is breached and stays snoozed"
    await triage.take(request(2, number=1))
    assert triage.item().work.assigned_to == "bo"


async def test_comments_are_only_added_to_even_when_the_item_is_closed() -> None:
    triage = Triage()
    await triage.take(request())
    outs = await triage.batch(
        [command(1, "comment", text="called, no answer"), command(2, "comment", BO, text="try mail")]
    )
    assert [one.answer["status"] for one in outs] == ["done", "done"]
    await triage.take(decision(1, triage.item().question_hash, yes("q-change")))
    await triage.take(command(3, "comment", text="closed it"))
    said = await triage.store.comments("l1")
    assert [(one.author, one.text) for one in said] == [
        ("ana", "called, no answer"),
        ("bo", "try mail"),
        ("ana", "closed it"),
    ]
    assert outs[1].settled[0].new == {"comment_id": "comment-2", "text": "try mail"}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("comment", {}), ("comment", {"text": "x" * 4001}), ("assign", {}), ("snooze", {"until": "tomorrow"}),
        ("snooze", {"until": "2026-11-03T10:00:00"}), ("claim", {"take_over": "perhaps", "x": 1}), ("wake", {"x": 1}),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_and_changes_nothing(name: str, arguments: dict[str, Any]) -> None:
    triage = Triage()
    await triage.take(request())
    before = triage.case()
    out = await triage.take(command(1, name, **arguments))
    assert (out.answer["code"], out.state, out.settled) == ("invalid", None, ())
    assert triage.case() == before


async def test_nobody_works_on_what_is_closed_or_not_there() -> None:
    triage = Triage()
    assert (await triage.take(command(1, "claim"))).answer["code"] == "not_found"
    await triage.take(request())
    await triage.take(decision(1, triage.item().question_hash, yes("q-change")))
    assert (await triage.take(command(2, "claim"))).answer["code"] == "not_open"


async def test_a_batch_of_work_is_batches_of_one() -> None:
    acts = [
        command(1, "claim"), command(2, "claim", BO), command(3, "assign", to="bo"), command(4, "claim", BO),
        command(5, "comment", text="x"), command(6, "snooze", BO), command(7, "wake"),
    ]  # fmt: skip
    one, many = Triage(), Triage()
    for triage in (one, many):
        await triage.take(request())
    singly = [await one.take(act) for act in acts]
    together = await many.batch(acts)
    assert [out.answer for out in singly] == [out.answer for out in together]
    assert [out.settled for out in singly] == [out.settled for out in together]
    assert (one.case(), one.store.said) == (replace(many.case(), comments=()), many.store.said)

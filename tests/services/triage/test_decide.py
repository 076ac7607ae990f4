"""A person's decision: checked against what is asked now, audited answer by answer, taken once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.change import Status
from tests.services.triage.world import (
    ANA,
    BO,
    CHANGE,
    CRM_CHANGE,
    FAILURE,
    IDENTITY,
    ROUTE,
    UNMAPPED,
    Triage,
    decision,
    proposal,
    question,
    request,
    routed,
    yes,
)

ALL = (CHANGE, CRM_CHANGE, IDENTITY, ROUTE)
ANSWERS = (
    yes("q-change"),
    {"question_id": "q-crm", "verdict": "reject", "reason": "old data"},
    {"question_id": "q-identity", "verdict": "keep_apart"},
    {"question_id": "q-route", "verdict": "route", "value": {"queue": "enterprise"}},
)


async def asked(*questions: Any, **more: Any) -> tuple[Triage, str]:
    """A triage service with one item, and its question hash."""
    triage = Triage()
    await triage.take(request(1, *questions, **more))
    return triage, triage.item().question_hash


async def test_a_decision_goes_out_with_all_that_the_others_need() -> None:
    triage, seen = await asked(*ALL)
    outcome = await triage.take(decision(1, seen, *ANSWERS))
    decided = outcome.next
    assert (decided.lead_id, decided.lead_version, decided.actor, decided.reenters) == ("l1", 1, ANA, True)
    assert decided.questions == ALL
    assert [answer.verdict for answer in decided.answers] == ["approve", "reject", "keep_apart", "route"]
    assert decided.lead is not None
    assert outcome.answer["status"] == "decided"
    assert triage.item().status == "decided"


async def test_every_answer_is_audited() -> None:
    triage, seen = await asked(*ALL)
    changes = (await triage.take(decision(1, seen, *ANSWERS))).settled
    assert [(one.record.type, one.field, one.status) for one in changes] == [
        ("lead", "industry", Status.APPROVED),
        ("company", "industry", Status.REJECTED),
        ("triage_item", "answer.identity", Status.APPLIED),
        ("triage_item", "answer.route", Status.APPLIED),
        ("triage_item", "status", Status.APPLIED),
    ]
    approved, rejected = changes[:2]
    assert (approved.actor.kind, approved.actor.id, approved.verified_by) == ("human_approved_ai", "ana", "ana")
    assert (rejected.actor, rejected.verified_by, rejected.reason) == (ANA, None, "old data")
    assert len({one.change_id for one in changes}) == len(changes)


async def test_an_edit_is_the_persons_value() -> None:
    triage, seen = await asked(CHANGE)
    edit = {"question_id": "q-change", "verdict": "edit", "value": "Robotics"}
    outcome = await triage.take(decision(1, seen, edit))
    change = outcome.settled[0]
    assert (change.new, change.status, change.source.kind, change.confidence) == (
        "Robotics",
        Status.EDITED,
        "human",
        1.0,
    )
    assert outcome.next.reenters


@pytest.mark.parametrize(
    ("asks", "answer", "again"),
    [
        (CHANGE, yes("q-change"), True),
        (CHANGE, {"question_id": "q-change", "verdict": "reject"}, False),
        (CHANGE, {"question_id": "q-change", "verdict": "edit", "value": "x"}, True),
        (CRM_CHANGE, {"question_id": "q-crm", "verdict": "edit", "value": "x"}, False),
        (IDENTITY, {"question_id": "q-identity", "verdict": "link", "value": "c7"}, True),
        (IDENTITY, {"question_id": "q-identity", "verdict": "keep_apart"}, True),
        (ROUTE, yes("q-route"), False),
    ],
)
async def test_what_comes_back_to_dedupe(asks: Any, answer: dict[str, Any], again: bool) -> None:
    triage, seen = await asked(asks)
    assert (await triage.take(decision(1, seen, answer))).next.reenters is again


async def test_the_second_of_two_people_is_told_who_was_first() -> None:
    triage, seen = await asked(CHANGE)
    first, second = await triage.batch(
        [decision(1, seen, yes("q-change")), decision(2, seen, yes("q-change"), actor=BO)]
    )
    assert first.next is not None
    assert second.next is None
    assert (second.answer["code"], second.answer["by"], second.answer["item_status"]) == ("not_open", "ana", "decided")


async def test_changed_questions_are_refused_with_what_changed() -> None:
    triage, seen = await asked(CHANGE)
    await triage.take(request(2, IDENTITY, CRM_CHANGE))
    refused = await triage.take(decision(1, seen, yes("q-change")))
    assert refused.answer["code"] == "changed"
    assert refused.answer["question_hash"] == triage.item().question_hash
    assert (refused.answer["added"], refused.answer["gone"]) == (["q-crm", "q-identity"], ["q-change"])
    assert triage.item().status == "open"


async def test_a_superseded_item_takes_no_decision() -> None:
    triage, seen = await asked(CHANGE)
    await triage.take(routed(2, asks=False))
    refused = await triage.take(decision(1, seen, yes("q-change")))
    assert (refused.answer["code"], refused.answer["item_status"]) == ("not_open", "superseded")


async def test_what_was_never_asked_is_not_found() -> None:
    assert (await Triage().take(decision(1, "h", yes("q")))).answer["code"] == "not_found"


@pytest.mark.parametrize(
    ("asks", "answers", "told"),
    [
        ((CHANGE, ROUTE), [yes("q-change")], "no answer"),
        ((CHANGE,), [yes("q-change"), yes("q-change")], "more than once"),
        ((CHANGE,), [yes("q-change"), yes("q-else")], "not a question of this item"),
        ((CHANGE,), [{"question_id": "q-change", "verdict": "link", "value": "c7"}], "not a choice here"),
        ((CHANGE,), [{"question_id": "q-change", "verdict": "edit"}], "needs the value"),
        ((CHANGE,), [{"question_id": "q-change", "verdict": "block", "reason": " "}], "needs a reason"),
        ((IDENTITY,), [{"question_id": "q-identity", "verdict": "link"}], "needs the id"),
        ((IDENTITY,), [{"question_id": "q-identity", "verdict": "link", "value": "c8"}], "choose one of: c7"),
        ((ROUTE,), [{"question_id": "q-route", "verdict": "route"}], "needs a queue or an owner"),
        ((FAILURE,), [yes("q-failure")], "choose one of: dismiss"),
    ],
)
async def test_answers_have_to_fit(asks: Any, answers: list[dict[str, Any]], told: str) -> None:
    triage, seen = await asked(*asks)
    refused = await triage.take(decision(1, seen, *answers))
    assert refused.answer["code"] == "invalid"
    assert any(told in problem["message"] for problem in refused.answer["problems"]), refused.answer
    assert (refused.next, refused.state, triage.item().status) == (None, None, "open")


async def test_unreadable_answers_say_where() -> None:
    triage, seen = await asked(CHANGE)
    refused = await triage.take(decision(1, seen, {"question_id": "q-change", "verdict": "perhaps"}))
    assert refused.answer["problems"][0]["where"] == "answers.0.verdict"


async def test_a_question_names_its_own_choices() -> None:
    own = question("q", "identity", choices=("link:c1", "link:c2", "keep_apart"))
    triage, seen = await asked(own)
    assert (await triage.take(decision(1, seen, {"question_id": "q", "verdict": "link", "value": "c3"}))).next is None
    assert (
        await triage.take(decision(2, seen, {"question_id": "q", "verdict": "link", "value": "c2"}))
    ).next is not None


async def test_an_unmapped_submission_is_dismissed_without_a_lead() -> None:
    triage, seen = await asked(UNMAPPED, lead=None)
    outcome = await triage.take(decision(1, seen, {"question_id": "q-unmapped", "verdict": "dismiss"}))
    assert outcome.next.lead is None
    assert {one.policy_version for one in outcome.settled} == {""}


async def test_a_proposal_by_a_rule_is_approved_by_the_person() -> None:
    by_rule = proposal().model_copy(update={"actor": proposal().actor.model_copy(update={"kind": "rule"})})
    triage, seen = await asked(question("q", about=by_rule))
    assert (await triage.take(decision(1, seen, yes("q")))).settled[0].actor == ANA


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([ANA, BO]), st.sampled_from(["seen", "stale"]), st.sampled_from(["approve", "reject", "link"])
    ),
    min_size=1,
    max_size=6,
)


@given(PEOPLE)
@settings(max_examples=80, deadline=None)
async def test_an_item_is_decided_once_whoever_comes_and_batches_equal_singles(people: list[Any]) -> None:
    together, seen = await asked(CHANGE)
    single, _ = await asked(CHANGE)
    events = [
        decision(n, seen if saw == "seen" else "h", {"question_id": "q-change", "verdict": verdict}, actor=actor)
        for n, (actor, saw, verdict) in enumerate(people)
    ]
    outcomes = await together.batch(events)
    assert outcomes == [await single.take(event) for event in events]
    assert together.store.cases == single.store.cases
    valid = [n for n, (_, saw, verdict) in enumerate(people) if saw == "seen" and verdict != "link"]
    assert [n for n, outcome in enumerate(outcomes) if outcome.next is not None] == valid[:1]

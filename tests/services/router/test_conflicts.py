"""What crm could not write without a person: asked once, beside whatever else is open, and written whatever the lead does."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, ProposedChange, Status, Workflow
from libs.contracts.conflict import CONFLICT, ConflictArguments
from libs.contracts.events import Command, TriageDecided, TriageRequested
from libs.runtime.errors import Rejected
from tests.services.router.fakes import NOW, a_lead, member, proposal
from tests.services.router.running import Router, request, writes
from tests.services.router.test_decisions import answered, asked_of, team

CRM = Actor(kind="rule", id="crm")


def told(*fields: str, found: JsonValue = "Robotics", lead: str = "s1", number: int = 1) -> Command:
    """What crm tells of a write whose fields drifted."""
    changes = tuple(_conflict(proposal(lead, field, "Finance", old=found), number) for field in fields)
    arguments = ConflictArguments(write_id=f"w{number}", changes=changes).model_dump(mode="json")
    event_id = ids.derived_id("conflict", lead, number, repr(fields))
    return Command(
        event_id=event_id, command_id=event_id, target="router", name=CONFLICT, key=ids.lead_id(lead, 0), actor=CRM,
        arguments=arguments,
    )  # fmt: skip


def _conflict(change: ProposedChange, number: int) -> FieldChange:
    return FieldChange(
        **{name: getattr(change, name) for name in ProposedChange.model_fields}, change_id=f"c{number}",
        workflow=Workflow(name="crm.writes", version="1"), policy_version="p", trigger_event_id="t", lead_id="l",
        status=Status.CONFLICT, rule="crm:drift", at=NOW,
    )  # fmt: skip


def both(one: TriageRequested, other: TriageRequested) -> TriageRequested:
    """The item as triage has it: what was asked, and what came afterwards beside it."""
    return one.model_copy(update={"questions": (*one.questions, *other.questions)})


def pairs(outcome: Any) -> set[tuple[str, JsonValue, JsonValue]]:
    return {(change.field, change.old, change.new) for write in writes(outcome) for change in write.changes}


def test_every_change_is_a_question_with_what_was_wanted_and_found() -> None:
    router = team()
    router.scored(a_lead("s1"))
    asked = asked_of(router.one(told("title", "city", "last_activity_at")))
    assert [(one.review.kind, one.choices) for one in asked.questions] == [("conflict", ("approve", "reject"))] * 2
    assert [one.proposal.field for one in asked.questions if one.proposal] == ["title", "city"]
    assert (asked.lead_version, asked.due_at is not None) == (1, True)
    assert asked.questions[0].review.detail == {
        "record": {"type": "contact", "id": "contact-s1"}, "field": "title", "old": "Robotics", "new": "Finance",
        "rule": "crm:drift",
    }  # fmt: skip


def test_the_answer_is_written_with_what_was_found_as_old_and_moves_nothing_else() -> None:
    router = team()
    router.scored(a_lead("s1"))
    asked = asked_of(router.one(told("title", "city")))
    outcome = router.one(answered(asked, title=("approve", None), city=("reject", None)))
    assert outcome.next is None
    assert pairs(outcome) == {("title", "Robotics", "Finance")}
    (write,) = writes(outcome)
    assert (write.approved_by, write.lead_id, write.changes[0].actor.kind) == (
        "dana",
        asked.lead_id,
        "human_approved_ai",
    )


def test_an_answered_conflict_is_not_asked_again_unless_the_crm_moved() -> None:
    router = team()
    router.scored(a_lead("s1"))
    first = told("title", "city")
    (one, again) = router.runs([first, told("title", "city", number=2)])
    assert [held.question_id for held in asked_of(one).questions] == [
        held.question_id for held in asked_of(again).questions
    ]
    router.one(answered(asked_of(one), title=("approve", None), city=("reject", None)))
    assert request(router.one(told("title", "city", number=3))) is None
    assert request(router.one(told("title", found="Health", number=4))) is not None
    router.scored(a_lead("s1", version=2))
    assert request(router.one(told("title", "city", number=5))) is None


def test_a_conflict_beside_an_open_route_is_answered_with_it() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, proposals=(proposal("s1", "title", "CTO"),))))
    late = asked_of(router.one(told("city")))
    said = answered(both(asked, late), route=("approve", None), city=("approve", None))
    outcome = router.one(said)
    assert outcome.next is not None
    assert ("city", "Robotics", "Finance") in pairs(outcome)
    assert ("title", None, "CTO") in pairs(outcome)
    assert len({write.write_id for write in writes(outcome)}) == len(writes(outcome))


def test_a_conflict_beside_side_questions_is_written_once() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", proposals=(proposal("s1", "lifecycle", "sql"),))))
    late = asked_of(router.one(told("city")))
    outcome = router.one(answered(both(asked, late), lifecycle=("approve", None), city=("approve", None)))
    assert sorted(change.field for write in writes(outcome) for change in write.changes) == ["city", "lifecycle"]


@pytest.mark.parametrize("reenters", [True, False])
def test_the_yes_counts_when_the_lead_has_a_newer_version_or_gets_one(reenters: bool) -> None:
    router = team()
    router.scored(a_lead("s1"))
    asked = asked_of(router.one(told("city")))
    if not reenters:
        router.scored(a_lead("s1", version=2))
    said: TriageDecided = answered(asked, reenters=reenters, city=("approve", None))
    assert pairs(router.one(said)) == {("city", "Robotics", "Finance")}


def test_only_what_tells_a_conflict_of_a_known_lead_is_taken() -> None:
    router = Router()
    router.runs([member("ann")])
    with pytest.raises(Rejected, match="no routed lead"):
        router.one(told("city"))
    router.scored(a_lead("s1"))
    with pytest.raises(Rejected, match="a conflict names"):
        router.one(told("city").model_copy(update={"arguments": {"field": "city"}}))


def test_the_question_is_due_in_the_items_time() -> None:
    router = team()
    router.scored(a_lead("s1"))
    router.now += timedelta(hours=1)
    due = asked_of(router.one(told("city"))).due_at
    assert due is not None
    assert due > router.now

"""Taking a decision back, and unblocking a field: what is open again, what the others are told, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts import ids
from libs.contracts.events import Command, TriageDecided
from services.triage.domain.decided import SETTLING
from tests.services.triage.test_work import command
from tests.services.triage.world import (
    ANA,
    AT,
    BO,
    CRM_CHANGE,
    DUE,
    IDENTITY,
    ROUTE,
    TIMER,
    Triage,
    decision,
    request,
    routed,
    yes,
)


async def decided(triage: Triage, *questions: Any, answers: list[dict[str, Any]] | None = None) -> TriageDecided:
    """A decision of ana's on these questions; all are approved unless it is said otherwise."""
    await triage.take(request(1, *questions))
    given = answers or [yes(one.question_id) for one in questions]
    out = await triage.take(decision(1, triage.item().question_hash, *given))
    assert isinstance(out.next, TriageDecided)
    return out.next


async def test_an_undo_opens_the_same_questions_again_and_tells_what_follows() -> None:
    triage = Triage()
    was = await decided(triage, CRM_CHANGE, ROUTE)
    asked = triage.item().question_hash
    triage.now = AT + timedelta(seconds=30)
    out = await triage.take(command(1, "undo"))
    back = out.next
    assert (back.undoes, back.answers, back.taken_back) == (
        ids.event_id("decide-1", "triage.commands", 0),
        (),
        was.answers,
    )
    assert (back.reenters, back.lead, back.lead_version) == (False, was.lead, 1)
    item = triage.item()
    assert (item.status, item.question_hash, item.answers, item.actor) == ("open", asked, (), None)
    assert [one.state for one in out.emits] == ["started"]
    assert {timer.name: timer.due_at for timer in out.timers}["overdue"] == DUE
    assert out.answer["status"] == "undone"
    assert len(out.answer["cannot"]) == 2
    fields = [(one.field, one.old, one.new) for one in out.settled]
    assert fields == [("decision", back.undoes, None), ("status", "decided", "open")]


async def test_audit_is_asked_to_roll_back_once_all_is_written_and_nothing_is_decided_until_then() -> None:
    triage = Triage()
    await decided(triage, CRM_CHANGE, ROUTE)
    triage.now = AT + timedelta(seconds=1)
    out = await triage.take(command(1, "undo"))
    timer = next(one for one in out.timers if one.name == "take_back")
    assert timer.due_at == triage.now + SETTLING
    again = decision(2, triage.item().question_hash, yes("q-crm"), yes("q-route"))
    assert (await triage.take(again)).answer["code"] == "settling"
    triage.now = timer.due_at
    rung = Command(event_id="t", command_id="t", name="take_back", key="l1", actor=TIMER, arguments=timer.arguments)
    order = (await triage.take(rung)).emits[0]
    assert (order.target, order.name, order.actor) == ("audit", "take_back", ANA)
    assert order.arguments["since"] == AT.isoformat().replace("+00:00", "Z")
    assert (await triage.take(decision(3, triage.item().question_hash, yes("q-crm"), yes("q-route")))).answer[
        "status"
    ] == "decided"


async def test_what_the_decision_led_to_does_not_close_the_item_again() -> None:
    triage = Triage()
    was = await decided(triage, ROUTE)
    await triage.take(command(1, "undo"))
    late = routed(1, asks=False).model_copy(update={"caused_by": ids.event_id("decide-1", "triage.commands", 0)})
    await triage.take(late)
    assert triage.item().status == "open", was
    await triage.take(routed(1, asks=False, number=2))
    assert triage.item().status == "superseded", "another route that goes on without asking still closes it"


async def test_facts_go_back_to_what_they_were() -> None:
    triage = Triage()
    await decided(triage, IDENTITY, answers=[{"question_id": "q-identity", "verdict": "link", "value": "c7"}])
    out = await triage.take(command(1, "undo"))
    assert (out.next.reenters, out.next.taken_back[0].verdict, triage.item().status) == (True, "link", "decided")
    await triage.take(request(2, IDENTITY, number=2))
    assert triage.item().status == "open", "the line asks again by itself"


async def test_an_edit_is_taken_off_the_lead_that_is_told() -> None:
    triage = Triage()
    change = request(1).questions[0]
    await decided(triage, change, answers=[{"question_id": "q-change", "verdict": "edit", "value": "Mining"}])
    held = triage.case().decided
    assert held is not None
    assert held.touched == {"industry": None}
    out = await triage.take(command(1, "undo"))
    assert "industry" not in out.next.lead.fields


@pytest.mark.parametrize(
    ("actor", "seconds", "message"), [(BO, 1, "only they"), (ANA, 601, "too late"), (ANA, 600, "")]
)
async def test_only_who_decided_takes_it_back_and_only_for_a_while(actor: Any, seconds: int, message: str) -> None:
    triage = Triage()
    await decided(triage, ROUTE)
    triage.now = AT + timedelta(seconds=seconds)
    before = triage.case()
    out = await triage.take(command(1, "undo", actor))
    if message:
        assert (out.answer["code"], triage.case()) == ("not_undoable", before)
        assert message in out.answer["message"]
        return
    assert out.answer["status"] == "undone"
    assert (await triage.take(command(2, "undo", actor))).answer["code"] == "not_undoable", "once"


async def test_a_newer_version_that_came_since_is_not_undone() -> None:
    triage = Triage()
    await decided(triage, ROUTE)
    await triage.take(routed(2, asks=False))
    assert (await triage.take(command(1, "undo"))).answer["code"] == "not_undoable"


async def test_a_block_stays_until_a_person_unblocks_it() -> None:
    triage = Triage()
    why = {"question_id": "q-crm", "verdict": "block", "reason": "two systems say two things"}
    await decided(triage, CRM_CHANGE, answers=[why])
    assert [one.question.question_id for one in triage.case().blocked] == ["q-crm"]
    triage.now = AT + timedelta(days=90)
    await triage.take(request(2, number=2))
    assert triage.case().blocked, "no version and no time ends it"
    out = await triage.take(command(1, "unblock", BO, question_id="q-crm", reason="the ERP counts"))
    assert (out.next.taken_back[0].verdict, out.next.reenters, out.answer["status"]) == ("block", False, "unblocked")
    assert [one.reason for one in out.settled] == ["the ERP counts"]
    assert (await triage.take(command(2, "unblock", BO, question_id="q-crm"))).answer["code"] == "not_found"

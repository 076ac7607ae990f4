"""What people's answers and commands do: routes go out, approved changes are written, clocks end."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.events import Answer, Command, LeadFeedback, SlaChanged, TriageDecided, TriageRequested
from libs.contracts.lead import Review
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from services.router.domain.handoff import NOTE, TASK
from tests.services.router.fakes import NOW, a_lead, changed, member, proposal
from tests.services.router.running import Router, request, route_of, writes

DANA = Actor(kind="human", id="dana")
QUEUED = Review(
    kind="change", reason="queued", stage="classify", detail={"field": "timeline", "old": None, "new": "Q1"}
)


def team(newest: str = "limited_auto") -> Router:
    router = Router(newest)
    router.runs([member("ann"), member("bob")])
    return router


def answered(
    asked: TriageRequested, reenters: bool = False, actor: Actor = DANA, **said: tuple[str, JsonValue]
) -> TriageDecided:
    """Answers by what a question is about: `route`, or the field of its proposal."""
    answers = []
    for question in asked.questions:
        about = question.proposal.field if question.proposal else question.review.kind
        verdict, value = said[about]
        answers.append(Answer(question_id=question.question_id, verdict=verdict, value=value))
    return TriageDecided(
        event_id=ids.derived_id("decided", asked.lead_id, asked.lead_version, repr(said)), lead_id=asked.lead_id,
        lead_version=asked.lead_version, question_hash=asked.question_hash, questions=asked.questions, answers=tuple(answers),
        actor=actor, reenters=reenters, lead=asked.lead, suggested=asked.suggested,
    )  # fmt: skip


def asked_of(outcome: Outcome[Any]) -> TriageRequested:
    found = request(outcome)
    assert found is not None
    return found


def written(outcome: Outcome[Any]) -> dict[tuple[str, str], tuple[JsonValue, str]]:
    """What goes out, without the hand-over, which has its own tests."""
    return {
        (write.record.type, change.field): (change.new, change.actor.kind)
        for write in writes(outcome)
        for change in write.changes
        if change.field not in (NOTE, TASK)
    }


def test_an_approved_suggestion_goes_out_with_what_was_approved() -> None:
    router = team("suggested")
    lead = a_lead(
        "s1", proposals=(proposal("s1"), proposal("s1", "title", "CTO"), proposal("s1", "activity", {"x": 1}))
    )
    asked = asked_of(router.scored(lead))
    outcome = router.one(answered(asked, route=("approve", None), name=("approve", None), title=("reject", None)))
    route = route_of(outcome)
    assert (route.destination, route.suggested, route.owner is not None) == ("queue", False, True)
    assert route.owner is not None
    assert written(outcome) == {
        ("contact", "name"): ("Ann Lee", "human_approved_ai"),
        ("contact", "activity"): ({"x": 1}, "human_approved_ai"),
        ("contact", "owner"): (route.owner.id, "human_approved_ai"),
    }
    assert {write.approved_by for write in writes(outcome)} == {"dana"}
    assert {(one.field, one.new) for one in outcome.changes} == {("queue", "inbound_sales"), ("owner", route.owner.id)}


def test_an_edited_value_is_the_persons_own() -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1", proposals=(proposal("s1"),))))
    outcome = router.one(answered(asked, route=("approve", None), name=("edit", "Ann M. Lee")))
    assert written(outcome)["contact", "name"] == ("Ann M. Lee", "human")


@pytest.mark.parametrize(
    ("value", "destination", "queue", "owner"),
    [
        ("nurture", "nurture", "nurture", None),
        ("enterprise_sales", "review", "unassigned", None),
        ("bob", "owner", "account_owner", "bob"),
        ({"queue": "inbound_sales", "owner": "ann"}, "queue", "inbound_sales", "ann"),
        ("disqualified_review", "disqualified", "disqualified_review", None),
        ("nowhere", "review", "triage", None),
    ],
)
def test_a_person_chooses_a_queue_or_a_member(
    value: JsonValue, destination: str, queue: str, owner: str | None
) -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, proposals=(proposal("s1"),))))
    outcome = router.one(answered(asked, route=("route", value)))
    route = route_of(outcome)
    assert (route.destination, route.queue, route.owner.id if route.owner else None) == (destination, queue, owner)
    assert bool(writes(outcome)) == (destination in ("owner", "queue", "nurture"))


def test_a_rejected_route_writes_nothing() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, proposals=(proposal("s1"),))))
    outcome = router.one(answered(asked, route=("reject", None)))
    assert (route_of(outcome).destination, writes(outcome)) == ("review", [])


def test_not_even_a_person_opens_what_is_never_routed_or_only_shown() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, email="a@spam.example", proposals=(proposal("s1"),))))
    router.one(changed("suppression", "e1", reason="never_route", domain="spam.example"))
    outcome = router.one(answered(asked, route=("approve", None)))
    assert (route_of(outcome).destination, writes(outcome)) == ("suppressed", [])
    strict = team("suggested")
    asked = asked_of(strict.scored(a_lead("s1")))
    shown = Router("read_only", strict.state)
    outcome = shown.one(answered(asked, route=("approve", None)))
    assert (route_of(outcome).suggested, writes(outcome)) == (True, [])


def test_side_answers_write_what_was_approved_and_leave_the_route() -> None:
    router = team()
    lead = a_lead("s1", reviews=(QUEUED,), proposals=(proposal("s1"), proposal("s1", "lifecycle", "sql")))
    first = router.scored(lead)
    outcome = router.one(answered(asked_of(first), timeline=("approve", None), lifecycle=("approve", None)))
    assert route_of(outcome) == route_of(first)
    assert written(outcome) == {("contact", "lifecycle"): ("sql", "human_approved_ai")}
    (change,) = outcome.changes
    assert (change.record.type, change.field, change.new, change.verified_by) == ("lead", "timeline", "Q1", "dana")


def test_what_reenters_is_remembered_and_not_asked_again_on_the_next_version() -> None:
    router = team()
    lead = a_lead(
        "s1", reviews=(QUEUED,), proposals=(proposal("s1", "lifecycle", "sql"), proposal("s1", "qualification", "mql"))
    )
    asked = asked_of(router.scored(lead))
    said = answered(
        asked, reenters=True, timeline=("approve", None), lifecycle=("approve", None), qualification=("reject", None)
    )  # fmt: skip
    outcome = router.one(said)
    assert (outcome.next, outcome.emits) == (None, ())
    again = router.scored(lead.model_copy(update={"version": 2}))
    assert request(again) is None
    assert written(again)["contact", "lifecycle"] == ("sql", "human_approved_ai")
    assert ("contact", "qualification") not in written(again)
    assert [change.field for change in again.changes if change.actor.kind == "human_approved_ai"] == ["timeline"]


def test_a_decision_about_an_overtaken_version_moves_nothing() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3)))
    router.scored(a_lead("s1", version=2))
    outcome = router.one(answered(asked, route=("route", "nurture")))
    assert (outcome.next, outcome.emits) == (None, ())
    machine = answered(asked, actor=Actor(kind="ai", id="m"), route=("approve", None))
    assert router.one(machine).next is None


def command(name: str, lead: str = "s1", actor: Actor = DANA, **arguments: JsonValue) -> Command:
    return Command(
        event_id=ids.derived_id(name, lead, repr(arguments)), command_id="c", name=name, key=ids.lead_id(lead, 0), actor=actor,
        arguments=dict(arguments),
    )  # fmt: skip


def test_a_person_gives_a_lead_to_somebody_else() -> None:
    router = team()
    owner = route_of(router.scored(a_lead("s1"))).owner
    assert owner is not None
    other = "bob" if owner.id == "ann" else "ann"
    outcome = router.one(command("reassign", owner=other, reason="knows them"))
    assert (route_of(outcome).owner.id, route_of(outcome).rule) == (other, "reassigned_by_person")  # type: ignore[union-attr]
    (change,) = [change for write in writes(outcome) for change in write.changes]
    assert (change.old, change.new, change.actor) == (owner.id, other, DANA)
    loads = router.state.all.loads
    assert loads[owner.id].open_leads == 0
    for refused in (
        command("reassign", owner="nobody"), command("reassign", owner=other), command("fly"), command("touched", "s9"),
        command("reassign", actor=Actor(kind="ai", id="m"), owner=owner.id),
    ):  # fmt: skip
        with pytest.raises(Rejected, match=r"invalid: \w"):
            router.one(refused)


def clocks(outcome: Outcome[Any]) -> list[str]:
    return [event.state for event in outcome.emits if isinstance(event, SlaChanged)]


def test_the_first_touch_clock_runs_in_working_time_and_breaches_once() -> None:
    router = team()
    first = router.scored(a_lead("s1"))
    due = route_of(first).sla_due_at
    assert due == NOW + timedelta(minutes=60)
    assert clocks(first) == ["started"]
    reminder, timer, escalation = first.timers
    assert (timer.name, timer.key, timer.due_at) == ("sla_due", ids.lead_id("s1", 0), due)
    assert (reminder.due_at, escalation.due_at) == (NOW + timedelta(minutes=45), NOW + timedelta(minutes=120))
    rule = Actor(kind="rule", id="timer:sla_due")
    stale = command("sla_due", actor=rule, due_at=(NOW + timedelta(minutes=5)).isoformat())
    assert clocks(router.one(stale)) == []
    ring = command("sla_due", actor=rule, **timer.arguments)  # type: ignore[arg-type]
    assert clocks(router.one(ring)) == ["breached"]
    assert clocks(router.one(ring)) == []
    assert clocks(router.one(command("touched"))) == [], "it stays breached"


def test_a_touch_ends_the_clock_and_frees_a_place() -> None:
    router = team()
    owner = route_of(router.scored(a_lead("s1"))).owner
    assert owner is not None
    outcome = router.one(command("touched"))
    assert clocks(outcome) == ["met"]
    assert [timer.due_at for timer in outcome.timers] == [None, None, None]
    assert [event.kind for event in outcome.emits if isinstance(event, LeadFeedback)] == ["touched"]
    assert router.state.all.loads[owner.id].open_leads == 0
    assert clocks(router.one(command("touched"))) == []
    assert router.one(command("comment", text="a good one")).state is None


def test_the_clock_starts_when_the_submission_came_in_even_if_it_waits_in_triage() -> None:
    router = team()
    first = router.scored(a_lead("s1", confidence=0.3))
    assert clocks(first) == ["started"]
    router.now += timedelta(hours=2)
    outcome = router.one(answered(asked_of(first), route=("approve", None)))
    assert route_of(outcome).sla_due_at == NOW + timedelta(minutes=60)
    assert clocks(outcome) == ["started"]

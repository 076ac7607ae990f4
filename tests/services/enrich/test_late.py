"""Missed questions: one effect at a time, a late answer lets the lead in again only when it changes something, and it ends."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts.change import Actor, Source
from libs.contracts.completion import COMPLETE, LateAnswers
from libs.contracts.events import Command
from libs.contracts.lead import FieldValue, Lead
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected, Retryable
from services.enrich.calls import Calls
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.late import FINDINGS, Call, Order, Remembered, order_of
from services.enrich.domain.questions import Answered, missed
from services.enrich.domain.waterfall import merged, recorded
from services.enrich.stage.commands import ANSWERED, ASK, Facts, decide
from services.enrich.stage.line import ASK_LATER
from tests.services.enrich.makers import NOW, POLICY, OnePolicy, Told, a_lead, policy_with

RULE = Actor(kind="rule", id="enrich")
ASKED = Answered("website", "h", inputs={"domain": "acme.com"})
FIELDS = ("industry", "employees")
SOFTWARE = found("industry", "software", 0.9, "We build software", "https://acme.com/")


def with_answers(lead: Lead, provider: str, asked: str, findings: Sequence[Finding]) -> Lead:
    answers = merged(lead.answers, recorded(lead, provider, asked, findings, NOW))
    return lead.model_copy(update={"answers": answers})


def an_order(version: int = 1, lead: Lead | None = None, provider: str = "website") -> Order:
    lead = (lead or a_lead({"domain": "acme.com"})).model_copy(update={"version": version})
    late = missed(FIELDS, "timed_out", "no answer within 2 seconds")
    order = order_of(with_answers(lead, provider, "h", late), Answered(provider, "h", inputs={"domain": "acme.com"}))
    assert order is not None
    return order


def complete(order: Order) -> Command:
    return Command(name=ASK_LATER, key=order.question_id, actor=RULE, arguments=order.model_dump(mode="json"))


def answered(order: Order, *findings: Finding, error: str | None = None, reason: str = "") -> Command:
    result: JsonValue = {"findings": FINDINGS.dump_python(findings, mode="json"), "reason": reason}
    said: JsonValue = {"result": None if error else result, "error": error}
    return Command(name=ANSWERED, key=order.question_id, actor=RULE, arguments=said)


class Line:
    """Decides one command after the other, as the runtime does."""

    def __init__(self) -> None:
        self.facts = Facts({}, {POLICY.hash: POLICY})

    def __call__(self, command: Command, now: datetime = NOW) -> Outcome[Any]:
        outcome = decide(command, self.facts, now)
        if isinstance(outcome.state, Remembered):
            held = {**self.facts.questions, outcome.state.question_id: outcome.state}
            self.facts = Facts(held, self.facts.policies)
        return outcome

    @property
    def held(self) -> Remembered:
        [one] = self.facts.questions.values()
        return one


def test_a_question_is_asked_by_one_effect_at_a_time() -> None:
    line = Line()
    first = line(complete(an_order()))
    assert [(effect.name, effect.done) for effect in first.effects] == [(ASK, ANSWERED)]
    assert line.held.until == NOW + timedelta(hours=24)
    again = line(complete(an_order(2)))
    assert again.effects == ()
    assert line.held.order is not None
    assert line.held.order.lead.version == 2
    line(complete(an_order(1)))
    assert line.held.order.lead.version == 2, "an older version that comes late is not the newest"


def late_answers(outcome: Outcome[Any]) -> LateAnswers:
    [command] = outcome.emits
    assert isinstance(command, Command)
    assert (command.target, command.name, command.key) == ("dedupe", COMPLETE, "lead-1")
    return LateAnswers.model_validate(command.arguments)


def test_a_late_answer_lets_the_lead_in_again_with_all_its_answers() -> None:
    line = Line()
    lead = with_answers(a_lead({"domain": "acme.com"}), "title", "t", [nothing("seniority", "unknown")])
    order = an_order(lead=lead)
    line(complete(order))
    later = NOW + timedelta(minutes=5)
    late = late_answers(line(answered(order, SOFTWARE, nothing("employees", "not told")), later))
    assert late.version == 1
    said = {(one.provider, one.field): one for one in late.answers}
    assert said["website", "industry"].value == "software"
    assert said["website", "industry"].at == later
    assert said["website", "employees"].reason == "not told"
    assert said["title", "seniority"].outcome == "nothing"
    assert line.held.state == "answered"
    assert line.held.order is None, "the lead is kept no longer than it is needed"


def test_told_twice_it_happens_once() -> None:
    line, order = Line(), an_order()
    line(complete(order))
    line(answered(order, SOFTWARE))
    again = line(answered(order, SOFTWARE))
    assert (again.emits, again.effects, again.state) == ((), (), None)


@pytest.mark.parametrize(
    "findings",
    [
        (nothing("industry", "not told"), nothing("employees", "not told")),
        (found("industry", "retail", 0.3, "q", "w"), nothing("employees", "x")),
        (found("city", "Bonn", 0.9, "q", "w"),),
        (found("founded", "1999", 0.9, "q", "w"),),
    ],
    ids=["nothing", "worth less than what is known", "what is known already", "what counts nowhere"],
)
def test_what_changes_nothing_does_not_re_enter(findings: tuple[Finding, ...]) -> None:
    line = Line()
    directory = found("industry", "Software", 0.9, "software", "directory:7")
    known = with_answers(a_lead({"domain": "acme.com"}), "company_directory", "d", [directory])
    known = with_answers(known, "company_directory", "d", [found("city", "Bonn", 0.9, "Bonn", "directory:7")])
    order = an_order(lead=known)
    line(complete(order))
    outcome = line(answered(order, *findings))
    assert outcome.emits == ()
    assert outcome.answer == {"state": "answered", "reenters": False}
    assert {answer.field for answer in line.held.answers} == {finding.field for finding in findings}


def test_what_a_person_settled_does_not_re_enter() -> None:
    person = FieldValue(value="retail", source=Source(kind="human", name="bo"), verified_by="bo", locked=True)
    line, order = Line(), an_order(lead=a_lead({"domain": "acme.com", "industry": person}))
    line(complete(order))
    assert line(answered(order, SOFTWARE)).emits == ()
    [answer] = line.held.answers
    assert (answer.previous, answer.verified_by) == ("retail", "bo")


def test_a_fact_of_the_record_base_re_enters_though_it_is_no_field_to_fill() -> None:
    line, order = Line(), an_order(provider="crm")
    line(complete(order))
    owner = found("owner", "dana", 0.95, "dana", "record:company/c1.owner")
    assert late_answers(line(answered(order, owner))).version == 1


def test_given_up_is_an_answer_and_final() -> None:
    line, order = Line(), an_order()
    line(complete(order))
    outcome = line(answered(order, reason="not within 24 hours; at last it could not be reached: ConnectionError"))
    assert (outcome.emits, outcome.effects) == ((), ())
    assert line.held.state == "given_up"
    assert {(one.outcome, one.given_up, one.field) for one in line.held.answers} == {
        ("unavailable", True, "industry"),
        ("unavailable", True, "employees"),
    }
    assert all(one.reason.startswith("given up: not within 24 hours") for one in line.held.answers)
    again = line(complete(an_order(2)))
    assert (again.effects, again.emits) == ((), ()), "it is not asked again"


def test_where_the_policy_waits_longer_than_the_runtime_the_effect_is_made_anew() -> None:
    line, order = Line(), an_order()
    line(complete(order))
    assert len(line(answered(order, error="given up after 12 attempts"), NOW + timedelta(hours=1)).effects) == 1
    assert line.held.state == "open"
    outcome = line(answered(order, error="given up after 12 attempts"), NOW + timedelta(hours=24))
    assert (outcome.effects, line.held.state) == ((), "given_up")


def test_an_answer_that_a_newer_version_missed_is_sent_for_that_one() -> None:
    """The person's version went in while the answer came: dedupe refused it for the old one."""
    line, order = Line(), an_order()
    line(complete(order))
    assert late_answers(line(answered(order, SOFTWARE))).version == 1
    assert late_answers(line(complete(an_order(2)))).version == 2
    completed = with_answers(order.lead, "website", "h", [SOFTWARE])
    assert order_of(completed.model_copy(update={"answers": completed.answers[:1]}), ASKED) is None


@pytest.mark.parametrize("name", ["complete", "answered", "dance"])
def test_other_commands_are_refused(name: str) -> None:
    with pytest.raises(Rejected):
        Line()(Command(name=name, key="k", actor=RULE, arguments={"provider": "website"}))
    line, order = Line(), an_order()
    line(complete(order))
    with pytest.raises(Rejected):
        line(Command(name=ANSWERED, key=order.question_id, actor=RULE, arguments=[1]))
    with pytest.raises(Rejected):
        line(complete(order).model_copy(update={"key": "another"}))


CALL = Call(
    provider="website", inputs={"domain": "acme.com"}, policy_hash="p", since=NOW, until=NOW + timedelta(hours=24)
).model_dump(mode="json")


def calls(provider: Told, after: timedelta, *, seconds: float = 5.0) -> Calls:
    return Calls(OnePolicy(), [], lambda policy: [provider], lambda: NOW + after, seconds)


@pytest.mark.parametrize(
    ("after", "wait"),
    [(timedelta(0), 2), (timedelta(minutes=1), 60), (timedelta(hours=5), 1800), (timedelta(hours=23.9), 360)],
)
async def test_while_it_is_away_it_is_asked_ever_more_seldom(after: timedelta, wait: float) -> None:
    with pytest.raises(Retryable) as told:
        await calls(Told("website", failure=ConnectionResetError()), after).ask(CALL, "e")
    assert told.value.after_seconds == pytest.approx(wait)


async def test_when_the_time_is_over_it_is_given_up() -> None:
    reply = await calls(Told("website", failure=ConnectionResetError()), timedelta(hours=24)).ask(CALL, "e")
    assert reply == {
        "findings": [],
        "reason": "not within 24 hours; at last it could not be reached: ConnectionResetError",
    }


async def test_what_it_says_comes_back_complete_and_proven() -> None:
    bare = Finding("employees", "found", 120, 0.9)
    reply = await calls(Told("website", findings=[SOFTWARE, bare]), timedelta(0)).ask(CALL, "e")
    assert isinstance(reply, dict)
    industry, employees = FINDINGS.validate_python(reply["findings"])
    assert industry == SOFTWARE
    assert (employees.outcome, employees.value) == ("nothing", None)


async def test_one_that_hangs_is_left_after_a_while() -> None:
    class Hangs(Told):
        async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
            await asyncio.Event().wait()
            return []

    with pytest.raises(Retryable):
        await calls(Hangs("website"), timedelta(0), seconds=0.05).ask(CALL, "e")


async def test_who_is_named_no_longer_is_not_called() -> None:
    class Newer(OnePolicy):
        def newest(self) -> Any:
            return policy_with("budget_seconds: 1")

    website = Told("website", findings=[SOFTWARE])
    off = Calls(Newer(), [], lambda policy: [website] if policy is POLICY else [], lambda: NOW)
    reply = await off.ask(CALL, "e")
    assert (website.asked, reply) == ([], {"findings": [], "reason": "the policy no longer names this provider"})

"""Providers over the network: they share a budget, are asked only where it can help, and never twice."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from libs.contracts.change import Source
from libs.contracts.completion import LateAnswers
from libs.contracts.events import Command, LeadDeduped, LeadEnriched
from libs.contracts.lead import FieldValue, Lead
from libs.contracts.outcome import Outcome
from libs.policy.policy import Policy
from libs.runtime import clock
from libs.runtime.errors import Retryable
from services.enrich.domain.findings import VERSIONED, Finding, Inputs, found, nothing
from services.enrich.domain.late import FINDINGS, Order, Remembered, Reply, opened, reentry, settled
from services.enrich.domain.provider import Network, Provider
from services.enrich.stage.line import ASK_LATER, enrich_stage
from tests.services.enrich.makers import NOW, POLICY, OnePolicy, Told, a_lead, deduped, policy_with

SOFTWARE = [found("industry", "software", 0.9, "We build software", "https://acme.com/")]
QUICK = policy_with("budget_seconds: 0.2")


@dataclass
class Held:
    """Missed questions in memory."""

    questions: Sequence[Remembered] = ()

    async def of(self, lead_ids: Sequence[str]) -> Sequence[Remembered]:
        return [one for one in self.questions if one.lead_id in lead_ids]


def only(*providers: Provider) -> Network:
    return lambda policy: providers


async def enriched(
    leads: Sequence[Lead],
    network: Network,
    *,
    policy: Policy = QUICK,
    offline: Sequence[Provider] = (),
    late: Any = None,
) -> list[Outcome[Any]]:
    stage = enrich_stage(OnePolicy(policy), offline, 2.0, network, late or Held())
    events: list[LeadDeduped] = [deduped(lead) for lead in leads]
    facts = await stage.gather(events)
    return [stage.decide(event, facts, NOW) for event in events]


def next_lead(outcome: Outcome[Any]) -> Lead:
    assert isinstance(outcome.next, LeadEnriched)
    return outcome.next.lead


def order_in(outcome: Outcome[Any]) -> Order:
    [command] = outcome.emits
    assert isinstance(command, Command)
    assert (command.target, command.name) == ("enrich", ASK_LATER)
    order = Order.model_validate(command.arguments)
    assert command.key == order.question_id
    return order


class Hanging(Told):
    """Never answers about `slow.com`; leaves nobody a way to stop it quickly."""

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        if questions[0]["domain"] == "slow.com":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0.6)
        return await super().answer(questions)


async def test_slow_providers_share_the_budget_and_take_nothing_from_the_others() -> None:
    one, two = Hanging("website", findings=SOFTWARE), Hanging("company_directory", findings=SOFTWARE)
    leads = [a_lead({"domain": "acme.com"}, 1), a_lead({"domain": "slow.com"}, 2)]
    began = clock.monotonic()
    quick, slow = await enriched(leads, only(one, two))
    assert clock.monotonic() - began < 1.0, "0.2 seconds for all together"
    assert {change.new for change in quick.changes} == {"software"}
    assert quick.emits == ()
    assert {answer.outcome for answer in next_lead(slow).answers} == {"timed_out"}
    assert {answer.reason for answer in next_lead(slow).answers} == {"no answer within 0.2 seconds"}
    assert len(slow.emits) == 2


async def test_a_missed_question_is_handed_over_with_the_lead_and_its_answers() -> None:
    dead = Told("website", failure=ConnectionRefusedError(), findings=SOFTWARE)
    [outcome] = await enriched([a_lead({"domain": "acme.com"})], only(dead))
    order = order_in(outcome)
    assert (order.provider, order.inputs, order.since) == ("website", {"domain": "acme.com"}, NOW)
    assert order.lead == next_lead(outcome)


@pytest.mark.parametrize("failure", [ConnectionResetError(), TimeoutError(), Retryable("breaker open")])
async def test_a_dead_provider_holds_nothing_up(failure: Exception) -> None:
    [outcome] = await enriched([a_lead({"domain": "acme.com"})], only(Told("website", failure=failure)))
    assert {answer.outcome for answer in next_lead(outcome).answers} == {"unavailable"}
    assert all(type(failure).__name__ in answer.reason for answer in next_lead(outcome).answers)


async def test_too_many_answers_are_none() -> None:
    class Chatty(Told):
        async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
            return [SOFTWARE, SOFTWARE]

    [outcome] = await enriched([a_lead({"domain": "acme.com"})], only(Chatty("website")))
    assert {answer.reason for answer in next_lead(outcome).answers} == {"gave 2 answers to one question"}


async def test_who_may_fill_nothing_is_not_asked() -> None:
    stranger = Told("clearfirm", findings=SOFTWARE)
    [outcome] = await enriched([a_lead({"domain": "acme.com"})], only(stranger))
    assert (stranger.asked, next_lead(outcome).answers) == ([], ())


async def test_nobody_is_asked_about_what_people_have_settled() -> None:
    person = FieldValue(value="retail", source=Source(kind="human", name="bo"), verified_by="bo", locked=True)
    website = Told("website", findings=SOFTWARE)
    settled = a_lead({"domain": "acme.com", "industry": person, "employees": person})
    [outcome] = await enriched([settled], only(website))
    assert website.asked == []
    assert {answer.reason for answer in next_lead(outcome).answers} == {
        "a person has settled every field that it may fill"
    }
    await enriched([a_lead({"domain": "acme.com", "industry": person})], only(website))
    assert len(website.asked) == 1, "employees are still open"


class Loud(Told):
    """Egress in a replay."""

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        raise AssertionError(f"a call went out: {questions}")


async def test_a_replay_makes_no_call() -> None:
    said = [*SOFTWARE, nothing("employees", "not told")]
    [first] = await enriched([a_lead({"domain": "acme.com"})], only(Told("website", findings=said)))
    again = next_lead(first).model_copy(update={"version": 2})
    [second] = await enriched([again], only(Loud("website")))
    assert next_lead(second).answers == next_lead(first).answers
    assert second.changes == first.changes


@pytest.mark.parametrize("carries", [True, False], ids=["carried", "forgotten by a person's command"])
async def test_a_question_that_somebody_is_still_asking_is_left_to_them(carries: bool) -> None:
    lead = a_lead({"domain": "acme.com"})
    [missed] = await enriched([lead], only(Told("website", failure=ConnectionResetError())))
    order = order_in(missed)
    again = (next_lead(missed) if carries else lead).model_copy(update={"version": 2})
    [outcome] = await enriched([again], only(Loud("website")), late=Held([opened(order, POLICY)]))
    assert {answer.outcome for answer in next_lead(outcome).answers} <= {"timed_out", "unavailable"}
    assert order_in(outcome).lead.version == 2, "the late answer is wanted for the newer version"
    assert order_in(outcome).question_id == order.question_id


async def test_a_settled_question_rides_on_the_next_version_without_a_call() -> None:
    lead = a_lead({"domain": "acme.com"})
    [missed] = await enriched([lead], only(Told("website", failure=ConnectionResetError())))
    open_one = opened(order_in(missed), POLICY)
    last = [
        answer.model_copy(update={"outcome": "unavailable", "reason": "given up: x", "given_up": True})
        for answer in next_lead(missed).answers
    ]
    given_up = replace(open_one, state="given_up", order=None, answers=tuple(last))
    for carried in (next_lead(missed), lead):
        again = carried.model_copy(update={"version": 2})
        [outcome] = await enriched([again], only(Loud("website")), late=Held([given_up]))
        assert {answer.reason for answer in next_lead(outcome).answers} == {"given up: x"}
        assert outcome.emits == ()
        [third] = await enriched([next_lead(outcome)], only(Loud("website")), late=Held())
        assert next_lead(third).answers == next_lead(outcome).answers
        assert third.emits == ()


async def test_another_question_is_asked_although_the_old_one_was_given_up() -> None:
    [missed] = await enriched([a_lead({"domain": "acme.com"})], only(Told("website", failure=ConnectionResetError())))
    moved = next_lead(missed).model_copy(update={"fields": a_lead({"domain": "acme.io"}).fields})
    website = Told("website", findings=SOFTWARE)
    [outcome] = await enriched([moved], only(website), late=Held([opened(order_in(missed), POLICY)]))
    assert website.asked == [{"domain": "acme.io"}]
    assert outcome.emits == ()


async def test_without_slow_providers_nobody_looks_for_missed_questions() -> None:
    class Away:
        async def of(self, lead_ids: Sequence[str]) -> Sequence[Remembered]:
            raise AssertionError(lead_ids)

    [outcome] = await enriched([a_lead({"domain": "acme.com"})], only(), offline=[Told(findings=SOFTWARE)], late=Away())
    assert {change.new for change in outcome.changes} == {"software"}


class Moving(Told):
    """A provider whose answer belongs to the lead's version, always too late for the line."""

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        return {**super().inputs(lead, policy), VERSIONED: str(lead.version)}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        self.asked += questions
        await asyncio.Event().wait()
        return []


async def test_a_late_answer_counts_for_the_version_that_it_lets_in_so_that_it_ends() -> None:
    directory = Moving("company_directory", fields=("industry",))
    lead = a_lead({"domain": "acme.com"})
    [missed] = await enriched([lead], only(directory))
    order = order_in(missed)
    late = settled(
        opened(order, POLICY), order, Reply(findings=FINDINGS.dump_python(tuple(SOFTWARE), mode="json")), NOW
    )
    command = reentry(order.lead, late.answers, POLICY)
    assert command is not None
    told = LateAnswers.model_validate(command.arguments)
    second = lead.model_copy(update={"version": told.version + 1, "answers": told.answers})
    [outcome] = await enriched([second], only(directory), late=Held([late]))
    assert len(directory.asked) == 1
    assert outcome.emits == ()
    assert {change.new for change in outcome.changes} == {"software"}
    [outcome] = await enriched(
        [next_lead(outcome).model_copy(update={"version": 3})], only(directory), late=Held([late])
    )
    assert len(directory.asked) == 2, "a version that comes for another reason asks anew"

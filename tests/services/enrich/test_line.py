"""The stage of the line: what is asked, what is recorded, and what is proposed."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Source
from libs.contracts.events import LeadEnriched
from libs.contracts.lead import FieldValue, Lead
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Retryable
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.title import Title
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.provider import Provider
from services.enrich.stage.line import enrich_stage
from tests.declared import undeclared
from tests.services.enrich.makers import NOW, OnePolicy, Told, a_lead, deduped

OFFLINE: tuple[Provider, ...] = (EmailDomain(), Phone(), PersonName(), Title(), Language(), Campaign())


async def enriched(leads: Sequence[Lead], providers: Sequence[Provider], seconds: float = 2.0) -> list[Outcome[Any]]:
    stage = enrich_stage(OnePolicy(), providers, seconds)
    events = [deduped(lead) for lead in leads]
    facts = await stage.gather(events)
    found = [stage.decide(event, facts, NOW) for event in events]
    for outcome in found:
        assert undeclared("enrich", outcome.changes, OnePolicy().by_hash("")) == set()
    return found


def next_lead(outcome: Outcome[Any]) -> Lead:
    assert isinstance(outcome.next, LeadEnriched)
    return outcome.next.lead


def own(outcome: Outcome[Any]) -> dict[str, Any]:
    return {change.field: change.new for change in outcome.changes if change.record.type == "lead"}


LEAD = {
    "email": "ann@acme.de",
    "name": "Ann Lee",
    "title": "VP Sales",
    "phone": "+49 30 901820",
    "message": "Wir suchen eine Lösung für doppelte Kontakte.",
}


async def test_a_lead_is_enriched_from_what_it_said() -> None:
    [outcome] = await enriched([a_lead(LEAD)], OFFLINE)
    assert own(outcome) == {
        "email_kind": "corporate", "domain": "acme.de", "country": "DE", "phone_country": "DE", "time_zone": "Europe/Berlin",
            "phone_type": "fixed", "phone_region": "Berlin",
        "first_name": "Ann", "last_name": "Lee", "seniority": "vp", "function": "sales", "language": "de",
    }  # fmt: skip
    assert all(change.evidence and change.source.kind == "provider" for change in outcome.changes)
    assert {change.field for change in outcome.changes if change.record.type == "contact"} == {
        "email_kind", "phone_country", "time_zone", "first_name", "last_name", "seniority", "function", "language",
    }  # fmt: skip
    nothings = {answer.field: answer.reason for answer in next_lead(outcome).answers if answer.outcome == "nothing"}
    assert nothings == {"channel": "the lead gives it nothing to go on"}


async def test_recorded_answers_are_reused_and_nobody_is_asked() -> None:
    provider = Told(
        findings=[found("industry", "software", 0.9, "acme.com", "directory"), nothing("employees", "not listed")]
    )
    lead = a_lead({"domain": "acme.com"})
    [first] = await enriched([lead], [provider])
    [again] = await enriched([next_lead(first)], [provider])
    assert len(provider.asked) == 1
    assert next_lead(again).answers == next_lead(first).answers
    assert again.changes == first.changes


async def test_other_inputs_are_another_question() -> None:
    provider = Told(findings=[found("industry", "software", 0.9, "x", "directory")])
    [first] = await enriched([a_lead({"domain": "acme.com"})], [provider])
    moved = next_lead(first).model_copy(
        update={"fields": {"domain": FieldValue(value="acme.io", source=Source(kind="human", name="bo"))}}
    )
    await enriched([moved], [provider])
    assert [question["domain"] for question in provider.asked] == ["acme.com", "acme.io"]


async def test_one_question_of_many_leads_is_asked_once() -> None:
    provider = Told(findings=[found("industry", "software", 0.9, "x", "directory")])
    outcomes = await enriched([a_lead({"domain": "acme.com"}, number) for number in range(5)], [provider])
    assert len(provider.asked) == 1
    assert all(own(outcome) == {"industry": "software"} for outcome in outcomes)


class Slow(Told):
    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        await asyncio.Event().wait()
        return []


async def test_a_slow_provider_is_recorded_and_delays_nobody() -> None:
    [outcome] = await enriched([a_lead({"domain": "acme.com", "title": "CEO"})], [Slow(), Title()], seconds=0.02)
    answers = {answer.field: answer for answer in next_lead(outcome).answers}
    assert {answers["industry"].outcome, answers["employees"].outcome} == {"timed_out"}
    assert own(outcome) == {"seniority": "c_level", "function": "general"}
    provider = Told(findings=[found("industry", "software", 0.9, "x", "directory")])
    [later] = await enriched([next_lead(outcome)], [provider])
    assert len(provider.asked) == 1, "a missed answer is asked for again"
    assert own(later)["industry"] == "software"


async def test_an_unreachable_provider_is_recorded() -> None:
    [outcome] = await enriched([a_lead({"domain": "acme.com"})], [Told(failure=ConnectionRefusedError())])
    assert {answer.outcome for answer in next_lead(outcome).answers} == {"unavailable"}
    assert outcome.changes == ()


async def test_what_a_lead_must_not_go_on_without_holds_the_batch() -> None:
    with pytest.raises(Retryable):
        await enriched([a_lead({"domain": "acme.com"})], [Told(failure=Retryable("away"))])


@pytest.mark.parametrize(
    "held",
    [
        FieldValue(value=40, source=Source(kind="provider", name="website"), confidence=0.5, locked=True),
        FieldValue(value=40, source=Source(kind="provider", name="website"), confidence=0.5, verified_by="bo"),
        FieldValue(value=40, source=Source(kind="crm", name="crm"), confidence=1.0),
        FieldValue(value=40, source=Source(kind="human", name="bo")),
        FieldValue(value=120, source=Source(kind="submission", name="chat")),
    ],
    ids=["locked", "verified", "surer", "more trusted", "the same"],
)
async def test_a_better_value_is_left_alone(held: FieldValue) -> None:
    provider = Told(findings=[found("employees", 120, 0.9, "120 people", "directory")])
    [outcome] = await enriched([a_lead({"domain": "acme.com", "employees": held})], [provider])
    assert own(outcome) == {}
    assert next_lead(outcome).fields["employees"] == held


async def test_an_emptied_and_locked_field_stays_empty() -> None:
    held = FieldValue(value=None, source=Source(kind="human", name="bo"), locked=True)
    provider = Told(findings=[found("employees", 120, 0.9, "120 people", "directory")])
    [outcome] = await enriched([a_lead({"domain": "acme.com", "employees": held})], [provider])
    assert own(outcome) == {}


async def test_the_more_trusted_of_two_providers_counts_and_both_answers_are_kept() -> None:
    directory = Told(findings=[found("country", "FR", 0.9, "Paris", "directory")], fields=("country",))
    website = Told("website", findings=[found("country", "DE", 0.7, "Berlin", "site")], fields=("country",))
    [outcome] = await enriched([a_lead({"domain": "acme.com"})], [website, directory])
    assert own(outcome) == {"country": "FR"}
    assert sorted(str(answer.value) for answer in next_lead(outcome).answers) == ["DE", "FR"]


SOME_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["a@acme.de", "b@gmail.com", "info@acme.de"]),
        "title": st.sampled_from(["CEO", "Wizard"]),
        "name": st.sampled_from(["Ann Lee", "Bo"]),
    },
)


@given(st.lists(SOME_FIELDS, min_size=1, max_size=4))
async def test_a_batch_equals_batches_of_one(fields: list[dict[str, str]]) -> None:
    leads = [a_lead(facts, number) for number, facts in enumerate(fields)]
    together = await enriched(leads, OFFLINE)
    apart = [(await enriched([lead], OFFLINE))[0] for lead in leads]
    assert together == apart


async def test_each_answer_says_what_the_lead_held_and_who_verified_that() -> None:
    held = FieldValue(value=40, source=Source(kind="human", name="bo"), verified_by="bo", locked=True)
    provider = Told(findings=[found("employees", 120, 0.9, "120 people", "directory")])
    [outcome] = await enriched([a_lead({"domain": "acme.com", "employees": held})], [provider])
    answers = {answer.field: answer for answer in next_lead(outcome).answers}
    assert (answers["employees"].previous, answers["employees"].verified_by) == (40, "bo")
    assert (answers["industry"].previous, answers["industry"].verified_by) == (None, None)
    assert all(answer.at == NOW and answer.input_hash for answer in answers.values())
    assert answers["industry"].reason == "the provider said nothing about it"


async def test_a_provider_that_the_policy_does_not_list_fills_nothing() -> None:
    stranger = Told("http", findings=[found("industry", "software", 0.99, "x", "somewhere")], fields=("industry",))
    [outcome] = await enriched([a_lead({"domain": "acme.com"})], [stranger])
    assert own(outcome) == {}
    assert [answer.value for answer in next_lead(outcome).answers] == ["software"], "what it said stays on record"

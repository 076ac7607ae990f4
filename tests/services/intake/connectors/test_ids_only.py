"""Senders of ids: what a notice asks for, what is told apart from it, and what a fetched answer becomes."""

from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.events import Command, TriageRequested
from libs.contracts.fetch import METHOD, NOT_FETCHED, FetchOrder, NotFetched
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, ToFetch, Unmapped
from services.intake.domain.sources import source_of
from services.intake.stage import MapperFacts, mapped
from tests.services.fetch.providers import CONTACT, LEAD, RESPONSE
from tests.services.intake.samples import AT, POLICY, RULES, TENANT_SECRET, json_body, request, submission


def items(adapter: str, body: Any, rules: IntakeSource = RULES) -> list[Item]:
    return list(map_body(ADAPTERS[adapter], json_body(body), rules))


def change(value: JsonValue, field: str = "leadgen") -> JsonValue:
    return {"field": field, "value": value}


def event(**more: JsonValue) -> dict[str, JsonValue]:
    return {
        "eventId": 1, "subscriptionId": 5, "portalId": 62515, "appId": 54321, "occurredAt": 1746368520000,
        "subscriptionType": "contact.creation", "attemptNumber": 0, "objectId": 123, "changeSource": "CRM_UI", **more,
    }  # fmt: skip


def test_metas_notices_hold_several_leads_and_one_bad_change_sinks_none() -> None:
    body = {"object": "page", "entry": [
        {"id": "1", "changes": [change({"leadgen_id": "11"}), change({}), change({"leadgen_id": 12})]},
        {"id": "2", "changes": [change({"post": 1}, "feed"), change({"leadgen_id": "444444444444"})]}, "?",
    ]}  # fmt: skip
    first, bad, second, other, test = items("meta_lead_ads", body)
    assert isinstance(bad, Unmapped)
    assert isinstance(other, NotALead)
    assert other.disposition is Disposition.UPDATE
    assert isinstance(test, NotALead)
    assert test.disposition is Disposition.TEST
    assert [(one.provider, one.object_id) for one in (first, second) if isinstance(one, ToFetch)] == [
        ("meta", "11"),
        ("meta", "12"),
    ]


def test_linkedins_notices() -> None:
    urn = "urn:li:leadGenFormResponse:ab-1"
    notice: dict[str, JsonValue] = {
        "type": "LEAD_ACTION",
        "leadGenFormResponse": urn,
        "leadAction": "CREATED",
        "occurredAt": 1,
    }
    assert items("linkedin_lead_sync", notice) == [ToFetch("linkedin", urn, "LinkedIn sends only the response's URN")]
    (erased,) = items("linkedin_lead_sync", {**notice, "leadAction": "DELETED"})
    assert isinstance(erased, NotALead)
    assert erased.disposition is Disposition.ERASURE
    delivery = ADAPTERS["linkedin_lead_sync"].delivery_id
    assert delivery(request(), notice) == f"{urn} CREATED 1"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "62515/contact/123"),
        ({"subscriptionType": "object.creation", "objectTypeId": "0-1"}, "62515/contact/123"),
        ({"subscriptionType": "object.creation", "objectTypeId": "0-2"}, Disposition.UPDATE),
        ({"subscriptionType": "contact.propertyChange", "propertyName": "email"}, Disposition.UPDATE),
        ({"subscriptionType": "contact.deletion"}, Disposition.UPDATE),
        ({"subscriptionType": "contact.privacyDeletion"}, Disposition.ERASURE),
        ({"changeSource": "INTEGRATION", "sourceId": "54321"}, Disposition.OWN_MESSAGE),
        ({"changeSource": "INTEGRATION", "sourceId": "appId:777"}, Disposition.OWN_MESSAGE),
        ({"changeSource": "INTEGRATION", "sourceId": "888"}, "62515/contact/123"),
        ({"changeSource": "CRM_UI", "sourceId": "54321"}, "62515/contact/123"),
    ],
)
def test_hubspots_events(more: dict[str, JsonValue], wanted: object) -> None:
    rules = IntakeSource(adapter="hubspot_events", trust=0.6, own_ids=["777"])
    (found,) = items("hubspot_events", [event(**more)], rules)
    assert (found.object_id if isinstance(found, ToFetch) else getattr(found, "disposition", None)) == wanted


def test_a_retry_of_hubspot_is_the_same_delivery_and_a_shared_event_id_is_not() -> None:
    delivery = ADAPTERS["hubspot_events"].delivery_id
    first = delivery(request(), [event(), event(objectId=124)])
    assert first == delivery(request(), [event(attemptNumber=3, eventId=9), event(objectId=124, attemptNumber=3)])
    assert first != delivery(request(), [event(), event(objectId=125)])
    told = delivery(request(), [event(propertyName="email", propertyValue="ana@acme.com")])
    assert told is not None
    assert "ana" not in told


def test_one_hundred_events_and_a_bad_one() -> None:
    body: list[JsonValue] = [event(objectId=number) for number in range(99)] + ["?"]
    found = items("hubspot_events", body)
    assert [type(one) for one in found] == [ToFetch] * 99 + [Unmapped]


WHO = {"email": "ana@acme.com", "company": "Acme GmbH"}


@pytest.mark.parametrize(
    ("adapter", "body", "more", "form"),
    [
        ("meta_lead_ads", LEAD, {"name": "Ana Ruiz", "campaign": "Q2 AI Ops"}, "77"),
        ("linkedin_lead_sync", RESPONSE, {"name": "Ana Ruiz", "utm_campaign": "q2"}, "Webinar May"),
        (
            "hubspot_events", {"id": "1", "properties": CONTACT},
            {"name": "Ana Ruiz", "utm_source": "ads", "page": "https://acme.example/?utm_source=ads"}, None,
        ),
    ],
)  # fmt: skip
def test_what_was_fetched_is_a_lead(adapter: str, body: Any, more: dict[str, JsonValue], form: str | None) -> None:
    (found,) = items(adapter, body)
    assert isinstance(found, LeadFacts)
    said = {name: fact.value for name, fact in found.fields.items()}
    assert {name: said.get(name) for name in {**WHO, **more}} == {**WHO, **more}
    assert (found.form, found.submitted_at) == (form, AT)
    if adapter != "hubspot_events":
        assert "Zendesk" in str(said["message"])


def test_partial_answers_are_still_leads_and_tests_are_none() -> None:
    bare = {"id": "1", "field_data": [{"name": "email", "values": ["ana@acme.com"]}, {"name": "x"}, "?"]}
    (lead,) = items("meta_lead_ads", bare)
    assert isinstance(lead, LeadFacts)
    unnamed = {"formResponse": {"answers": [{"answerDetails": {"textQuestionAnswer": {"answer": "ana@acme.com"}}}]}}
    (lead,) = items("linkedin_lead_sync", unnamed)
    assert isinstance(lead, LeadFacts)
    for adapter, body in (
        ("meta_lead_ads", {"field_data": [{"name": "email", "values": ["<test lead: dummy data for email>"]}]}),
        ("linkedin_lead_sync", {**RESPONSE, "testLead": True}),
    ):
        (test,) = items(adapter, body)
        assert isinstance(test, NotALead)
        assert test.disposition is Disposition.TEST


def told(outcome: str, *, again: bool = False, **more: Any) -> Outcome[Any]:
    """What the mapper makes of the word that there is no answer."""
    order = FetchOrder(source="meta_lead_ads", provider="meta", object_id="11", trust="signed")
    body = NotFetched.model_validate({
        "provider": "meta", "object_id": "11", "outcome": outcome, "reason": "Meta answered 400", "at": AT,
    })  # fmt: skip
    facts = {"method": METHOD, "content_type": NOT_FETCHED, "trust": "signed", **more}
    event = submission(body.model_dump_json().encode(), order.source, order.delivery_id, **facts)
    assert event.submission_id == order.submission_id
    source = source_of("meta_lead_ads", POLICY, {}, ADAPTERS)
    return mapped(event, MapperFacts(POLICY, {"meta_lead_ads": source}, {}), TENANT_SECRET, again=again)


def test_what_was_given_up_is_asked_of_a_person_and_fetched_again_when_they_say_so() -> None:
    (asked,) = told("given_up").emits
    assert isinstance(asked, TriageRequested)
    assert asked.lead_version == 0
    assert "meta 11 could not be fetched" in asked.questions[0].review.reason
    redriven = told("given_up", again=True)
    (command,) = redriven.emits
    assert isinstance(command, Command)
    assert (command.target, command.key, command.arguments["again"]) == ("fetch", asked.submission.submission_id, True)  # type: ignore[index, call-overload]
    assert asked.lead_id == ids.lead_id(command.key, 0)
    assert [change.new for change in redriven.changes] == ["fetching"]


def test_what_is_gone_is_no_lead_and_nothing_from_outside_is_taken_for_it() -> None:
    assert [change.new for change in told("gone").changes] == ["cancellation"]
    (asked,) = told("gone", method="POST").emits
    assert isinstance(asked, TriageRequested)

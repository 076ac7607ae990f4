"""Bodies as the tools send them, and what each adapter makes of them."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, ToFetch, Unmapped
from tests.services.intake.samples import RULES, json_body, request

TYPEFORM: JsonValue = {
    "event_id": "LtWXD3crgy",
    "event_type": "form_response",
    "form_response": {
        "form_id": "lT4Z3j",
        "token": "a3a12ec67a1365927098a606107fac15",
        "submitted_at": "2026-05-04T14:00:00Z",
        "hidden": {"utm_source": "linkedin", "utm_campaign": "q2"},
        "definition": {
            "title": "Request a demo",
            "fields": [
                {"id": "f1", "title": "What's your *name*?", "ref": "n"}, {"id": "f2", "title": "Work email", "ref": "e"},
                {"id": "f3", "title": "Company", "ref": "c"}, {"id": "f4", "title": "What are you trying to solve?"},
                {"id": "f5", "title": "How big is your team?"}, {"id": "f6", "title": "Which tools do you use?"},
            ],
        },
        "answers": [
            {"type": "text", "text": "Ana Ruiz", "field": {"id": "f1"}},
            {"type": "email", "email": "Ana@Acme.com", "field": {"id": "f2"}},
            {"type": "text", "text": "Acme GmbH", "field": {"id": "f3"}},
            {"type": "text", "text": "Route support tickets", "field": {"id": "f4"}},
            {"type": "choice", "choice": {"label": "51-200"}, "field": {"id": "f5"}},
            {"type": "choices", "choices": {"labels": ["Zendesk", "Jira"]}, "field": {"id": "f6"}},
        ],
    },
}  # fmt: skip
TALLY: JsonValue = {
    "eventId": "e1", "eventType": "FORM_RESPONSE", "createdAt": "2026-05-04T14:00:00.000Z",
    "data": {
        "responseId": "r1", "formId": "wzP", "formName": "Contact us", "createdAt": "2026-05-04T14:00:00.000Z",
        "fields": [
            {"key": "question_1", "label": "Full name", "type": "INPUT_TEXT", "value": "Ana Ruiz"},
            {"key": "question_2", "label": "Mail", "type": "INPUT_EMAIL", "value": "ana@acme.com"},
            {"key": "question_3", "label": "Call me at", "type": "INPUT_PHONE_NUMBER", "value": "+49 30 901820"},
            {"key": "question_4", "label": "Product", "type": "DROPDOWN", "value": ["o2"],
             "options": [{"id": "o1", "text": "Starter"}, {"id": "o2", "text": "Enterprise"}]},
            {"key": "question_5", "label": "utm_source", "type": "HIDDEN_FIELDS", "value": "ads"},
        ],
    },
}  # fmt: skip
CALENDLY: JsonValue = {
    "event": "invitee.created", "created_at": "2026-05-04T14:00:00Z",
    "payload": {
        "uri": "https://api.calendly.com/scheduled_events/A/invitees/B", "email": "ana@acme.com", "name": "Ana Ruiz",
        "timezone": "Europe/Berlin", "status": "active", "old_invitee": None, "rescheduled": False,
        "questions_and_answers": [
            {"question": "Company", "answer": "Acme", "position": 0},
            {"question": "Please share anything that will help prepare", "answer": "Ticket routing", "position": 1},
        ],
        "tracking": {"utm_source": "newsletter", "utm_campaign": None, "salesforce_uuid": None},
        "scheduled_event": {"name": "Demo call", "start_time": "2026-05-06T09:00:00Z"},
    },
}  # fmt: skip
GOOGLE: JsonValue = {
    "lead_id": "TeSter-1", "api_version": "1.0", "form_id": 40000000000, "campaign_id": 123, "google_key": "k",
    "gcl_id": "x", "is_test": False, "lead_submit_time": "2026-05-04T14:00:00Z",
    "user_column_data": [
        {"column_id": "FULL_NAME", "string_value": "Ana Ruiz"}, {"column_id": "EMAIL", "string_value": "ana@gmail.com"},
        {"column_id": "WORK_EMAIL", "string_value": "ana@acme.com"},
        {"column_id": "PHONE_NUMBER", "string_value": "+14155552671"},
        {"column_id": "COMPANY_NAME", "string_value": "Acme"}, {"column_id": "what_is_your_budget?", "string_value": "50k"},
    ],
}  # fmt: skip
WEBFLOW: JsonValue = {
    "triggerType": "form_submission",
    "payload": {
        "name": "Email Form", "siteId": "s", "id": "w1", "formId": "f", "submittedAt": "2026-05-04T14:00:00.000Z",
        "data": {"Name": "Ana Ruiz", "Email Address": "ana@acme.com", "Company": "Acme", "Message": "Ticket routing"},
    },
}  # fmt: skip
HUBSPOT: JsonValue = {
    "vid": 101,
    "properties": {
        "email": {"value": "ana@acme.com"}, "firstname": {"value": "Ana"}, "lastname": {"value": "Ruiz"},
        "company": {"value": "Acme"}, "jobtitle": {"value": "Head of Support"}, "lastmodifieddate": {"value": "1777903200000"},
    },
    "form-submissions": [{"conversion-id": "c9", "form-id": "f9", "title": "Demo", "timestamp": 1777903200000}],
}  # fmt: skip
GRAVITY: JsonValue = {
    "id": "77", "form_id": "3", "date_created": "2026-05-04 14:00:00", "source_url": "https://a.example/c?utm_source=ads",
    "ip": "10.0.0.1", "user_agent": "Mozilla x@y.com", "1.3": "Ana", "1.6": "Ruiz", "2": "ana@acme.com", "4.1": "1 Main St",
    "4.3": "Berlin", "4.6": "Germany", "5": "Ticket routing",
}  # fmt: skip
SAMPLE: JsonValue = {
    "email": "alex@example.com", "companyDomain": "example.com", "source": "demo_request", "campaign": "q2-ai-ops-webinar",
    "message": "We are looking for a way to route support tickets faster.", "submittedAt": "2026-05-04T14:22:00Z",
    "utmSource": "linkedin", "utmCampaign": "ai_support_workflows",
}  # fmt: skip
JOTFORM = {
    "formID": "241", "submissionID": "599", "formTitle": "Get in touch", "ip": "10.0.0.1", "username": "us",
    "rawRequest": json.dumps({
        "slug": "submit/241", "q3_fullName": {"first": "Ana", "last": "Ruiz"}, "q4_email": "ana@acme.com",
        "q5_phoneNumber": {"full": "+1 415 555 2671"}, "q6_company": "Acme", "q7_howCan": "Ticket routing", "path": "/submit/241",
    }),
}  # fmt: skip
ELEMENTOR = {
    "form[id]": "ab1", "form[name]": "Contact", "fields[name][id]": "name", "fields[name][type]": "text",
    "fields[name][title]": "Name", "fields[name][value]": "Ana Ruiz", "fields[e1][type]": "email", "fields[e1][title]": "Mail",
    "fields[e1][value]": "ana@acme.com", "fields[m][type]": "textarea", "fields[m][title]": "Message",
    "fields[m][value]": "Ticket routing", "meta[page_url][value]": "https://a.example/contact",
    "meta[remote_ip][value]": "10.0.0.1",
}  # fmt: skip


META: JsonValue = {
    "object": "page", "entry": [{"changes": [{"value": {"leadgen_id": "1"}}, {"value": {"leadgen_id": 2}}]}],
}  # fmt: skip


def multipart(fields: dict[str, str]) -> Body:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    return parse_body((parts + "--b--\r\n").encode(), "multipart/form-data; boundary=b")


def form(fields: dict[str, str]) -> Body:
    return parse_body(urlencode(fields).encode(), "application/x-www-form-urlencoded")


def items(adapter: str, body: Body, **rules: Any) -> tuple[Item, ...]:
    return tuple(map_body(ADAPTERS[adapter], body, IntakeSource(**{"adapter": adapter, "trust": 0.8, **rules})))


def one(adapter: str, body: Body, **rules: Any) -> LeadFacts:
    (item,) = items(adapter, body, **rules)
    assert isinstance(item, LeadFacts)
    return item


def said(item: LeadFacts) -> dict[str, JsonValue]:
    return {name: fact.value for name, fact in item.fields.items()}


@pytest.mark.parametrize(
    ("adapter", "body", "expected"),
    [
        ("typeform", json_body(TYPEFORM), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "company": "Acme GmbH", "employees": 51, "utm_source": "linkedin",
            "utm_campaign": "q2", "message": "Route support tickets\nWhich tools do you use?: Zendesk, Jira"}),
        ("tally", json_body(TALLY), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "phone": "+4930901820", "product": "Enterprise", "utm_source": "ads"}),
        ("calendly", json_body(CALENDLY), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "company": "Acme", "utm_source": "newsletter",
            "message": "Ticket routing"}),
        ("google_ads", json_body(GOOGLE), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "phone": "+14155552671", "company": "Acme", "budget": "50k",
            "campaign": "123"}),
        ("webflow", json_body(WEBFLOW), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "company": "Acme", "message": "Ticket routing"}),
        ("hubspot_forms", json_body(HUBSPOT), {
            "email": "ana@acme.com", "first_name": "Ana", "last_name": "Ruiz", "name": "Ana Ruiz", "company": "Acme",
            "title": "Head of Support"}),
        ("gravity_forms", json_body(GRAVITY), {
            "email": "ana@acme.com", "first_name": "Ana", "last_name": "Ruiz", "name": "Ana Ruiz", "city": "Berlin",
            "country": "DE", "page": "https://a.example/c?utm_source=ads", "utm_source": "ads",
            "message": "5: Ticket routing"}),
        ("jotform", multipart(JOTFORM), {
            "email": "ana@acme.com", "first_name": "Ana", "last_name": "Ruiz", "name": "Ana Ruiz", "phone": "+14155552671",
            "company": "Acme", "message": "howCan: Ticket routing"}),
        ("elementor", form(ELEMENTOR), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "message": "Ticket routing", "page": "https://a.example/contact"}),
        ("elementor", form({"Name": "Ana Ruiz", "Email": "ana@acme.com", "form_name": "Contact"}), {
            "name": "Ana Ruiz", "email": "ana@acme.com"}),
        ("generic_json", json_body(SAMPLE), {
            "email": "alex@example.com", "domain": "example.com", "campaign": "q2-ai-ops-webinar", "utm_source": "linkedin",
            "message": "We are looking for a way to route support tickets faster.", "utm_campaign": "ai_support_workflows"}),
        ("generic_form", form({"your-name": "Ana Ruiz", "your-email": "ana@acme.com", "newsletter": "on"}), {
            "name": "Ana Ruiz", "email": "ana@acme.com", "consent": True}),
        ("standard_webhooks", json_body({"type": "lead.created", "timestamp": "2026-05-04T14:00:00Z",
                                         "data": {"contact": {"name": "Ana Ruiz", "email": "ana@acme.com"}}}), {
            "name": "Ana Ruiz", "email": "ana@acme.com"}),
    ],
)  # fmt: skip
def test_mapping(adapter: str, body: Body, expected: dict[str, JsonValue]) -> None:
    assert said(one(adapter, body)) == expected


def test_every_value_is_quoted_with_its_place() -> None:
    email = one("typeform", json_body(TYPEFORM)).fields["email"]
    assert (email.quote, email.where) == ("Ana@Acme.com", "form_response.answers[1].email")


@pytest.mark.parametrize(
    ("adapter", "body", "content_type", "delivery"),
    [
        ("typeform", TYPEFORM, "", "a3a12ec67a1365927098a606107fac15"), ("tally", TALLY, "", "r1"),
        ("google_ads", GOOGLE, "", "TeSter-1"),
        ("calendly", CALENDLY, "", "invitee.created https://api.calendly.com/scheduled_events/A/invitees/B"),
        ("webflow", WEBFLOW, "", "w1"), ("hubspot_forms", HUBSPOT, "", "c9"), ("gravity_forms", GRAVITY, "", "a.example 3 77"),
        ("generic_json", {"submissionId": 7, "id": "x"}, "", "7"), ("generic_json", {"id": "x"}, "", None),
    ],
)  # fmt: skip
def test_delivery_ids(adapter: str, body: JsonValue, content_type: str, delivery: str | None) -> None:
    assert ADAPTERS[adapter].delivery_id(request(json.dumps(body).encode()), body) == delivery


def test_delivery_id_of_multipart_and_headers() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="submissionID"\r\n\r\n599\r\n--b--\r\n'
    sent = request(body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert ADAPTERS["jotform"].delivery_id(sent, None) == "599"
    assert ADAPTERS["generic_json"].delivery_id(request(headers={"Idempotency-Key": "k1"}), {"eventId": "e"}) == "k1"


@pytest.mark.parametrize(
    ("adapter", "body", "disposition"),
    [
        ("typeform", {"event_type": "form_response_partial"}, Disposition.UPDATE),
        ("calendly", {"event": "invitee.canceled", "payload": {"rescheduled": False}}, Disposition.CANCELLATION),
        ("calendly", {"event": "invitee.canceled", "payload": {"rescheduled": True}}, Disposition.UPDATE),
        ("google_ads", {**GOOGLE, "is_test": True}, Disposition.TEST),  # type: ignore[dict-item]
        ("generic_json", {"email": "a@acme.com", "isTest": "true"}, Disposition.TEST),
        ("generic_json", [], Disposition.EMPTY),
        ("standard_webhooks", {"type": "contact.updated", "data": {"email": "a@acme.com"}}, Disposition.UPDATE),
        ("linkedin_lead_sync", {"leadAction": "DELETED", "leadGenFormResponse": "urn:li:r:1"}, Disposition.ERASURE),
        ("webflow", {"triggerType": "site_publish"}, Disposition.UPDATE),
    ],
)  # fmt: skip
def test_what_is_no_lead_is_told_apart(adapter: str, body: JsonValue, disposition: Disposition) -> None:
    (item,) = items(adapter, json_body(body))
    assert isinstance(item, NotALead)
    assert item.disposition is disposition


def test_ids_only_senders_are_fetched_one_by_one() -> None:
    found = items("meta_lead_ads", json_body(META))
    assert [item.object_id for item in found if isinstance(item, ToFetch)] == ["1", "2"]


def test_one_bad_item_does_not_sink_the_rest() -> None:
    found = items(
        "generic_json",
        json_body({"leads": [{"email": "a@acme.com"}, {"x": 1}, {"email": "b@acme.com"}, {"test": True}]}),
    )
    assert [type(item) for item in found] == [LeadFacts, Unmapped, LeadFacts, NotALead]


def test_the_policys_mapping_defaults_and_kinds_win() -> None:
    body = json_body({"name": "Ana", "rueckruf": "030 901820", "form_name": "Webinar May"})
    assert isinstance(items("generic_json", body)[0], Unmapped)
    found = one(
        "generic_json", body, kind="contact_form", mapping={"phone": "rueckruf"}, defaults={"channel": "paid"},
        form_kinds={"Webinar May": "webinar"}, region="DE",
    )  # fmt: skip
    assert said(found) == {"name": "Ana", "phone": "+4930901820", "channel": "paid"}
    assert (found.kind, found.form) == ("webinar", "Webinar May")


def test_the_sample_says_its_own_kind_and_time() -> None:
    found = one("generic_json", json_body(SAMPLE))
    assert (found.kind, str(found.submitted_at)) == ("demo_request", "2026-05-04 14:22:00+00:00")


def test_unmapped_tells_names_and_no_values() -> None:
    (item,) = items("generic_json", json_body({"geheim": "Ana Ruiz", "x": {"y": 1}}))
    assert item == Unmapped("neither an e-mail address nor a phone number was found", ("geheim", "x.y"))


def _keys(value: JsonValue) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in _keys(item)}
    return {key for item in value for key in _keys(item)} if isinstance(value, list) else set()


SAMPLES: list[JsonValue] = [
    TYPEFORM,
    TALLY,
    CALENDLY,
    GOOGLE,
    WEBFLOW,
    HUBSPOT,
    GRAVITY,
    SAMPLE,
    META,
    dict(JOTFORM),
    form(ELEMENTOR).value,
]
KEYS = sorted(
    {key for sample in SAMPLES for key in _keys(sample)} | {"rawRequest", "form", "meta", "entry", "changes", "leads"}
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10)
    | st.sampled_from(["invitee.created", "form_response", "email", "HIDDEN_FIELDS", "EMAIL", "{\"q1_x\":[1]}", "[" * 99, "http://["]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> JsonValue:
    """A real body with one branch replaced, so that every step of an adapter meets the unexpected."""
    value: Any = json.loads(json.dumps(draw(st.sampled_from(SAMPLES))))
    here, depth = value, draw(st.integers(0, 5))
    while isinstance(here, dict | list) and here:
        step: Any = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if depth == 0 or not isinstance(here[step], dict | list):
            here[step] = draw(VALUES)
            break
        here, depth = here[step], depth - 1
    return value  # type: ignore[no-any-return]


@given(value=st.one_of(mutated(), VALUES), adapter=st.sampled_from(sorted(ADAPTERS)))
@example(value={"rawRequest": "[" * 99}, adapter="jotform")
@example(value={"entry": [{"changes": 1}]}, adapter="meta_lead_ads")
def test_every_adapter_is_total(value: JsonValue, adapter: str) -> None:
    found = map_body(ADAPTERS[adapter], json_body(value), RULES)
    assert found
    assert all(isinstance(item, LeadFacts | NotALead | ToFetch | Unmapped) for item in found)
    ADAPTERS[adapter].delivery_id(request(b"{}"), value)


@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=b", ""]),
    adapter=st.sampled_from(sorted(ADAPTERS)),
)
def test_every_adapter_takes_any_bytes(body: bytes, kind: str, adapter: str) -> None:
    assert map_body(ADAPTERS[adapter], parse_body(body, kind), RULES)
    ADAPTERS[adapter].delivery_id(request(body, headers={"Content-Type": kind}), None)

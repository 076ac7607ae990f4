"""The held-out bodies: every address right, all else nearly so; and ids of deliveries that stay over retries and no further."""

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from services.intake.connectors import ADAPTERS
from services.intake.connectors.hubspot_events import map_events
from services.intake.domain.bodies import Body
from services.intake.domain.facts import LeadFacts
from tests.services.intake.connectors.corpus import rules
from tests.services.intake.connectors.held_out import HeldOut, Verdict, held_out, verdicts

CASES = {f"{case.tool}/{case.case}": case for case in held_out()}
VERDICTS = [verdict for case in CASES.values() for verdict in verdicts(case)]
AT_LEAST = 0.97
OUTCOMES = ("items", "outcome")
OTHER_FIELDS = sorted({verdict.what for verdict in VERDICTS} - {*OUTCOMES, "email"})

ANOTHER: dict[str, tuple[str, str, str]] = {
    # tool: a case, and what the next delivery of that tool has instead
    "typeform": ("typeform/01", "8k2jd93kslw02ks9dk2lsp3m", "9z8y7x6w5v4u3t2s1r0q9p8o"),
    "hubspot_events": ("hubspot_events/01", '"occurredAt": 1777886340123', '"occurredAt": 1777886340999'),
    "hubspot_forms": ("hubspot_forms/02", '"c-1"', '"c-2"'),
    "calendly": ("calendly/01", "invitees/INV1", "invitees/INV9"),
    "meta_lead_ads": ("meta_lead_ads/01", "7712345678902", "7712345678909"),
    "google_ads": ("google_ads/01", "Cj0KCQjw-abc123-XyZ", "Cj0KCQjw-abc123-XyA"),
    "linkedin_lead_sync": ("linkedin_lead_sync/01", "a1b2c3d4-0001", "a1b2c3d4-0009"),
    "tally": ("tally/01", "2wgx4n", "3xhy5o"),
    "jotform": ("jotform/01", "5901234567890123456", "5901234567890123999"),
    "webflow": ("webflow/01", "6321ca84df3949bfc6752327", "6321ca84df3949bfc6752000"),
    "gravity_forms": ("gravity_forms/01", '"id": "318"', '"id": "319"'),
    "elementor": ("elementor/02", "wanda%40", "wendy%40"),
    "contact_form_7": ("contact_form_7/01", "bea@", "bee@"),
    "intercom": ("intercom/01", "notif_8a6d0b1c-3f", "notif_8a6d0b1c-40"),
    "crisp": ("crisp/01", "163239623329114", "163239623329999"),
    "olark": ("olark/01", "NOTAREALTRANSCRIPT5LGcbVTa3hKBRB", "ANOTHERTRANSCRIPT"),
    "unbounce": ("unbounce/01", "kofi%40", "kwame%40"),
    "activecampaign": ("activecampaign/01", quote_plus("contact[id]") + "=42", quote_plus("contact[id]") + "=43"),
    "mautic": ("mautic/01", '"id": 32', '"id": 33'),
    "mailgun": ("mailgun/01", "CAF.123", "CAF.124"),
    "sendgrid": ("sendgrid/01", "sg-1@mail", "sg-2@mail"),
    "postmark": ("postmark/01", "73e6d360", "83e6d360"),
    "segment": ("segment/01", "ajs-next-1", "ajs-next-2"),
    "pipedrive": ("pipedrive/02", '"id": "m-1"', '"id": "m-2"'),
    "cloudevents": ("cloudevents/01", '"id": "A1"', '"id": "A2"'),
    "web_to_lead": ("web_to_lead/01", "monica%40", "marisa%40"),
    "zapier": ("zapier/01", "rita@", "rosa@"),
    "make": ("make/01", "sofia@", "sara@"),
    "n8n": ("n8n/01", "kai@", "kim@"),
    "slack": ("slack/04", "1777886341.1", "1777886341.2"),
    "mailchimp": ("mailchimp/01", quote_plus("2026-05-04 09:15:00"), quote_plus("2026-05-04 09:15:07")),
    "callrail": ("callrail/01", "CAL8154748ae6bd4e278a7cddd38a662f4f", "CAL9"),
    "close": ("close/01", "ev_3", "ev_4"),
    "stripe": ("stripe/01", "evt_1NG8Du2eZvKYlo2CUI79vXWy", "evt_2"),
    "leadconduit": ("leadconduit/01", "jesse%40", "james%40"),
    "highlevel": ("highlevel/01", "mike@", "mick@"),
    "generic_json": ("generic_json/06", "ned@", "nelly@"),
    "generic_form": ("generic_form/01", "joris%40", "jan%40"),
}
SENT_BY_HEADER = ("standard_webhooks",)
AGAIN: dict[str, tuple[tuple[str, str], ...]] = {
    # what a tool's second try has different from its first
    "hubspot_events": (('"attemptNumber": 0', '"attemptNumber": 1'),),
    "intercom": (('"delivery_attempts": 1', '"delivery_attempts": 2'),),
    "pipedrive": (('"attempt": 1', '"attempt": 2'),),
    "mailgun": (("token=0b8e1f", "token=1c9f2e"), ("timestamp=1777886340", "timestamp=1777886640")),
    "calendly": (('"created_at": "2026-05-04T08:00:02', '"created_at": "2026-05-04T08:09:02'),),
    "stripe": (('"pending_webhooks": 1', '"pending_webhooks": 2'),),
}
ONE_TRY = ("elementor", "contact_form_7", "unbounce", "web_to_lead", "leadconduit", "mailchimp")
"""Tools that try once and name no id: what was said counts together with the minute."""


def wrong(*whats: str) -> list[Verdict]:
    return [verdict for verdict in VERDICTS if verdict.what in whats and not verdict.right]


def share(*whats: str) -> float:
    asked = [verdict.right for verdict in VERDICTS if verdict.what in whats]
    return sum(asked) / len(asked)


def effective_id(case: HeldOut, **more: Any) -> str:
    """As the receiver takes it: without an id of its own the bytes' hash counts."""
    raw = more.get("raw", case.raw)
    return case.delivery_id(**more) or hashlib.sha256(raw).hexdigest()


def changed(case: HeldOut, *pairs: tuple[str, str]) -> bytes:
    raw = case.raw
    for old, new in pairs:
        assert old.encode() in raw, f"{case.tool}/{case.case} holds no {old!r}"
        raw = raw.replace(old.encode(), new.encode())
    return raw


def test_every_tool_is_held_out() -> None:
    counts = Counter(case.tool for case in CASES.values())
    assert not {tool for tool in ADAPTERS if counts[tool] < 2}
    assert len(CASES) >= 200


def test_every_address_is_right() -> None:
    assert not wrong("email")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_address_that_is_not_the_leads(case: HeldOut) -> None:
    """Whatever an item was taken for: the only addresses that come out are expected ones."""
    expected = json.dumps(case.expected, ensure_ascii=False)
    for item in case.items():
        if isinstance(item, LeadFacts) and "email" in item.fields:
            address = str(item.fields["email"].value)
            assert address in expected
            assert not address.endswith("@signalbox.example")


@pytest.mark.parametrize("field", OTHER_FIELDS)
def test_a_field_is_strictly_right(field: str) -> None:
    assert share(field) >= AT_LEAST, wrong(field)


def test_what_is_no_lead_is_told_apart() -> None:
    assert share(*OUTCOMES) >= AT_LEAST, wrong(*OUTCOMES)


def test_no_tool_falls_behind() -> None:
    by_tool: dict[str, list[bool]] = defaultdict(list)
    for verdict in VERDICTS:
        by_tool[verdict.tool].append(verdict.right)
    assert not {tool: right for tool, right in by_tool.items() if sum(right) / len(right) < 0.95}


def test_each_tool_has_its_next_delivery() -> None:
    assert {*ANOTHER, *SENT_BY_HEADER} == set(ADAPTERS)


@pytest.mark.parametrize("tool", ANOTHER)
def test_another_delivery_has_another_id(tool: str) -> None:
    name, old, new = ANOTHER[tool]
    case = CASES[name]
    assert effective_id(case) != effective_id(case, raw=changed(case, (old, new)))


@pytest.mark.parametrize("tool", ANOTHER)
def test_a_second_try_has_the_first_ones_id(tool: str) -> None:
    case = CASES[ANOTHER[tool][0]]
    later = case.request().received_at + timedelta(seconds=20 if tool in ONE_TRY else 3600)
    again = replace(case.request(raw=changed(case, *AGAIN.get(tool, ()))), received_at=later)
    value = json.loads(again.body) if again.body[:1] in b"{[" else None
    assert (ADAPTERS[tool].delivery_id(again, value) or hashlib.sha256(again.body).hexdigest()) == effective_id(case)


def test_standard_webhooks_are_known_by_their_header() -> None:
    case = CASES["standard_webhooks/01"]
    first = case.delivery_id()
    assert first == case.delivery_id(headers={"webhook-timestamp": "1777890000", "webhook-signature": "v1,other"})
    assert first != case.delivery_id(headers={"webhook-id": "msg_2"})


def test_a_mail_without_an_id_is_known_whatever_proof_a_try_brings() -> None:
    case = CASES["mailgun/01"]
    bare = changed(case, ("Message-Id", "X-Nothing"))
    again = bare.replace(b"token=0b8e1f", b"token=1c9f2e")
    assert bare != again
    assert case.delivery_id(raw=bare) == case.delivery_id(raw=again)


def test_a_complaint_is_no_second_try_of_the_bounce() -> None:
    case = CASES["postmark/04"]
    assert case.delivery_id() != case.delivery_id(
        raw=changed(case, ('"RecordType": "Bounce"', '"RecordType": "SpamComplaint"'))
    )


def test_a_message_that_is_taken_back_is_no_second_try_of_it() -> None:
    case = CASES["crisp/01"]
    assert case.delivery_id() != case.delivery_id(raw=changed(case, ("message:send", "message:removed")))


def test_crm_events_at_the_forms_address_are_read_as_events() -> None:
    case = CASES["hubspot_events/01"]
    body = Body("json", json.loads(case.raw))
    told = ADAPTERS["hubspot_forms"].map(body, rules("hubspot_forms"))
    assert list(told) == list(map_events(body, rules("hubspot_events")))
    assert ADAPTERS["hubspot_forms"].delivery_id(case.request(), body.value) == case.delivery_id()

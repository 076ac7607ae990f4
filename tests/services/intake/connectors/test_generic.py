"""The generic adapter: limits, ambiguity and the policy's word on it, what is no lead, and that no body costs much."""

import json
import time

import pytest
from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.connectors import ADAPTERS
from services.intake.connectors.generic_json import MAX_ITEMS
from services.intake.domain.adapter import OPT_OUT, map_body
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, Unmapped

MIB = 1 << 20
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def items(value: JsonValue, **rules: object) -> list[Item]:
    source = IntakeSource.model_validate({"adapter": "generic_json", "trust": 0.5, **rules})
    return list(map_body(ADAPTERS["generic_json"], Body("json", value), source))


def email_of(item: Item) -> JsonValue:
    return item.fields["email"].value if isinstance(item, LeadFacts) and "email" in item.fields else None


def test_more_leads_than_one_post_may_hold_are_told_and_not_dropped() -> None:
    found = items([{"email": f"a{number}@acme.com"} for number in range(MAX_ITEMS + 7)])
    assert len(found) == MAX_ITEMS + 1
    assert found[-1] == Unmapped("7 more items than the 500 that one POST may hold")


def test_what_is_said_beside_a_list_holds_for_each() -> None:
    found = items(
        {"company": "Acme", "utm_source": "fair", "contacts": [{"email": "a@acme.com"}, {"email": "b@acme.com"}]}
    )
    assert [item.fields["company"].value for item in found if isinstance(item, LeadFacts)] == ["Acme", "Acme"]
    assert [email_of(item) for item in found] == ["a@acme.com", "b@acme.com"]


def test_two_of_equal_claim_are_nobody_s_until_the_policy_says() -> None:
    body: JsonValue = {"email1": "a@acme.com", "email2": "b@other.com", "name": "Ana"}
    (item,) = items(body)
    assert isinstance(item, Unmapped)
    assert item.seen[:2] == ("email1", "email2")
    assert email_of(items(body, mapping={"email": "email2"})[0]) == "b@other.com"
    assert email_of(items(body, own_addresses=["other.com"])[0]) == "a@acme.com"
    assert email_of(items(body, own_addresses=["A@acme.com"])[0]) == "b@other.com"


@pytest.mark.parametrize(
    ("body", "email"),
    [
        ({"owner_email": "o@us.com"}, None), ({"assigned_to": "o@us.com"}, None), ({"to": "o@us.com"}, None),
        ({"Account manager e-mail": "o@us.com"}, None), ({"created_by": {"email": "o@us.com"}}, None),
        ({"recipient": "o@us.com", "text": "x"}, None), ({"previous": {"email": "old@acme.com"}}, None),
        ({"submitted_by": "a@acme.com"}, "a@acme.com"), ({"reply_to": "a@acme.com", "from": "f@forms.net"}, "a@acme.com"),
        ({"from": "noreply@forms.net", "body": "I am a@acme.com"}, "a@acme.com"),
        ({"phone": "+4930901820", "message": "ask my boss, b@acme.com"}, None),
        ({"email": "a@acme.com", "support_email": "s@us.com", "sendUserEmail": "o@us.com"}, "a@acme.com"),
        ({"parent_email": "a@acme.com", "student_email": "b@acme.com"}, None),
        ({"personal_email": "a@gmail.com"}, "a@gmail.com"),
        ({"email": "a@acme.com", "alternate_email": "b@acme.com"}, "a@acme.com"),
        ({"email": "a@acme.com", "company": {"email": "info@acme.com"}}, "a@acme.com"),
    ],
)  # fmt: skip
def test_whose_address_it_is(body: JsonValue, email: str | None) -> None:
    assert email_of(items(body)[0]) == email


@pytest.mark.parametrize(
    ("body", "disposition"),
    [
        ({"event": "ping"}, Disposition.PING), ({"type": "webhook.test"}, Disposition.PING),
        ({"event": "contact.deleted", "email": "a@acme.com"}, Disposition.CANCELLATION),
        ({"event": "contact.updated", "email": "a@acme.com"}, Disposition.UPDATE),
        ({"livemode": False, "email": "a@acme.com"}, Disposition.TEST),
        ({"data": {"test": True, "email": "a@acme.com"}}, Disposition.TEST), ([], Disposition.EMPTY),
    ],
)  # fmt: skip
def test_what_is_no_lead(body: JsonValue, disposition: Disposition) -> None:
    (item,) = items(body)
    assert isinstance(item, NotALead)
    assert item.disposition is disposition


def test_an_unsubscription_is_kept_as_one() -> None:
    (item,) = items({"event": "contact.unsubscribed", "email": "a@acme.com", "name": "Ana"})
    assert isinstance(item, LeadFacts)
    assert (item.kind, set(item.fields)) == (OPT_OUT, {"email", "do_not_mail"})


def test_a_word_that_a_person_chose_is_no_event() -> None:
    assert email_of(items({"type": "Update", "email": "a@acme.com"})[0]) == "a@acme.com"


def test_the_policys_region_and_language() -> None:
    (item,) = items({"phone": "044 668 18 00", "email": "a@acme.ch"}, region="CH", language="de")
    assert isinstance(item, LeadFacts)
    assert (item.fields["phone"].value, item.fields["language"].value) == ("+41446681800", "de")


def filled(piece: bytes, size: int = MIB) -> bytes:
    return (piece * (size // len(piece) + 1))[:size]


def held(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


WORST = {
    "objects": (b"[" + b"{}," * (MIB // 3 - 2) + b"{}]", JSON),
    "members": (held({f"k{n}": f"v{n}" for n in range(60_000)}), JSON),
    "deep": (b"[" * 10_000 + b"]" * 10_000, JSON),
    "deep to the end": (b"[" * MIB, JSON),
    "quotes": (b'"' + b'\\"' * (MIB // 2 - 2), JSON),
    "digits": (b"[" + b",".join([b"9" * 299] * (MIB // 300 - 1)) + b"]", JSON),
    "addresses": (held({"message": "a@b.co " * 140_000}), JSON),
    "signs": (held({"message": "@" * MIB}), JSON),
    "one long address": (held({"email": "a." * 250_000 + "@" + "b." * 250_000}), JSON),
    "address keys": (held({f"email{n}": f"a{n}@b{n}.com" for n in range(27_000)}), JSON),
    "lines": (held({f"m{n}": ("a" * 50 + ": b\n") * 16 for n in range(1_000)}), JSON),
    "JSON in JSON": (held({f"m{n}": "[" + "{}," * 300 + "1]" for n in range(1_000)}), JSON),
    "marks": (held({"message": "a" + "\u0301\u0323" * (MIB // 5)}), JSON),
    "a name": (held({"name": "a" * 40 + " " * MIB}), JSON),
    "a key": (held({"e" * MIB: "x"}), JSON),
    "hosts": (held({f"name{n}": "a.b.c." * 18 + "A" for n in range(8_000)}), JSON),
    "query": (held({"page": "https://x.example/?" + "utm_source=a&" * 80_000}), JSON),
    "fields": (b"&".join(b"a%d=1" % n for n in range(100_000)), FORM),
    "escapes": (filled(b"%E4%F6"), FORM),
    "brackets": (filled(b"a[b][c][d]=1&"), FORM),
    "part heads": (
        b"--X\nContent-Disposition: form-data; " + b';a="' * (MIB // 4) + b"\n\n",
        "multipart/form-data; boundary=X",
    ),
    "line ends": (b"--X\n" + b"\r\n" * (MIB // 2), "multipart/form-data; boundary=X"),
    "elements": (b"<a>" + b"<b/>" * (MIB // 4 - 3) + b"</a>", "application/xml"),
    "deep elements": (b"<a>" * 19_000 + b"</a>" * 19_000, "application/xml"),
    "bomb": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/xml"),
    "lines of JSON": (b'{"a":1}\n' * (MIB // 8), "application/x-ndjson"),
}


@pytest.mark.parametrize("name", WORST)
def test_no_body_costs_much(name: str) -> None:
    """About a tenth of a second on one quiet core; twenty times that fails here, which is what quadratic work would take."""
    body, content_type = WORST[name]
    rules = IntakeSource(adapter="generic_json", trust=0.5)
    started = time.process_time()
    assert map_body(ADAPTERS["generic_json"], parse_body(body, content_type), rules)
    assert time.process_time() - started < 2.0

"""Form, ad, call and CRM tools: what each recorded body leads to, its delivery id, and that no body breaks an adapter."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from cli.signing import Unsigned, signed
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import OPT_OUT, map_body
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.facts import LeadFacts
from services.intake.domain.request import Request, Secret
from services.intake.domain.verifiers import verify
from tests.services.intake.connectors.corpus import FOLDER, Recorded, items, recorded, rules, told
from tests.services.intake.samples import AT, request

TOOLS = (
    "activecampaign", "calendly", "callrail", "close", "contact_form_7", "elementor", "generic_form", "generic_json",
    "google_ads", "gravity_forms", "hubspot_forms", "jotform", "leadconduit", "mailchimp", "make", "n8n", "pipedrive",
    "standard_webhooks", "stripe", "tally", "typeform", "unbounce", "web_to_lead", "webflow", "zapier",
)  # fmt: skip
BODIES = [one for one in recorded() if one.tool in TOOLS]
EXPECTED = {
    tool: json.loads((FOLDER / tool / "expected.json").read_text()) for tool in sorted({one.tool for one in BODIES})
}
BY_MINUTE = ("contact_form_7", "unbounce", "elementor", "web_to_lead")
"""The tools that name no delivery."""
KEYS = {"standard_webhooks": "whsec_" + "c2VjcmV0" * 4, "close": "ab" * 32}
NOTHING = request(b"{}")
URL = "https://leads.example.com/hooks/main"
case = pytest.mark.parametrize("one", BODIES, ids=lambda one: f"{one.tool}-{one.case}")


@case
def test_what_a_recorded_body_leads_to(one: Recorded) -> None:
    expected = EXPECTED[one.tool][one.case]
    assert [told(item) for item in items(one.tool, one.body)] == expected["items"]
    assert one.delivery_id() == expected["delivery"]


def test_every_expectation_has_its_body() -> None:
    assert {(tool, name) for tool, cases in EXPECTED.items() for name in cases} == {
        (one.tool, one.case) for one in BODIES
    }


@case
def test_a_retry_has_the_same_id_and_none_of_the_person_in_it(one: Recorded) -> None:
    first = one.delivery_id()
    assert one.tool not in BY_MINUTE or (first or "").endswith(f"{AT:%H:%M}")
    assert one.delivery_id(at=AT + timedelta(seconds=20)) == first, "within the minute"
    if not (first or "").endswith(f"{AT:%H:%M}"):
        assert one.delivery_id(at=AT + timedelta(days=2)) == first
    assert "@" not in (first or "")


def test_one_tools_deliveries_have_ids_of_their_own() -> None:
    """Pipedrive's and Stripe's recorded events are variants of one another, with its id."""
    for tool in EXPECTED:
        ids = [one.delivery_id() for one in BODIES if one.tool == tool and one.delivery_id()]
        if tool not in ("pipedrive", "stripe"):
            assert len(ids) == len(set(ids)), tool
    partial, full = (EXPECTED["typeform"][name]["delivery"] for name in ("partial", "response"))
    assert partial != full


@pytest.mark.parametrize("tool", BY_MINUTE)
def test_without_an_id_a_double_click_is_one_and_next_month_is_another(tool: str) -> None:
    forms = [one for one in BODIES if one.tool == tool and one.content_type.endswith("urlencoded")]
    one = next(one for one in forms if b"%40" in one.raw)
    clicked_again = one.raw + b"&g-recaptcha-response=another"
    assert one.delivery_id(raw=clicked_again, at=AT + timedelta(seconds=30)) == one.delivery_id()
    assert one.delivery_id(at=AT + timedelta(days=30)) != one.delivery_id()
    other = one.raw.replace(b"%40", b"2%40")
    assert other != one.raw
    assert one.delivery_id(raw=other) != one.delivery_id()


def test_the_same_words_have_one_id_however_they_are_encoded() -> None:
    form = b"your-name=Ana&your-email=ana%40a.example"
    other = b"your-email=ana@a.example&your-name=Ana"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    find = ADAPTERS["contact_form_7"].delivery_id
    assert find(request(form, headers=kind), None) == find(request(other, headers=kind), None)


def test_deep_json_still_has_an_id() -> None:
    body: JsonValue = []
    for _ in range(5_000):
        body = [body]
    assert ADAPTERS["unbounce"].delivery_id(request(b"x"), {"deep": body})


@case
def test_an_opt_out_says_whom_not_to_mail_and_nothing_else(one: Recorded) -> None:
    defaults = {"channel": "paid", "company": "Us"}
    for item in items(one.tool, one.body, defaults=defaults, mapping={"name": "type"}):
        if isinstance(item, LeadFacts) and item.kind == OPT_OUT:
            assert set(item.fields) == {"email", "do_not_mail"}
            assert item.fields["do_not_mail"].value is True
            assert item.fields["do_not_mail"].quote


def test_who_unsubscribes_is_never_lost() -> None:
    kinds = {
        f"{one.tool} {one.case}": told(items(one.tool, one.body)[0])
        for one in BODIES
        if "unsubscrib" in one.case or "complaint" in one.case or "abuse" in one.case
    }
    known_already = "pipedrive person_changed_after_unsubscribing"
    assert kinds.pop(known_already) == "update"
    assert kinds.pop("activecampaign unsubscribe_unreadable") == "unmapped"
    assert len(kinds) == 6
    assert all(isinstance(one, dict) and one["kind"] == OPT_OUT for one in kinds.values())


def test_own_writes_are_known_by_the_policys_ids_only() -> None:
    for tool in ("pipedrive", "close"):
        (own,) = [one for one in BODIES if one.tool == tool and one.case == "own_write"]
        assert told(items(tool, own.body)[0]) == "own_message"
        assert isinstance(items(tool, own.body, own_ids=["1"])[0], LeadFacts)


def test_more_contacts_than_one_event_may_hold_are_told() -> None:
    contacts: list[JsonValue] = [{"emails": [{"email": f"a{number}@a.example"}]} for number in range(103)]
    event: JsonValue = {"event": {"object_type": "lead", "action": "created", "data": {"contacts": contacts}}}
    found = items("close", Body("json", event))
    assert len(found) == 101
    assert told(found[-1]) == "unmapped"


@pytest.mark.parametrize("tool", TOOLS)
def test_a_preset_is_whole_and_its_sample_is_one_lead_at_example_com(tool: str) -> None:
    preset = ADAPTERS[tool].preset
    assert preset is not None
    assert any("{url}" in step for step in preset.setup)
    assert any("{secret}" in step for step in preset.setup) == (preset.secret == "ours")
    (item,) = map_body(ADAPTERS[tool], parse_body(preset.sample, preset.content_type), rules(tool))
    assert isinstance(item, LeadFacts)
    assert item.fields["email"].value == "sam.sample@example.com"
    assert item.fields["name"].value == "Sam Sample"


def _signed(tool: str, key: str, body: bytes, content_type: str, at: Any = AT) -> Request:
    """The sample as the tool sends it; a tool that does not sign has the secret in its address."""
    headers, sent = signed(tool, key, Unsigned(URL, body), at)
    is_signed = bool(headers) or sent != body
    all_headers = {**headers, "Content-Type": content_type}
    return request(sent, headers=all_headers, uri=URL, token="" if is_signed else key)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_sample_is_accepted_with_either_live_secret_and_refused_when_forged(tool: str) -> None:
    adapter = ADAPTERS[tool]
    preset = adapter.preset
    assert preset is not None
    key = KEYS.get(tool, "right-secret-right-secret")
    other = {"standard_webhooks": "whsec_" + "bm90aGlz" * 4, "close": "cd" * 32}.get(tool, "another-secret-another")
    sent = _signed(tool, key, preset.sample, preset.content_type)
    old, new = Secret("old", other.encode()), Secret("new", key.encode())
    assert verify(adapter.verifiers, (old, new), sent).secret == "new"
    assert not verify(adapter.verifiers, (old,), sent).accepted
    expired = Secret("new", key.encode(), None, AT)
    assert not verify(adapter.verifiers, (old, expired), sent).accepted
    unsigned = request(preset.sample, headers={"Content-Type": preset.content_type}, uri=URL)
    assert not verify(adapter.verifiers, (new,), unsigned).accepted
    assert not verify(adapter.verifiers, (new,), _signed(tool, other, preset.sample, preset.content_type)).accepted


@pytest.mark.parametrize("tool", ["stripe", "close", "callrail", "typeform", "tally", "webflow", "calendly"])
def test_a_signature_covers_every_byte(tool: str) -> None:
    adapter, key = ADAPTERS[tool], KEYS.get(tool, "right-secret")
    assert adapter.preset is not None
    sent = _signed(tool, key, adapter.preset.sample, "application/json")
    changed = sent.body.replace(b"sam.sample", b"eve.sample")
    forged = Request(sent.method, sent.uri, sent.headers, changed, sent.received_at)
    assert not verify(adapter.verifiers, (Secret("s", key.encode()),), forged).accepted


@pytest.mark.parametrize("tool", ["stripe", "calendly"])
def test_one_of_two_signatures_in_a_header_is_enough(tool: str) -> None:
    """So these sign while their own secret changes."""
    adapter = ADAPTERS[tool]
    assert adapter.preset is not None
    sent = _signed(tool, "right-secret", adapter.preset.sample, "application/json")
    ((name, header),) = [(name, value) for name, value in sent.headers.items() if name.endswith("signature")]
    stamp, right = header.split(b",")
    several = {**sent.headers, name: stamp + b",v0=1,v1=" + b"0" * 64 + b"," + right}
    both = Request(sent.method, sent.uri, several, sent.body, sent.received_at)
    assert verify(adapter.verifiers, (Secret("s", b"right-secret"),), both).accepted


@pytest.mark.parametrize("tool", ["stripe", "close", "webflow", "calendly"])
def test_an_old_signature_is_a_replay(tool: str) -> None:
    adapter, key = ADAPTERS[tool], KEYS.get(tool, "right-secret")
    assert adapter.preset is not None
    old = _signed(tool, key, adapter.preset.sample, "application/json", AT - timedelta(minutes=6))
    assert not verify(adapter.verifiers, (Secret("s", key.encode()),), old).accepted


ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
STRANGE = st.recursive(
    ATOMS | st.sampled_from(["http://[", "{\"q1_a\": [1]}", "[" * 200, "\x00", "unsubscribe", "+", "@", "0" * 400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in _places(item, (*path, key)))]


def _replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], by)
    return copy


@case
def test_a_wrong_type_at_every_place_is_an_item(one: Recorded) -> None:
    """Each place of each body in turn: chance alone would rarely meet the one place that an adapter trusts."""
    adapter, settings = ADAPTERS[one.tool], rules(one.tool)
    for place in _places(one.body.value):
        for strange in ("x", 5, [7], {"a": [None]}):
            value = _replaced(one.body.value, place, strange)
            assert map_body(adapter, Body("json", value), settings)
            adapter.delivery_id(NOTHING, value)


@given(data=st.data(), one=st.sampled_from(BODIES))
def test_a_wrong_type_anywhere_is_an_item_and_never_an_error(data: st.DataObject, one: Recorded) -> None:
    value = one.body.value
    for _ in range(data.draw(st.integers(1, 3))):
        value = _replaced(value, data.draw(st.sampled_from(_places(value))), data.draw(STRANGE))
    adapter = ADAPTERS[one.tool]
    found = map_body(adapter, Body("json", value), rules(one.tool))
    assert found
    assert all(told(item) for item in found)
    adapter.delivery_id(one.request(), value)


@given(data=st.data(), one=st.sampled_from(BODIES))
def test_broken_bytes_are_an_item_and_never_an_error(data: st.DataObject, one: Recorded) -> None:
    place = data.draw(st.integers(0, len(one.raw)))
    raw = one.raw[:place] + data.draw(st.binary(max_size=12)) + one.raw[place + data.draw(st.integers(0, 40)) :]
    adapter = ADAPTERS[one.tool]
    assert map_body(adapter, parse_body(raw, one.content_type), rules(one.tool))
    sent = one.request(raw=raw)
    adapter.delivery_id(sent, None)
    assert adapter.answer_to(sent, rules(one.tool)).status in (200, 201, 202, 302)

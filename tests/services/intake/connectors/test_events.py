"""Chat, marketing and event tools: what each recorded body leads to, how it is signed, and that no body breaks an adapter."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from cli.signing import SIGNED, Unsigned, signed
from libs.contracts.reasons import Disposition
from services.intake.api.receiver import submission_of
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.facts import LeadFacts, NotALead, Unmapped
from services.intake.domain.request import Answer, Secret
from services.intake.domain.sources import Source
from services.intake.domain.verifiers import Verdict, verify
from services.intake.stage import MapperFacts, mapped
from tests.services.intake.connectors.corpus import FOLDER, Recorded, items, recorded, rules, told
from tests.services.intake.samples import AT, POLICY, RULES, TENANT_SECRET, json_body, request, submission

EVENTS = ("cloudevents", "crisp", "highlevel", "intercom", "mautic", "olark", "segment", "slack")
MAILS = ("mailgun", "postmark", "sendgrid")
TOOLS = (*EVENTS, *MAILS)
BODIES = [one for one in recorded() if one.tool in TOOLS]
EXPECTED = {tool: json.loads((FOLDER / tool / "expected.json").read_text()) for tool in TOOLS}
KEY = b"0123456789abcdef0123456789abcdef"
SECRETS = (Secret("old", b"the-one-before"), Secret("new", KEY))
case = pytest.mark.parametrize("one", BODIES, ids=lambda one: f"{one.tool}-{one.case}")
MAIN = {"slack": "form_message", "mautic": "form_batch", "segment": "batch", "crisp": "message_known",
        "intercom": "lead_created", "mailgun": "mail"}  # fmt: skip


def of(tool: str, name: str) -> Recorded:
    return next(one for one in BODIES if (one.tool, one.case) == (tool, name))


@case
def test_what_a_recorded_body_leads_to(one: Recorded) -> None:
    expected = EXPECTED[one.tool][one.case]
    assert [told(item) for item in items(one.tool, one.body)] == expected["items"]
    assert one.delivery_id() == expected["delivery"]


def test_every_expectation_has_its_body() -> None:
    assert {(tool, name) for tool, cases in EXPECTED.items() for name in cases} == {(b.tool, b.case) for b in BODIES}


@case
def test_a_retry_has_the_same_id(one: Recorded) -> None:
    assert one.delivery_id() == one.delivery_id(at=AT + timedelta(days=2))


@pytest.mark.parametrize("tool", TOOLS)
def test_success_is_200_and_no_status_stops_a_sender(tool: str) -> None:
    assert ADAPTERS[tool].answer_to(request(b"{}"), RULES).status == 200


@pytest.mark.parametrize("tool", TOOLS)
def test_a_preset_says_what_to_do_and_its_sample_is_one_lead(tool: str) -> None:
    preset = ADAPTERS[tool].preset
    assert preset is not None
    assert any("{url}" in step for step in preset.setup)
    assert ("{secret}" in " ".join(preset.setup)) == (preset.secret == "ours")
    (found,) = map_body(ADAPTERS[tool], parse_body(preset.sample, preset.content_type), RULES)
    assert isinstance(found, LeadFacts)
    assert found.fields["email"].value == "sam.sample@example.com"


@pytest.mark.parametrize("tool", sorted(MAIN))
def test_signatures_forged_expired_and_rotated(tool: str) -> None:
    one = of(tool, MAIN[tool])
    raw = one.raw if tool != "mailgun" else one.raw.partition(b"&timestamp=")[0]
    assert tool in SIGNED
    headers, body = signed(tool, KEY.decode(), Unsigned("https://leads.example.com/hooks/main", raw), AT)
    headers["Content-Type"] = one.content_type

    def passes(
        secrets: tuple[Secret, ...], body: bytes = body, seconds: float = 0, forged: dict[str, str] | None = None
    ) -> Verdict:
        sent = request(body, headers={**headers, **(forged or {})}, at=AT + timedelta(seconds=seconds))
        return verify(ADAPTERS[tool].verifiers, secrets, sent)

    assert passes(SECRETS).secret == "new", "both live: the newer one matched"
    assert passes((Secret("gone", KEY, None, AT), SECRETS[0])) == Verdict(False), "rotated away"
    assert not passes((SECRETS[0],)).accepted
    timed = tool in ("crisp", "slack", "mailgun")
    assert passes(SECRETS, seconds=301).accepted is not timed
    assert passes(SECRETS, seconds=-301).accepted is not timed
    if tool not in ("mailgun", "segment"):
        assert not passes(SECRETS, body + b" ").accepted
    for name in headers:
        if "ignature" in name:
            last = "0" if headers[name][-1] != "0" else "1"
            assert not passes(SECRETS, forged={name: headers[name][:-1] + last}).accepted


def test_vendors_own_words() -> None:
    """Vectors that the tools' documentation and SDKs state as code, computed here from those words."""
    body = of("mautic", "form_batch").raw
    assert b"\\/" in body, "as PHP escapes it: to write it anew would break the signature"
    mautic = base64.b64encode(hmac.digest(KEY, body, "sha256")).decode()
    assert verify(ADAPTERS["mautic"].verifiers, SECRETS, request(body, headers={"Webhook-Signature": mautic})).accepted
    crisp, stamp = of("crisp", "message_send").raw, "1777904520000"
    proof = hmac.new(KEY, b"[" + stamp.encode() + b";" + crisp + b"]", hashlib.sha256).hexdigest()
    headers = {"X-Crisp-Signature": proof, "X-Crisp-Request-Timestamp": stamp}
    assert verify(ADAPTERS["crisp"].verifiers, SECRETS, request(crisp, headers=headers)).trust == "signed"
    assert verify(ADAPTERS["crisp"].verifiers, SECRETS, request(crisp, token=KEY.decode())).trust == "token"


def test_segment_signs_the_first_of_a_batch_and_the_rest_is_believed_less() -> None:
    raw = of("segment", "batch").raw
    headers, body = signed("segment", KEY.decode(), Unsigned("", raw), AT)
    added = body[:-1] + b',{"type":"identify","traits":{"email":"mallory@evil.example"}}]'
    verifiers = ADAPTERS["segment"].verifiers
    assert verify(verifiers, SECRETS, request(added, headers=headers)).accepted, "that is all that Segment signs"
    other = b'[{"type":"identify","traits":{"email":"mallory@evil.example"}},' + body[1:]
    assert not verify(verifiers, SECRETS, request(other, headers=headers)).accepted
    found = [item for item in items("segment", parse_body(added, "application/json")) if isinstance(item, LeadFacts)]
    sure = [max(fact.confidence for fact in item.fields.values()) for item in found]
    assert sure == [1.0, 0.5, 0.5, 0.5]
    assert found[-1].fields["email"].value == "mallory@evil.example"


@pytest.mark.parametrize("sent", [b"", b"[", b"[]", b'["', b"[,", b"[[[", b"]", b'[{"a":"\\', b"\xff[", b"[" * 70_000])
def test_a_batch_cut_anywhere_is_refused(sent: bytes) -> None:
    assert not verify(ADAPTERS["segment"].verifiers, SECRETS, request(sent, headers={"X-Signature": "00"})).accepted


def test_slack_answers_its_challenge_and_nothing_else() -> None:
    sent = of("slack", "url_verification")
    answer = ADAPTERS["slack"].answer_to(sent.request(), RULES)
    challenge = json.loads(sent.raw)["challenge"].encode()
    assert answer == Answer(200, challenge, "text/plain")
    for name in ("modal", "form_message", "command"):
        assert ADAPTERS["slack"].answer_to(of("slack", name).request(), RULES) == Answer(200, b"", "text/plain")
    for odd in (b'{"type":"url_verification","challenge":"a\\r\\nb"}', b'{"type":"url_verification"}', b"[", b"\xff"):
        assert ADAPTERS["slack"].answer_to(request(odd), RULES).body == b""


CE = {"ce-specversion": "1.0", "ce-id": "B-1", "ce-source": "/forms/eu", "ce-type": "com.example.lead.created",
      "ce-time": "2026-05-04T14:22:00Z", "ce-subject": "%E2%82%AC", "Authorization": "Bearer s"}  # fmt: skip


def test_a_binary_cloudevent_keeps_its_headers_and_no_other() -> None:
    sent = request(b'{"email":"milan@kovac-stroji.example"}', headers={**CE, "Content-Type": "application/json"})
    source = Source("events", ADAPTERS["cloudevents"], rules("cloudevents"), (), takes_unsigned=True)
    kept = submission_of(source, Verdict(True), sent)
    assert kept.delivery_id == "/forms/eu B-1"
    assert sorted(kept.headers) == sorted(name for name in CE if name.startswith("ce-"))
    read = submission(sent.body, "events", kept.delivery_id, headers=kept.headers)
    outcome = mapped(read, MapperFacts(POLICY, {"events": source}, {}), TENANT_SECRET)
    assert outcome.next is not None
    assert outcome.next.lead.submitted_at == AT.replace(second=0)
    gone = submission(sent.body, "events", headers={**kept.headers, "ce-type": "com.example.lead.deleted"})
    assert mapped(gone, MapperFacts(POLICY, {"events": source}, {}), TENANT_SECRET).next is None


def test_other_adapters_keep_no_headers() -> None:
    sent = request(b"{}", headers=CE)
    assert all(adapter.kept_headers(sent) == {} for name, adapter in ADAPTERS.items() if name != "cloudevents")


def test_highlevel_wants_its_signature_and_our_token() -> None:
    private, body = rsa.generate_private_key(65537, 2048), of("highlevel", "contact_create").raw
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    proof = {"x-wh-signature": base64.b64encode(private.sign(body, padding.PKCS1v15(), SHA256())).decode()}
    secrets = (Secret("key", public), Secret("address", KEY))
    verifiers = ADAPTERS["highlevel"].verifiers
    assert verify(verifiers, secrets, request(body, headers=proof, token=KEY.decode())).accepted
    assert not verify(verifiers, secrets, request(body, headers=proof)).accepted, "anybody's app may sign so"
    assert not verify(verifiers, secrets, request(body, token=KEY.decode())).accepted
    assert not verify(verifiers, secrets, request(body, headers=proof, token=public.decode())).accepted


def test_agents_words_never_become_a_leads() -> None:
    for item in items("olark", of("olark", "conversation").body):
        assert isinstance(item, LeadFacts)
        assert "how can I help" not in str(item.fields["message"].value)
    for tool, name in (("intercom", "admin_replied"), ("crisp", "operator"), ("olark", "operator_only")):
        (found,) = items(tool, of(tool, name).body)
        assert isinstance(found, NotALead)
        assert found.disposition is Disposition.OWN_MESSAGE


def _keys(value: JsonValue) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in _keys(item)}
    return {key for item in value for key in _keys(item)} if isinstance(value, list) else set()


KEYS = sorted({key for one in BODIES for key in _keys(one.body.value)})
TOPS = [one.body.value for one in BODIES if isinstance(one.body.value, dict)]
WORDS = sorted({item[:60] for top in TOPS for item in top.values() if isinstance(item, str)})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10) | st.sampled_from(WORDS)
    | st.sampled_from(["<b", "=?x?Q?=FF?=", "From: a\n\nb", '{"items":[1]}', "[" * 99, "a@b", "<>", '[["a"],["b","c"]]']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, JsonValue]:
    """A recorded body with one to three branches replaced, so that every step of its adapter meets the unexpected."""
    one = draw(st.sampled_from(BODIES))
    value: Any = json.loads(json.dumps(one.body.value))
    for _ in range(draw(st.integers(1, 3))):
        here, depth = value, draw(st.integers(0, 6))
        while isinstance(here, dict | list) and here:
            step: Any = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            if depth == 0 or not isinstance(here[step], dict | list):
                held = here[step]
                if isinstance(held, str) and held.startswith("{") and draw(st.booleans()):
                    here[step] = json.dumps(draw(VALUES))
                else:
                    here[step] = draw(VALUES)
                break
            here, depth = here[step], depth - 1
    return one.tool, value


@given(changed=mutated())
@example(changed=("mailgun", {"from": "a@b.example", "message-headers": "[[]]"}))
@example(changed=("sendgrid", {"email": "\n\n", "from": "=?utf-8?B?/w==?= <a@b.example>", "headers": "x"}))
def test_a_mutated_body_gives_items_and_never_an_exception(changed: tuple[str, JsonValue]) -> None:
    tool, value = changed
    found = map_body(ADAPTERS[tool], json_body(value), rules(tool))
    assert found
    assert all(isinstance(item, LeadFacts | NotALead | Unmapped) for item in found)
    sent = request(json.dumps(value).encode(), headers={"Content-Type": "application/json"})
    for ask in (ADAPTERS[tool].delivery_id, ADAPTERS[tool].once or ADAPTERS[tool].delivery_id):
        ask(sent, value)
    ADAPTERS[tool].answer_to(sent, RULES)


@given(data=st.data(), one=st.sampled_from(BODIES))
def test_bytes_cut_or_overwritten_give_items_too(data: st.DataObject, one: Recorded) -> None:
    start = data.draw(st.integers(0, len(one.raw)))
    end = data.draw(st.integers(start, min(len(one.raw), start + 40)))
    raw = one.raw[:start] + data.draw(st.binary(max_size=12)) + one.raw[end:]
    changed = Recorded(one.tool, one.case, one.content_type, raw)
    assert items(one.tool, changed.body)
    quick: Callable[[], str | None] = lambda: ADAPTERS[one.tool].delivery_id(changed.request(), None)  # noqa: E731
    assert quick() == quick()


@given(headers=st.dictionaries(st.sampled_from(["ce-specversion", "ce-type", "ce-id", "ce-data"]), st.text(max_size=20)),
       value=VALUES)  # fmt: skip
def test_any_envelope_can_be_put_on_any_body(headers: dict[str, str], value: JsonValue) -> None:
    envelop = ADAPTERS["cloudevents"].envelop
    assert envelop is not None
    assert map_body(ADAPTERS["cloudevents"], envelop(Body("json", value), headers), RULES)


def test_a_public_key_is_no_hmac_key() -> None:
    """Whoever knows it could else sign in the other family of the same header."""
    public, stamp = b"whpk_" + base64.b64encode(b"p" * 32), str(int(AT.timestamp()))
    proof = base64.b64encode(hmac.digest(b"p" * 32, f"id.{stamp}.{{}}".encode(), "sha256")).decode()
    headers = {"webhook-id": "id", "webhook-timestamp": stamp, "webhook-signature": f"v1,{proof}"}
    sent = request(b"{}", headers=headers)
    assert not verify(ADAPTERS["standard_webhooks"].verifiers, (Secret("s", public),), sent).accepted
    as_secret = (Secret("s", b"whsec_" + public.removeprefix(b"whpk_")),)
    assert verify(ADAPTERS["standard_webhooks"].verifiers, as_secret, sent).accepted

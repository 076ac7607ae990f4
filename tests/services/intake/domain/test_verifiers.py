"""Signatures: published vectors, the time window, two live secrets, and fuzzed headers that must neither pass nor raise."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from services.intake.connectors import ADAPTERS
from services.intake.domain.request import Request, Secret
from services.intake.domain.verifiers import TOKEN, Verifier, refuse_unknown, verify
from tests.services.intake.samples import AT, request

HUBSPOT_SECRET = b"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
HUBSPOT_BODY = b"{'example_field':'example_value'}"
HUBSPOT_URI = "https://www.example.com/webhook_uri"
SLACK = Verifier(
    "x-slack-signature",
    signed=(b"v0:", "timestamp", b":", "body"),
    prefix=b"v0=",
    timestamp="x-slack-request-timestamp",
)
STRIPE = Verifier("stripe-signature", signed=("timestamp", b".", "body"), timestamp="t=", separator=b",", prefix=b"v1=")
MAILGUN = Verifier("signature", signed=("field:timestamp", "field:token"), place="form", timestamp="field:timestamp")
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


VECTORS: dict[str, tuple[tuple[Verifier, ...], bytes, Request]] = {
    "Standard Webhooks, from its specification": (
        ADAPTERS["standard_webhooks"].verifiers,
        b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        request(
            b'{"test": 2432232314}',
            at=moment(1614265330),
            headers={
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
        ),
    ),
    "Slack, from its documentation": (
        (SLACK,),
        b"8f742231b10e8888abcd99yyyzzz85a5",
        request(
            SLACK_BODY,
            at=moment(1531420618 + 299),
            headers={
                "X-Slack-Request-Timestamp": "1531420618",
                "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            },
        ),
    ),
    "HubSpot v3, from its Python library's tests": (
        ADAPTERS["hubspot_forms"].verifiers[:1],
        HUBSPOT_SECRET,
        request(
            HUBSPOT_BODY,
            at=moment(15000),
            uri=HUBSPOT_URI,
            headers={
                "X-HubSpot-Signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
                "X-HubSpot-Request-Timestamp": "15000000",
            },
        ),
    ),
    "HubSpot v2, from its Python library's tests": (
        ADAPTERS["hubspot_forms"].verifiers,
        HUBSPOT_SECRET,
        request(
            HUBSPOT_BODY,
            uri=HUBSPOT_URI,
            headers={"X-HubSpot-Signature": "4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383"},
        ),
    ),
    "HubSpot v1, from its Python library's tests": (
        ADAPTERS["hubspot_forms"].verifiers,
        HUBSPOT_SECRET,
        request(
            HUBSPOT_BODY,
            uri=HUBSPOT_URI,
            headers={"X-HubSpot-Signature": "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"},
        ),
    ),
    "Meta's family, GitHub's documented vector": (
        ADAPTERS["meta_lead_ads"].verifiers,
        b"It's a Secret to Everybody",
        request(
            b"Hello, World!",
            headers={"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        ),
    ),
}


def own(digest: str, key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, digest).digest()


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _signed_requests() -> dict[str, tuple[tuple[Verifier, ...], bytes, Request]]:
    """Requests signed here as each tool's documentation says, where no vector is published."""
    body, key, seconds = b'{"a":1}', b"secret", int(AT.timestamp())
    stamp, millis = str(seconds), str(seconds * 1000)
    form = f"timestamp={stamp}&token=tok&signature={own('sha256', key, (stamp + 'tok').encode()).hex()}".encode()
    typed = {"content-type": "application/x-www-form-urlencoded"}
    dotted = own("sha256", key, stamp.encode() + b"." + body).hex()
    return {
        "typeform": (
            ADAPTERS["typeform"].verifiers, key,
            request(body, headers={"Typeform-Signature": "sha256=" + _b64(own("sha256", key, body))}),
        ),
        "tally": (
            ADAPTERS["tally"].verifiers, key, request(body, headers={"Tally-Signature": _b64(own("sha256", key, body))}),
        ),
        "webflow": (
            ADAPTERS["webflow"].verifiers, key,
            request(body, headers={
                "x-webflow-timestamp": millis,
                "x-webflow-signature": own("sha256", key, f"{millis}:".encode() + body).hex(),
            }),
        ),
        "calendly": (
            ADAPTERS["calendly"].verifiers, key,
            request(body, headers={"Calendly-Webhook-Signature": f"t={stamp},v1={dotted}"}),
        ),
        "stripe, two signatures": (
            (STRIPE,), key, request(body, headers={"Stripe-Signature": f"t={stamp},v1={'0' * 64},v1={dotted},v0=zz"}),
        ),
        "linkedin": (
            ADAPTERS["linkedin_lead_sync"].verifiers, key,
            request(body, headers={"X-LI-Signature": own("sha256", key, b"hmacsha256=" + body).hex()}),
        ),
        "mailgun": ((MAILGUN,), key, request(form, headers=typed)),
        "google ads": (ADAPTERS["google_ads"].verifiers, key, request(b'{"google_key":"secret"}')),
        "token in the path": ((TOKEN,), key, request(body, token="secret")),
        "token in the query": ((TOKEN,), key, request(body, query="x=1&token=secret")),
        "token as a password": (
            (TOKEN,), key, request(body, headers={"Authorization": "Basic " + _b64(b"user:secret")}),
        ),
        "bearer token": ((TOKEN,), key, request(body, headers={"Authorization": "Bearer secret"})),
    }  # fmt: skip


ALL = {**VECTORS, **_signed_requests()}


@pytest.mark.parametrize("name", ALL)
def test_accepts_what_the_tool_signs(name: str) -> None:
    verifiers, secret, sent = ALL[name]
    verdict = verify(verifiers, (Secret("old", b"another"), Secret("new", secret)), sent)
    assert verdict.accepted
    assert verdict.secret == "new"


@pytest.mark.parametrize("name", ALL)
def test_refuses_another_secret_and_another_body(name: str) -> None:
    verifiers, secret, sent = ALL[name]
    assert not verify(verifiers, (Secret("wrong", secret + b"x"),), sent).accepted
    covered = verifiers[0].algorithm != "equal" and verifiers[0].place != "form"
    if covered:
        altered = Request(
            sent.method, sent.uri, sent.headers, sent.body + b" ", sent.received_at, sent.query, sent.token
        )
        assert not verify(verifiers, (Secret("s", secret),), altered).accepted


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(0, True), (299, True), (-299, True), (301, False), (-301, False), (86_400, False)]
)
def test_time_window_holds_both_ways(seconds: int, accepted: bool) -> None:
    verifiers, secret, sent = ALL["Standard Webhooks, from its specification"]
    later = Request(sent.method, sent.uri, sent.headers, sent.body, sent.received_at + timedelta(seconds=seconds))
    assert verify(verifiers, (Secret("s", secret),), later).accepted is accepted


@pytest.mark.parametrize(
    "stamp", ["1614265330.0", "161426533_0", "+1614265330", "-1", "NaN", "1e9", "", "١٦١٤٢٦٥٣٣٠", "9" * 40]
)
def test_a_timestamp_is_plain_digits(stamp: str) -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = _b64(own("sha256", key, b"id." + stamp.encode() + b".{}"))
    sent = request(
        b"{}",
        at=moment(1614265330),
        headers={"webhook-id": "id", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"},
    )
    secrets = (Secret("s", b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),)
    assert not verify(ADAPTERS["standard_webhooks"].verifiers, secrets, sent).accepted


def test_a_secret_counts_only_while_it_is_live() -> None:
    verifiers, secret, sent = ALL["typeform"]
    hour = timedelta(hours=1)
    assert verify(verifiers, (Secret("s", secret, AT - hour, AT + hour),), sent).accepted
    assert not verify(verifiers, (Secret("s", secret, AT + hour, None),), sent).accepted
    assert not verify(verifiers, (Secret("s", secret, None, AT),), sent).accepted


def _asymmetric() -> dict[str, tuple[Verifier, bytes, Request]]:
    stamp, body = str(int(AT.timestamp())), b'{"a":1}'
    edwards = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    curve = ec.derive_private_key(7, ec.SECP256R1())
    modulus = rsa.generate_private_key(65537, 2048)
    public = edwards.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    der = curve.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = modulus.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    standard = ADAPTERS["standard_webhooks"].verifiers[1]
    signature = _b64(edwards.sign(f"id.{stamp}.".encode() + body))
    sendgrid = Verifier("x-sig", signed=("timestamp", "body"), algorithm="ecdsa", timestamp="x-time")
    level = Verifier("x-sig", algorithm="rsa")
    return {
        "ed25519": (standard, b"whpk_" + base64.b64encode(public), request(body, headers={
            "webhook-id": "id", "webhook-timestamp": stamp, "webhook-signature": f"v1,AAAA v1a,{signature}"})),
        "ecdsa": (sendgrid, base64.b64encode(der), request(body, headers={
            "x-time": stamp, "x-sig": _b64(curve.sign(stamp.encode() + body, ec.ECDSA(SHA256())))})),
        "rsa": (level, pem, request(body, headers={"x-sig": _b64(modulus.sign(body, padding.PKCS1v15(), SHA256()))})),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["ed25519", "ecdsa", "rsa"])
def test_public_keys(name: str) -> None:
    verifier, key, sent = _asymmetric()[name]
    assert verify((verifier,), (Secret("s", key),), sent).accepted
    altered = Request(sent.method, sent.uri, sent.headers, sent.body + b" ", sent.received_at)
    assert not verify((verifier,), (Secret("s", key),), altered).accepted
    assert not verify((verifier,), (Secret("s", b"not a key"),), sent).accepted


HEADERS = sorted(
    {
        verifier.signature
        for adapter in ADAPTERS.values()
        for verifier in adapter.verifiers
        if verifier.place == "header"
    }
    | {"webhook-id", "webhook-timestamp", "x-webflow-timestamp", "x-hubspot-request-timestamp", "authorization"}
)
HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [b"v1,", b"v1", b"  ", b"v1,,", b"sha256=", b"t=,v1=", b"t=1614265330", b"Basic !!", b"\xff\xfe", b"v1a,xx"]
    ),
    st.from_regex(rb"(v1[a,=]|t=|sha256=)[A-Za-z0-9+/=, ]{0,80}", fullmatch=True),
)


@given(
    headers=st.dictionaries(st.sampled_from(HEADERS), HOSTILE, max_size=6),
    body=st.one_of(
        st.binary(max_size=300), st.sampled_from([b"{}", b'{"google_key":1}', b"[" * 5000, b'{"google_key":"x"}'])
    ),
    name=st.sampled_from(sorted(ADAPTERS)),
    token=st.text(max_size=20),
    query=st.text(max_size=60),
)
def test_no_forgery_and_no_exception(headers: Any, body: bytes, name: str, token: str, query: str) -> None:
    secrets = (Secret("a", hashlib.sha256(b"unguessable").hexdigest().encode()), Secret("b", b"whsec_" + b"QUJD" * 8))
    sent = Request("POST", "https://leads.example.com/hooks/x", headers, body, AT, query, token)
    assert not verify(ADAPTERS[name].verifiers, secrets, sent).accepted
    assert not refuse_unknown(sent).accepted


@given(data=st.data(), name=st.sampled_from(sorted(VECTORS)))
def test_a_mutated_signature_is_refused(data: st.DataObject, name: str) -> None:
    verifiers, secret, sent = VECTORS[name]
    header = next(held for held in sent.headers if "signature" in held)
    value = bytearray(sent.headers[header].split(b" ")[-1])
    start = value.index(b"=" if value.startswith((b"v0", b"sha")) else value[:1]) + 3
    place = data.draw(st.integers(start, len(value) - 3))
    value[place] ^= data.draw(st.sampled_from([1, 2, 4, 16]))
    altered = Request(sent.method, sent.uri, {**sent.headers, header: bytes(value)}, sent.body, sent.received_at)
    assert not verify(verifiers, (Secret("s", secret),), altered).accepted

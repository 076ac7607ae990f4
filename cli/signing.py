"""Signing a webhook as its tool signs it; written from the tools' own descriptions, not from the code that verifies it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Unsigned:
    """A request before it is signed: the address with its query, and the bytes."""

    url: str
    body: bytes
    delivery: str = ""
    """The sender's message id, where the signature covers one."""


Signed = tuple[dict[str, str], bytes]
"""Headers to add, and the body to send."""


def signed(tool: str, secret: str, request: Unsigned, now: datetime) -> Signed:
    """The headers and body that the tool sends at that time; a tool that does not sign sends what it was given."""
    signer = _SIGNERS.get(tool)
    return ({}, request.body) if signer is None else signer(secret.encode(), request, now)


def _hex(secret: bytes, message: bytes) -> str:
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def _base64(secret: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest()).decode()


def _seconds(now: datetime) -> str:
    return str(int(now.timestamp()))


def _milliseconds(now: datetime) -> str:
    return str(int(now.timestamp() * 1000))


def _typeform(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    return {"Typeform-Signature": "sha256=" + _base64(secret, request.body)}, request.body


def _tally(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    return {"Tally-Signature": _base64(secret, request.body)}, request.body


def _webflow(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp = _milliseconds(now)
    signature = _hex(secret, f"{stamp}:".encode() + request.body)
    return {"x-webflow-signature": signature, "x-webflow-timestamp": stamp}, request.body


def _calendly(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp = _seconds(now)
    signature = _hex(secret, f"{stamp}.".encode() + request.body)
    return {"Calendly-Webhook-Signature": f"t={stamp},v1={signature}"}, request.body


def _hubspot(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp = _milliseconds(now)
    signature = _base64(secret, f"POST{request.url}".encode() + request.body + stamp.encode())
    return {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}, request.body


def _meta(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    return {"X-Hub-Signature-256": "sha256=" + _hex(secret, request.body)}, request.body


def _linkedin(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    return {"X-LI-Signature": _hex(secret, b"hmacsha256=" + request.body)}, request.body


def _standard(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp, name = _seconds(now), request.delivery or "msg_" + hashlib.sha256(request.body).hexdigest()[:24]
    key = base64.b64decode(secret.removeprefix(b"whsec_"))
    signature = _base64(key, f"{name}.{stamp}.".encode() + request.body)
    headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return headers, request.body


def _google(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    """No signature: the shared key stands in the body."""
    body = json.loads(request.body)
    body["google_key"] = secret.decode()
    return {}, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _stripe(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp = _seconds(now)
    signature = _hex(secret, f"{stamp}.".encode() + request.body)
    return {"Stripe-Signature": f"t={stamp},v1={signature}"}, request.body


def _close(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    """The key that Close hands out is hex."""
    stamp = _seconds(now)
    signature = _hex(bytes.fromhex(secret.decode()), stamp.encode() + request.body)
    return {"close-sig-hash": signature, "close-sig-timestamp": stamp}, request.body


def _callrail(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    digest = hmac.new(secret, request.body, hashlib.sha1).digest()
    return {"Signature": base64.b64encode(digest).decode()}, request.body


def _sha1(secret: bytes, message: bytes) -> str:
    return hmac.new(secret, message, hashlib.sha1).hexdigest()


def _intercom(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    return {"X-Hub-Signature": "sha1=" + _sha1(secret, request.body)}, request.body


def _segment(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    """One event a request; of a list only the first event is signed, as Segment writes it: without blanks."""
    held = json.loads(request.body)
    if isinstance(held, list):
        body = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
        first = json.dumps(held[0], ensure_ascii=False, separators=(",", ":")).encode() if held else b""
        return {"X-Signature": _sha1(secret, first)}, body
    return {"X-Signature": _sha1(secret, request.body)}, request.body


def _mautic(secret: bytes, request: Unsigned, _now: datetime) -> Signed:
    return {"Webhook-Signature": _base64(secret, request.body)}, request.body


def _crisp(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp = _milliseconds(now)
    signature = _hex(secret, f"[{stamp};".encode() + request.body + b"]")
    return {"X-Crisp-Signature": signature, "X-Crisp-Request-Timestamp": stamp}, request.body


def _slack(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    stamp = _seconds(now)
    signature = _hex(secret, f"v0:{stamp}:".encode() + request.body)
    return {"X-Slack-Signature": f"v0={signature}", "X-Slack-Request-Timestamp": stamp}, request.body


def _mailgun(secret: bytes, request: Unsigned, now: datetime) -> Signed:
    """The proof stands in the form, beside the mail; its token is new every time."""
    stamp, token = _seconds(now), hashlib.sha256(request.body + str(now).encode()).hexdigest()[:50]
    proof = f"timestamp={stamp}&token={token}&signature={_hex(secret, (stamp + token).encode())}"
    return {}, request.body + b"&" + proof.encode()


_SIGNERS: dict[str, Callable[[bytes, Unsigned, datetime], Signed]] = {
    "typeform": _typeform,
    "tally": _tally,
    "webflow": _webflow,
    "calendly": _calendly,
    "hubspot_events": _hubspot,
    "hubspot_forms": _hubspot,
    "linkedin_lead_sync": _linkedin,
    "meta_lead_ads": _meta,
    "standard_webhooks": _standard,
    "google_ads": _google,
    "stripe": _stripe,
    "close": _close,
    "callrail": _callrail,
    "intercom": _intercom,
    "segment": _segment,
    "mautic": _mautic,
    "crisp": _crisp,
    "slack": _slack,
    "mailgun": _mailgun,
}
"""By adapter; the others prove themselves by a token or not at all."""

SIGNED = frozenset(_SIGNERS)
"""The tools that sign."""

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


_SIGNERS: dict[str, Callable[[bytes, Unsigned, datetime], Signed]] = {
    "typeform": _typeform,
    "tally": _tally,
    "webflow": _webflow,
    "calendly": _calendly,
    "hubspot_forms": _hubspot,
    "meta_lead_ads": _meta,
    "standard_webhooks": _standard,
    "google_ads": _google,
}
"""By adapter; the others prove themselves by a token or not at all."""

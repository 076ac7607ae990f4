"""Signature families as data: what is signed, with which digest, and where the signature stands.

A  HMAC of the body                       Typeform, Tally, Mautic, Meta, Intercom, Segment
B  HMAC of a timestamp and the body       Calendly, Stripe, Slack, Webflow, Crisp, Close, Standard Webhooks
C  method, address and body               HubSpot v1, v2, v3
D  a literal prefix in what is signed     LinkedIn
E  form fields only                       Mailgun
F  a shared key inside the JSON body      Google Ads
G  a public key                           Standard Webhooks (ed25519), SendGrid (ECDSA), HighLevel (RSA)
H  a secret token, nothing signed         Jotform, Gravity Forms, Elementor and most others

Everything is compared as bytes, in constant time, with every live secret; whatever goes wrong is a refusal.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

import orjson

from services.intake.domain.asymmetric import is_public_key, is_signed_by
from services.intake.domain.batches import first_element
from services.intake.domain.bodies import parse_body
from services.intake.domain.request import Request, Secret

MAX_SIGNATURES = 8
"""Of several signatures in one header so many are compared; a sender has two while its secret changes."""
_DIGITS = re.compile(rb"[0-9]{1,16}\Z")
_URI_ESCAPES = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""The escapes that HubSpot undoes before it signs an address (developers.hubspot.com, "Validating requests")."""

Trust = Literal["signed", "token", "unsigned"]


@dataclass(frozen=True, slots=True)
class Verifier:
    """How one sender proves itself."""

    signature: str = ""
    """The header, form field or JSON member that holds the signature; lower case for a header."""
    signed: tuple[str | bytes, ...] = ("body",)
    """What is signed, in order: bytes stand for themselves; names are body, timestamp, id, method, uri, secret,
    first (of a JSON list the first element's own bytes, else the body), or field:NAME for a form field."""
    algorithm: Literal["hmac", "hash", "equal", "ed25519", "ecdsa", "rsa"] = "hmac"
    digest: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    key: Literal["text", "base64", "hex"] = "text"
    """How a secret becomes a key; base64 secrets may carry the prefix whsec_ or whpk_."""
    place: Literal["header", "form", "json", "token"] = "header"
    prefix: bytes = b""
    """What must stand before the signature; entries of a list without it are somebody else's."""
    separator: bytes = b""
    """Splits several signatures; empty when there is exactly one."""
    id: str = ""
    """The header with the message's id."""
    timestamp: str = ""
    """The header with the timestamp; `t=` reads it from the signature's own list; field:NAME from the form."""
    timestamp_unit: Literal["s", "ms"] = "s"
    tolerance_seconds: int = 300
    """How far the timestamp may be off, either way."""
    and_token: bool = False
    """The address has to hold another of the source's secrets too: the key signs for every customer of the tool."""

    @property
    def trust(self) -> Trust:
        """What a request that passes has shown; a signature over none of the body proves no more than a token."""
        covers_body = "body" in self.signed or "first" in self.signed
        return "signed" if self.algorithm != "equal" and covers_body else "token"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is accepted, how far it proved itself, and by which secret (its name)."""

    accepted: bool
    trust: Trust = "unsigned"
    secret: str | None = None


REFUSED = Verdict(False)
TOKEN = Verifier(algorithm="equal", place="token")
"""Family H: the secret in the path, the query, the header X-Signalbox-Token, a bearer token or a Basic password."""
_STAND_IN = Verifier("x-signature")
_STAND_IN_SECRETS = (Secret("none", b"stand-in for a source that does not exist"),)


def verify(verifiers: Sequence[Verifier], secrets: Sequence[Secret], request: Request) -> Verdict:
    """The verdict of the first verifier that accepts. Never raises: what can't be read is refused."""
    verdict = REFUSED
    for verifier in verifiers:
        try:
            matched = _matched(verifier, secrets, request)
        except Exception:  # whatever an attacker's header provokes must look like any other refusal
            matched = None
        if matched is not None and not verdict.accepted:
            verdict = Verdict(True, verifier.trust, matched)
    return verdict


def refuse_unknown(request: Request) -> Verdict:
    """The refusal of a source that does not exist, after as much work as for one that does."""
    verify((_STAND_IN,), _STAND_IN_SECRETS, request)
    return REFUSED


def _matched(verifier: Verifier, secrets: Sequence[Secret], request: Request) -> str | None:
    """The name of the live secret that fits; every one is tried, so that the time tells nothing."""
    form = _form_of(verifier, request)
    entries = _entries(verifier, request, form)
    presented = _presented(verifier, entries)
    stamp = _timestamp(verifier, request, entries, form)
    matched = None
    for secret in secrets:
        fits = _fits(verifier, secret, presented, request, stamp, form)
        if fits and secret.is_live(request.received_at) and matched is None:
            matched = secret.name
    if verifier.and_token and _matched(TOKEN, secrets, request) is None:
        return None
    fresh = not verifier.timestamp or _is_fresh(verifier, stamp, request)
    return matched if fresh else None


def _fits(
    verifier: Verifier, secret: Secret, presented: list[bytes], request: Request, stamp: bytes, form: dict[str, str]
) -> bool:
    if verifier.algorithm in ("equal", "hmac", "hash") and is_public_key(secret.value):
        return False  # anybody may know it: as a token or an HMAC key it would prove nothing
    if verifier.algorithm == "equal":
        wanted = hashlib.sha256(secret.value).digest()
        return _any_same(wanted, [hashlib.sha256(item).digest() for item in presented if item])
    message = _message(verifier, secret, request, stamp, form)
    try:
        key = _key(verifier, secret.value)
    except ValueError:  # a secret that was mistyped must not take the other one with it
        return False
    if verifier.algorithm == "hash":
        raw = hashlib.new(verifier.digest, message).digest()
    elif verifier.algorithm == "hmac":
        raw = hmac.digest(key, message, verifier.digest)
    else:
        return sum(is_signed_by(verifier.algorithm, key, item, message) for item in presented) > 0
    if verifier.encoding == "hex":
        return _any_same(raw.hex().encode(), [item.lower() for item in presented])
    return _any_same(base64.b64encode(raw), presented)


def _any_same(wanted: bytes, presented: list[bytes]) -> bool:
    """Whether one of them is the wanted one; `sum`, since `any` would stop at the first."""
    return sum(hmac.compare_digest(wanted, item) for item in presented or [b""]) > 0


def _key(verifier: Verifier, value: bytes) -> bytes:
    if verifier.key == "text":
        return value
    if verifier.key == "hex":
        return bytes.fromhex(value.decode())
    return base64.b64decode(value.removeprefix(b"whsec_").removeprefix(b"whpk_"), validate=True)


def _message(verifier: Verifier, secret: Secret, request: Request, stamp: bytes, form: dict[str, str]) -> bytes:
    return b"".join([_part(part, verifier, secret, request, stamp, form) for part in verifier.signed])


def _part(
    part: str | bytes, verifier: Verifier, secret: Secret, request: Request, stamp: bytes, form: dict[str, str]
) -> bytes:
    match part:
        case bytes():
            return part
        case "body":
            return request.body
        case "first":
            return first_element(request.body)
        case "timestamp":
            return stamp
        case "id":
            return request.header(verifier.id)
        case "method":
            return request.method.encode()
        case "uri":
            return _decoded_uri(request.uri).encode()
        case "secret":
            return secret.value
        case _:
            return form[part.removeprefix("field:")].encode()


def _entries(verifier: Verifier, request: Request, form: dict[str, str]) -> list[bytes]:
    """What stands where the signature should, split into a list."""
    if verifier.place == "token":
        return _tokens(request)
    if verifier.place == "form":
        return [form.get(verifier.signature, "").encode()]
    if verifier.place == "json":
        body = orjson.loads(request.body)
        held = body.get(verifier.signature) if isinstance(body, dict) else None
        return [held.encode()] if isinstance(held, str) else []
    value = request.header(verifier.signature)
    return value.split(verifier.separator) if verifier.separator else [value]


def _presented(verifier: Verifier, entries: list[bytes]) -> list[bytes]:
    stripped = [entry.strip() for entry in entries]
    own = [entry.removeprefix(verifier.prefix) for entry in stripped if entry.startswith(verifier.prefix)]
    return [entry for entry in own if entry][:MAX_SIGNATURES]


def _timestamp(verifier: Verifier, request: Request, entries: list[bytes], form: dict[str, str]) -> bytes:
    if verifier.timestamp == "t=":
        return next((entry.strip()[2:] for entry in entries if entry.strip().startswith(b"t=")), b"")
    if verifier.timestamp.startswith("field:"):
        return form.get(verifier.timestamp.removeprefix("field:"), "").encode()
    return request.header(verifier.timestamp) if verifier.timestamp else b""


def _is_fresh(verifier: Verifier, stamp: bytes, request: Request) -> bool:
    """Only plain digits count: a float or a sign would be another text for the same time."""
    if not _DIGITS.match(stamp):
        return False
    seconds = int(stamp) / (1000 if verifier.timestamp_unit == "ms" else 1)
    return abs(request.received_at.timestamp() - seconds) <= verifier.tolerance_seconds


def _form_of(verifier: Verifier, request: Request) -> dict[str, str]:
    if verifier.place != "form":
        return {}
    value = parse_body(request.body, request.content_type, request.content_encoding).value
    return {key: item for key, item in value.items() if isinstance(item, str)} if isinstance(value, dict) else {}


def _tokens(request: Request) -> list[bytes]:
    found = [request.token.encode(), request.header("x-signalbox-token")]
    found += [value.encode() for key, value in parse_qsl(request.query, max_num_fields=100) if key == "token"]
    scheme, _, rest = request.header("authorization").partition(b" ")
    if scheme.lower() == b"bearer":
        found.append(rest.strip())
    elif scheme.lower() == b"basic":
        found.append(base64.b64decode(rest.strip(), validate=True).partition(b":")[2])
    return found


def _decoded_uri(uri: str) -> str:
    for escape, character in _URI_ESCAPES.items():
        uri = re.sub(escape, character, uri, flags=re.IGNORECASE)
    return uri

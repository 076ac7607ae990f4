"""Answers to a sender's check of the address."""

import hmac
import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qs

import orjson

from services.intake.domain.request import Answer, Request, Secret

_CHALLENGE = re.compile(r"[A-Za-z0-9_.:-]{1,200}\Z")


def meta_challenge(request: Request, secrets: Sequence[Secret]) -> Answer | None:
    """Meta: GET with hub.verify_token, which is any live secret; the challenge comes back as plain text."""
    held = _query(request)
    if request.method != "GET" or held.get("hub.mode") != "subscribe":
        return None
    challenge, token = held.get("hub.challenge", ""), held.get("hub.verify_token", "").encode()
    known = sum(hmac.compare_digest(token, secret.value) for secret in secrets if secret.is_live(request.received_at))
    if not known or not _CHALLENGE.match(challenge):
        return None
    return Answer(200, challenge.encode(), "text/plain")


def linkedin_challenge(request: Request, secrets: Sequence[Secret]) -> Answer | None:
    """LinkedIn: GET with challengeCode, every two hours; the answer signs it with the newest live secret."""
    code = _query(request).get("challengeCode", "")
    live = [secret for secret in secrets if secret.is_live(request.received_at)]
    if request.method != "GET" or not _CHALLENGE.match(code) or not live:
        return None
    signed = hmac.new(live[-1].value, code.encode(), "sha256").hexdigest()
    return Answer(200, json.dumps({"challengeCode": code, "challengeResponse": signed}).encode())


def cloudevents_permission(request: Request) -> Answer | None:
    """CloudEvents: OPTIONS with WebHook-Request-Origin; the same origin is allowed, at 120 requests a minute."""
    origin = request.header("webhook-request-origin").decode("latin-1")
    if request.method != "OPTIONS" or not _CHALLENGE.match(origin):
        return None
    headers = (("webhook-allowed-origin", origin), ("webhook-allowed-rate", "120"))
    return Answer(200, b"", "text/plain", headers)


def slack_challenge(request: Request) -> Answer | None:
    """Slack: a signed POST of type url_verification; its challenge comes back as plain text."""
    try:
        held = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(held, dict) or held.get("type") != "url_verification":
        return None
    challenge = held.get("challenge")
    if not isinstance(challenge, str) or not _CHALLENGE.match(challenge):
        return None
    return Answer(200, challenge.encode(), "text/plain")


def _query(request: Request) -> dict[str, str]:
    try:
        return {name: held[-1] for name, held in parse_qs(request.query[:4000], max_num_fields=50).items()}
    except ValueError:
        return {}

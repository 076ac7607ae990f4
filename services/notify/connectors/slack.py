"""Slack: chat.postMessage with the bot's token, or an incoming webhook. It knows no idempotency key: after a crash between
its answer and our note of it, a message may come twice."""

import json
from datetime import datetime
from typing import Any

from libs.runtime.errors import Retryable
from libs.runtime.outbound import Answer, Outbound
from services.notify.connectors.base import LIMIT_SECONDS, MEND_SECONDS, Busy, gone, never, posted
from services.notify.domain.account import Room, Slack
from services.notify.domain.shown import Content
from services.notify.domain.slack import message_of

NAME = "Slack"
_TOKEN = {
    "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission",
    "org_login_required", "ekm_access_denied",
}  # fmt: skip
_LATER = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}


async def send(
    account: Slack, room: Room, content: Content, client: Outbound, timeout_seconds: float, now: datetime
) -> None:
    """Post one message. Raises Retryable while Slack takes none, Rejected when it refuses this one."""
    message = message_of(content)
    if room.webhook_url:
        answer = await _sent(client, room.webhook_url, message, "", timeout_seconds, now)
        if answer.status in (403, 404, 410):
            raise gone(f"{NAME} knows the incoming webhook no more ({answer.status})")
        if answer.status != 200:
            raise never(f"{NAME} refuses the message ({answer.status})")
        return
    url = f"{account.base_url}/chat.postMessage"
    answer = await _sent(client, url, {**message, "channel": room.channel}, account.token, timeout_seconds, now)
    _raise_for(answer)


async def respond(client: Outbound, url: str, body: dict[str, Any], timeout_seconds: float, now: datetime) -> bool:
    """Answer a press at its response_url; False when Slack takes no more answers there (after 30 minutes)."""
    answer = await _sent(client, url, body, "", timeout_seconds, now)
    return answer.status == 200


async def _sent(
    client: Outbound, url: str, message: dict[str, Any], token: str, timeout_seconds: float, now: datetime
) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Signalbox"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return await posted(client, NAME, url, json.dumps(message).encode(), headers, timeout_seconds, now)


def _raise_for(answer: Answer) -> None:
    """Slack says in the body what went wrong, mostly under status 200."""
    try:
        told: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Retryable(f"{NAME} answers {answer.status} with something that is no JSON object")
    if told.get("ok") is True:
        return
    error = str(told.get("error", "unknown"))[:60]
    if error in _TOKEN:
        raise Retryable(f"{NAME} refuses the token ({error})", after_seconds=MEND_SECONDS)
    if error in ("ratelimited", "rate_limited"):
        raise Busy(f"{NAME} limits our rate", after_seconds=LIMIT_SECONDS)
    if error in _LATER:
        raise Retryable(f"{NAME} has a problem of its own ({error})")
    raise never(f"{NAME} refuses the message ({error})")

"""Slack's side of a message: Block Kit out, and what comes back when somebody presses a button.

Formats: docs.slack.dev, "Verifying requests from Slack", "Handling user interaction", "Block Kit".
"""

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from pydantic import JsonValue, TypeAdapter

from services.notify.domain.shown import Choice, Content, Said

TOLERANCE_SECONDS = 300
"""How far a request's time stamp may be from ours, either way."""
TEXT_MAX = 2900
"""Slack refuses a section's text of more than 3,000 characters; escaping comes on top and is counted."""
APPROVE, REJECT, OPEN = "approve", "reject", "open"


class BadRequest(ValueError):
    """What came is none of Slack's button presses."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of a button of ours."""

    user: str
    team: str
    verdict: str
    lead_id: str
    delivery_id: str
    question_id: str
    seen_hash: str
    action_ts: str
    message_ts: str
    response_url: str


PRESSED = TypeAdapter(Pressed)


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether Slack sent these very bytes within the last five minutes: v0 HMAC-SHA256 over `v0:timestamp:body`."""
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    wanted = "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "surrogateescape"))


def pressed_of(body: bytes) -> Pressed | None:
    """The press in a request's form; None for a press that needs no answer, such as that of a link. Raises BadRequest."""
    try:
        (text,) = parse_qs(body.decode(), strict_parsing=True, max_num_fields=20)["payload"]
        payload: Any = json.loads(text)
        if payload["type"] != "block_actions":
            return None
        (action,) = payload["actions"]
        if action["action_id"] not in (APPROVE, REJECT):
            return None
        held: Any = json.loads(action["value"])
        user, container = payload["user"], payload.get("container") or {}
        told = (
            user["id"], (payload.get("team") or {}).get("id") or user.get("team_id") or "", action["action_id"],
            held["lead"], held["delivery"], held["question"], held["seen"], action["action_ts"],
            container.get("message_ts") or "", payload.get("response_url") or "",
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadRequest("no press of a button of ours") from None
    if not all(isinstance(one, str) and len(one) <= 2000 for one in told):
        raise BadRequest("no press of a button of ours")
    return Pressed(*told)


def message_of(content: Content) -> dict[str, Any]:
    """The message: a section for each notice, with its buttons under it."""
    blocks: list[dict[str, Any]] = []
    if len(content.said) > 1:
        blocks.append({"type": "header", "text": {"type": "plain_text", "text": content.subject[:150]}})
    for one in content.said:
        blocks += _blocks(one, alone=len(content.said) == 1)
    return {"text": escaped(content.subject), "blocks": blocks[:50], "unfurl_links": False, "unfurl_media": False}


def settled(text: str, link: str) -> dict[str, Any]:
    """What takes the place of a message whose question was answered."""
    line = escaped(text)[:TEXT_MAX] + (f"\n<{link}|Open in Signalbox>" if link else "")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": line}}
    return {"replace_original": True, "text": escaped(text)[:TEXT_MAX], "blocks": [section]}


def whispered(text: str) -> dict[str, Any]:
    """What only who pressed is told; the message stays."""
    return {"response_type": "ephemeral", "replace_original": False, "text": escaped(text)[:TEXT_MAX]}


def escaped(text: str) -> str:
    """Text that Slack reads as text: nothing in it mentions or links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(said: Said, *, alone: bool) -> list[dict[str, Any]]:
    lines = [f"*{escaped(said.title)}*", *(escaped(line) for line in said.lines)]
    if said.link and not (alone and said.choice):
        lines.append(f"<{said.link}|Open in Signalbox>")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": _within("\n".join(lines))}}
    if not alone or said.choice is None:
        return [section]
    elements = [_button(APPROVE, "Approve", "primary", said.choice), _button(REJECT, "Reject", "danger", said.choice)]
    if said.link:
        elements.append(
            {"type": "button", "action_id": OPEN, "text": {"type": "plain_text", "text": "Open"}, "url": said.link}
        )
    return [section, {"type": "actions", "elements": elements}]


def _button(action: str, text: str, style: str, choice: Choice) -> dict[str, Any]:
    value = {
        "lead": choice.lead_id, "delivery": choice.delivery_id, "question": choice.question_id, "seen": choice.seen_hash,
    }  # fmt: skip
    return {
        "type": "button", "action_id": action, "style": style, "text": {"type": "plain_text", "text": text},
        "value": json.dumps(value, separators=(",", ":")),
    }  # fmt: skip


def _within(text: str) -> str:
    """At most what Slack takes, and no escape cut in two."""
    if len(text) <= TEXT_MAX:
        return text
    cut = text[:TEXT_MAX]
    mark = cut.rfind("&")
    return (cut[:mark] if mark > TEXT_MAX - 6 else cut) + "…"


def answers_of(question_id: str, verdict: str) -> JsonValue:
    """The body of the decision, as the console sends it."""
    return [{"question_id": question_id, "verdict": verdict, "reason": "decided in Slack"}]

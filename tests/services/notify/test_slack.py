"""Slack's side: the signature with its published vector, and which presses are taken."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.shown import Reader, content_of, said_of
from services.notify.domain.slack import BadRequest, is_signed, message_of, pressed_of, settled, whispered
from tests.services.notify.test_shown import ASKED, PLAIN
from tests.services.notify.world import notice

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
STAMP = 1531420618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&"
    b"user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    b"803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
"""The worked example of "Verifying requests from Slack"."""


def test_slack_s_own_example() -> None:
    assert is_signed(SECRET, str(STAMP), SIGNATURE, BODY, STAMP + 1)


@pytest.mark.parametrize(
    ("secret", "stamp", "signature", "body", "now"),
    [
        (SECRET, str(STAMP), SIGNATURE, BODY, STAMP + 301), (SECRET, str(STAMP), SIGNATURE, BODY, STAMP - 301),
        (SECRET, str(STAMP), SIGNATURE, BODY + b"&", STAMP), ("other", str(STAMP), SIGNATURE, BODY, STAMP),
        ("", str(STAMP), SIGNATURE, BODY, STAMP), (SECRET, str(STAMP + 1), SIGNATURE, BODY, STAMP),
        (SECRET, "", SIGNATURE, BODY, STAMP), (SECRET, "²", SIGNATURE, BODY, STAMP), (SECRET, "1" * 400, SIGNATURE, BODY, STAMP),
        (SECRET, f" {STAMP}", SIGNATURE, BODY, STAMP), (SECRET, str(STAMP), "", BODY, STAMP),
        (SECRET, str(STAMP), SIGNATURE[3:], BODY, STAMP), (SECRET, str(STAMP), "v0=é\udc80", BODY, STAMP),
        (SECRET, str(STAMP), SIGNATURE.upper(), BODY, STAMP),
    ],
)  # fmt: skip
def test_anything_else_is_not_slack_s(secret: str, stamp: str, signature: str, body: bytes, now: float) -> None:
    assert not is_signed(secret, stamp, signature, body, now)


def test_an_empty_secret_signs_nothing() -> None:
    forged = "v0=" + hmac.new(b"", f"v0:{STAMP}:".encode() + BODY, hashlib.sha256).hexdigest()
    assert not is_signed("", str(STAMP), forged, BODY, STAMP)


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=40), st.integers(0, 2**33), st.integers(-400, 400))
def test_what_is_signed_with_the_secret_counts_for_five_minutes(
    body: bytes, key: bytes, stamp: int, later: int
) -> None:
    secret = key.hex()
    signature = "v0=" + hmac.new(secret.encode(), b"v0:%d:%s" % (stamp, body), hashlib.sha256).hexdigest()
    assert is_signed(secret, str(stamp), signature, body, stamp + later) == (abs(later) <= 300)


def message() -> dict[str, Any]:
    said = said_of(notice(kind="asked"), ASKED, "d1", Reader("manager", ZoneInfo("UTC"), "https://c.example"), PLAIN)
    return message_of(content_of("m1", [said], PLAIN))


def press(action: dict[str, Any], **more: Any) -> bytes:
    """What Slack posts when a button of a message is pressed."""
    payload = {
        "type": "block_actions", "user": {"id": "U0MAX", "team_id": "T1"}, "team": {"id": "T1"},
        "container": {"type": "message", "message_ts": "12.3", "channel_id": "D1"}, "response_url": "https://hooks.slack.com/x",
        "actions": [{**action, "action_ts": "1700000000.1"}], **more,
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload)}).encode()


def test_a_button_of_ours_says_what_was_seen() -> None:
    approve, reject, opens = message()["blocks"][1]["elements"]
    pressed = pressed_of(press(approve))
    assert pressed is not None
    assert (pressed.verdict, pressed.lead_id, pressed.delivery_id, pressed.question_id, pressed.seen_hash, pressed.user) == (
        "approve", "l1", "d1", "q1", "h" * 64, "U0MAX",
    )  # fmt: skip
    assert pressed_of(press(reject)).verdict == "reject"  # type: ignore[union-attr]
    assert pressed_of(press(opens)) is None, "a link needs no answer"
    assert opens["url"] == "https://c.example/queue/l1"
    assert pressed_of(press(approve, type="view_submission")) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=", b"payload=[]", b"payload={}", b"payload=null", b"x=1", b"payload=1&payload=2", b"\xff\xfe",
     press({"action_id": "approve", "value": "{}"}), press({"action_id": "approve", "value": "[1]"}),
     press({"action_id": "approve", "value": json.dumps({"lead": 1, "delivery": "d", "question": "q", "seen": "h"})}),
     press({"action_id": "approve", "value": "null"}), b"payload=" + b"[" * 100_000,
     press({"action_id": "approve"}), press({"value": "x"})],
)  # fmt: skip
def test_what_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        pressed_of(body)


def test_answers_mention_nobody() -> None:
    assert settled("Approved by <!channel>.", "https://c.example/q")["text"] == "Approved by &lt;!channel&gt;."
    assert settled("x", "")["replace_original"] is True
    assert whispered("x")["replace_original"] is False

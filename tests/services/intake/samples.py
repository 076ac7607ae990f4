"""Requests, submissions and the shipped policy, for the tests of intake."""

from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from libs.contracts.events import SubmissionReceived
from libs.contracts.ids import content_hash, submission_id
from libs.contracts.lead import Position
from libs.policy.load import load_policy, read_files
from libs.policy.sources import IntakeSource
from services.intake.domain.bodies import Body
from services.intake.domain.request import Request
from tests.paths import ROOT

AT = datetime(2026, 5, 4, 14, 22, tzinfo=UTC)
FILES = read_files(ROOT / "policy")
POLICY = load_policy(FILES)
TENANT_SECRET = b"t" * 32
RULES = IntakeSource(adapter="generic_json", trust=0.8)


def request(body: bytes = b"", *, at: datetime = AT, **more: Any) -> Request:
    """A POST at a fixed time; header names may be written as senders write them."""
    headers = {name.lower(): value.encode() for name, value in more.pop("headers", {}).items()}
    uri = more.pop("uri", "https://leads.example.com/hooks/main")
    return Request(more.pop("method", "POST"), uri, headers, body, at, **more)


def json_body(value: JsonValue) -> Body:
    """A parsed JSON body."""
    return Body("json", value)


def submission(body: bytes, source: str = "demo", delivery: str | None = None, **more: Any) -> SubmissionReceived:
    """A submission as the mapper reads it."""
    digest = content_hash(body)
    facts: dict[str, Any] = {
        "event_id": "e-" + digest[:8],
        "submission_id": submission_id(source, delivery or digest),
        "source": source,
        "delivery_id": delivery,
        "content_type": "application/json",
        "received_at": AT,
        "sha256": digest,
        "body": body,
        "position": Position(topic="submission.received.v1", partition=0, offset=7),
    }
    return SubmissionReceived(**{**facts, **more})

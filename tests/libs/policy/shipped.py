"""The shipped policy and builders of changes and leads, for the tests of this package."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from libs.contracts.change import Actor, Evidence, ProposedChange, RecordRef, Source
from libs.contracts.lead import (
    Claim,
    Classification,
    FieldValue,
    Identity,
    Lead,
    Position,
    SubmissionRef,
)
from libs.policy.load import load_policy, read_files
from tests.scores import a_score

FILES = read_files(Path(__file__).resolve().parents[3] / "policy")
POLICY = load_policy(FILES)

AT = datetime(2026, 5, 4, 14, 22, tzinfo=UTC)
FORM = Source(kind="submission", name="demo", trust=0.8)
PROVIDER = Source(kind="provider", name="company_directory", trust=0.8)
MODEL = Source(kind="model", name="offline", trust=0.5)
RULES = Source(kind="rule", name="router", trust=0.9)
PERSON = Source(kind="human", name="ana")
QUOTE = (Evidence(quote="120 people", where="body.message"),)


def change(where: str, new: Any, **more: Any) -> ProposedChange:
    """A proposed change of `type.field`; a rule proposes it with full confidence unless told otherwise."""
    record, _, field = where.partition(".")
    facts: dict[str, Any] = {
        "record": RecordRef(type=record, id="r1"),
        "field": field,
        "new": new,
        "source": PROVIDER,
        "confidence": 1.0,
        "actor": Actor(kind="rule", id="enrich"),
        "reason": "test",
    }
    return ProposedChange(**{**facts, **more})


def ai(id_: str = "classify") -> Actor:
    """A model."""
    return Actor(kind="ai", id=id_)


def person(id_: str = "ana") -> Actor:
    """A person."""
    return Actor(kind="human", id=id_)


def lead(fields: dict[str, Any] | None = None, **more: Any) -> Lead:
    """A lead with these field values; `flags`, `priority`, `confidence` and `verdict` make its recorded answers."""
    flags, priority = more.pop("flags", ()), more.pop("priority", 70)
    confidence, verdict = more.pop("confidence", 0.9), more.pop("verdict", "new")
    base: dict[str, Any] = {
        "lead_id": "l1",
        "submission": SubmissionRef(
            submission_id="s1",
            position=Position(topic="submission.received.v1", partition=0, offset=1),
            sha256="0" * 64,
            received_at=AT,
        ),
        "facts_hash": "f",
        "source": FORM,
        "kind": "demo_request",
        "submitted_at": AT,
        "policy_hash": POLICY.hash,
        "partition_key": "k",
        "subject_key_id": "x",
        "fields": {name: FieldValue(value=value, source=FORM) for name, value in (fields or {}).items()},
        "identity": Identity(
            verdict=verdict, rule="none", contact=RecordRef(type="contact", id="c1"), contact_is_new=True
        ),
        "classification": Classification(
            claims={"use_case": Claim(label="support_automation", confidence=confidence)},
            flags={flag: Claim(label=flag, confidence=0.9) for flag in flags},
            should_route_to_sales=True,
            confidence=confidence,
            reason="r",
            model_version="m1",
            input_hash="h",
        ),
        "score": a_score(priority),
    }
    return Lead(**{**base, **more})

"""Leads for tests of the machinery: as small as the contracts allow."""

from datetime import UTC, datetime

from libs.contracts import ids
from libs.contracts.change import Source
from libs.contracts.lead import Lead, Position, SubmissionRef

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def lead(number: int, policy_hash: str, *, key: str | None = None, prefix: str = "s") -> Lead:
    """A lead of submission `number`; leads of one `key` go to one partition."""
    submission = f"{prefix}-{number}"
    return Lead(
        lead_id=ids.lead_id(submission, 0),
        submission=SubmissionRef(
            submission_id=submission,
            position=Position(topic="submission.received.v1", partition=0, offset=number),
            sha256="0" * 64,
            received_at=AT,
        ),
        facts_hash="f",
        source=Source(kind="submission", name="test"),
        submitted_at=AT,
        policy_hash=policy_hash,
        partition_key=key or submission,
        subject_key_id=ids.subject_key_id(submission),
    )

"""The shipped model and policy, and leads with a message, for the tests of classify."""

from datetime import UTC, datetime
from typing import Any

from libs.contracts.change import RecordRef, Source
from libs.contracts.events import LeadEnriched
from libs.contracts.lead import FieldValue, Identity, Lead, Position, SubmissionRef
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from services.classify.domain.asked import Asked
from services.classify.domain.model import OfflineModel
from services.classify.stage import taxonomy_hash
from services.classify.store import SHIPPED, load_model
from tests.paths import ROOT

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = load_policy(read_files(ROOT / "policy"))
TAXONOMY = POLICY.taxonomy
HASH = taxonomy_hash(TAXONOMY)
MODEL = load_model(SHIPPED)
FORM = Source(kind="submission", name="demo", trust=0.8)
DUPLICATES = "Our Salesforce is full of duplicates and nobody trusts the data. Please send a quote this week."


class OneModel:
    """Knows one model, whatever the version."""

    def by_version(self, version: str) -> OfflineModel:
        return MODEL


class OnePolicy:
    """Knows one policy, whatever the hash."""

    def by_hash(self, policy_hash: str) -> Policy:
        return POLICY


def asked(message: str, kind: str = "contact_form", **facts: str) -> Asked:
    """A question about a message."""
    return Asked(message, kind, facts, HASH)


def a_lead(message: str = "", number: int = 1, **fields: Any) -> Lead:
    """An enriched lead of a new contact; values are submitted unless they are a FieldValue."""
    given = {"message": message, **fields} if message else fields
    return Lead(
        lead_id=f"lead-{number}",
        submission=SubmissionRef(
            submission_id=f"s-{number}",
            position=Position(topic="submission.received.v1", partition=0, offset=number),
            sha256="0" * 64,
            received_at=NOW,
        ),
        facts_hash="f",
        source=FORM,
        kind="contact_form",
        submitted_at=NOW,
        policy_hash=POLICY.hash,
        partition_key="k",
        subject_key_id="x",
        fields={
            name: value if isinstance(value, FieldValue) else FieldValue(value=value, source=FORM)
            for name, value in given.items()
        },
        identity=Identity(verdict="new", rule="none", contact=RecordRef(type="contact", id="c1"), contact_is_new=True),
    )


def enriched(lead: Lead) -> LeadEnriched:
    """The event that brings the lead."""
    return LeadEnriched(event_id=f"event of {lead.lead_id}", lead=lead)

"""Leads, policies and providers for the tests of enrich."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from libs.contracts.change import RecordRef, Source
from libs.contracts.events import LeadDeduped, RecordChanged
from libs.contracts.lead import FieldValue, Identity, Lead, Position, SubmissionRef
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs
from services.enrich.domain.records import Fields, Known, company_of, contact_of
from tests.paths import ROOT
from tests.policies import Plain

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = load_policy(read_files(ROOT / "policy"))
FORM = Source(kind="submission", name="demo", trust=0.8)


class OnePolicy(Plain):
    """Knows one policy, whatever the hash."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self._policy = policy

    def by_hash(self, policy_hash: str) -> Policy:
        return self._policy

    def newest(self) -> Policy:
        return self._policy


def policy_with(enrichment: str) -> Policy:
    """The shipped policy with these lines of enrichment.yaml in the place of those with the same key."""
    files = read_files(ROOT / "policy")
    replaced = {line.partition(":")[0]: line for line in enrichment.splitlines()}
    lines = [replaced.get(line.partition(":")[0], line) for line in files["enrichment.yaml"].splitlines()]
    return load_policy({**files, "enrichment.yaml": "\n".join(lines) + "\n"})


def a_lead(fields: dict[str, Any] | None = None, number: int = 1, **more: Any) -> Lead:
    """A deduped lead of a new contact with these submitted values."""
    facts: dict[str, Any] = {
        "lead_id": f"lead-{number}",
        "submission": SubmissionRef(
            submission_id=f"s-{number}",
            position=Position(topic="submission.received.v1", partition=0, offset=number),
            sha256="0" * 64,
            received_at=NOW,
        ),
        "facts_hash": "f",
        "source": FORM,
        "submitted_at": NOW,
        "policy_hash": POLICY.hash,
        "partition_key": "k",
        "subject_key_id": "x",
        "fields": {
            name: value if isinstance(value, FieldValue) else FieldValue(value=value, source=FORM)
            for name, value in (fields or {}).items()
        },
        "identity": Identity(
            verdict="new", rule="none", contact=RecordRef(type="contact", id="c1"), contact_is_new=True
        ),
    }
    return Lead(**{**facts, **more})


def deduped(lead: Lead) -> LeadDeduped:
    """The event that brings the lead."""
    return LeadDeduped(event_id=f"event of {lead.lead_id}", lead=lead)


@dataclass
class Told:
    """A provider that answers what it is told, and counts how often it is asked."""

    name: str = "company_directory"
    version: str = "1"
    fields: tuple[str, ...] = ("industry", "employees")
    findings: Sequence[Finding] = ()
    reads: str = "domain"
    failure: BaseException | None = None
    asked: list[Inputs] = field(default_factory=list)

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        return {self.reads: lead.text(self.reads)} if lead.text(self.reads) else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        self.asked += questions
        if self.failure is not None:
            raise self.failure
        return [self.findings for _ in questions]


class MemoryRecords:
    """The read model in memory; passes the same conformance suite as the table."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], RecordChanged] = {}

    async def save(self, changes: Sequence[RecordChanged]) -> None:
        for change in changes:
            key = (change.record.type, change.record.id)
            if key not in self._held or self._held[key].version < change.version:
                self._held[key] = change

    async def known(self, refs: Sequence[RecordRef]) -> Known:
        wanted = {(ref.type, ref.id) for ref in refs}
        records: dict[tuple[str, str], Fields] = {
            key: change.fields for key, change in self._held.items() if key in wanted and change.fields is not None
        }
        opportunities: dict[tuple[str, str], list[Fields]] = {}
        for (kind, _), change in self._held.items():
            if kind == "opportunity" and change.fields is not None:
                for owner in (("company", company_of(change.fields)), ("contact", contact_of(change.fields))):
                    if owner[1] is not None and (owner[0], owner[1]) in wanted:
                        opportunities.setdefault((owner[0], owner[1]), []).append(change.fields)
        return Known(records, opportunities)

"""A fake index that passes the same conformance suite as Postgres, and small makers of leads and records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef, Source
from libs.contracts.events import RecordChanged
from libs.contracts.lead import FieldValue, Lead, Position, SubmissionRef
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.known import Known, Wanted, needed_blocks, related_keys
from services.dedupe.domain.records import Company, Contact, Delta, LeadRow, Pair, Related
from tests.paths import ROOT
from tests.policies import Plain

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class AnotherBatchWasFaster(Exception):
    """What the unique constraints of the database say."""


@dataclass
class MemoryIndex:
    """The index in memory: rows by id, keys computed on each look."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    leads: dict[str, LeadRow] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    related: dict[str, Related] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    """Contact ids of each lead, the current one last."""

    async def rows(self, lead_ids: Iterable[str]) -> Mapping[str, LeadRow]:
        return {one: self.leads[one] for one in lead_ids if one in self.leads}

    async def known(self, wanted: Wanted) -> Known:
        known = Known(leads={one: self.leads[one] for one in wanted.leads if one in self.leads})
        known.pairs = {key: self.pairs[key] for key in sorted(self.pairs) if key[0] in wanted.subjects}
        contact_keys = _inverted((one.contact_id, one.all_keys()) for one in self.contacts.values())
        company_keys = _inverted((one.company_id, one.all_keys()) for one in self.companies.values())
        blocks = _inverted((one.company_id, one.blocks()) for one in self.companies.values())
        people = {key: _few(contact_keys.get(key, [])) for key in wanted.keys}
        firms = {key: _few(company_keys.get(key, [])) for key in wanted.keys}
        known.keys = {key: people[key] | firms[key] for key in wanted.keys}
        apart = frozenset(pair.record_id for pair in known.pairs.values() if pair.verdict == "apart")
        known.blocks = {block: _few(blocks.get(block, [])) for block in needed_blocks(wanted, firms, apart)}
        named = {record for _, record in known.pairs} | wanted.records
        found = named.union(*people.values())
        known.contacts = {one: self.contacts[one] for one in found if one in self.contacts}
        of_contacts = {one.company_id for one in known.contacts.values() if one.company_id}
        found = named.union(of_contacts, *firms.values(), *known.blocks.values())
        known.companies = {one: self.companies[one] for one in found if one in self.companies}
        keys = related_keys(wanted, known)
        known.related = {
            one.record_id: one
            for one in self.related.values()
            if one.record_id in wanted.records or keys.intersection(one.about)
        }
        known.linked = {one: self._linked(one) for one in wanted.cut}
        return known

    def _linked(self, contact_id: str) -> tuple[str, ...]:
        return tuple(sorted(row.lead_id for row in self.leads.values() if row.contact_id == contact_id))

    async def save(self, deltas: Sequence[Delta]) -> None:
        before = (dict(self.contacts), dict(self.companies), dict(self.pairs), dict(self.leads))
        self._store(deltas)
        try:
            self._check_unique()
        except AnotherBatchWasFaster:
            self.contacts, self.companies, self.pairs, self.leads = before
            raise

    def _store(self, deltas: Sequence[Delta]) -> None:
        for delta in deltas:
            for gone in delta.gone:
                self.contacts.pop(gone, None)
                self.companies.pop(gone, None)
            self.contacts.update({one.contact_id: one for one in delta.contacts})
            self.companies.update({one.company_id: one for one in delta.companies})
            self.related.update({one.record_id: one for one in delta.related})
            self.pairs.update({(one.subject, one.record_id): one for one in delta.pairs})
            if delta.lead is not None:
                self.leads[delta.lead.lead_id] = delta.lead
                linked = self.links.setdefault(delta.lead.lead_id, [])
                if not linked or linked[-1] != delta.lead.contact_id:
                    linked.append(delta.lead.contact_id)

    def _check_unique(self) -> None:
        people = [key for one in self.contacts.values() if not one.shared for key in set(one.exact_keys())]
        firms = [key for one in self.companies.values() for key in set(one.exact_keys())]
        for keys in (people, firms):
            if len(keys) != len(set(keys)):
                raise AnotherBatchWasFaster(sorted(key for key in keys if keys.count(key) > 1))


def _inverted(rows: Iterable[tuple[str, Iterable[object]]]) -> dict[object, list[str]]:
    found: dict[object, list[str]] = {}
    for record_id, keys in rows:
        for key in set(keys):
            found.setdefault(key, []).append(record_id)
    return found


def _few(found: list[str]) -> set[str]:
    return set(sorted(found)[: MAX_COMMON + 1])


@cache
def policy() -> Policy:
    """The policy of the repository."""
    return load_policy(read_files(ROOT / "policy"))


class OnePolicy(Plain):
    """Policy versions with only the repository's policy in them."""

    def by_hash(self, policy_hash: str) -> Policy:
        assert policy_hash == policy().hash
        return policy()

    def newest(self) -> Policy:
        return policy()


def a_lead(submission: str = "s1", *, facts: str = "", **fields: Any) -> Lead:
    """A lead as the mapper makes it; `facts` names the hash of its facts (default: of the fields)."""
    source = Source(kind="submission", name="web_form")
    return Lead(
        lead_id=ids.lead_id(submission, 0),
        submission=SubmissionRef(
            submission_id=submission,
            position=Position(topic="submission.received.v1", partition=0, offset=0),
            sha256="0" * 64,
            received_at=NOW,
        ),
        facts_hash=facts or ids.derived_id("facts", repr(sorted(fields.items()))),
        source=source,
        submitted_at=NOW,
        policy_hash=policy().hash,
        partition_key="k",
        subject_key_id="k",
        fields={
            name: FieldValue(value=value, source=source, confidence=0.95)
            for name, value in fields.items()
            if value is not None
        },
    )


def changed(kind: str, record_id: str, version: int = 1, /, **fields: JsonValue) -> RecordChanged:
    """A record's new state, as crm says it; without fields the record is gone."""
    return RecordChanged(
        event_id=ids.derived_id("changed", record_id, version),
        record=RecordRef(type=kind, id=record_id),
        version=version,
        fields=dict(fields) or None,
        actor=Actor(kind="rule", id="crm"),
    )

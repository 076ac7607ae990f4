"""A fake state that passes the same conformance suite as Postgres, and small makers of leads, records and policies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.events import RecordChanged
from libs.contracts.lead import (
    Claim,
    Classification,
    FieldValue,
    Identity,
    Lead,
    Position,
    Review,
    SubmissionRef,
)
from libs.contracts.notices import NoticeGiven
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from services.router.domain.holds import party_matches
from services.router.domain.known import Known, Wanted
from services.router.domain.records import Delta
from tests.paths import ROOT
from tests.policies import Plain
from tests.scores import a_score

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, in working hours of both calendars."""


@dataclass
class MemoryState:
    """The router's state in memory."""

    all: Known = field(default_factory=Known)
    notices: list[NoticeGiven] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)

    async def known(self, wanted: Wanted) -> Known:
        held = self.all
        known = Known(leads={one: held.leads[one] for one in wanted.leads if one in held.leads})
        known.answered = {key: one for key, one in held.answered.items() if key[0] in wanted.leads}
        rows = known.leads.values()
        parties = wanted.parties.union(*({row.contact_id, row.company_id or ""} - {""} for row in rows))
        known.parties = {one: held.parties[one] for one in parties if one in held.parties}
        known.opportunities = {
            key: one
            for key, one in held.opportunities.items()
            if key in wanted.records or (one.is_open and {one.contact_id, one.company_id} & parties)
        }
        own = frozenset(one.casefold() for one in parties)
        matches = wanted.matches.union(own, *map(party_matches, known.parties.values())) - {""}
        known.entries = {
            key: one
            for key, one in held.entries.items()
            if key in wanted.records or {one.email, one.domain, one.names} & matches
        }
        known.let_out = {place: one for place, one in held.let_out.items() if place[0] in wanted.records}
        keys = wanted.earned.union(one.key for one in known.let_out.values())
        known.earned = {key: held.earned[key] for key in keys if key in held.earned}
        if wanted.pools:
            known.members, known.places, known.loads = dict(held.members), dict(held.places), dict(held.loads)
            known.exceptions = dict(held.exceptions)
        return known

    async def save(self, deltas: Sequence[Delta]) -> None:
        for delta in deltas:
            self.all.apply(delta)
            given = [one for one in delta.notices if one.notice_id not in {held.notice_id for held in self.notices}]
            self.notices += given
            for member, upto in (delta.read or {}).items():
                self.read[member] = max(self.read.get(member, 0), min(upto, len(self.notices)))

    async def heard(self, member: str, unread: bool, limit: int, after: int) -> list[tuple[int, NoticeGiven]]:
        """What the store lists: see `api.Leads.notices`."""
        held = self.all.members.get(member)
        roles = held.roles if held is not None else ()
        seen = max(after, self.read.get(member, 0) if unread else 0)
        mine = [
            (number, one)
            for number, one in enumerate(self.notices, 1)
            if number > seen and ((one.to and one.to.id == member) or (one.role and one.role in roles))
        ]
        return mine[:limit]


@cache
def policy(mode: str = "limited_auto") -> Policy:
    """The policy of the repository in a launch mode."""
    files = read_files(ROOT / "policy")
    files["launch.yaml"] = files["launch.yaml"].replace("mode: suggested", f"mode: {mode}")
    return load_policy(files)


class Policies(Plain):
    """All launch modes of the repository's policy; `newest` in one of them."""

    def __init__(self, newest: str = "limited_auto") -> None:
        self._newest = newest

    def by_hash(self, policy_hash: str) -> Policy:
        modes = ("data_audit", "read_only", "suggested", "approved_writes", "limited_auto")
        return next(policy(mode) for mode in modes if policy(mode).hash == policy_hash)

    def newest(self) -> Policy:
        return policy(self._newest)


def a_lead(
    name: str = "s1",
    *,
    version: int = 1,
    contact: str = "",
    company: str | None = None,
    priority: int | None = 65,
    confidence: float | None = 0.9,
    flags: tuple[str, ...] = (),
    reviews: tuple[Review, ...] = (),
    proposals: tuple[ProposedChange, ...] = (),
    verdict: str = "new",
    mode: str = "limited_auto",
    **fields: JsonValue,
) -> Lead:
    """A scored lead."""
    source = Source(kind="submission", name="web_form")
    contact = contact or f"contact-{name}"
    classification = Classification(
        claims={}, flags={flag: Claim(label=flag, confidence=0.9) for flag in flags}, should_route_to_sales=not flags,
        confidence=confidence or 0.0, reason="said so", model_version="m", input_hash="h",
    )  # fmt: skip
    return Lead(
        lead_id=ids.lead_id(name, 0),
        version=version,
        submission=SubmissionRef(
            submission_id=name, position=Position(topic="t", partition=0, offset=0), sha256="0" * 64, received_at=NOW
        ),
        facts_hash="f", source=source, submitted_at=NOW, policy_hash=policy(mode).hash, partition_key="k", subject_key_id="k",
        fields={key: FieldValue(value=value, source=source) for key, value in fields.items() if value is not None},
        identity=Identity(
            verdict=verdict, rule="r", contact=RecordRef(type="contact", id=contact), contact_is_new=True,
            company=RecordRef(type="company", id=company) if company else None,
        ),
        classification=None if confidence is None else classification,
        score=a_score(priority),
        reviews=reviews,
        proposals=proposals,
    )  # fmt: skip


def proposal(lead: str = "s1", field_name: str = "name", new: JsonValue = "Ann Lee", **more: object) -> ProposedChange:
    """What dedupe proposes for a lead's new contact."""
    made = ProposedChange(
        record=RecordRef(type="contact", id=f"contact-{lead}"), field=field_name, new=new, confidence=0.95, reason="new",
        source=Source(kind="submission", name="web_form"), actor=Actor(kind="rule", id="dedupe"),
    )  # fmt: skip
    return made.model_copy(update=more)


def changed(kind: str, record_id: str, version: int = 1, **fields: JsonValue) -> RecordChanged:
    """A record's new state, as crm says it; without fields the record is gone."""
    return RecordChanged(
        event_id=ids.derived_id("changed", record_id, version),
        record=RecordRef(type=kind, id=record_id),
        version=version,
        fields=dict(fields) or None,
        actor=Actor(kind="rule", id="crm"),
    )


def member(name: str, pool: str = "inbound", version: int = 1, **fields: Any) -> RecordChanged:
    """A member of a pool."""
    held: dict[str, Any] = {"name": name.title(), "pools": [pool], "active": True, **fields}
    return changed("member", name, version, **held)

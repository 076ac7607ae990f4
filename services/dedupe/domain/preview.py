"""What a record would be if it came in: new, somebody who is known, or a question. Nothing is decided or stored by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Source
from libs.contracts.lead import Candidate, Lead, Position, SubmissionRef
from libs.identity.domains import company_domain
from libs.policy.matching import Matching
from services.dedupe.domain.known import Known, Wanted
from services.dedupe.domain.person import Person, lead_person
from services.dedupe.domain.verdict import company_verdict, contact_verdict

Kind = Literal["contact", "company"]
Answer = Literal["new", "duplicate", "ambiguous"]
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Preview:
    """The verdict, the rule that gave it, and the records that it is about, the likeliest first."""

    verdict: Answer
    rule: str
    candidates: tuple[Candidate, ...] = ()
    company_id: str | None = None
    """Of a contact: the company that its address belongs to, when it is certain."""


def person_behind(kind: Kind, place: int, fields: Mapping[str, JsonValue], matching: Matching) -> Person:
    """The record's identity facts, as those of a lead that says the same; `place` tells the records of a request apart."""
    named = dict(fields)
    if kind == "company":
        domain = fields.get("domain") or fields.get("website")
        named = {"company": fields.get("name"), "country": fields.get("country"), "domain": domain}
    return lead_person(_lead(place), named, matching)


def _lead(place: int) -> Lead:
    """A lead without facts: those of the record are laid over it like a person's edits."""
    submission = ids.derived_id("preview", place)
    return Lead(
        lead_id=ids.lead_id(submission, 0),
        submission=SubmissionRef(
            submission_id=submission, position=Position(topic="preview", partition=0, offset=place), sha256="",
            received_at=_NEVER,
        ),
        facts_hash="", source=Source(kind="crm", name="preview"), submitted_at=_NEVER, policy_hash="", partition_key="",
        subject_key_id="",
    )  # fmt: skip


def wanted_by(person: Person) -> Wanted:
    """What must be known to preview the record."""
    return person.wanted()


def previewed(kind: Kind, person: Person, known: Known, matching: Matching) -> Preview:
    """What the record would be."""
    return _company(person, known, matching) if kind == "company" else _contact(person, known, matching)


def _contact(person: Person, known: Known, matching: Matching) -> Preview:
    company = company_verdict(person, known, matching)
    found = contact_verdict(person, known, matching, company.existing)
    theirs = None if company.existing is None else company.existing.company_id
    known_as: Answer = "new" if found.existing is None else "duplicate"
    return Preview("ambiguous" if found.asks else known_as, found.rule, found.candidates, theirs)


def _company(person: Person, known: Known, matching: Matching) -> Preview:
    """A company of the same domain is the same one; an equal or similar name is a question."""
    domain = company_domain(person.typed_domain, frozenset(matching.shared_domains))
    same = known.companies_by_domain(domain) if domain else []
    found = company_verdict(person, known, matching)
    if len(same) == 1:
        mine = tuple(one for one in found.candidates if one.record.id == same[0].company_id)
        return Preview("duplicate", "company_domain", mine)
    return Preview("ambiguous" if found.asks else "new", found.rule if found.asks else "new", found.candidates)

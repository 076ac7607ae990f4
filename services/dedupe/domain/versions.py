"""From facts and people's decisions to the next version of a lead: identity, edits, reviews, and what the index learns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from libs.contracts.change import ProposedChange, RecordRef, Source
from libs.contracts.events import LeadDeduped
from libs.contracts.lead import Candidate, Lead, Review
from libs.contracts.outcome import Outcome
from libs.policy.admit import same_value
from services.dedupe.domain.decisions import Rejected, with_rejected
from services.dedupe.domain.evidence import evidence_with
from services.dedupe.domain.known import Known
from services.dedupe.domain.lessons import without_lessons
from services.dedupe.domain.person import Person, lead_person
from services.dedupe.domain.proposals import record_changes
from services.dedupe.domain.records import Contact, Delta, Edit, LeadRow, Pair, PairVerdict
from services.dedupe.domain.settle import Settled, settled
from services.dedupe.domain.verdict import CompanyVerdict, ContactVerdict

BEFORE_DEDUPE = frozenset(("intake", "mapper"))
"""Stages whose reviews a re-entry keeps; all later ones ask again by themselves."""
REASONS = {
    "ids_disagree": "The sender's id and the e-mail name two different contacts",
    "shared_mailbox": "The address is known, but for somebody with another name",
    "address_of_several": "Several contacts have this address",
    "typed_id": "An id from a source that is not trusted with ids names a contact, and nothing else agrees",
    "new_evidence": "Somebody kept these apart, and something new speaks for them since",
    "similar_person": "A contact with another address looks like the same person",
    "domain_of_several_companies": "Several companies have this domain",
    "redirected_domain": "A known company's site was seen to lead to this domain: its new name, or a buyer's",
    "company_group": "The address is one company's, and the text names another of its group",
    "held_company": "The company of this domain is held back",
    "typed_website": "A website that was typed, which proves nothing, is a known company's",
    "similar_company": "A company with an equal or similar name is known, but not with this domain",
}


@dataclass(frozen=True, slots=True)
class Revision:
    """What a person (or an earlier one) decided about a lead, to be put on its next version."""

    edits: tuple[Edit, ...] = ()
    pairs: tuple[Pair, ...] = ()


NOTHING = Revision()


def next_version(
    lead: Lead,
    known: Known,
    row: LeadRow | None,
    revision: Revision = NOTHING,
    answer: JsonValue = None,
    after: int = 0,
) -> Outcome[LeadDeduped]:
    """The lead's next version with its identity; `row` is the version before, if any, `after` the newest one elsewhere."""
    matching = known.policies[lead.policy_hash]
    edits = _newest(row.edits if row else (), revision.edits)
    person = lead_person(lead, {name: edit.value for name, edit in edits.items()}, matching)
    cut = _forgotten(lead.lead_id, known, revision, row)
    told = known.after(Delta(contacts=cut, pairs=revision.pairs)) if cut or revision.pairs else known
    found = settled(person, told, matching, row)
    version = max(after, 0 if row is None else row.version) + 1
    rejected = with_rejected(_rejected(row), lead.rejected)
    out = lead.model_copy(update={"version": version, "identity": found.identity, "rejected": rejected})
    delta = Delta(
        lead=_row(out, person, found, edits.values()),
        link_rule=found.identity.rule,
        linked_by=found.identity.decided_by or "dedupe",
        contacts=tuple({one.contact_id: one for one in (*cut, *found.contacts)}.values()),
        companies=found.companies,
        pairs=revision.pairs,
    )
    return Outcome(
        next=LeadDeduped(lead=out),
        changes=(*_edit_changes(out, edits.values()), *record_changes(out, found, edits)),
        reviews=questions(found),
        state=delta,
        answer=answer,
    )


def _rejected(row: LeadRow | None) -> Rejected:
    """What people refused on the version before. Most leads have nothing there, and are not read again for it."""
    if row is None or b'"rejected":{"' not in row.lead:
        return {}
    return Lead.model_validate_json(row.lead).rejected


def _forgotten(lead_id: str, known: Known, revision: Revision, row: LeadRow | None) -> tuple[Contact, ...]:
    """The contacts of the lead's earlier version, and those that a person keeps it apart from, without what the lead taught
    them: it is decided anew by what others say, and teaches again what still holds."""
    ids = {pair.record_id for pair in revision.pairs} | ({row.contact_id} if row else set())
    held = [known.contacts[one] for one in sorted(ids) if one in known.contacts]
    return tuple(new for one in held if (new := without_lessons(one, lead_id)) != one)


def reentered(lead: Lead, answered: Iterable[str] = ()) -> Lead:
    """The lead as it goes through the line again: facts and recorded answers stay, what later stages decided is decided anew.

    `answered` are the reasons of reviews that a person has answered.
    """
    gone = frozenset(answered)
    reviews = tuple(one for one in lead.reviews if one.stage in BEFORE_DEDUPE and one.reason not in gone)
    return lead.model_copy(update={"reviews": reviews, "proposals": (), "score": None, "route": None, "identity": None})


def _newest(held: Iterable[Edit], new: Iterable[Edit]) -> dict[str, Edit]:
    return {edit.field: edit for edit in (*held, *new)}


def _row(lead: Lead, person: Person, found: Settled, edits: Iterable[Edit]) -> LeadRow:
    company = found.identity.company
    return LeadRow(
        lead_id=lead.lead_id,
        version=lead.version,
        facts_hash=lead.facts_hash,
        contact_id=found.identity.contact.id,
        company_id=company.id if company else None,
        email=person.email,
        lead=lead.model_dump_json().encode(),
        edits=tuple(edits),
    )


def _edit_changes(lead: Lead, edits: Iterable[Edit]) -> Iterable[ProposedChange]:
    """People's values for the gate; those that the lead holds already, verified, are left out."""
    for edit in edits:
        held = lead.fields.get(edit.field)
        if held is not None and held.verified_by and same_value(held.value, edit.value):
            continue
        yield ProposedChange(
            record=RecordRef(type="lead", id=lead.lead_id),
            field=edit.field,
            new=edit.value,
            old=lead.value(edit.field),
            source=Source(kind="human", name=edit.actor.id),
            actor=edit.actor,
            verified_by=edit.actor.id,
            reason=edit.reason,
        )


def questions(found: Settled) -> tuple[Review, ...]:
    """The identity questions of a verdict: one about the person, one about the company."""
    asked: tuple[tuple[str, ContactVerdict | CompanyVerdict], ...] = (
        ("contact", found.contact_verdict),
        ("company", found.company_verdict),
    )
    return tuple(
        Review(
            kind="identity",
            reason=REASONS[verdict.rule],
            stage="dedupe",
            detail=_detail(about, verdict.rule, verdict.candidates, found),
        )
        for about, verdict in asked
        if verdict.asks
    )


def _detail(about: str, rule: str, candidates: tuple[Candidate, ...], found: Settled) -> JsonValue:
    shown: list[JsonValue] = [
        {"type": one.record.type, "id": one.record.id, "match_probability": one.match_probability} for one in candidates
    ]
    attached = (
        found.contact_verdict.existing.contact_id if about == "contact" and found.contact_verdict.existing else None
    )
    return {"about": about, "rule": rule, "candidates": shown, "attached": attached}


def decided_pairs(person: Person, known: Known, verdicts: Mapping[str, PairVerdict], actor_id: str) -> tuple[Pair, ...]:
    """What a person's links and refusals make dedupe remember: about the lead, and about the address with the name. A refusal
    is remembered with what spoke for the pair."""
    return tuple(
        Pair(
            subject,
            record,
            verdict,
            actor_id,
            person.lead_id,
            evidence_with(person, known, record) if verdict == "apart" else "",
        )
        for record, verdict in sorted(verdicts.items())
        for subject in person.subjects()
    )

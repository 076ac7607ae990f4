"""What two companies are to each other, when a person kept them apart and said so: a field of a company's record, which can be
emptied again. Nothing is merged by it."""

from collections.abc import Iterator

from pydantic import JsonValue

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.events import RELATIONS, Answer, TriageDecided
from libs.contracts.lead import Lead
from services.dedupe.domain.decisions import record_id_of
from services.dedupe.domain.known import Known

PARENT, PARTNERS = "parent_id", "partner_ids"


def relation_changes(event: TriageDecided, lead: Lead, known: Known) -> tuple[ProposedChange, ...]:
    """The relations that the answers say, as a person's changes of company records; none for a lead without a company."""
    company = lead.identity.company if lead.identity else None
    if company is None:
        return ()
    return tuple(
        change
        for answer in event.answers
        if answer.relation in RELATIONS and (other := record_id_of(answer.value))
        for change in _changes(answer, company.id, other, event.actor, known)
    )


def _changes(answer: Answer, own: str, other: str, actor: Actor, known: Known) -> Iterator[ProposedChange]:
    if own == other or other not in known.companies:
        return
    if answer.relation == "parent":
        yield _change(own, PARENT, _held(known, own, PARENT), other, answer, actor)
    elif answer.relation == "child":
        yield _change(other, PARENT, _held(known, other, PARENT), own, answer, actor)
    else:
        held = _held(known, own, PARTNERS)
        listed = [one for one in held if isinstance(one, str)] if isinstance(held, list) else []
        if other not in listed:
            yield _change(own, PARTNERS, held, [*listed, other], answer, actor)


def _held(known: Known, company: str, field: str) -> JsonValue:
    row = known.companies.get(company)
    return None if row is None else (row.fields or {}).get(field)


def _change(company: str, field: str, old: JsonValue, new: JsonValue, answer: Answer, actor: Actor) -> ProposedChange:
    return ProposedChange(
        record=RecordRef(type="company", id=company),
        field=field,
        old=old,
        new=new,
        source=Source(kind="human", name=actor.id),
        actor=actor,
        verified_by=actor.id,
        reason=answer.reason or f"{answer.relation}, said in triage",
    )

"""The router's rows: what an outcome changes, as it is stored. `store.py` writes them, `rebuild.py` reads them back."""

import json
from collections.abc import Iterator, Mapping, Sequence

from pydantic import TypeAdapter

from libs.runtime.rows import Gone, Kept, Row, named
from services.router.domain.earned import parsed
from services.router.domain.fairness import Place
from services.router.domain.records import Clock, DayException, Delta, Earned, LeadRow, LetOut, Member

MEMBER, EXCEPTION = TypeAdapter(Member), TypeAdapter(DayException)
CLOCKS = TypeAdapter(dict[str, Clock])
LOAD = ("open_leads", "day", "day_leads", "week", "week_leads")
LEAD = (
    "lead_id", "version", "route", "settled", "contact_id", "company_id", "due_at", "sla", "lead", "pool", "clocks",
    "offered", "accepted",
)  # fmt: skip
PARTY = ("record_id", "version", "fields", "assigned")
OPPORTUNITY = ("record_id", "version", "contact_id", "company_id", "owner", "is_open")
ENTRY = ("record_id", "version", "reason", "email", "domain", "names", "until")
EARNED = (
    "key", "workflow", "record_type", "field", "segment", "level", "since", "decided", "accepted", "recent",
)  # fmt: skip
LET_OUT = ("record_id", "field", "key", "answer_id", "automatic", "seen", "value")
NOTICE = ("notice_id", "member_id", "role", "lead_id", "data")


def rows_of(delta: Delta) -> list[Kept]:
    """All rows that an outcome changes, those that end last. What a member has read is no row of it: it is a mark on
    numbers that the database gives."""
    return [*_of_lead(delta), *_of_crm(delta), *_of_turns(delta), *_of_autonomy(delta)]


def _of_lead(delta: Delta) -> Iterator[Kept]:
    if delta.lead is not None:
        yield named("lead", LEAD, lead_values(delta.lead), delta.lead.lead_id)
    for one in delta.answered:
        values = {"lead_id": one.lead_id, "question_id": one.question_id, "verdict": one.verdict}
        yield Row("answered", {**values, "value": json.dumps(one.value), "actor_id": one.actor_id}, one.lead_id)
    for lead_id, question_id in delta.unanswered:
        yield Gone("answered", {"lead_id": lead_id, "question_id": question_id}, lead_id)
    for given in delta.notices:
        member = given.to.id if given.to else ""
        told = (given.notice_id, member, given.role, given.lead_id, given.model_dump_json())
        yield named("notice", NOTICE, told, given.lead_id)


def _of_crm(delta: Delta) -> Iterator[Kept]:
    """A party's row does not say whether it is a person; it is told as one."""
    for party in delta.parties:
        fields = None if party.fields is None else json.dumps(dict(party.fields))
        yield named(
            "party", PARTY, (party.record_id, party.version, fields, party.assigned), f"contact:{party.record_id}"
        )
    for deal in delta.opportunities:
        yield named("opportunity", OPPORTUNITY, values_of(deal, OPPORTUNITY), f"opportunity:{deal.record_id}")
    for entry in delta.entries:
        yield named("entry", ENTRY, values_of(entry, ENTRY), f"suppression:{entry.record_id}")
    for person in delta.members:
        yield Row("member", _whole(person, MEMBER.dump_json(person)), f"member:{person.record_id}")
    for day in delta.exceptions:
        yield Row("exception", _whole(day, EXCEPTION.dump_json(day)))


def _whole(one: Member | DayException, data: bytes) -> Mapping[str, object]:
    return {"record_id": one.record_id, "version": one.version, "data": data.decode()}


def _of_turns(delta: Delta) -> Iterator[Kept]:
    for (pool, member), place in (delta.places or {}).items():
        yield named("place", ("pool", "member_id", *Place._fields), (pool, member, *place))
    for member, load in (delta.loads or {}).items():
        yield named("load", ("member_id", *LOAD), (member, *values_of(load, LOAD)))


def _of_autonomy(delta: Delta) -> Iterator[Kept]:
    for earned in delta.earned:
        yield named("earned", EARNED, earned_values(earned))
    for out in delta.let_out:
        yield named("let_out", LET_OUT, let_out_values(out), f"{_type_in(out.key)}:{out.record_id}")
    for record_id, field in delta.done:
        yield Gone("let_out", {"record_id": record_id, "field": field})


def _type_in(key: str) -> str:
    """The type of the record that an autonomy key is about."""
    told = parsed(key)
    return told[1] if told else "contact"


def lead_values(row: LeadRow) -> tuple[object, ...]:
    """A lead's row in the order of `LEAD`."""
    held = {
        "route": row.route.model_dump_json(), "clocks": CLOCKS.dump_json(dict(row.clocks)).decode(),
        "offered": list(row.offered),
    }  # fmt: skip
    return tuple(held.get(name, getattr(row, name)) for name in LEAD)


def earned_values(row: Earned) -> tuple[object, ...]:
    """In the order of `EARNED`."""
    return *values_of(row, EARNED[:-1]), json.dumps(row.recent)


def let_out_values(row: LetOut) -> tuple[object, ...]:
    """In the order of `LET_OUT`."""
    return *values_of(row, LET_OUT[:-1]), json.dumps(row.value)


def values_of(row: object, columns: Sequence[str]) -> tuple[object, ...]:
    """The row's values of these columns."""
    return tuple(getattr(row, column) for column in columns)

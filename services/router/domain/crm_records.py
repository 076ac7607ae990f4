"""How the CRM's records become rows of the router: only what routing depends on is kept."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue

from libs.contracts.events import RecordChanged
from services.router.domain.known import Known
from services.router.domain.records import (
    Absence,
    DayException,
    Delta,
    Entry,
    Fields,
    Member,
    Opportunity,
    Party,
    text,
    texts,
)

PARTY_FIELDS = frozenset(
    (
        "owner", "customer_status", "lifecycle", "tier", "strategic", "partner", "competitor", "investor", "regulated",
        "do_not_mail", "consent", "email", "domain", "last_activity_at", "activity", "owner_note", "note", "segment",
    )
)  # fmt: skip
CLOSED = ("closed", "won", "lost")


def delta_of(event: RecordChanged, known: Known) -> Delta | None:
    """What a record's new state changes; None for kinds that routing does not need, and for what was seen already."""
    record_id = event.record.id
    gone = event.fields is None or event.fields.get("deleted") is True
    fields: Fields = {} if gone else event.fields or {}
    held = _held(event, known)
    if held is not None and event.version <= held.version:
        return None
    match event.record.type:
        case "contact" | "company":
            return Delta(parties=(_party(event, fields, known.parties.get(record_id)),))
        case "opportunity":
            return Delta(opportunities=(_opportunity(event, fields, gone),))
        case "suppression":
            return Delta(entries=(_entry(event, fields),))
        case "calendar":
            return Delta(exceptions=(_exception(event, fields),))
        case "member":
            return Delta(members=(_member(event, fields, gone),))
        case _:
            return None


def _held(event: RecordChanged, known: Known) -> Party | Opportunity | Entry | Member | DayException | None:
    record_id = event.record.id
    held: dict[str, Party | Opportunity | Entry | Member | DayException | None] = {
        "contact": known.parties.get(record_id),
        "company": known.parties.get(record_id),
        "opportunity": known.opportunities.get(record_id),
        "suppression": known.entries.get(record_id),
        "member": known.members.get(record_id),
        "calendar": known.exceptions.get(record_id),
    }
    return held.get(event.record.type)


def _party(event: RecordChanged, fields: Fields, held: Party | None) -> Party:
    kept = {name: value for name, value in fields.items() if name in PARTY_FIELDS}
    party = held or Party(event.record.id)
    assigned = None if text(kept, "owner") or not fields else party.assigned
    return replace(party, version=event.version, fields=kept, assigned=assigned)


def _opportunity(event: RecordChanged, fields: Fields, gone: bool) -> Opportunity:
    stage = text(fields, "stage").casefold()
    return Opportunity(
        record_id=event.record.id,
        version=event.version,
        contact_id=text(fields, "contact_id"),
        company_id=text(fields, "company_id"),
        owner=text(fields, "owner"),
        is_open=not gone and not stage.startswith(CLOSED) and fields.get("closed") is not True,
    )


def _entry(event: RecordChanged, fields: Fields) -> Entry:
    """An entry that is gone or switched off names nobody."""
    if not fields or fields.get("active") is False:
        return Entry(event.record.id, event.version, "")
    email, domain, names = (text(fields, name).casefold() for name in ("email", "domain", "record_id"))
    reason, until = text(fields, "reason"), text(fields, "until")
    return Entry(event.record.id, event.version, reason, email, domain, names, until)


def _member(event: RecordChanged, fields: Fields, gone: bool) -> Member:
    return Member(
        record_id=event.record.id,
        version=event.version,
        name=text(fields, "name"),
        active=fields.get("active") is not False,
        pools=texts(fields, "pools"),
        weight=_whole(fields.get("weight")),
        languages=texts(fields, "languages"),
        skills=texts(fields, "skills"),
        daily_cap=_whole(fields.get("daily_cap")),
        weekly_cap=_whole(fields.get("weekly_cap")),
        open_cap=_whole(fields.get("open_leads_cap")),
        absences=tuple(_absences(fields.get("absences"))),
        calendar=text(fields, "calendar"),
        on_hold=fields.get("on_hold") is True,
        roles=texts(fields, "roles"),
        gone=gone,
    )


def _exception(event: RecordChanged, fields: Fields) -> DayException:
    """An exception that is gone or switched off has no day."""
    if not fields or fields.get("active") is False:
        return DayException(event.record.id, event.version)
    day, calendar, country = (text(fields, name) for name in ("day", "calendar", "country"))
    shifts = () if fields.get("closed") is True else tuple(_shifts(fields.get("shifts")))
    return DayException(event.record.id, event.version, day, calendar, country, shifts)


def _shifts(value: JsonValue) -> Iterable[tuple[str, str]]:
    for one in value if isinstance(value, list) else []:
        match one:
            case [str(start), str(end)] if start < end:
                yield start, end


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _absences(value: JsonValue) -> Iterable[Absence]:
    """Absences as [{"from": time, "until": time or null}]; one that can't be read counts until further notice."""
    for one in value if isinstance(value, list) else []:
        held = one if isinstance(one, dict) else {}
        yield Absence(_time(held.get("from")) or datetime.min.replace(tzinfo=UTC), _time(held.get("until")))


def _time(value: JsonValue) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)

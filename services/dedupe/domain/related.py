"""What the CRM holds about people and companies beside their records: opportunities, activity, and who is held back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.contracts.events import RecordChanged
from libs.identity.domains import registrable_domain
from services.dedupe.domain.records import Related, text

CLOSED = ("closed", "won", "lost")
"""First words of the stages of an opportunity that is over."""


def about_record(record_id: str) -> str:
    """The key under which something is kept about a record."""
    return f"record:{record_id}"


def about_domain(domain: str) -> str:
    """The key under which something is kept about a domain and all who have it."""
    return f"domain:{domain}"


def related_of(event: RecordChanged) -> tuple[Related, ...]:
    """The rows of an opportunity, activity or suppression entry; none for other kinds. What is closed, switched off or gone
    is about nobody. Of activity only the newest of each contact and company is kept, under an id of its own."""
    fields: Mapping[str, JsonValue] = event.fields or {}
    gone = event.fields is None or fields.get("deleted") is True
    match event.record.type:
        case "opportunity":
            over = text(fields, "stage").casefold().startswith(CLOSED) or fields.get("closed") is True
            return (Related(event.record.id, "opportunity", () if gone or over else _parties(fields), event.version),)
        case "suppression":
            off = gone or fields.get("active") is False
            reason, until = text(fields, "reason").casefold(), text(fields, "until")
            about = () if off else _held(fields)
            return (Related(event.record.id, "suppression", about, event.version, reason, until=until),)
        case "activity":
            at = utc(text(fields, "at"))
            return tuple(
                Related(f"last:{one}", "activity", (one,), at=at) for one in _parties(fields) if at and not gone
            )
        case _:
            return ()


def is_news(row: Related, held: Related | None) -> bool:
    """True when a row says more than the one that is held: a newer version, or a later activity."""
    return held is None or (row.version, row.at) > (held.version, held.at)


def _parties(fields: Mapping[str, JsonValue]) -> tuple[str, ...]:
    named = (text(fields, name) for name in ("contact_id", "company_id", "contact", "company"))
    return tuple(sorted({about_record(one) for one in named if one}))


def utc(text: str) -> str:
    """A time in UTC, so that texts sort by time; empty when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC).isoformat()


def _held(fields: Mapping[str, JsonValue]) -> tuple[str, ...]:
    domain = registrable_domain(text(fields, "domain"))
    record = text(fields, "record_id")
    return tuple(([about_domain(domain)] if domain else []) + ([about_record(record)] if record else []))


def open_opportunities(ref: RecordRef, related: Iterable[Related]) -> int:
    """How many opportunities of a contact or company are open."""
    return sum(one.kind == "opportunity" and about_record(ref.id) in one.about for one in related)


def last_activity(ref: RecordRef, related: Iterable[Related]) -> str:
    """When somebody last dealt with a contact or company (ISO 8601); empty when nobody did."""
    return max((one.at for one in related if one.kind == "activity" and about_record(ref.id) in one.about), default="")


def held_for(record_id: str, domains: Iterable[str], related: Iterable[Related]) -> frozenset[str]:
    """The reasons of the suppression entries that name a record or one of its domains."""
    keys = {about_record(record_id), *map(about_domain, domains)}
    return frozenset(one.reason for one in related if one.kind == "suppression" and keys & set(one.about))

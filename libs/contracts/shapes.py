"""What the fields of each kind of record may hold. A name that is not listed is a field of the user's own and holds any JSON."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from pydantic import JsonValue

ACTIVITY_KINDS = ("call", "mail", "meeting", "note", "form")
TASK_STATUSES = ("open", "done", "cancelled")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_SPACE = re.compile(r"\s")

Check = Callable[[JsonValue], str]
"""Empty when the value fits, else what it has to be."""


def _text(value: JsonValue) -> str:
    return "" if isinstance(value, str) else "a text"


def _address(value: JsonValue) -> str:
    fits = isinstance(value, str) and _ADDRESS.fullmatch(value.strip())
    return "" if fits else "an e-mail address (name@domain)"


def _host(value: JsonValue) -> str:
    fits = isinstance(value, str) and "." in value and not _SPACE.search(value.strip())
    return "" if fits else "a host name such as acme.com"


def _number(value: JsonValue) -> str:
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "a number"


def _size(value: JsonValue) -> str:
    """A number, or a band such as "51-200"."""
    return "" if not _number(value) or isinstance(value, str) else 'a number or a band such as "51-200"'


def _flag(value: JsonValue) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _texts(value: JsonValue) -> str:
    return "" if isinstance(value, list) and all(isinstance(one, str) for one in value) else "a list of texts"


def _textual(value: JsonValue) -> str:
    return "" if not _text(value) or not _texts(value) else "a text or a list of texts"


def _consent(value: JsonValue) -> str:
    told = "opted_in, opted_out, unknown, true or false"
    return "" if isinstance(value, bool) or value in ("opted_in", "opted_out", "unknown") else told


def _date(value: JsonValue) -> str:
    try:
        fits = isinstance(value, str) and date.fromisoformat(value[:10]) is not None and len(value) >= 10
    except ValueError:
        fits = False
    return "" if fits else "a date as 2026-11-02"


def _time(value: JsonValue) -> str:
    try:
        fits = isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        fits = False
    return "" if fits else "a time as 2026-11-02T10:00:00Z"


def _one_of(*choices: str) -> Check:
    told = f"one of {', '.join(choices)}"
    return lambda value: "" if value in choices else told


def _whole(value: JsonValue) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return "" if fits else "a whole number from 0 up"


def _country(value: JsonValue) -> str:
    return "" if isinstance(value, str) and _COUNTRY.fullmatch(value) else "a country's two letters, such as DE"


def _absences(value: JsonValue) -> str:
    told = 'a list of {"from": time, "until": time or null}, each with its offset, as 2026-11-02T10:00:00+01:00'
    return "" if isinstance(value, list) and all(map(_is_absence, value)) else told


def _is_absence(value: JsonValue) -> bool:
    if not isinstance(value, dict):
        return False
    since, until = _instant(value.get("from")), _instant(value.get("until"))
    return since is not None and (value.get("until") is None or (until is not None and until > since))


def _instant(value: JsonValue) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _end(value: JsonValue) -> str:
    return "" if _instant(value) else "a time with its offset, as 2026-11-02T10:00:00+01:00"


def _shifts(value: JsonValue) -> str:
    fits = isinstance(value, list) and all(map(_is_shift, value))
    return "" if fits else 'a list of shifts, each as ["09:00", "12:30"] with its end after its start'


def _is_shift(value: JsonValue) -> bool:
    if not (isinstance(value, list) and len(value) == 2):
        return False
    return all(isinstance(one, str) and _CLOCK.fullmatch(one) for one in value) and str(value[0]) < str(value[1])


_PERSON: Mapping[str, Check] = {
    "email": _address, "name": _text, "first_name": _text, "last_name": _text, "phone": _text, "title": _text,
    "country": _text, "city": _text, "language": _text,
}  # fmt: skip
_COMPANY: Mapping[str, Check] = {
    "domain": _host, "website": _text, "industry": _text, "employees": _size, "revenue_band": _text,
}  # fmt: skip
SHAPES: Mapping[str, Mapping[str, Check]] = {
    "lead": {
        **_PERSON, **_COMPANY, "company": _text, "seniority": _text, "function": _text, "consent": _consent,
        "do_not_mail": _flag, "use_case": _text, "urgency": _text, "company_fit": _text, "buyer_role": _text,
        "product_interest": _text, "intent": _text, "lifecycle": _text, "message": _text, "product": _text,
        "timeline": _text, "fit_score": _number, "engagement_score": _number, "risk_score": _number,
        "priority": _number, "tech_stack": _textual,
    },
    "contact": {
        **_PERSON, "company": _text, "domain": _host, "do_not_mail": _flag, "lifecycle": _text,
        "last_activity_at": _time,
    },
    "company": {
        "name": _text, "domain": _host, "website": _text, "industry": _text, "employees": _size, "country": _text,
        "city": _text, "phone": _text, "domains": _texts, "aliases": _texts, "partner_ids": _texts, "tier": _text,
        "strategic": _flag, "partner": _flag, "competitor": _flag, "investor": _flag, "regulated": _flag,
    },
    "opportunity": {
        "name": _text, "stage": _text, "amount": _number, "currency": _text, "close_date": _date, "closed": _flag,
        "forecast_category": _text, "next_step": _text,
    },
    "member": {
        "name": _text, "email": _address, "pools": _texts, "languages": _texts, "active": _flag, "weight": _whole,
        "daily_cap": _whole, "weekly_cap": _whole, "open_leads_cap": _whole, "skills": _texts, "calendar": _text,
        "on_hold": _flag, "absences": _absences, "roles": _texts, "slack": _text, "time_zone": _text,
    },
    "task": {
        "title": _text, "kind": _text, "due_at": _time, "status": _one_of(*TASK_STATUSES),
    },
    "activity": {
        "kind": _one_of(*ACTIVITY_KINDS), "at": _time, "subject": _text, "body": _text, "by": _text,
        "direction": _one_of("in", "out"), "duration_seconds": _number,
    },
    "calendar": {
        "calendar": _text, "country": _country, "day": _date, "closed": _flag, "shifts": _shifts, "reason": _text,
        "active": _flag,
    },
    "suppression": {"email": _address, "domain": _host, "record_id": _text, "active": _flag, "until": _end},
}  # fmt: skip
"""By record type and field. Fields that name another record are not here: crm knows what they have to name."""


def misfit(record_type: str, field: str, value: JsonValue) -> str:
    """What a value has to be to stand in a field, in words; empty when it fits, or clears the field."""
    check = SHAPES.get(record_type, {}).get(field)
    wanted = check(value) if check is not None and value is not None else ""
    return f"{record_type}.{field} has to be {wanted}" if wanted else ""

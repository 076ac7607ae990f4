"""A row's cells as the fields of a record, and what is wrong with them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from cli.crm_import.columns import Column
from libs.identity.domains import host_of
from libs.identity.mail import mailbox_key, normalised_email
from libs.policy.suppression import Reason
from services.crm.domain.natural import SAID_ONCE, natural_key

Value = str | int | float | bool | list[str] | list[list[str]]
_TRUE = frozenset(("true", "yes", "y", "1", "x", "ja", "oui", "si", "sì", "sim", "tak"))
_FALSE = frozenset(("false", "no", "n", "0", "", "nein", "non", "não", "nao", "nee", "nie"))
_NUMBER = re.compile(r"[-+]?\d[\d.,' \u00a0\u202f]*")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_LONGEST = 10_000


class Unfit(ValueError):
    """A cell does not hold what its field needs; the message says what that is."""


def email(text: str) -> Value:
    """An e-mail address."""
    found = normalised_email(text)
    if not found:
        raise Unfit("is no e-mail address")
    return found


def domain(text: str) -> Value:
    """A host, also from a URL."""
    found = host_of(text)
    if not found or "." not in found:
        raise Unfit("is no domain")
    return found.removeprefix("www.")


def number(text: str) -> Value:
    """A number in any country's writing: the last of point and comma is the decimal one, if few digits follow it."""
    matched = _NUMBER.search(text)
    if matched is None:
        raise Unfit("is no number")
    digits = re.sub(r"[' \u00a0\u202f]", "", matched.group())
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return int(digits)
    whole, part = re.sub(r"[.,]", "", digits[:last]), digits[last + 1 :]
    if _is_thousands(digits, whole, part, digits[last]):
        return int(whole + part)
    return float(f"{whole or '0'}.{part or '0'}")


def _is_thousands(digits: str, whole: str, part: str, sign: str) -> bool:
    """Whether the last sign parts thousands: three digits follow it, and no other sign stands before it."""
    alone = digits.count(sign) > 1 or not ("." in digits and "," in digits)
    return len(part) == 3 and whole.strip("+-") not in ("", "0") and alone


def size(text: str) -> Value:
    """A number of people, or a band such as 51-200 as it stands."""
    if re.search(r"\d\s*[-–+]|[-–]\s*\d", text):
        return text
    found = number(text)
    if not isinstance(found, int) or re.search(r"[<>~]|\d\s*[km]\b", text, re.IGNORECASE):
        raise Unfit("is no count of people: write it as 1500, or as a band such as 1-10 or 1000+")
    return found


def flag(text: str) -> Value:
    """Yes or no in several languages."""
    said = text.strip().casefold()
    if said not in _TRUE | _FALSE:
        raise Unfit("is neither yes nor no")
    return said in _TRUE


def day(text: str) -> Value:
    """A date: ISO, or 31.12.2026 and 31/12/2026; one that could be month first is refused."""
    text = text.strip()
    matched = _DAY_FIRST.fullmatch(text)
    try:
        if matched is None:
            return datetime.fromisoformat(text).date().isoformat()
        first, second, year = (int(part) for part in matched.groups())
        if "/" in text and first <= 12 and first != second:
            raise Unfit("may be day or month first: write it as 2026-12-31")
        return date(year, second, first).isoformat()
    except ValueError as error:
        raise (error if isinstance(error, Unfit) else Unfit("is no date: write it as 2026-12-31")) from None


def moment(text: str) -> Value:
    """A time; a date alone is its midnight in UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return f"{day(text)}T00:00:00+00:00"
    return at.isoformat() if at.tzinfo else f"{at.isoformat()}+00:00"


def several(text: str) -> Value:
    """A list, separated by commas, semicolons or bars."""
    return [part.strip() for part in re.split(r"[,;|]", text) if part.strip()]


def whole(text: str) -> Value:
    """A whole number from 0 up."""
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise Unfit("is no whole number from 0 up")
    return int(text)


def country(text: str) -> Value:
    """A country's two letters."""
    if not re.fullmatch(r"[A-Za-z]{2}", text.strip()):
        raise Unfit("is no country: write its two letters, such as DE")
    return text.strip().upper()


def shifts(text: str) -> list[list[str]]:
    """Working hours of one day, such as 09:00-12:30; 13:30-17:00."""
    found = [
        re.fullmatch(r"(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)", part.strip())
        for part in text.split(";")
        if part.strip()
    ]
    if not found or None in found:
        raise Unfit("are no hours: write them as 09:00-12:30; 13:30-17:00")
    return [[each.zfill(5) for each in one.groups()] for one in found if one is not None]


def held_for(text: str) -> Value:
    """Why somebody is held back, as the policy names it; a row whose reason nobody knows would hold nobody back."""
    said = re.sub(r"[\s_-]+", "_", text.strip().casefold())
    if said not in set(Reason):
        raise Unfit(f"is no reason to hold somebody back: write one of {', '.join(Reason)}")
    return said


READERS: Mapping[str, Callable[[str], Value]] = {
    "email": email, "domain": domain, "amount": number, "employees": size, "do_not_mail": flag, "close_date": day,
    "due_at": moment, "at": moment, "pools": several, "roles": several, "languages": several, "tech_stack": several,
    "duration_seconds": number, "skills": several, "weight": whole, "daily_cap": whole, "weekly_cap": whole,
    "open_leads_cap": whole, "on_hold": flag, "active": flag, "closed": flag, "day": day, "shifts": shifts, "until": moment,
}  # fmt: skip
"""How a field's text is read; any other one stays as it is."""
_READERS_OF: Mapping[tuple[str, str], Callable[[str], Value]] = {
    ("calendar", "country"): country, ("suppression", "reason"): held_for,
}  # fmt: skip


def _reader(record_type: str, field: str) -> Callable[[str], Value]:
    """How a field's text is read. Whose holiday it is, is a code; other records' countries are what people write."""
    return _READERS_OF.get((record_type, field)) or READERS.get(field, str)


def fields_of(
    columns: Sequence[Column], row: Sequence[str], record_type: str = ""
) -> tuple[dict[str, Value], list[str]]:
    """The fields that the row fills, and what is wrong, each with its column. Empty cells say nothing."""
    fields: dict[str, Value] = {}
    problems = []
    for column in columns:
        text = row[column.place].replace("\x00", "").strip() if column.place < len(row) else ""
        if not column.field or not text or (column.field == "domain" and "." not in text and len(text) < 4):
            continue
        try:
            if len(text) > _LONGEST:
                raise Unfit(f"is longer than {_LONGEST} characters")
            fields[column.field] = _reader(record_type, column.field)(text)
        except Unfit as error:
            problems.append(f"{column.heading}: {text[:60]!r} {error}")
    return fields, problems


def completed(record_type: str, fields: dict[str, Value]) -> dict[str, Value]:
    """The fields with what follows from them: a person's full name from its parts, a company's domain from its site."""
    told = dict(fields)
    if record_type == "contact" and "name" not in told:
        parts = [str(told[name]) for name in ("first_name", "last_name") if name in told]
        told |= {"name": " ".join(parts)} if parts else {}
    if record_type == "company" and "domain" not in told and (site := host_of(str(told.get("website", "")))):
        told["domain"] = site.removeprefix("www.")
    return told


NEEDED: Mapping[str, tuple[str, ...]] = {
    "contact": ("email", "phone", "name", "custom_id"), "company": ("name", "domain"), "opportunity": ("name",),
    "suppression": ("email", "domain", "record_id"), "calendar": ("day",), "member": ("name",), "task": ("title",),
    "activity": ("kind",),
}  # fmt: skip
"""A row needs at least one of these to be a record."""


def lacking(record_type: str, fields: Mapping[str, Value]) -> list[str]:
    """What a row lacks to be a record."""
    needed = NEEDED.get(record_type, ())
    return [] if any(fields.get(name) for name in needed) else [f"it has none of {', '.join(needed)}"]


def own_key(record_type: str, fields: Mapping[str, Value]) -> str:
    """What makes two rows of a file one record; empty when nothing does."""
    if fields.get("custom_id"):
        return f"id:{fields['custom_id']}"
    if record_type in ("contact", "member") and fields.get("email"):
        return f"email:{mailbox_key(str(fields['email']))}"
    if record_type in SAID_ONCE:
        return natural_key(record_type, fields)  # type: ignore[arg-type]
    if record_type == "member" and fields.get("name"):
        return f"name:{str(fields['name']).casefold()}"
    if record_type == "company" and fields.get("domain"):
        return f"domain:{fields['domain']}"
    return ""

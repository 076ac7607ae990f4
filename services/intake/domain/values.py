"""Values as forms hold them, made comparable: e-mail, phone, domain, text, yes or no. None means: not such a value."""

import re
import unicodedata
from datetime import UTC, datetime

from pydantic import JsonValue

from libs.identity.domains import registrable_domain
from libs.identity.mail import normalised_email
from libs.identity.phones import normalised_phone
from libs.identity.words import word_set

MAX_TEXT = 500
MAX_MESSAGE = 20_000
MAX_ADDRESS = 2_000
MAX_QUOTE = 300
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES = word_set("""1 true yes y on ok checked accepted agreed granted opt_in opted_in ja oui si sí sim""")
_NO = word_set("""0 false no n off unchecked declined denied refused opt_out opted_out nein non não nee""")


def text_of(value: JsonValue, limit: int = MAX_TEXT) -> str | None:
    """One line or more of text: trimmed, without control characters, cut to `limit`; lists are joined; None when empty."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        value = ", ".join(filter(None, (text_of(item, limit) for item in value[:100])))
    if not isinstance(value, str):
        return None
    text = _CONTROLS.sub("", unicodedata.normalize("NFC", value[: limit * 4])).strip()
    return text[:limit] or None


def line_of(value: JsonValue) -> str | None:
    """Text on one line, runs of blanks made one."""
    text = text_of(value)
    return " ".join(text.split()) if text else None


def message_of(value: JsonValue) -> str | None:
    """A longer text, cut to 20,000 characters; the whole stays in the submission."""
    text = text_of(value, MAX_MESSAGE)
    return text.replace("\r\n", "\n").replace("\r", "\n") if text else None


def email_of(value: JsonValue) -> str | None:
    """An address in lower case, its domain in ASCII; `Name <address>` and `mailto:` are read too."""
    return normalised_email(text_of(value) or "") or None


def phone_of(value: JsonValue, region: str | None) -> str | None:
    """The number in E.164; a national one needs the region (ISO 3166 alpha-2). None when no such number can exist."""
    return normalised_phone(text_of(value) or "", region) or None


def domain_of(value: JsonValue) -> str | None:
    """The registrable domain of a host, address or URL, in ASCII; None for a bare suffix, an IP address or no host."""
    return registrable_domain(text_of(value, MAX_ADDRESS) or "") or None


_NUMBER = r"\d{1,3}(?:[,. ]\d{3})+|\d{1,9}"
_AT_LEAST = re.compile(rf"({_NUMBER})\s*(?:\+|(?:-|–|—|to|bis|à|a)\s*(?:{_NUMBER}))?(?:\s+[^\W\d]+)?", re.IGNORECASE)


def number_of(value: JsonValue) -> JsonValue:
    """A whole number where the text is one ("1,200") or a range of a size list, of which the lower end is sure ("51-200",
    "1,001 to 5,000 people", "5000+"); else the text as given. The evidence keeps what was said."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**9 else None
    text = line_of(value)
    if text is None:
        return None
    digits = _AT_LEAST.fullmatch(text)
    return int(re.sub(r"\D", "", digits.group(1))) if digits else text[:100]


def yes_or_no(value: JsonValue) -> bool | None:
    """What a check box says; None when it can't be told."""
    if isinstance(value, bool):
        return value
    word = (text_of(value) or "").casefold().replace("-", "_")
    return True if word in _YES else False if word in _NO else None


def time_of(value: JsonValue) -> datetime | None:
    """A time in UTC from ISO 8601 (UTC when no zone is given), or from Unix seconds or milliseconds."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > 10**11 else value
            return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 4 * 10**9 else None
        if isinstance(value, str):
            text = value.strip()
            if text.isdigit():
                return time_of(int(text)) if 9 <= len(text) <= 13 else None
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None

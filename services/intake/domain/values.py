"""Values as forms hold them, made comparable: e-mail, phone, domain, text, yes or no. None means: not such a value."""

import re
import unicodedata
from datetime import UTC, datetime

import phonenumbers
from pydantic import JsonValue

from libs.identity.domains import registrable_domain
from libs.identity.mail import normalised_email
from libs.identity.phones import normalised_phone
from libs.identity.words import word_set

MAX_TEXT = 500
MAX_MESSAGE = 20_000
MAX_ADDRESS = 2_000
MAX_QUOTE = 300
MAX_MARKS = 100
MIN_NATIONAL = 9
"""Digits that a number of no known range has at least, so that what was typed anyhow stays as it was typed."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HOST_LIKE = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}(?:/\S*)?")
_LAST_FIRST = re.compile(r"([^\W\d_][\w'’ -]{0,40}?)\s*,\s*([^\W\d_][\w'’. -]{0,40})")
_SUFFIXES = word_set("inc llc ltd gmbh jr sr ii iii phd md esq mba dds cpa co corp llp")
_LEGAL_FORMS = word_set(
    """ltd limited llc llp inc incorporated corp corporation gmbh mbh plc pty srl sarl sas bv kft doo sro aps oy ооо оао зао
    株式会社 有限会社 ltda kg"""
)
_NOTHING = word_set(
    "n/a na none null nil - -- --- unknown undefined nan keine aucun ninguno ninguna nessuno k.a n.a false true"
) | {""}
_TEMPLATE = re.compile(
    r"\{\{?[^{}]{0,60}\}\}?|\[[\w -]{1,40}\]|%[\w ]{1,40}%|\$\{[^{}]{0,40}\}|<%[^%]{0,40}%>|<[\w ]{1,30}>"
)
_ROLES = word_set("lead user visitor customer admin contact subscriber mr mrs ms dr herr frau")
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
    text = _CONTROLS.sub("", composed(value[: limit * 4])).strip()
    return text[:limit] or None


def composed(text: str) -> str:
    """NFC, unless somebody piled up marks on one letter: sorting those takes quadratic time."""
    if text.isascii():
        return text
    if len(text) > MAX_MARKS:
        marks = 0
        for character in text:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks > MAX_MARKS:
                return text
    return unicodedata.normalize("NFC", text)


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


def person_of(value: JsonValue) -> str | None:
    """A person's name, "Ruiz, Ana" turned round; None for an address, a domain, a number or a whole sentence."""
    text = given_of(value)
    if text is None:
        return None
    if is_company_name(text):
        return None
    turned = _LAST_FIRST.fullmatch(text)
    if turned and turned.group(2).strip(".").casefold() not in _SUFFIXES:
        return f"{turned.group(2)} {turned.group(1)}"
    return text


def given_of(value: JsonValue) -> str | None:
    """A part of a person's name; None for an address, a domain, a number or a whole sentence."""
    text = line_of(value if not isinstance(value, bool) else None)
    if (
        text is None
        or is_placeholder(text)
        or len(text) > 120
        or "@" in text
        or "://" in text
        or not any(map(str.isalpha, text))
    ):
        return None
    return None if _HOST_LIKE.fullmatch(text) else text


def company_of(value: JsonValue) -> str | None:
    """A company's name; None for an e-mail address, a URL, a bare number or yes and no."""
    text = line_of(value if not isinstance(value, bool | int | float) else None)
    if text is None or is_placeholder(text) or "://" in text or ("@" in text and email_of(text)) or text.isdigit():
        return None
    return text


def is_company_name(text: str) -> bool:
    """Whether a name carries a legal form that no person's does: "Kane Industrial Ltd"."""
    words = text.casefold().replace(".", "").split()
    return len(words) > 1 and (words[-1] in _LEGAL_FORMS or words[0] in _LEGAL_FORMS)


def is_placeholder(text: str) -> bool:
    """Whether a text only fills a field ("n/a", "-"), or is a template's own mark ("{{ name }}", "[your-name]")."""
    return text.casefold().strip(" .") in _NOTHING or _TEMPLATE.fullmatch(text) is not None


def title_of(value: JsonValue) -> str | None:
    """A job title; None for what a tool calls its contacts ("lead", "user") and for addresses."""
    text = line_of(value if not isinstance(value, bool) else None)
    return (
        None
        if text is None or is_placeholder(text) or text.casefold() in _ROLES or "@" in text or "://" in text
        else text
    )


def may_be_phone(text: str) -> bool:
    """Whether a text holds enough digits, and not much else, to be somebody's number."""
    digits = sum(character.isdigit() for character in text)
    return 5 <= digits <= 25 and len(text) <= 80


def phone_of(value: JsonValue, region: str | None) -> str | None:
    """The number in E.164; a national one needs the region (ISO 3166 alpha-2). None when no such number can exist."""
    text = text_of(value) or ""
    number = normalised_phone(text, region)
    if not number and text.startswith("00"):
        number = normalised_phone(f"+{text[2:]}")
    elif not number and region is None and text.isascii() and text.isdigit() and 11 <= len(text) <= 15:
        number = normalised_phone(f"+{text}")  # chat tools send E.164 without its plus
    return number or _likely_phone(text, region)


def _likely_phone(text: str, region: str | None) -> str | None:
    """E.164 of a number that its country has not given out, though its length is right: numbers of new or made-up ranges.

    Identity takes none of these for anybody's.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if len(str(number.national_number)) < MIN_NATIONAL or not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


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

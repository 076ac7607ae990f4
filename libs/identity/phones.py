"""Phone numbers in E.164, by the phonenumbers package."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber

_DIGITS = re.compile(r"[0-9]")
MAX_DIGITS = 15
"""Digits of the longest number (ITU-T E.164)."""
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA"}
"""Countries that have numbers, ISO 3166 alpha-2 and XK; Ascension and Tristan da Cunha are parts of SH."""


@lru_cache(maxsize=65_536)
def normalised_phone(text: str, region: str | None = None) -> str:
    """The number in E.164; empty when no such number can exist. `region` (ISO 3166) is for numbers without a country.

    Valid, not only possible: ten zeros have a possible length, and would make one person of all who type them.
    """
    number = parsed_phone(text, region)
    return "" if number is None else e164(number)


def parsed_phone(text: str, region: str | None = None) -> PhoneNumber | None:
    """The number, if it can exist; a national one needs the region (ISO 3166 alpha-2).

    A spreadsheet takes the plus off: digits that begin with the region's calling code, without the zero that national
    numbers begin with there, and that are a number with the plus, are that one (`491701234567` in Germany).
    """
    code = region_code(region or "")
    whole = None if code is None else _with_its_plus(text, code)
    return whole or _valid(text, code)


def _valid(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _with_its_plus(text: str, region: str) -> PhoneNumber | None:
    """The number that the text is with a plus before it, where the region's own numbers would be written otherwise."""
    digits = "".join(_DIGITS.findall(text))
    calling = str(phonenumbers.country_code_for_region(region))
    if "+" in text or not digits.startswith(calling) or phonenumbers.ndd_prefix_for_region(region, True) != "0":
        return None
    return _valid(f"+{digits}", None) if len(digits) <= MAX_DIGITS else None


def e164(number: PhoneNumber) -> str:
    """The number as it is kept."""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def region_code(text: str) -> str | None:
    """The text as a region that has numbers ("de" is DE); None for anything else, "Germany" too: a country is never guessed."""
    code = text.strip().upper()
    return code if code in phonenumbers.SUPPORTED_REGIONS else None

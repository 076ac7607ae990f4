"""Phone numbers in E.164, by the phonenumbers package."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber


@lru_cache(maxsize=65_536)
def normalised_phone(text: str, region: str | None = None) -> str:
    """The number in E.164; empty when no such number can exist. `region` (ISO 3166) is for numbers without a country.

    Valid, not only possible: ten zeros have a possible length, and would make one person of all who type them.
    """
    number = parsed_phone(text, region)
    return "" if number is None else e164(number)


def parsed_phone(text: str, region: str | None = None) -> PhoneNumber | None:
    """The number, if it can exist; a national one needs the region (ISO 3166 alpha-2)."""
    try:
        number = phonenumbers.parse(text, region_code(region or ""))
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def e164(number: PhoneNumber) -> str:
    """The number as it is kept."""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def region_code(text: str) -> str | None:
    """The text as a region that has numbers ("de" is DE); None for anything else, "Germany" too: a country is never guessed."""
    code = text.strip().upper()
    return code if code in phonenumbers.SUPPORTED_REGIONS else None

"""Whether two values of a field mean the same: a spelling is no disagreement."""

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache

from phonenumbers.geodata.locale import LOCALE_DATA
from pydantic import JsonValue

from libs.identity.companies import company_key
from libs.identity.domains import host_of, registrable_domain
from libs.identity.phones import normalised_phone
from libs.policy.admit import is_empty, same_value

NEARLY_SO_MANY = 0.75
"""Counts of people this close (the smaller of the larger) agree: they move by the month, are rounded by whoever tells them,
and what is decided by them goes by bands that are wider."""
_ABBREVIATIONS = {"uk": "GB", "usa": "US", "us of a": "US", "uae": "AE", "great britain": "GB", "the netherlands": "NL"}


def alike(field: str, a: JsonValue, b: JsonValue) -> bool:
    """True when two values of a field mean the same, whatever their case, accents, legal form or spelling."""
    if same_value(a, b):
        return True
    if is_empty(a) or is_empty(b):
        return False
    if field in ("employees", "seats"):
        return _nearly(_count(a), _count(b))
    return _key(field, a) == _key(field, b)


def _key(field: str, value: JsonValue) -> object:
    if isinstance(value, list):
        return frozenset(str(_key(field, one)) for one in value)
    return _KEYS.get(field, _plain)(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    """Small letters without accents; `financial_services` and "Financial Services" are one word."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return " ".join("".join(one if one.isalnum() else " " for one in bare).split())


def country_code(text: str) -> str:
    """The ISO 3166 code of a country by its code or name; a name that nobody knows in small letters."""
    code = text.strip().upper()
    return code if code in LOCALE_DATA else _countries().get(_plain(text), _plain(text))


@cache
def _countries() -> Mapping[str, str]:
    """Names of countries in the languages that the phone numbers' data knows them in, to ISO 3166 codes."""
    names = {
        _plain(name): code
        for code, by_language in LOCALE_DATA.items()
        for name in by_language.values()
        if not name.startswith("*")
    }
    return names | _ABBREVIATIONS


def _company(text: str) -> str:
    return company_key(text) or _plain(text)


def _site(text: str) -> str:
    """A site by its host without `www`: path, scheme and a slash at the end say nothing about whose it is."""
    return host_of(text).removeprefix("www.") or _plain(text)


def _link(text: str) -> str:
    return text.strip().casefold().partition("://")[2].removeprefix("www.").rstrip("/") or _plain(text)


def _domain(text: str) -> str:
    return registrable_domain(text) or _plain(text)


def _phone(text: str) -> str:
    return normalised_phone(text) or _plain(text)


_KEYS: Mapping[str, Callable[[str], str]] = {
    "country": country_code,
    "phone_country": country_code,
    "company": _company,
    "website": _site,
    "domain": _domain,
    "phone": _phone,
    "social_links": _link,
}


def _count(value: JsonValue) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.replace(",", "").replace(" ", "")
        return float(digits) if digits.isdecimal() else None
    return float(value) if isinstance(value, int | float) else None


def _nearly(a: float | None, b: float | None) -> bool:
    if a is None or b is None or a <= 0 or b <= 0:
        return False
    return min(a, b) >= NEARLY_SO_MANY * max(a, b)

"""Names and phones in the one spelling that keys and comparisons use."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from cleanco import basename

_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_WORDS = re.compile(r"[^\W_]+")
_TITLE_WORDS = """
mr mrs ms miss mx dr prof herr frau mme monsieur madame sr sra ing mag dipl phd mba
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_NO_NAME_WORDS = """
na none null test unknown private privat freelance freelancer selfemployed self student no nil
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
_FORMS_IN_FRONT = re.compile(
    r"^(?:ооо|оао|зао|пао|ао|тов|株式会社|有限会社|合同会社|pt\.?|cv\.?)\s*(?=\S{2,})", re.IGNORECASE
)
_JOINED = re.compile(r"\b([a-z])\.(?=[a-z]\b)")


def plain(text: str) -> str:
    """Lower case without accents: compatibility forms folded, `ß` to `ss`, `ø` to `o`."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_SPECIAL)
    return "".join(c for c in folded if not unicodedata.combining(c))


def name_key(*parts: str) -> str:
    """A person's name without order, titles, case or accents; empty when nothing is left."""
    words = [word for word in _WORDS.findall(plain(" ".join(parts))) if word not in _TITLES]
    return " ".join(sorted(words))


@lru_cache(maxsize=65536)
def company_key(name: str) -> str:
    """A company's name without legal form, leading article, punctuation, case or accents; empty for "n/a" and the like.

    Legal forms come from cleanco's table, and a few that stand in front. A name that is only a legal form is kept.
    """
    shown = _FORMS_IN_FRONT.sub("", unicodedata.normalize("NFKC", name).strip())
    shown = basename(shown) or shown
    text = _JOINED.sub(r"\1", plain(shown).replace("&", " and ").replace("'", "").replace("’", ""))
    words = _WORDS.findall(text)
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    key = " ".join(words)
    return "" if key.replace(" ", "") in _NO_NAME else key


def phone_key(text: str, region: str = "") -> str:
    """The number in E.164; empty when it is not a possible number. `region` (ISO 3166) is for numbers without a country."""
    try:
        number = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

"""Names of companies in the one spelling that keys and comparisons use."""

import re
import unicodedata
from functools import lru_cache

from cleanco import basename

from libs.identity.names import words_of
from libs.identity.scripts import plain, without_umlauts
from libs.identity.words import word_set

_NO_NAME = word_set(
    """
    na none null test unknown private privat freelance freelancer selfemployed self student no nil keine nessuna aucune
    ninguna individual privatperson retired rentner unemployed notapplicable mycompany company firma
    """
)
_FORMS_IN_FRONT = re.compile(
    r"^(?:ооо|оао|зао|пао|ао|тов|ип|株式会社|有限会社|合同会社|pt\.?|cv\.?|p\.t\.|c\.v\.)\s*(?=\S{2,})", re.IGNORECASE
)
_IN_BRACKETS = re.compile(r"\s*\((?:pty|haftungsbeschränkt|pvt|private|s|m)\.?\)", re.IGNORECASE)
_FORMS_BEHIND = re.compile(
    r"[\s,]+(?:株式会社|有限会社|ug|e\.?\s?k\.?|s\.?a\.?c\.?|s\.?l\.?u\.?|eood|ood|αε|α\.ε\.|ικε|επε|εε|"
    r"jsc|ojsc|cjsc|pjsc|fze|fzco|fz-?llc|pvt\.?|private|proprietary|co\.?,?\s*ltd\.?|co\.?|joint stock|"
    r"limited liability|оао|ооо|зао|ао|"
    r"p\.?s\.?c\.?|d\.?m\.?c\.?c\.?|nv/sa|sa/nv|b\.?s\.?c\.?)[\s,.]*$",
    re.IGNORECASE,
)
"""Legal forms that cleanco's table lacks or leaves half."""
_JOINED = re.compile(r"\b([a-z])\.(?=[a-z]\b)")
_AND = re.compile(r"\s*[&+＆]\s*|(?<=\w)['’`´](?=\w)")
_ANDS = word_set("and und et y e og och ja i a en ve and")
"""Words for "and" between two others: English, German, French, Spanish, Italian, the Nordic ones, Polish, Czech, Dutch,
Turkish."""
_LETTERS, _MOST_LETTERS = 3, 6
_ARTICLES = word_set("the der die das le la les el los il lo gli")
_FORMERLY = re.compile(
    r"\b(?:formerly(?: known as)?|f/?k/?a|vormals|ehemals|fr[üu]her|anciennement|ex-|antes|antigua(?:mente)?|voorheen|"
    r"tidigare|dawniej|d[./]?b[./]?a\.?|doing business as|trading as|t/a|a/?k/?a|also known as)(?:\b|(?<=-))[:.]?",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[()\[\]|/]|\s[-–—]\s")


@lru_cache(maxsize=65_536)
def company_key(name: str) -> str:
    """A company's name without legal form, leading article, "and", punctuation, script, case or accents; empty for "n/a"
    and the like. Legal forms come from cleanco's table and the two above. A name that is only a legal form is kept.
    """
    shown = _without_forms(unicodedata.normalize("NFKC", name).strip())
    text = _AND.sub(lambda found: " and " if found.group().strip() in "&+＆" else "", plain(shown))
    words = words_of(without_umlauts(_JOINED.sub(r"\1", text)))
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    words = [word for at, word in enumerate(words) if not (0 < at < len(words) - 1 and word in _ANDS)]
    key = " ".join(words)
    return "" if key.replace(" ", "") in _NO_NAME else key


def _without_forms(name: str) -> str:
    """The name without its legal forms, several of them too ("Private Limited", "(Pty) Ltd")."""
    shown = _IN_BRACKETS.sub("", _FORMS_IN_FRONT.sub("", name)).strip()
    for _ in range(3):
        shorter = _FORMS_BEHIND.sub("", basename(shown) or shown).strip()
        if not shorter or shorter == shown:
            break
        shown = shorter
    return shown


@lru_cache(maxsize=65_536)
def company_keys(text: str) -> tuple[str, ...]:
    """Every company that a text names, the whole first: "Luminara (formerly Brightside)" is also either of the two."""
    parts = [part for piece in _FORMERLY.split(text) for part in _BRACKETS.split(piece)]
    keys = [company_key(part) for part in (text, *parts) if part]
    return tuple(dict.fromkeys(key for key in keys if key))


def acronyms_of(name: str) -> frozenset[str]:
    """The first letters of a company's name, with and without its legal form, from three words on: "abm", "nscc". They may
    stand for the name, for a person to say; they never are the name."""
    whole = words_of(plain(name))
    found = (
        "".join(word[0] for word in words) for words in (company_key(name).split(), whole) if len(words) >= _LETTERS
    )
    return frozenset(one for one in found if one.isalpha())


def letters_of(name: str) -> str:
    """The word of a company's name that may be another name's first letters ("ABM Bau": "abm"); empty when it has none."""
    first = company_key(name).partition(" ")[0]
    return first if _LETTERS <= len(first) <= _MOST_LETTERS and first.isalpha() else ""


def is_acronym(ours: str, theirs: str) -> bool:
    """True when one of two names starts with the first letters of the other ("ABM Bau", "Allgemeine Bau München")."""
    return letters_of(ours) in acronyms_of(theirs) or letters_of(theirs) in acronyms_of(ours)

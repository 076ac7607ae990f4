"""Names of companies in the one spelling that keys and comparisons use."""

import re
import unicodedata
from functools import lru_cache

from cleanco import basename

from libs.identity.names import plain, words_of
from libs.identity.words import word_set

_NO_NAME = word_set(
    """
    na none null test unknown private privat freelance freelancer selfemployed self student no nil
    """
)
_FORMS_IN_FRONT = re.compile(
    r"^(?:ооо|оао|зао|пао|ао|тов|株式会社|有限会社|合同会社|pt\.?|cv\.?)\s*(?=\S{2,})", re.IGNORECASE
)
_JOINED = re.compile(r"\b([a-z])\.(?=[a-z]\b)")


@lru_cache(maxsize=65_536)
def company_key(name: str) -> str:
    """A company's name without legal form, leading article, punctuation, case or accents; empty for "n/a" and the like.

    Legal forms come from cleanco's table, and a few that stand in front. A name that is only a legal form is kept.
    """
    shown = _FORMS_IN_FRONT.sub("", unicodedata.normalize("NFKC", name).strip())
    shown = basename(shown) or shown
    text = _JOINED.sub(r"\1", plain(shown).replace("&", " and ").replace("'", "").replace("’", ""))
    words = words_of(text)
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    key = " ".join(words)
    return "" if key.replace(" ", "") in _NO_NAME else key

"""Evidence from a page: a value counts when it stands there word for word, however HTML or JSON spell its characters."""

import html.entities
import re
import unicodedata

LONGEST_VALUE = 300
_BLANK = r"(?:\s|&nbsp;|&#160;|&#xa0;|\\[nrt])+"
_NAMED: dict[str, list[str]] = {}
_SKIPPED = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c\u180e]")


def cleaned(text: str, longest: int = LONGEST_VALUE) -> str:
    """The text with single blanks, without control, invisible and direction characters, and cut at a word."""
    kept = "".join(
        " " if one.isspace() else "" if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn") else one
        for one in text[: longest * 10]
    )
    words = " ".join(kept.split())
    return words if len(words) <= longest else (words[: longest + 1].rpartition(" ")[0] or words[:longest])


def quote_of(page: str, value: str) -> str:
    """The words of the page that say `value`, as they stand there; empty when they don't."""
    if not value:
        return ""
    if value in page:
        return value
    skip = _SKIPPED.pattern + "*" if _SKIPPED.search(page) else ""
    parts = [skip.join(_spelled(one) for one in word) for word in value.split()]
    matched = re.search(_BLANK.join(parts), page)
    return matched.group(0) if matched else ""


def json_quote(page: str, key: str, value: str) -> str:
    """The words that give `value` under a key of JSON: from the key to the end of the value; empty when there are none."""
    parts = ["".join(_spelled(one) for one in word) for word in value.split()]
    matched = re.search(
        rf'"{re.escape(key)}"[^"]{{0,20}}(?:"[^"]{{0,20}}"[^"]{{0,10}}){{0,4}}"?{_BLANK.join(parts)}(?![0-9])"?', page
    )
    return matched.group(0) if matched and value else ""


def _spelled(one: str) -> str:
    """All spellings of a character in HTML and in JSON."""
    if one.isascii() and one.isalnum():
        return one
    code = ord(one)
    ways = [re.escape(one), f"&#{code};", f"(?i:&#x0*{code:x};)"]
    ways += [re.escape(f"&{name}") for name in _names(one)]
    if code > 0xFFFF:
        high, low = 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)
        ways.append(rf"(?i:\\u{high:04x}\\u{low:04x})")
    else:
        ways.append(rf"(?i:\\u{code:04x})")
    if one in '/"':
        ways.append(rf"\\{one}")
    return f"(?:{'|'.join(ways)})"


def _names(one: str) -> list[str]:
    if one not in _NAMED:
        _NAMED[one] = [name for name, value in html.entities.html5.items() if value == one and name.endswith(";")]
    return _NAMED[one]

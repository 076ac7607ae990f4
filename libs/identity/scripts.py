"""Names in Latin letters: Cyrillic and Greek romanised, special letters and spelled-out umlauts in one spelling.

Other scripts stay as they are: a romanisation of Arabic or Hebrew without vowels, or of Chinese and Japanese without a
reading, would make strangers equal and leave one person's two spellings apart.
"""

import re
import unicodedata

_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "ђ": "d", "е": "e", "є": "e", "ж": "zh", "з": "z",
    "ѕ": "dz", "и": "i", "і": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "џ": "dz",
    "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
})  # fmt: skip
"""By letter, after accents are gone. Cyrillic as passports have it (ICAO 9303, close to BGN/PCGN), Greek by ELOT 743."""
_PAIRS = {"кс": "x", "ου": "ou", "αυ": "av", "ευ": "ev", "γγ": "ng", "γκ": "gk", "μπ": "b", "ντ": "nt", "γχ": "nch"}
_PAIR = re.compile("|".join(_PAIRS))
_UMLAUT = re.compile(r"(?<![aeiouq])(?:([ao])e|(u)e|(a)a)")


def plain(text: str) -> str:
    """Lower case in Latin letters without accents: compatibility forms folded, `ß` to `ss`, `ø` to `o`, `Сокол` to `sokol`."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    if folded.isascii():
        return folded
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return _PAIR.sub(lambda found: _PAIRS[found.group()], bare).translate(_LETTERS)


def without_umlauts(text: str) -> str:
    """A `plain` text with spelled-out umlauts as `plain` has the letters: "mueller" as "muller", "soeren" as "soren",
    "haakon" as "hakon". After a vowel or q they stay, where German has no umlaut ("bauer", "jacques")."""
    folded = _UMLAUT.sub(lambda found: found.group(1) or found.group(2) or found.group(3), text)
    return folded if folded == text else without_umlauts(folded)

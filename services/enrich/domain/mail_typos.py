"""Mistyped domains of the large mail providers -> the likely right one."""

from collections.abc import Iterator, Mapping

from libs.identity.free_mail import FREE_MAIL
from libs.identity.words import word_set

PROVIDERS: Mapping[str, str] = {
    "gmail": "com", "googlemail": "com de", "yahoo": "com de fr es it co.uk co.in co.jp com.br com.mx com.ar com.au ca",
    "hotmail": "com de fr es it co.uk nl se be", "outlook": "com de fr es it com.br be dk", "icloud": "com",
    "protonmail": "com ch", "t-online": "de", "freenet": "de", "wanadoo": "fr", "laposte": "net", "libero": "it",
    "comcast": "net", "verizon": "net", "seznam": "cz", "rediffmail": "com",
}  # fmt: skip
"""By label: its suffixes, the usual one first. Short labels (gmx, web, aol, live, msn) are not here: one letter away
        from
them stand thousands of real firms."""
SUFFIX_TYPOS: Mapping[str, str] = {
    **dict.fromkeys(
        ("con", "cmo", "ocm", "cm", "om", "co", "comm", "vom", "xom", "coom", "cpm", "c0m", "cim", "col"), "com"
    ),
    **dict.fromkeys(("som", "dom", "cok", "clm", "ccom", "con.com"), "com"),
    **dict.fromkeys(("co.ul", "co.um", "co.ik", "couk", "cu.uk", "uk"), "co.uk"),
    **dict.fromkeys(("ner", "ney", "nte", "bet", "nett"), "net"),
    **dict.fromkeys(("ded", "dde", "dee", "ed"), "de"),
    **dict.fromkeys(("frr", "ffr", "rf"), "fr"),
}
REAL = word_set("gmails gmailer yahoos wahoo cloud hotmails seznamy verizons laposted")
"""Labels a slip away from a provider's that are names of their own."""
_KEYS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl",
    "l": "k", "m": "n", "n": "bm", "o": "ip0", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb",
    "w": "qe", "x": "zc", "y": "tu", "z": "xa",
}  # fmt: skip
"""Letters beside one another on a keyboard."""
LEAST_FOR_DROPPED = 5


def meant_domain(domain: str) -> str:
    """The provider's domain that was probably meant by a registrable domain; empty when it is not a slip of one's."""
    if domain in FREE_MAIL:
        return ""
    label, _, suffix = domain.partition(".")
    right = label if label in PROVIDERS else _SLIPS.get(label, "")
    if not right:
        return ""
    suffixes = PROVIDERS[right].split()
    fixed = suffix if suffix in suffixes else SUFFIX_TYPOS.get(suffix, "")
    if fixed in suffixes:
        return f"{right}.{fixed}"
    return f"{right}.{suffixes[0]}" if right == "gmail" and label == right else ""


def _slips(label: str) -> Iterator[str]:
    """What one slip makes of a label. Its first letter is never lost or replaced: cloud.com and wahoo.com are firms."""
    for at in range(len(label) - 1):
        yield label[:at] + label[at + 1] + label[at] + label[at + 2 :]
    for at, letter in enumerate(label):
        yield label[: at + 1] + letter + label[at + 1 :]
        if at and len(label) >= LEAST_FOR_DROPPED:
            yield label[:at] + label[at + 1 :]
        for beside in _KEYS.get(letter, "") if at else "":
            yield label[:at] + beside + label[at + 1 :]
            yield label[: at + 1] + beside + label[at + 1 :]


_SLIPS: Mapping[str, str] = {
    slip: label for label in PROVIDERS for slip in _slips(label) if slip not in PROVIDERS and slip not in REAL
}

"""Chinese, Japanese and Korean names in their own script: family name first."""

import re

from services.enrich.domain.name_tables import CHINESE, CHINESE_LONG, HONORIFIC_ENDINGS, JAPANESE, KOREAN_LONG

_EASTERN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3・\s　]+")
_KATAKANA = re.compile(r"[\u30a0-\u30ff・]+")
_KANA = re.compile(r"[\u3040-\u30ff\u3005]")


def eastern_name(text: str) -> tuple[str, str] | None:
    """First and last name as written; both empty when nothing says where to split; None for another script.

    A space or `・` splits; without one, the commonest family names of the three languages do. Foreigners' names in katakana
    keep their own order at a `・`.
    """
    if not _EASTERN.fullmatch(text) or not text.strip():
        return None
    name, honoured = _without_honorific(text.strip())
    words = [word for word in re.split(r"[\s　]+", name) if word]
    if len(words) == 2:
        return words[1], words[0]
    if len(words) != 1:
        return "", ""
    if "・" in name:
        first, _, last = name.partition("・")
        return (first, last.rpartition("・")[2]) if _KATAKANA.fullmatch(name) else (last, first)
    size = _family_size(name)
    if size == len(name) or (honoured and not size):
        return ("", name) if honoured else ("", "")
    return (name[size:], name[:size]) if size else ("", "")


def _family_size(name: str) -> int:
    """How many signs of a name without spaces are its family name; 0 when no table tells."""
    if "\uac00" <= name[0] <= "\ud7a3":
        size = 2 if name.startswith(KOREAN_LONG) and len(name) > 2 else 1
        return size if 2 <= len(name) <= 4 else 0
    japanese = max((len(family) for family in JAPANESE if name.startswith(family)), default=0)
    if japanese and len(name) <= japanese + 3:
        return japanese
    if _KANA.search(name):
        return 0
    if name.startswith(CHINESE_LONG):
        return 2 if len(name) <= 4 else 0
    return 1 if name[0] in CHINESE and 2 <= len(name) <= 3 else 0


def _without_honorific(name: str) -> tuple[str, bool]:
    for ending in HONORIFIC_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending).rstrip(), True
    return name, False

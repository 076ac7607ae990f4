"""Attacks and their neutral twins as submissions, each of a person, a company, a domain and a number of its own.

They share one database: with names in common, dedupe would take one for the other and ask about it, and the two could not be
compared.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

NAMES = ("name", "first_name", "last_name", "company")
FREE = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "hotmail.com", "web.de", "icloud.com", "proton.me")
_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
_DIGITS_KEPT = 5
"""Of a phone number, from its start: country and network stay what they are."""


def submissions(attacks: Iterable[Mapping[str, Any]]) -> dict[bytes, str]:
    """The bodies to post, by their case: the attack's id with `/twin` or `/attack`."""
    posts: dict[bytes, str] = {}
    for attack in attacks:
        twin = attack["twin"]
        for side, item in (("twin", twin), ("attack", {**twin, **attack["attack"]})):
            case = f"{attack['id']}/{side}"
            posts[json.dumps(of_its_own(item, twin, case)).encode()] = case
    return posts


def of_its_own(item: Mapping[str, Any], twin: Mapping[str, Any], case: str) -> dict[str, Any]:
    """The item with what names somebody made unique. What an attack wrote beside its twin's name or company stays there."""
    made = dict(item)
    for field in NAMES:
        if field in item:
            unique = " ".join(_word(f"{case} {field} {at}") for at in range(2 if field == "name" else 1))
            known = str(twin.get(field, ""))
            held = str(item[field])
            made[field] = held.replace(known, unique) if known and known in held else f"{unique} {held}"
    if "email" in item:
        made["email"] = _address(str(item["email"]), case)
    for field in ("website", "domain"):
        if field in item:
            made[field] = f"{_word(case + ' domain')}.example"
    if "phone" in item:
        made["phone"] = _number(str(item["phone"]), case)
    return made


def _address(email: str, case: str) -> str:
    """An address of its own at a domain of its own; free mail stays free mail."""
    name, _, domain = email.partition("@")
    if domain in FREE:
        return f"{name}.{_word(case + ' address')}@{domain}"
    return f"{name}@{_word(case + ' domain')}.{domain.rpartition('.')[2]}"


def _word(of: str) -> str:
    """A name that nobody has and that means nothing: four or five syllables."""
    number = int.from_bytes(hashlib.sha256(of.encode()).digest()[:8], "big")
    letters = []
    for _ in range(4 + number % 2):
        number, consonant = divmod(number, len(_CONSONANTS))
        number, vowel = divmod(number, len(_VOWELS))
        letters.append(_CONSONANTS[consonant] + _VOWELS[vowel])
    return "".join(letters).capitalize()


def _number(phone: str, case: str) -> str:
    """The number with other digits behind its first ones."""
    digits = iter(str(int.from_bytes(hashlib.sha256(case.encode()).digest(), "big")))
    kept = 0
    letters = []
    for letter in phone:
        kept += letter.isdigit()
        letters.append(next(digits) if letter.isdigit() and kept > _DIGITS_KEPT else letter)
    return "".join(letters)

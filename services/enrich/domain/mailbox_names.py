"""The name that an address such as jane.doe@corp.com tells, when its mailbox looks like one person's."""

import re
from collections.abc import Sequence

from libs.identity.domains import domain_kind
from libs.identity.mail import ROLE_MAILBOXES
from services.enrich.domain.name_tables import GIVEN_NAMES, NOT_PERSONS, PARTICLES
from services.enrich.domain.person_names import Split

_PARTS = re.compile(r"[._]+")
_TAIL = re.compile(r"\d{1,4}$")
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûåæøãõ]")
_NAME_PART = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]{2,})?")
LONGEST_PART = 20


def name_in(address: str, known_as: str = "") -> Split:
    """First and last name, capitalised. `known_as`: the one name that the lead gave; it must be one of them then, and makes
    the rest surer. Role mailboxes, initials and a single word tell none."""
    mailbox, _, host = address.rpartition("@")
    if domain_kind(host) == "disposable":
        return Split(why_not="a throw-away mailbox names nobody")
    local = mailbox.split("+", 1)[0].casefold()
    parts = _parts(_TAIL.sub("", local))
    if len(parts) < 2:
        return Split(why_not="the mailbox does not tell two names")
    if any(one in NOT_PERSONS or one in ROLE_MAILBOXES for part in parts for one in (part, *part.split("-"))):
        return Split(why_not="the mailbox is not one person's")
    if any(len(part) == 1 for part in parts):
        return Split(why_not="the mailbox has initials only")
    if not all(_is_name(part) for part in parts):
        return Split(why_not="the mailbox does not read like a name")
    first, last = _ordered(parts)
    if known_as:
        return _told_apart(first, last, known_as)
    confidence = 0.65 if first.partition("-")[0] in GIVEN_NAMES else 0.5
    return Split(_capital(first), _capital(last), confidence if len(parts) == 2 else confidence - 0.05)


def _parts(local: str) -> list[str]:
    parts = [part for part in _PARTS.split(local) if part]
    return parts if len(parts) != 1 or local.count("-") != 1 else [part for part in local.split("-") if part]


def _is_name(part: str) -> bool:
    if part in PARTICLES:
        return True
    return bool(_NAME_PART.fullmatch(part)) and len(part) <= LONGEST_PART and len(_VOWEL.findall(part)) * 8 >= len(part)


def _ordered(parts: Sequence[str]) -> tuple[str, str]:
    """First and last: the other way round when only the last part is a known given name."""
    if len(parts) == 2 and parts[1] in GIVEN_NAMES and parts[0].partition("-")[0] not in GIVEN_NAMES:
        return parts[1], parts[0]
    at = next((at for at in range(1, len(parts) - 1) if parts[at] in PARTICLES), len(parts) - 1)
    return parts[0], " ".join(parts[at:])


def _told_apart(first: str, last: str, known_as: str) -> Split:
    name = known_as.casefold()
    if name == first:
        return Split(known_as, _capital(last), 0.75)
    if name == last:
        return Split(_capital(first), known_as, 0.75)
    return Split(why_not="a single name is not split, and the mailbox has another one")


def _capital(name: str) -> str:
    """`jean-luc` as `Jean-Luc`; particles stay small."""
    return " ".join(word if word in PARTICLES else word.title() for word in name.split())

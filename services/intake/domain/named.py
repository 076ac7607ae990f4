"""Which field each entry of a body is: by its names, and by what stands beside the lead's address."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.identity.words import word_set
from services.intake.domain.aliases import field_of, is_somebody_elses, joined_of, words_of
from services.intake.domain.claims import Claim, is_persons
from services.intake.domain.entries import Entry, is_other_person

_OF_A_PERSON = word_set("email name first_name last_name phone title seniority")


@dataclass(frozen=True, slots=True)
class Named:
    """An entry whose field is known."""

    field: str
    confidence: float
    rank: int
    entry: Entry


def sorted_out(entries: Sequence[Entry], claim: Claim | None) -> tuple[list[Named], list[Entry]]:
    """The entries whose field is known, the surest first, and of what speaks of the person what stands beside the
    address first; then those of no field."""
    named: list[tuple[tuple[float, int, int, int], Named]] = []
    others: list[Entry] = []
    for order, entry in enumerate(entries):
        found = _field(entry, claim)
        if found is None or found.field == "email":
            if found is None or not isinstance(entry.value, str) or "@" not in entry.value:
                others.append(entry)
            continue
        personal = found.field in _OF_A_PERSON
        if personal and _is_anothers(entry, claim):
            continue
        near = _together(entry, claim) if personal and claim else 0
        named.append(((-found.confidence, -near, found.rank, order), found))
    return [one for _, one in sorted(named, key=lambda pair: pair[0])], others


def _field(entry: Entry, claim: Claim | None) -> Named | None:
    """The field by the entry's names; a plain `name` in the very object of the address is the person's."""
    known = [found for name in entry.names if (found := field_of(name)) is not None]
    if known:  # a key's own name counts before a phrase that it makes with its parent's
        best = known[0] if entry.is_answer else next((found for found in known if found[1] == 1), known[0])
        return (
            None
            if _only_looks_so(entry, best[0], claim)
            else Named(best[0], best[1] * entry.confidence, best[2], entry)
        )
    beside = claim is not None and bool(entry.parents) and entry.parents == claim.entry.parents and not entry.is_answer
    if not beside or is_somebody_elses(entry.names[0]) or _of_a_company(entry.parents[-1]):
        return None
    found = field_of(entry.where.rpartition(".")[2])
    return Named(found[0], 0.9 * entry.confidence, found[2], entry) if found and found[0] in _OF_A_PERSON else None


def _only_looks_so(entry: Entry, name: str, claim: Claim | None) -> bool:
    """A login is no person's name, the `title` of a booking nobody's job, and the time of a message no message."""
    own = entry.where.rpartition(".")[2]
    if entry.parents and not entry.is_answer and field_of(own) is None and own.isalpha():
        above = field_of(entry.parents[-1])
        if above is not None and above[0] == name and len(words_of(own)) > 1:
            return True
    if name == "name" and joined_of(entry.names[-1]) == "username":
        return not isinstance(entry.value, str) or " " not in entry.value.strip()
    if name != "title" or entry.is_answer or joined_of(entry.names[-1]) != "title" or claim is None:
        return False
    of_address = claim.entry.parents[-1:]
    holder = claim.entry.parents[:-1] if of_address and (field_of(of_address[0]) or ("",))[0] == "email" else None
    return entry.parents not in (claim.entry.parents, holder)


def _of_a_company(parent: str) -> bool:
    found = field_of(parent)
    return found is not None and found[0] == "company"


def _is_anothers(entry: Entry, claim: Claim | None) -> bool:
    if is_other_person(entry):
        return True
    friend = any(is_persons(entry, name) for name in entry.names)
    return friend and claim is not None and not any(is_persons(claim.entry, name) for name in claim.entry.names)


def _together(entry: Entry, claim: Claim) -> int:
    count = 0
    for one, other in zip(entry.parents, claim.entry.parents, strict=False):
        if one != other:
            break
        count += 1
    return count

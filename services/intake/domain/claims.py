"""Whose address is it? Which of a body's e-mail addresses is the lead's, how sure that is, or that nobody can say."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from libs.identity.mail import mailbox_key, normalised_email
from libs.identity.words import word_set
from services.intake.domain.aliases import field_of, is_container, joined_of, words_of
from services.intake.domain.entries import Entry, is_other_person
from services.intake.domain.shapes import addresses_in

BY_VALUE = 0.85
"""How sure a value is that was found by what it looks like, not by its name."""
BY_TEXT = 0.8
"""How sure an address is that stood in a longer text."""
MAX_CANDIDATES = 200
MAX_TEXT = 20_000
_WORK = word_set("work business company corporate professional primary office geschaftlich professionnel main bestwork")
_PERSONAL = word_set(
    """personal private privat privada privato secondary alternate alternative alternativ other home backup additional
    second billing shipping invoice invoicing rechnung accounting paypal partner previous recovery family
    school ansprechpartner ansprechpartners empfohlen empfehlung parrain filleul recommande recomendado recomendo"""
)
_SENDERS = word_set("from sender fromemail senderemail fromaddress author mailfrom envelopefrom fromfull")
_OTHER_PERSON = word_set(
    """friend friends colleague referral referred referee refer invited guest recommend coworker teammate
    ami amigo freund kollege"""
)
_SENDER = 1.5
_FORWARDED = re.compile(r"\s{0,3}(?:fwd?|wg|tr|rv|vs|vb|pd|i|doorst)\s{0,2}:", re.IGNORECASE)
_MACHINES = word_set(
    """noreply donotreply mailerdaemon postmaster notifications notification bounce bounces wordpress mailer forms
    noreplies nobody abuse"""
)


@dataclass(frozen=True, slots=True)
class Claim:
    """An address and how well its place claims to be the lead's: the higher the rank, the better."""

    address: str
    rank: float
    confidence: float
    entry: Entry
    text: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """Several addresses with the same claim: a person has to say. `places` are where they stand, never what they are."""

    places: tuple[str, ...]


def claimed(entries: Sequence[Entry], own: Collection[str] = ()) -> Claim | Unsure | None:
    """The lead's address. Of equal claims to different mailboxes none is taken, and never one of `own` (addresses, domains)."""
    found: list[Claim] = []
    forwarded = any(_is_forward(entry) for entry in entries)
    for claim in _claims(entries):
        if own and is_ours(claim.address, own):
            continue
        found.append(replace(claim, rank=_SENDER) if forwarded and claim.rank == 0 else claim)
        if len(found) >= MAX_CANDIDATES:
            break
    if not found:
        return None
    best = max(claim.rank for claim in found)
    equals = [claim for claim in found if claim.rank == best]
    if len({mailbox_key(claim.address) for claim in equals}) > 1:
        return Unsure(tuple(dict.fromkeys(claim.entry.where[:120] for claim in equals)))
    return next((claim for claim in equals if "<" in claim.text), equals[0])


def is_persons(entry: Entry, name: str) -> bool:
    """Whether a label or key speaks of a friend, colleague or guest rather than of who filled the form in."""
    return not _OTHER_PERSON.isdisjoint(words_of(name)) and len(words_of(name)) <= 4 and not entry.is_answer


def _is_forward(entry: Entry) -> bool:
    """In forwarded mail the sender's claim is no better than that of whoever is quoted."""
    return (
        joined_of(entry.names[-1]) == "subject" and isinstance(entry.value, str) and bool(_FORWARDED.match(entry.value))
    )


def is_ours(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of these addresses, or at one of these domains or below."""
    host = address.rpartition("@")[2]
    return any(one in (address, host) or host.endswith(f".{one}") for one in (text.lower() for text in own))


def _claims(entries: Sequence[Entry]) -> Iterator[Claim]:
    for entry in entries:
        values = entry.value if isinstance(entry.value, list) else [entry.value]
        texts = [value for value in values[:20] if isinstance(value, str) and "@" in value[:MAX_TEXT]]
        if not texts or is_other_person(entry):
            continue
        rank, confidence = _by_name(entry)
        for text in texts:
            yield from _in_text(entry, text, rank, confidence * entry.confidence)


def _in_text(entry: Entry, text: str, rank: float, confidence: float) -> Iterator[Claim]:
    address = normalised_email(text) if len(text) <= 320 else ""
    if address:
        machine = joined_of(address.partition("@")[0]) in _MACHINES
        yield Claim(address, rank - 3 if machine else rank, confidence, entry, text)
        return
    for piece in addresses_in(text[:MAX_TEXT]):
        if inner := normalised_email(piece):
            sure = rank if rank >= 2 and len(text) <= 320 else 0
            yield Claim(inner, sure, min(confidence, BY_TEXT), entry, piece)


def _by_name(entry: Entry) -> tuple[float, float]:
    """Rank and confidence of an address by what it is called.

    Work 5, plain 4, qualified by a word we do not know 3.9, numbered 3.75, in an object of its own 3.5, reply-to 3,
    personal 2.5, sender 1.5, unnamed 1.
    """
    for name in entry.names:
        found = field_of(name)
        if found is None or found[0] != "email":
            continue
        words = set(words_of(name)) | {joined_of(name)}
        if not words.isdisjoint(_PERSONAL):
            return 2.5, 0.95
        if not words.isdisjoint(_SENDERS):
            return _SENDER, 0.9
        work = not words.isdisjoint(_WORK) and not (entry.parents and joined_of(entry.parents[-1]) == "company")
        if work and not _numbered(name):
            return 5, found[1]
        if not all(
            is_container(parent) or (field_of(parent) or ("",))[0] in ("email", "phone")
            for parent in entry.parents
            if parent[:1] != "\x00"
        ):
            return 3.5, min(found[1], 0.95)
        qualified = found[1] < 1 and _OTHER_PERSON.isdisjoint(words)
        return (3.75 if _numbered(name) else 3.9 if qualified else 4), found[1]
    joined = joined_of(entry.names[0]) if entry.names else ""
    alone = joined_of(entry.names[-1]) if entry.names else ""
    if "replyto" in (joined, alone):
        return 3, 0.95
    if not _SENDERS.isdisjoint((joined, alone)):
        return _SENDER, 0.9
    return 1, BY_VALUE


def _numbered(name: str) -> bool:
    return joined_of(name)[-1:].isdigit() and not joined_of(name)[:1].isdigit()

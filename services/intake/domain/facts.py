"""From named values to the facts of a lead: each with the quote that shows it and the place where it stands."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.identity.domains import company_domain
from libs.identity.mail import mailbox_key
from libs.identity.phones import normalised_phone, region_code
from libs.identity.words import word_set
from services.intake.domain import values
from services.intake.domain.aliases import field_of, words_of
from services.intake.domain.entries import Entry

BY_VALUE = 0.85
"""How sure a value is that was found by what it looks like, not by its name."""
_NOT_THE_LEAD = word_set(
    """to cc bcc owner agent recipient assigned assignee rep host organizer operator seller admin"""
)

Cleaner = Callable[[JsonValue], JsonValue]


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of the lead and what shows it."""

    value: JsonValue
    quote: str
    where: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """An item that is a lead. `submitted_at` is the sender's word, None when it says nothing."""

    fields: Mapping[str, Fact]
    kind: str
    form: str | None = None
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotALead:
    """An item that is kept, and is no lead."""

    disposition: Disposition
    reason: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """An item that a person has to look at. `seen` are the names that were found, never their values."""

    reason: str
    seen: tuple[str, ...] = ()


Item = LeadFacts | NotALead | Unmapped

_CLEANERS: dict[str, Cleaner] = {
    "email": values.email_of,
    "domain": values.domain_of,
    "message": values.message_of,
    "employees": values.number_of,
    "seats": values.number_of,
    "consent": values.yes_or_no,
    "do_not_mail": values.yes_or_no,
    "page": lambda value: values.text_of(value, values.MAX_ADDRESS),
    "referrer": lambda value: values.text_of(value, values.MAX_ADDRESS),
    "website": lambda value: values.text_of(value, values.MAX_ADDRESS),
}


@dataclass(slots=True)
class Draft:
    """Facts being collected; the first good value of a field stays unless `replace` says otherwise."""

    facts: dict[str, Fact] = field(default_factory=dict)
    phone: Fact | None = None
    """The phone as typed: it becomes a number once the country is known."""

    def put(self, name: str, value: JsonValue, where: str, confidence: float = 1.0, replace: bool = False) -> bool:
        """Take the value when it is one of this field; returns whether it was taken."""
        quote = values.text_of(value, values.MAX_QUOTE)
        if quote is None or (name in self.facts and not replace):
            return False
        if name == "phone":
            if self.phone is not None and not replace:
                return False
            self.phone = Fact(values.line_of(value), quote, where, confidence)
            return sum(character.isdigit() for character in quote) >= 5
        cleaned = _CLEANERS.get(name, values.line_of)(value)
        if cleaned is None:
            return False
        self.facts[name] = Fact(cleaned, quote, where, confidence)
        return True

    def assign(self, entries: Sequence[Entry]) -> None:
        """Find the field of each entry by its names, then an e-mail by its look; other answers join the message."""
        named, others = [], []
        for order, entry in enumerate(entries):
            found = next(filter(None, (field_of(name) for name in entry.names)), None)
            if found is None:
                others.append(entry)
            else:
                named.append((found[1], found[2], order, found[0], entry))
        for confidence, _, _, name, entry in sorted(named, key=lambda one: (-one[0], one[1], one[2])):
            if not self.put(name, entry.value, entry.where, confidence) and entry.is_answer:
                others.append(entry)
        if "email" not in self.facts:
            self._email_by_look(entries)
        self._add_answers(others)

    def settle(self, region: str | None) -> None:
        """What follows from the collected facts alone: the phone's number, a full name, UTM values of the page."""
        if self.phone is not None and "phone" not in self.facts:
            country = region_code(str(self.facts["country"].value)) if "country" in self.facts else None
            number = values.phone_of(self.phone.value, country or region)
            typed = self.phone
            if number or sum(character.isdigit() for character in typed.quote) >= 5:
                self.facts["phone"] = Fact(number or typed.value, typed.quote, typed.where, typed.confidence)
        first, last = self.facts.get("first_name"), self.facts.get("last_name")
        if "name" not in self.facts and first and last:
            sure = min(first.confidence, last.confidence)
            self.facts["name"] = Fact(
                f"{first.value} {last.value}", f"{first.quote} {last.quote}", f"{first.where}, {last.where}", sure
            )
        if "page" in self.facts:
            self.put_utm(_query_of(str(self.facts["page"].value)), f"{self.facts['page'].where} (query)")

    def put_utm(self, query: str, where: str) -> None:
        """UTM values of a query string."""
        for name, value in parse_qsl(query[: values.MAX_ADDRESS], max_num_fields=100):
            if name.lower() in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"):
                self.put(name.lower(), value, where)

    def _email_by_look(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            text = entry.value
            looks = isinstance(text, str) and "@" in text and len(text) < 320 and not _is_somebody_else(entry)
            if looks and self.put("email", text, entry.where, BY_VALUE):
                return

    def _add_answers(self, others: Sequence[Entry]) -> None:
        lines, first = [], None
        for entry in others:
            text = values.message_of(entry.value) if entry.is_answer else None
            if text is not None:
                first = first or entry
                lines.append(f"{entry.names[0][:200].strip()}: {text}")
        if first is None:
            return
        held = self.facts.get("message")
        text = "\n".join(([str(held.value)] if held else []) + lines)[: values.MAX_MESSAGE]
        quote = held.quote if held else values.text_of(first.value, values.MAX_QUOTE) or ""
        self.facts["message"] = Fact(
            text, quote, held.where if held else first.where, held.confidence if held else 0.95
        )


def facts_hash(item: LeadFacts) -> str:
    """Hex sha256 of what the submission says. When it was received is no part of it: a redelivery has the same hash."""
    said = {
        "kind": item.kind,
        "form": item.form,
        "submitted_at": item.submitted_at.isoformat() if item.submitted_at else None,
        "fields": {name: fact.value for name, fact in item.fields.items()},
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def identity_key(item: LeadFacts, submission_id: str, shared_domains: Collection[str] = ()) -> str:
    """What orders the events of one lead: its corporate domain, else its mailbox, else its phone, else its submission.

    `shared_domains` are the policy's. Dedupe calls the same domains corporate.
    """
    email, given, phone = (_said(item, name) for name in ("email", "domain", "phone"))
    if domain := company_domain(email or given, shared_domains):
        return f"domain:{domain}"
    if mailbox := mailbox_key(email):
        return f"email:{mailbox}"
    number = normalised_phone(phone)
    return f"phone:{number}" if number else f"submission:{submission_id}"


def _said(item: LeadFacts, name: str) -> str:
    return str(item.fields[name].value) if name in item.fields else ""


def _query_of(page: str) -> str:
    try:
        return urlsplit(page).query
    except ValueError:
        return ""


def _is_somebody_else(entry: Entry) -> bool:
    return any(word in _NOT_THE_LEAD for name in entry.names for word in words_of(name))

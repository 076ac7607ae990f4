"""From named values to the facts of a lead: each with the quote that shows it and the place where it stands."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.identity.domains import company_domain
from libs.identity.mail import mailbox_key
from libs.identity.phones import normalised_phone
from services.intake.domain import values
from services.intake.domain.aliases import field_of, words_of
from services.intake.domain.claims import BY_VALUE, Claim, Unsure, claimed, is_ours
from services.intake.domain.countries import country_code, country_of
from services.intake.domain.entries import Entry, is_aside, is_other_person
from services.intake.domain.named import Named, sorted_out
from services.intake.domain.vocabulary import TERMS

BY_LOOK = 0.7
"""How sure a phone number is that was found by its look alone."""
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_INDEX = re.compile(r"\[\d+\]")
_NUMBER_LIKE = re.compile(r"\+\d[\d ().-]{6,20}\d")

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


@dataclass(frozen=True, slots=True)
class ToFetch:
    """An item that is only an id: what stands behind it is fetched and comes back as a submission of its own.

    `object_id` is the provider's, as its connector in services/fetch understands it; it names no person.
    """

    provider: str
    object_id: str
    reason: str


Item = LeadFacts | NotALead | Unmapped | ToFetch

_CLEANERS: dict[str, Cleaner] = {
    "email": values.email_of,
    "name": values.person_of,
    "first_name": values.given_of,
    "last_name": values.given_of,
    "company": values.company_of,
    "title": values.title_of,
    "country": lambda value: country_of(values.line_of(value) or ""),
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

    own: Collection[str] = ()
    """Addresses and domains that are never a lead's."""
    facts: dict[str, Fact] = field(default_factory=dict)
    phone: Fact | None = None
    """The phone as typed: it becomes a number once the country is known."""
    unsure: tuple[str, ...] = ()
    """Where addresses stand of which nobody can say which one is the lead's; none of them was taken."""
    tracked: Fact | None = None
    """An address of a page with UTM values, under whatever name."""

    def put(self, name: str, value: JsonValue, where: str, confidence: float = 1.0, replace: bool = False) -> bool:
        """Take the value when it is one of this field; returns whether it was taken."""
        quote = values.text_of(value, values.MAX_QUOTE)
        if quote is None or (name in self.facts and not replace):
            return False
        if name == "phone":
            if (self.phone is not None and not replace) or not values.may_be_phone(quote):
                return False
            self.phone = Fact(values.line_of(value), quote, where, confidence)
            return True
        cleaned = _CLEANERS.get(name, values.line_of)(value)
        if cleaned is None or (name == "email" and is_ours(str(cleaned), self.own)):
            return False
        self.facts[name] = Fact(cleaned, quote, where, confidence)
        if name == "email":
            self.unsure = ()
        return True

    def assign(self, entries: Sequence[Entry]) -> None:
        """Find the field of each entry by its names, the e-mail by its claim; answers that are no field join the message."""
        usable = [entry for entry in entries if not is_aside(entry)]
        claim = None if "email" in self.facts else claimed(usable, self.own)
        if isinstance(claim, Unsure):
            self.unsure, claim = claim.places, None
        named, others = sorted_out(usable, claim)
        firms: list[Entry] = []
        for one in named:
            entry = one.entry
            if one.field == "name" and isinstance(entry.value, str) and values.is_company_name(entry.value[:200]):
                firms.append(entry)
            taken = self.put(one.field, entry.value, entry.where, one.confidence) or self._goes_on(one)
            if not taken and entry.is_answer:
                others.append(entry)
        for entry in firms[:1]:
            self.put("company", entry.value, entry.where, BY_VALUE)
        self._take(claim)
        self._by_look(usable)
        self._add_answers(others)

    def settle(self, region: str | None) -> None:
        """What follows from the collected facts alone: the phone's number, a full name, UTM values of the page."""
        if self.phone is not None and "phone" not in self.facts:
            country = country_code(str(self.facts["country"].value)) if "country" in self.facts else None
            typed = self.phone
            number = values.phone_of(typed.value, country or region)
            self.facts["phone"] = Fact(number or typed.value, typed.quote, typed.where, typed.confidence)
        self._join_name()
        if "page" in self.facts:
            self.put_utm(_query_of(str(self.facts["page"].value)), f"{self.facts['page'].where} (query)")
        if self.tracked is not None:
            self.put_utm(_query_of(str(self.tracked.value)), f"{self.tracked.where} (query)", BY_VALUE)

    def put_utm(self, query: str, where: str, confidence: float = 1.0) -> None:
        """UTM values of a query string."""
        few = "&".join(query[: values.MAX_ADDRESS].split("&")[:100])
        for name, value in parse_qsl(few, separator="&"):
            if name.lower() in _UTM:
                self.put(name.lower(), value, where, confidence)

    def _take(self, claim: Claim | None) -> None:
        """The claimed address; one that merely stood in a text only when no phone was named. `Name <address>` names too."""
        if claim is None or (claim.rank <= 0 and self.phone is not None):
            return
        self.facts["email"] = Fact(
            claim.address, claim.text[: values.MAX_QUOTE].strip(), claim.entry.where, claim.confidence
        )
        shown, bracket, _ = claim.text.partition("<")
        if bracket and "name" not in self.facts and "first_name" not in self.facts:
            self.put("name", shown.strip(" \t\"'"), claim.entry.where, BY_VALUE)

    def _goes_on(self, one: Named) -> bool:
        """Messages of one conversation are one message."""
        held = self.facts.get("message")
        text = values.message_of(one.entry.value) if one.field == "message" else None
        if held is None or text is None or "[" not in held.where or _shape(held.where) != _shape(one.entry.where):
            return False
        if text != held.value:
            self.facts["message"] = _with_value(held, f"{held.value}\n{text}"[: values.MAX_MESSAGE])
        return True

    def _join_name(self) -> None:
        """The full name of its parts; and a `name` beside a first name alone is the last one (Nom, Prénom), and so on."""
        first, last, name = (self.facts.get(part) for part in ("first_name", "last_name", "name"))
        if name and first and not last and _lacks(name, first):
            last = self.facts["last_name"] = name
        elif name and last and not first and _lacks(name, last):
            first = self.facts["first_name"] = name
        elif name and not (first and last and _lacks(name, first) and _lacks(name, last)):
            return
        if first and last and not name and str(first.value).casefold().endswith(f" {str(last.value).casefold()}"):
            self.facts["name"] = first  # a whole name in a field for the first one
        elif first and last:
            sure = min(first.confidence, last.confidence)
            self.facts["name"] = Fact(
                f"{first.value} {last.value}", f"{first.quote} {last.quote}", f"{first.where}, {last.where}", sure
            )

    def _by_look(self, entries: Sequence[Entry]) -> None:
        """A phone and UTM values by what they look like, when nothing was named so."""
        numbers = {}
        for entry in entries:
            text = entry.value
            if not isinstance(text, str) or len(text) > values.MAX_ADDRESS:
                continue
            if self.tracked is None and "utm_" in text and text[:4].lower() == "http":
                self.tracked = Fact(text, text[: values.MAX_QUOTE], entry.where, BY_VALUE)
            if self.phone is None and _NUMBER_LIKE.fullmatch(text) and not is_other_person(entry):
                numbers[text] = entry
        if len(numbers) == 1 and self.phone is None and not any(map(field_of, next(iter(numbers.values())).names)):
            text, entry = next(iter(numbers.items()))
            self.put("phone", text, entry.where, BY_LOOK)

    def _add_answers(self, others: Sequence[Entry]) -> None:
        lines, first = [], None
        for entry in others:
            text = values.message_of(entry.value) if entry.is_answer and not _is_terms(entry) else None
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


def _is_terms(entry: Entry) -> bool:
    return isinstance(values.yes_or_no(entry.value), bool) and not TERMS.isdisjoint(words_of(entry.names[0]))


def _lacks(name: Fact, part: Fact) -> bool:
    words = str(name.value).casefold().split()
    return not any(word in words for word in str(part.value).casefold().split())


def _with_value(fact: Fact, value: JsonValue) -> Fact:
    return Fact(value, fact.quote, fact.where, fact.confidence)


def _shape(where: str) -> str:
    return _INDEX.sub("[]", where)


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

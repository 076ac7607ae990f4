"""What classify reads off a lead: the message and a few facts, without name, address or number of the person.

What in them talks to a machine is blanked before anybody reads it, and kept apart as the lead's risks.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import cached_property

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim, Lead
from services.classify.domain.injection import masked

FACTS = (
    "title",
    "seniority",
    "function",
    "company",
    "industry",
    "employees",
    "email_kind",
    "product",
    "language",
    "domain",
    "website",
)
"""Fields that are read beside the message; none of them names the person."""
LONGEST_FACT = 200
SHORTEST_QUOTE = 3
LONGEST_RISK_QUOTE = 240


@dataclass(frozen=True)
class Asked:
    """One question to a classifier."""

    message: str
    """With blanks where it talks to a machine, so that places in it are places in the lead's message."""
    kind: str
    facts: Mapping[str, str]
    taxonomy_hash: str
    risks: Mapping[str, Claim] = field(default_factory=dict)
    """What was blanked, by kind, from every field of the submission. It is shown to people and read by nobody else."""
    submitted_on: date | None = None
    """The day on which it was written (UTC): "next Tuesday" is counted from here."""

    @cached_property
    def input_hash(self) -> str:
        """The same question has the same hash, whichever model answers it."""
        day = None if self.submitted_on is None else self.submitted_on.isoformat()
        asked: list[object] = [self.message, self.kind, sorted(self.facts.items()), self.taxonomy_hash, day]
        if self.risks:
            asked.append([[kind, [proof.quote for proof in risk.evidence]] for kind, risk in self.risks.items()])
        return hashlib.sha256(json.dumps(asked, ensure_ascii=True).encode()).hexdigest()[:32]

    def quoted(self, start: int, end: int) -> Evidence:
        """The words of the message at this place."""
        return Evidence(quote=self.message[start:end], where=f"lead.message[{start}:{end}]")

    def fact(self, name: str) -> Evidence:
        """A fact as evidence."""
        return Evidence(quote=self.facts[name], where=f"lead.{name}")

    def place_of(self, quote: str) -> Evidence | None:
        """Where a quote stands word for word, in the message or in a fact; None when it stands nowhere, is a part of a word,
        or so short that it stands everywhere."""
        whole = next((name for name, text in self.facts.items() if quote == text), None)
        if len(quote.strip()) < SHORTEST_QUOTE and whole is None:
            return None
        at = _place(quote, self.message)
        if at >= 0:
            return self.quoted(at, at + len(quote))
        name = whole or next((name for name, text in self.facts.items() if _place(quote, text) >= 0), None)
        return None if name is None else Evidence(quote=quote, where=f"lead.{name}")


def _place(quote: str, text: str) -> int:
    """Where the quote begins and ends with a word; -1 for nowhere. Letters of scripts without spaces are words."""
    at = text.find(quote)
    while at >= 0:
        end = at + len(quote)
        begins = at == 0 or not (_joins(text[at - 1]) and _joins(text[at]))
        if begins and (end == len(text) or not (_joins(text[end - 1]) and _joins(text[end]))):
            return at
        at = text.find(quote, at + 1)
    return -1


def _joins(letter: str) -> bool:
    return letter.isalnum() and letter < "\u0e00"


def asked_about(lead: Lead, taxonomy_hash: str) -> Asked:
    """The question that this lead is."""
    read: dict[str, str] = {}
    risks: dict[str, list[Evidence]] = {}
    for name in lead.fields:
        told = _shown(lead, name)
        found = masked(told)
        read[name] = found.text if name == "message" or not found.risks else found.text.strip(" .,;:-|/")
        for kind, spans in found.risks.items():
            risks.setdefault(kind, []).extend(_risk(name, told, start, end) for start, end in spans)
    facts = {name: read[name][:LONGEST_FACT] for name in FACTS if read.get(name)}
    claims = {kind: Claim(label=kind, confidence=1.0, evidence=tuple(risks[kind])) for kind in sorted(risks)}
    written = lead.submitted_at.astimezone(UTC).date()
    return Asked(read.get("message", ""), lead.kind, facts, taxonomy_hash, claims, written)


def _risk(name: str, told: str, start: int, end: int) -> Evidence:
    end = min(end, start + LONGEST_RISK_QUOTE)
    return Evidence(quote=told[start:end], where=f"lead.{name}[{start}:{end}]")


def _shown(lead: Lead, name: str) -> str:
    held = lead.fields[name]
    if held.source.kind == "model":
        return ""  # an earlier label of ours is no fact: it would make the same lead another question
    value = held.value
    if isinstance(value, bool):
        return ""
    if name == "message":
        return value if isinstance(value, str) else ""
    return str(value).strip() if isinstance(value, str | int | float) else ""

"""What classify reads off a lead: the message and a few facts, without name, address or number of the person."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from libs.contracts.change import Evidence
from libs.contracts.lead import Lead

FACTS = ("title", "seniority", "function", "company", "industry", "employees", "email_kind", "product", "language")
"""Fields that are read beside the message; none of them names the person."""


@dataclass(frozen=True)
class Asked:
    """One question to a classifier."""

    message: str
    kind: str
    facts: Mapping[str, str]
    taxonomy_hash: str

    @cached_property
    def input_hash(self) -> str:
        """The same question has the same hash, whichever model answers it."""
        asked = [self.message, self.kind, sorted(self.facts.items()), self.taxonomy_hash]
        return hashlib.sha256(json.dumps(asked, ensure_ascii=True).encode()).hexdigest()[:32]

    def quoted(self, start: int, end: int) -> Evidence:
        """The words of the message at this place."""
        return Evidence(quote=self.message[start:end], where=f"lead.message[{start}:{end}]")

    def fact(self, name: str) -> Evidence:
        """A fact as evidence."""
        return Evidence(quote=self.facts[name], where=f"lead.{name}")

    def place_of(self, quote: str) -> Evidence | None:
        """Where a quote stands word for word, in the message or in a fact; None when it stands nowhere."""
        if not quote.strip():
            return None
        at = self.message.find(quote)
        if at >= 0:
            return self.quoted(at, at + len(quote))
        name = next((name for name, text in self.facts.items() if quote in text), None)
        return None if name is None else Evidence(quote=quote, where=f"lead.{name}")


def asked_about(lead: Lead, taxonomy_hash: str) -> Asked:
    """The question that this lead is."""
    facts = {name: shown for name in FACTS if (shown := _shown(lead, name))}
    return Asked(lead.text("message"), lead.kind, facts, taxonomy_hash)


def _shown(lead: Lead, name: str) -> str:
    held = lead.fields.get(name)
    if held is None or held.source.kind == "model":
        return ""  # an earlier label of ours is no fact: it would make the same lead another question
    value = held.value
    if isinstance(value, bool):
        return ""
    return str(value).strip()[:200] if isinstance(value, str | int | float) else ""

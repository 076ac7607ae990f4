"""What a provider says about one field, and the hash of what it was asked."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from libs.contracts.change import Evidence

Inputs = Mapping[str, str]
"""What a provider reads off a lead; empty values are left out."""
VERSIONED = "lead_version"
"""The input of a provider whose knowledge moves: its answer belongs to the lead's version, and the next one asks again."""
State = Literal["found", "nothing", "timed_out", "unavailable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One field's answer: a value with its evidence, or explicitly none, with the reason."""

    field: str
    outcome: State
    value: JsonValue = None
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


def found(field: str, value: JsonValue, confidence: float, quote: str, where: str, reason: str = "") -> Finding:
    """A value that the provider holds on the quoted evidence. Raises ValueError for a value or a quote that is empty."""
    if value is None or value in ("", []) or not quote:
        raise ValueError(f"{field}: a found value needs a value and evidence")
    return Finding(field, "found", value, confidence, (Evidence(quote=quote, where=where),), reason)


def nothing(field: str, reason: str) -> Finding:
    """The provider was asked and has no value for the field."""
    return Finding(field, "nothing", reason=reason)


def input_hash(provider: str, version: str, inputs: Inputs) -> str:
    """Names a question: the same provider version and inputs give the same hash, so its recorded answer can be reused."""
    asked = json.dumps([provider, version, sorted(inputs.items())], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def hash_for_next(provider: str, version: str, inputs: Inputs, lead_version: int) -> str:
    """Names the question that the lead's next version will ask: a late answer belongs to that one, which it lets in. Without
    this a provider that is always late, and asked again by each version, would let versions in for ever."""
    asked = {**inputs, VERSIONED: str(lead_version + 1)} if VERSIONED in inputs else inputs
    return input_hash(provider, version, asked)

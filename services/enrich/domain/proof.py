"""What counts as an answer: a value of the field's shape and of sane size, a confidence, and evidence that holds."""

import json
from dataclasses import replace

from pydantic import JsonValue

from libs.contracts.fields import LEAD_FIELDS
from libs.contracts.lead import Lead
from libs.policy.admit import is_empty
from services.enrich.domain.findings import Finding, nothing

LARGEST_VALUE = 8_000
"""Characters of a value as JSON. A record of Kafka takes 2 MiB in all, and a lead has some 50 answers."""
LARGEST_EVIDENCE = 4_000
"""Characters of all quotes of one answer."""
LONGEST_REASON = 500
NUMBERS = frozenset(("employees", "seats"))
LISTS = frozenset(("tech_stack", "social_links"))
QUOTED = "lead."
"""Where evidence stands that quotes the lead's own words: `lead.<field>`."""


def proven(finding: Finding) -> Finding:
    """The finding, or explicitly nothing when it claims a value that can't be one or that it does not prove."""
    if finding.outcome != "found":
        reason = _told(finding.reason) or "the provider gave no reason"
        return replace(finding, value=None, confidence=0.0, evidence=(), reason=reason)
    flaw = _flaw(finding)
    if flaw:
        return nothing(finding.field, flaw)
    return replace(finding, reason=_told(finding.reason))


def held_against(finding: Finding, lead: Lead) -> Finding:
    """The finding, or nothing when it quotes words of the lead that the lead never said."""
    for evidence in finding.evidence:
        field = evidence.where.removeprefix(QUOTED)
        if evidence.where.startswith(QUOTED) and _plain(evidence.quote) not in _plain(lead.text(field)):
            return nothing(finding.field, f"the quoted words do not stand in the lead's {field}")
    return finding


def _flaw(finding: Finding) -> str:
    if is_empty(finding.value) or not any(one.quote.strip() and one.where.strip() for one in finding.evidence):
        return "the provider gave no value or no evidence"
    if not all(one.quote.strip() and one.where.strip() for one in finding.evidence):
        return "the provider gave evidence without words or place"
    if not 0 < finding.confidence <= 1:  # neither is NaN
        return "the provider gave no usable confidence"
    if sum(len(one.quote) + len(one.where) for one in finding.evidence) > LARGEST_EVIDENCE:
        return "the provider's evidence is larger than an answer may be"
    if not all(_is_text(one.quote) and _is_text(one.where) for one in finding.evidence):
        return "the provider's evidence is no text"
    if not _is_small(finding.value):
        return "the provider's value is larger than a value may be, or no JSON"
    if not _fits(finding.field, finding.value):
        return "the provider's value has not the shape of the field"
    return ""


def _told(reason: str) -> str:
    """The reason as one line that can be written."""
    return " ".join(reason.encode(errors="ignore").decode().replace("\0", "").split())[:LONGEST_REASON]


def _is_small(value: JsonValue) -> bool:
    try:
        written = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return len(written) <= LARGEST_VALUE and "\\u0000" not in written and _is_text(written)


def _is_text(text: str) -> bool:
    """Whether it can be written: half a surrogate pair, which JSON can spell, is no UTF-8, and Postgres takes no NUL."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text


def _fits(field: str, value: JsonValue) -> bool:
    """A lead field has its shape; what is no lead field is recorded as it is."""
    if field not in LEAD_FIELDS:
        return True
    if field in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    if field in LISTS:
        return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
    return isinstance(value, str)


def _plain(text: str) -> str:
    """Without case and with single blanks: providers read a lead's text so."""
    return " ".join(text.casefold().split())

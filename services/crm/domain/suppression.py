"""Why a record is held back: suppression entries that name it, and what it says about itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from libs.policy.suppression import Reason, has_ended
from services.crm.domain.record import RecordState

MATCHED_BY = ("email", "domain", "record_id")
"""The fields by which a suppression entry names records; it needs at least one, and each that it has is enough."""
FLAGS = (Reason.STRATEGIC, Reason.PARTNER, Reason.COMPETITOR, Reason.INVESTOR, Reason.REGULATED)
"""Reasons that are also a field of a company, true or false."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A suppression entry: the reason, and what it matches."""

    reason: str
    email: str = ""
    domain: str = ""
    record_id: str = ""
    until: str = ""
    """When it ends; empty: never."""

    @classmethod
    def of(cls, fields: Mapping[str, JsonValue]) -> "Entry":
        """The entry that a suppression record's fields say; one that is switched off (`active` false) matches nobody."""
        if fields.get("active") is False:
            return cls("")
        email, domain, record_id = (_text(fields, name) for name in MATCHED_BY)
        return cls(_text(fields, "reason"), email, domain, record_id, _until(fields))


def match_keys(state: RecordState) -> tuple[frozenset[str], frozenset[str]]:
    """The e-mails and the domains by which an entry could name the record, in small letters."""
    email, domain = _text(state.fields, "email"), _text(state.fields, "domain")
    domains = {domain, email.rpartition("@")[2]} - {""}
    return frozenset({email} - {""}), frozenset(domains)


def held_for(state: RecordState, entries: Iterable[Entry], now: datetime) -> frozenset[str]:
    """The reasons for which the record is held back now."""
    emails, domains = match_keys(state)
    reasons = {
        entry.reason
        for entry in entries
        if not has_ended(entry.until, now)
        and (entry.email in emails or entry.domain in domains or (entry.record_id and entry.record_id == state.ref.id))
    }
    if state.fields.get("do_not_mail") is True:
        reasons.add(Reason.OPT_OUT.value)
    if _text(state.fields, "consent") == "opted_out" or state.fields.get("consent") is False:
        reasons.add(Reason.OPT_OUT.value)
    if _text(state.fields, "tier") == "strategic":
        reasons.add(Reason.STRATEGIC.value)
    if _text(state.fields, "customer_status") == "customer":
        reasons.add(Reason.CUSTOMER.value)
    reasons.update(flag.value for flag in FLAGS if state.fields.get(flag.value) is True)
    return frozenset(reasons)


def _until(fields: Mapping[str, JsonValue]) -> str:
    value = fields.get("until")
    return value if isinstance(value, str) else ""


def _text(fields: Mapping[str, JsonValue], name: str) -> str:
    value = fields.get(name)
    return value.strip().lower() if isinstance(value, str) else ""

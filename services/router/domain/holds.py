"""Who is held back and why, and the facts of the CRM's records that rules may name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.lead import Lead
from libs.policy.fields import Act
from libs.policy.suppression import LEAST_STRICT_FIRST, Hold, Reason, SuppressionEffect, effect_of
from services.router.domain.known import Known
from services.router.domain.records import Entry, Fields, Opportunity, Party, text

FLAGS = {
    "strategic": Reason.STRATEGIC, "partner": Reason.PARTNER, "competitor": Reason.COMPETITOR,
    "investor": Reason.INVESTOR, "regulated": Reason.REGULATED, "do_not_mail": Reason.OPT_OUT,
}  # fmt: skip
"""Yes/no fields of a contact or company that hold it back."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the CRM says about the lead's contact and company, and for which reasons they are held back."""

    contact: Party | None
    company: Party | None
    open_opportunities: tuple[Opportunity, ...]
    held_for: frozenset[str]

    @property
    def owner(self) -> str | None:
        """The member who looks after the contact, else after the company, else after an open opportunity."""
        named = [party.owner for party in (self.contact, self.company) if party is not None and party.owner]
        named += [one.owner for one in self.open_opportunities if one.owner]
        return named[0] if named else None


def context_of(lead: Lead, known: Known) -> Context:
    """The context of a lead."""
    identity = lead.identity
    contact = known.party(identity.contact.id) if identity else None
    company = known.party(identity.company.id) if identity and identity.company else None
    ids = {party.record_id for party in (contact, company) if party} | _ids(lead)
    deals = sorted(
        (one for one in known.opportunities.values() if one.is_open and ids & {one.contact_id, one.company_id} - {""}),
        key=lambda one: one.record_id,
    )
    matches = match_keys(lead, (contact, company))
    reasons = {one.reason for one in known.entries.values() if _names(one, matches)}
    reasons |= {reason for party in (contact, company) if party for reason in _own_reasons(party.fields or {})}
    reasons |= {Reason.OPEN_OPPORTUNITY.value} if deals else set()
    said_no = lead.value("do_not_mail") is True or lead.value("consent") is False or lead.text("consent") == "opted_out"
    reasons |= {Reason.OPT_OUT.value} if said_no else set()
    return Context(contact, company, tuple(deals), frozenset(reasons))


def match_keys(lead: Lead, parties: Iterable[Party | None]) -> frozenset[str]:
    """E-mails, domains and record ids by which an entry may name the lead, in small letters."""
    emails = [lead.text("email"), *(text(party.fields or {}, "email") for party in parties if party)]
    domains = [lead.text("domain"), *(text(party.fields or {}, "domain") for party in parties if party)]
    hosts = [email.rpartition("@")[2] for email in emails]
    parents = [host.partition(".")[2] for host in hosts if host.count(".") > 1]
    return frozenset(one.strip().casefold() for one in (*emails, *domains, *hosts, *parents, *_ids(lead))) - {""}


def party_matches(party: Party) -> frozenset[str]:
    """What an entry may name a contact or company by, beside its id."""
    fields = party.fields or {}
    email = text(fields, "email").casefold()
    return frozenset((email, email.rpartition("@")[2], text(fields, "domain").casefold())) - {""}


def _ids(lead: Lead) -> set[str]:
    identity = lead.identity
    return {ref.id for ref in (identity.contact, identity.company) if ref} if identity else set()


def _names(entry: Entry, matches: frozenset[str]) -> bool:
    return any(one and one.casefold() in matches for one in (entry.email, entry.domain, entry.names))


def _own_reasons(fields: Fields) -> set[str]:
    reasons = {reason.value for name, reason in FLAGS.items() if fields.get(name) is True}
    if text(fields, "consent") == "opted_out" or fields.get("consent") is False:
        reasons.add(Reason.OPT_OUT.value)
    if text(fields, "customer_status") == "customer":
        reasons.add(Reason.CUSTOMER.value)
    if text(fields, "tier") == "strategic":
        reasons.add(Reason.STRATEGIC.value)
    return reasons


def hold_of(lead: Lead, context: Context, known: Known) -> SuppressionEffect:
    """What becomes of routing this lead: the stricter of the lead's policy and the newest."""
    policies = (known.policy(lead), known.newest_policy(lead))
    effects = [effect_of(policy, context.held_for, Act.ROUTE) for policy in policies]
    return max(effects, key=lambda effect: LEAST_STRICT_FIRST.index(effect.hold))


def record_facts(context: Context, now: datetime) -> dict[str, JsonValue]:
    """The `record.*` facts of rules."""
    contact, company = (party.fields or {} if party else {} for party in (context.contact, context.company))

    def either(name: str) -> str | None:
        return text(contact, name) or text(company, name) or None

    held: list[JsonValue] = [*sorted(context.held_for)]
    return {
        "record.owner": context.owner,
        "record.held_for": held,
        "record.customer_status": either("customer_status"),
        "record.lifecycle": either("lifecycle"),
        "record.tier": text(company, "tier") or None,
        "record.open_opportunities": len(context.open_opportunities),
        "record.days_since_activity": _days_since(either("last_activity_at"), now),
        "record.last_activity_kind": _kind_of(contact) or _kind_of(company),
        "record.owner_note": either("owner_note") or either("note"),
        "record.segment": either("segment"),
        "record.partner": contact.get("partner") is True or company.get("partner") is True,
    }


def _kind_of(fields: Fields) -> str | None:
    """The kind of the newest entry on a record's timeline."""
    entry = fields.get("activity")
    kind = entry.get("kind") if isinstance(entry, dict) else None
    return kind if isinstance(kind, str) and kind else None


def _days_since(at: str | None, now: datetime) -> int | None:
    try:
        held = datetime.fromisoformat(at) if at else None
    except ValueError:
        return None
    return None if held is None or held.tzinfo is None else max(0, (now - held).days)


__all__ = ["Context", "Hold", "context_of", "hold_of", "match_keys", "record_facts"]

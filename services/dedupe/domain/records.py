"""What dedupe keeps of people, companies and leads, and the keys that find them again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.identity.companies import company_key
from libs.identity.domains import registrable_domain
from libs.identity.mail import mailbox_key
from libs.identity.names import name_key
from libs.identity.phones import normalised_phone
from services.dedupe.domain.blocking import company_blocks

Fields = Mapping[str, JsonValue]


def text(fields: Fields | None, name: str) -> str:
    """A text field of a CRM record; empty when it is missing or no text."""
    held = (fields or {}).get(name)
    return held.strip() if isinstance(held, str) else ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person. `emails` and `custom_id` were learned from leads; `fields` is what the CRM said last (None: never)."""

    contact_id: str
    emails: tuple[str, ...] = ()
    custom_id: str = ""
    name: str = ""
    phone: str = ""
    company_id: str | None = None
    company_name: str = ""
    minted_by: str | None = None
    pending: bool = False
    """Minted for a lead whose identity a person has still to decide."""
    shared: bool = False
    """Several people use one of its addresses: a person said so."""
    version: int = 0
    fields: Fields | None = None

    def all_emails(self) -> tuple[str, ...]:
        """Every address that finds this person, sorted."""
        of_crm = mailbox_key(text(self.fields, "email"))
        return tuple(sorted({*self.emails, *((of_crm,) if of_crm else ())}))

    def custom_ids(self) -> tuple[str, ...]:
        """Every id of the sender's that finds this person."""
        held = {self.custom_id, text(self.fields, "custom_id")} - {""}
        return tuple(sorted(held))

    def exact_keys(self) -> tuple[str, ...]:
        """Keys that a record of ours must have alone, unless it is marked as shared: those learned from leads."""
        learned = [f"email:{email}" for email in self.emails]
        return tuple(learned + ([f"custom:{self.custom_id}"] if self.custom_id else []))

    def all_keys(self) -> tuple[str, ...]:
        """All keys: exact ones, and those that only say where to look."""
        exact = [f"email:{email}" for email in self.all_emails()]
        exact += [f"custom:{custom}" for custom in self.custom_ids()]
        return tuple(exact + loose_keys(self.name, self.phone, self.company_name, self.all_emails()))


def loose_keys(name: str, phone: str, company_name: str, emails: tuple[str, ...]) -> list[str]:
    """Blocking keys of a person: the phone, and the name at an e-mail domain or at a company of that name."""
    keys = [f"phone:{number}"] if (number := normalised_phone(phone)) else []
    if who := name_key(name):
        domains = sorted({registrable_domain(email) for email in emails} - {""})
        keys += [f"name@domain:{who}|{domain}" for domain in domains]
        if company := company_key(company_name):
            keys.append(f"name@company:{who}|{company}")
    return keys


@dataclass(frozen=True, slots=True)
class Company:
    """An organisation. `domains` were learned from leads; `fields` is what the CRM said last (None: never)."""

    company_id: str
    domains: tuple[str, ...] = ()
    name: str = ""
    country: str = ""
    minted_by: str | None = None
    version: int = 0
    fields: Fields | None = None

    def all_domains(self) -> tuple[str, ...]:
        """Every registrable domain that finds this company, sorted."""
        of_crm = registrable_domain(text(self.fields, "domain") or text(self.fields, "website"))
        return tuple(sorted({*self.domains, *((of_crm,) if of_crm else ())}))

    def all_keys(self) -> tuple[str, ...]:
        """Its exact keys."""
        return tuple(f"domain:{domain}" for domain in self.all_domains())

    def exact_keys(self) -> tuple[str, ...]:
        """Keys that a company of ours must have alone: domains learned from leads."""
        return tuple(f"domain:{domain}" for domain in self.domains)

    def blocks(self) -> frozenset[int]:
        """Its blocking keys: of its name, and of its domains' names ("acme" of acme.com)."""
        labels = [domain.partition(".")[0] for domain in self.all_domains()]
        return frozenset().union(*(company_blocks(key) for key in (company_key(self.name), *labels)))


class Edit(Model):
    """A value that a person set on a lead: it is put on every later version."""

    field: str
    value: JsonValue
    actor: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class LeadRow:
    """The newest version of a lead that dedupe let out, and whom it is linked to."""

    lead_id: str
    version: int
    facts_hash: str
    contact_id: str
    company_id: str | None
    email: str
    lead: bytes
    """The lead as JSON, before the gate: what a command starts from."""
    edits: tuple[Edit, ...] = ()


PairVerdict = Literal["same", "apart"]


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person decided about a subject (a lead, or an address with a name) and a record. It is never asked again."""

    subject: str
    record_id: str
    verdict: PairVerdict
    actor_id: str
    lead_id: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What one input changes in the index; rows are whole, the newest one counts."""

    lead: LeadRow | None = None
    link_rule: str = ""
    linked_by: str = ""
    contacts: tuple[Contact, ...] = ()
    companies: tuple[Company, ...] = ()
    pairs: tuple[Pair, ...] = ()
    gone: tuple[str, ...] = ()
    """Ids of contacts and companies that the CRM deleted."""

"""What dedupe keeps of people, companies and leads, and the keys that find them again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.identity.companies import acronyms_of, company_key, letters_of
from libs.identity.domains import registrable_domain
from libs.identity.mail import mailbox_key
from libs.identity.names import name_block, short_block
from libs.identity.phones import normalised_phone
from services.dedupe.domain.blocking import company_blocks

Fields = Mapping[str, JsonValue]
_LISTED = re.compile(r"[,;\s]+")


def text(fields: Fields | None, name: str) -> str:
    """A text field of a CRM record; empty when it is missing or no text."""
    held = (fields or {}).get(name)
    return held.strip() if isinstance(held, str) else ""


def texts(fields: Fields | None, name: str) -> tuple[str, ...]:
    """A field of a CRM record that holds several texts: a list, or one text with commas or semicolons."""
    held = (fields or {}).get(name)
    parts = held if isinstance(held, list) else _LISTED.split(held) if isinstance(held, str) else []
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())


def listed(fields: Fields | None, name: str) -> tuple[str, ...]:
    """A field of a CRM record that holds names: a list, or one text with semicolons."""
    held = (fields or {}).get(name)
    parts = held if isinstance(held, list) else held.split(";") if isinstance(held, str) else []
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())


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
    learned: tuple[str, ...] = ()
    """What linked leads taught it, by lead: it goes when the link is cut (`lessons.py`)."""
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
    """Blocking keys of a person: the phone, and the name (short forms as the full one) at an e-mail domain or a company; at a
    domain also the family name with the first letter of the given one."""
    keys = [f"phone:{number}"] if (number := normalised_phone(phone)) else []
    if who := name_block(name):
        domains = sorted({registrable_domain(email) for email in emails} - {""})
        whos = [who, f"short {short}"] if (short := short_block(name)) else [who]
        keys += [f"name@domain:{one}|{domain}" for domain in domains for one in whos]
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
        """Every registrable domain that is this company's own, sorted: learned, of its record, and known aliases."""
        of_crm = text(self.fields, "domain") or text(self.fields, "website")
        named = {
            registrable_domain(one) for one in (of_crm, *texts(self.fields, "domains"), *texts(self.fields, "aliases"))
        }
        return tuple(sorted({*self.domains, *named} - {""}))

    def redirects(self) -> tuple[str, ...]:
        """Domains that its site was seen to lead to: its new name, or a buyer's. Only a person can say."""
        seen = {registrable_domain(one) for one in texts(self.fields, "redirects_to")} - {""}
        return tuple(sorted(seen - set(self.all_domains())))

    def parents(self) -> tuple[str, ...]:
        """The ids of the companies that it belongs to, by its record."""
        return tuple(sorted({text(self.fields, "parent_id"), text(self.fields, "parent")} - {""}))

    def all_names(self) -> tuple[str, ...]:
        """Its name, and names that its record says it had or goes by."""
        other = (one for name in ("former_names", "other_names") for one in listed(self.fields, name))
        return tuple(dict.fromkeys(one for one in (self.name, *other) if one))

    def all_keys(self) -> tuple[str, ...]:
        """Its exact keys, where a redirect of its site leads, and what it is called."""
        called = dict.fromkeys(f"called:{key}" for name in self.all_names() if (key := company_key(name)))
        redirects = (f"redirect:{one}" for one in self.redirects())
        return (*(f"domain:{one}" for one in self.all_domains()), *redirects, *called)

    def exact_keys(self) -> tuple[str, ...]:
        """Keys that a company of ours must have alone: domains learned from leads."""
        return tuple(f"domain:{domain}" for domain in self.domains)

    def blocks(self) -> frozenset[int]:
        """Its blocking keys: of its names, their first letters, and its domains' names ("acme" of acme.com)."""
        labels = [label_key(domain) for domain in self.all_domains()]
        return frozenset().union(*map(name_blocks, self.all_names()), *map(company_blocks, labels))


def name_blocks(name: str) -> frozenset[int]:
    """The blocking keys of a company's name, so that first letters and the long name meet too."""
    keys = (company_key(name), letters_of(name), *acronyms_of(name))
    return frozenset().union(*(company_blocks(key) for key in keys))


def label_key(domain: str) -> str:
    """A domain's own name as a `company_key`: "baeckerei-huber.at" is "backerei huber"."""
    return company_key(domain.partition(".")[0].replace("-", " "))


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


RelatedKind = Literal["opportunity", "activity", "suppression"]


@dataclass(frozen=True, slots=True)
class Related:
    """Something the CRM holds about people or companies beside their records. `about`: `record:ID` or `domain:NAME`."""

    record_id: str
    kind: RelatedKind
    about: tuple[str, ...] = ()
    version: int = 0
    reason: str = ""
    """Why a suppression entry holds back."""
    at: str = ""
    """When an activity was, ISO 8601."""
    until: str = ""
    """When a suppression entry ends, as the CRM says it; empty: never."""


PairVerdict = Literal["same", "apart"]


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person decided about a subject (a lead, or an address with a name) and a record: not asked again, unless
    something new speaks for the pair."""

    subject: str
    record_id: str
    verdict: PairVerdict
    actor_id: str
    lead_id: str
    evidence: str = ""
    """What spoke for the pair when it was kept apart (`evidence.py`): only something else brings it back. Empty: nothing does."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What one input changes in the index; rows are whole, the newest one counts."""

    lead: LeadRow | None = None
    link_rule: str = ""
    linked_by: str = ""
    contacts: tuple[Contact, ...] = ()
    companies: tuple[Company, ...] = ()
    pairs: tuple[Pair, ...] = ()
    unpaired: tuple[tuple[str, str], ...] = ()
    """(subject, record id) of what people said of a pair and took back."""
    related: tuple[Related, ...] = ()
    gone: tuple[str, ...] = ()
    """Ids of contacts and companies that the CRM deleted."""

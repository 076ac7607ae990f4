"""What a lead says about who it is from, in the spelling of the keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.lead import Lead
from libs.identity.companies import acronyms_of, company_key, company_keys, letters_of
from libs.identity.domains import company_domain, site_domain
from libs.identity.mail import TELLS_COMPANY, EmailKind, email_kind, mailbox_key
from libs.identity.names import name_key
from libs.identity.phones import normalised_phone, region_code
from libs.policy.matching import Matching
from services.dedupe.domain.blocking import company_blocks
from services.dedupe.domain.known import CompanyAsked, Wanted
from services.dedupe.domain.records import label_key, loose_keys, name_blocks

_TELLS_NONE = ("free", "disposable", "shared")


@dataclass(frozen=True, slots=True)
class Person:
    """One lead's identity facts. `domain` is set only when the e-mail's domain is corporate: only then it tells a company."""

    lead_id: str
    contact_id: str
    """The id that a new contact of this lead gets."""
    company_id: str
    email: str
    kind: EmailKind | None
    custom_id: str
    name: str
    phone: str
    company: str
    country: str
    domain: str
    typed_domain: str
    """A domain that was typed in: evidence for a person, never proof."""
    trust: float = 1.0
    """How far the policy trusts the lead's source, 0-1: who may send an id that counts alone."""

    @property
    def name_key(self) -> str:
        """The name's key."""
        return name_key(self.name)

    @property
    def company_key(self) -> str:
        """The company name's key."""
        return company_key(self.company)

    def company_keys(self) -> tuple[str, ...]:
        """The keys of all companies that the text names: "Luminara (formerly Brightside)" names two."""
        return company_keys(self.company)

    def exact_keys(self) -> tuple[str, ...]:
        """The keys that name one person: e-mail and the sender's id."""
        keys = [f"email:{self.email}"] if self.email else []
        return tuple(keys + ([f"custom:{self.custom_id}"] if self.custom_id else []))

    def loose_keys(self) -> tuple[str, ...]:
        """The keys that only say where to look; where no company is named, the domain's own name stands for it."""
        named = self.company or label_key(self.domain)
        return tuple(loose_keys(self.name, self.phone, named, (f"x@{self.domain}",) if self.domain else ()))

    def blocks(self) -> frozenset[int]:
        """Blocking keys of the company: of the names typed, their first letters, and the domain's own name."""
        named = (self.company, *self.company_keys())
        return frozenset().union(*map(name_blocks, named), company_blocks(label_key(self.domain)))

    def subjects(self) -> tuple[str, ...]:
        """Under what decisions about this person are kept: the lead, and the address (or number) with the name."""
        address = self.email or self.custom_id or self.phone
        return (f"lead:{self.lead_id}", *((f"person:{address}|{self.name_key}",) if address else ()))

    def wanted(self, by_domain: bool = False, review_at: float = 0.0) -> Wanted:
        """What must be known to decide about this lead; `by_domain`: a domain of one company answers for its name;
        `review_at`: the similarity (0-1) from which names count as similar, so that no others need be read."""
        skip = f"domain:{self.domain}" if by_domain and self.domain else ""
        domains = {f"domain:{domain}" for domain in (self.domain, self.typed_domain) if domain}
        domains |= {f"redirect:{self.domain}"} if self.domain else set()
        domains |= {f"called:{key}" for key in self.company_keys()} if self.domain else set()
        blocks = self.blocks()
        return Wanted(
            leads=frozenset((self.lead_id,)),
            keys=frozenset((*self.exact_keys(), *self.loose_keys(), *domains)),
            blocks=frozenset((skip, block) for block in blocks),
            subjects=frozenset(self.subjects()),
            records=frozenset((self.contact_id, self.company_id, *((self.custom_id,) if self.custom_id else ()))),
            companies=frozenset((self._asked(blocks, review_at),)),
        )

    def _asked(self, blocks: frozenset[int], review_at: float) -> CompanyAsked:
        label = label_key(self.domain).replace(" ", "")
        letters, acronyms = letters_of(self.company), acronyms_of(self.company)
        return CompanyAsked(blocks, self.company_keys(), letters, acronyms, label, review_at)


def lead_person(lead: Lead, edits: Mapping[str, JsonValue], matching: Matching) -> Person:
    """The identity facts of a lead by the policy's rules, with people's edits in place."""
    return person_of(lead, edits, frozenset(matching.shared_domains), matching.domain_aliases)


def person_of(
    lead: Lead,
    edits: Mapping[str, JsonValue],
    shared_domains: frozenset[str] = frozenset(),
    aliases: Mapping[str, str] | None = None,
) -> Person:
    """The identity facts of a lead, with people's edits in place; `aliases`: domains that the policy reads as another."""

    def value(field: str) -> str:
        held = edits[field] if field in edits else lead.value(field)
        return held.strip() if isinstance(held, str) else ""

    email = mailbox_key(value("email"))
    kind = _stricter(email_kind(email, shared_domains), value("email_kind") if "email" not in edits else "")
    domain = company_domain(email, shared_domains) if kind in TELLS_COMPANY else ""
    typed = site_domain(value("domain") or value("website"), shared_domains)
    known_as = aliases or {}
    submission, item = lead.submission.submission_id, lead.submission.item
    return Person(
        lead_id=lead.lead_id,
        contact_id=ids.record_id("contact", submission, item),
        company_id=ids.record_id("company", submission, item),
        email=email,
        kind=kind,
        custom_id=value("custom_id"),
        name=value("name") or f"{value('first_name')} {value('last_name')}".strip(),
        phone=normalised_phone(value("phone"), region_code(value("phone_country")) or value("country")),
        company=value("company"),
        country=value("country").casefold(),
        domain=known_as.get(domain, domain),
        typed_domain=known_as.get(typed, typed),
        trust=1.0 if "custom_id" in edits else lead.source.trust,
    )


def _stricter(ours: EmailKind | None, told: str) -> EmailKind | None:
    """A mailbox that either the lead's `email_kind` or we hold for free, disposable or shared tells no company."""
    if ours in _TELLS_NONE or told not in (*_TELLS_NONE, "role"):
        return ours
    return told  # type: ignore[return-value]

"""E-mail: what the address itself says: kind of mailbox, registrable domain, and the country of a national suffix."""

from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.identity.domains import domain_kind, registrable_domain
from libs.identity.mail import TELLS_COMPANY, email_kind, normalised_email
from libs.policy.policy import Policy
from services.enrich.domain.country_suffixes import COUNTRY_SUFFIXES
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.mail_typos import meant_domain

_FIELDS = ("email_kind", "domain", "country")
_WHERE = "lead.email"


class EmailDomain:
    """Reads the address; asks nobody. A free, throw-away, role or shared mailbox says nothing about an employer,
    except that a role mailbox still stands at its company's domain. A mistyped domain of a mail provider is told, and the
    address stays as it is."""

    name = "email"
    version = "3"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """The address as given, and whether the policy calls its domain shared."""
        email = lead.text("email").strip()
        if not email:
            return {}
        host = normalised_email(email).rpartition("@")[2] if policy.matching.shared_domains else ""
        shared = host and domain_kind(host, policy.matching.shared_domains) == "shared"
        return {"email": email, "shared": "yes"} if shared else {"email": email}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """Kind, domain and country of every address."""
        return [_findings(question["email"], "shared" in question) for question in questions]


def _findings(text: str, shared: bool) -> list[Finding]:
    address = normalised_email(text)
    if not address:
        return [nothing(field, "the text is no e-mail address") for field in _FIELDS]
    kind = "shared" if shared else email_kind(address)
    named = registrable_domain(address.rpartition("@")[2])
    if kind != "shared" and (meant := meant_domain(named)):
        return _mistyped(
            named, meant, text
        )  # also where throw-away mailboxes wait for the mistyped: the lead meant none
    domain = named if kind in TELLS_COMPANY else ""
    answers = [found("email_kind", kind, 0.98, text, _WHERE)]
    if not domain:
        return answers + [nothing(field, f"a {kind} mailbox says nothing about a company") for field in _FIELDS[1:]]
    answers.append(found("domain", domain, 0.95, text, _WHERE))
    return [*answers, _country(domain, text)]


def _mistyped(domain: str, meant: str, text: str) -> list[Finding]:
    slip = f"{domain} is probably {meant}, mistyped"
    kind = found("email_kind", "free", 0.7, text, _WHERE, f"{slip}; the address is kept as given")
    return [
        kind,
        *(nothing(field, f"{slip}: a mail provider's domain says nothing about a company") for field in _FIELDS[1:]),
    ]


def _country(domain: str, text: str) -> Finding:
    suffix = domain.rpartition(".")[2]
    if suffix not in COUNTRY_SUFFIXES:
        return nothing("country", f".{suffix} belongs to no single country")
    country = "GB" if suffix == "uk" else suffix.upper()
    return found("country", country, 0.75, text, _WHERE, f"national suffix .{suffix}")

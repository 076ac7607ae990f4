"""E-mail: what the address itself says: kind of mailbox, registrable domain, and the country of a national suffix."""

from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.identity.domains import company_domain
from libs.identity.mail import email_kind, normalised_email
from libs.policy.policy import Policy
from services.enrich.domain.country_suffixes import COUNTRY_SUFFIXES
from services.enrich.domain.findings import Finding, Inputs, found, nothing

_FIELDS = ("email_kind", "domain", "country")
_WHERE = "lead.email"


class EmailDomain:
    """Reads the address; asks nobody. A free, throw-away, role or shared mailbox says nothing about an employer,
    except that a role mailbox still stands at its company's domain."""

    name = "email"
    version = "2"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """The address, and whether the policy calls its domain shared."""
        email = lead.text("email").strip().lower()
        shared = email_kind(email, policy.matching.shared_domains) == "shared"
        return {"email": email, **({"shared": "yes"} if shared else {})} if email else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """Kind, domain and country of every address."""
        return [_findings(question["email"], "shared" in question) for question in questions]


def _findings(email: str, shared: bool) -> list[Finding]:
    kind = "shared" if shared else email_kind(email)
    domain = "" if shared else company_domain(normalised_email(email))
    if kind is None:
        return [nothing(field, "the text is no e-mail address") for field in _FIELDS]
    answers = [found("email_kind", kind, 0.98, email, _WHERE)]
    if not domain:
        return answers + [nothing(field, f"a {kind} mailbox says nothing about a company") for field in _FIELDS[1:]]
    answers.append(found("domain", domain, 0.95, email, _WHERE))
    return [*answers, _country(domain, email)]


def _country(domain: str, email: str) -> Finding:
    suffix = domain.rpartition(".")[2]
    if suffix not in COUNTRY_SUFFIXES:
        return nothing("country", f".{suffix} belongs to no single country")
    country = "GB" if suffix == "uk" else suffix.upper()
    return found("country", country, 0.75, email, _WHERE, f"national suffix .{suffix}")

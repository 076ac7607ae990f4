"""E-mail: what the address itself says: kind of mailbox, registrable domain, and the country of a national suffix."""

from collections.abc import Sequence
from functools import lru_cache

from disposable_email_domains import blocklist
from tldextract import TLDExtract

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.mail_domains import COUNTRY_SUFFIXES, FREE_MAIL, ROLE_LOCAL_PARTS

_EXTRACT = TLDExtract(suffix_list_urls=(), cache_dir=None)
_FIELDS = ("email_kind", "domain", "country")
_WHERE = "lead.email"


class EmailDomain:
    """Reads the address; asks nobody. A free, throw-away, role or shared mailbox says nothing about an employer,
    except that a role mailbox still stands at its company's domain."""

    name = "email"
    version = "1"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """The address, and whether the policy calls its domain shared."""
        email = lead.text("email").strip().casefold()
        shared = (
            registrable(email) in policy.matching.shared_domains
            or email.rpartition("@")[2] in policy.matching.shared_domains
        )
        return {"email": email, **({"shared": "yes"} if shared else {})} if email else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """Kind, domain and country of every address."""
        return [_findings(question["email"], "shared" in question) for question in questions]


@lru_cache(maxsize=65_536)
def registrable(email: str) -> str:
    """The registrable domain behind an address by the bundled suffix list; empty when there is none."""
    return _EXTRACT(email.rpartition("@")[2]).top_domain_under_public_suffix


def kind_of(email: str, shared: bool) -> str:
    """free, disposable, shared, role or corporate; empty when the text is no address at a registrable domain."""
    local, _, host = email.rpartition("@")
    domain = registrable(email)
    if not local or not domain:
        return ""
    if host in FREE_MAIL or domain in FREE_MAIL:
        return "free"
    if host in blocklist or domain in blocklist:
        return "disposable"
    if shared:
        return "shared"
    return "role" if local.split("+", 1)[0] in ROLE_LOCAL_PARTS else "corporate"


def _findings(email: str, shared: bool) -> list[Finding]:
    kind, domain = kind_of(email, shared), registrable(email)
    if not kind:
        return [nothing(field, "the address has no registrable domain") for field in _FIELDS]
    answers = [found("email_kind", kind, 0.98, email, _WHERE)]
    if kind not in ("corporate", "role"):
        return answers + [nothing(field, f"a {kind} mailbox says nothing about a company") for field in _FIELDS[1:]]
    answers.append(found("domain", domain, 0.95, domain, _WHERE))
    return [*answers, _country(domain)]


def _country(domain: str) -> Finding:
    suffix = domain.rpartition(".")[2]
    if suffix not in COUNTRY_SUFFIXES:
        return nothing("country", f".{suffix} belongs to no single country")
    country = "GB" if suffix == "uk" else suffix.upper()
    return found("country", country, 0.75, domain, _WHERE, f"national suffix .{suffix}")

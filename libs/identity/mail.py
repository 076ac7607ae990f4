"""E-mail addresses: one spelling to keep, one to compare by, and what an address says about its owner."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from email_validator import EmailNotValidError, validate_email

from libs.identity.domains import domain_kind
from libs.identity.words import word_set

EmailKind = Literal["corporate", "free", "disposable", "role", "shared"]

ROLE_MAILBOXES = word_set(
    """
    abuse accounting accounts admin administration all bestellung billing buchhaltung careers commercial compras
    contact contacto contatto dev donotreply einkauf enquiries enquiry everyone feedback finance general hallo hello
    help helpdesk hi hola hostmaster hr info inquiries inquiry invoice invoices it jobs karriere kontakt legal mail
    marketing media news newsletter no-reply noreply office ops order orders partner partners postmaster press
    presse privacy procurement purchasing reception rechnung recruiting root sales security service services staff
    support team vendas ventas verkauf vertrieb webmaster
    """
)
"""Local parts that stand for a job and not for one person; collected by hand (English, German, Spanish, Portuguese, Italian)."""

TELLS_COMPANY: frozenset[EmailKind | None] = frozenset(("corporate", "role"))
"""Kinds whose domain is the employer's; a role mailbox stands at its company's domain."""

_MAX_TEXT = 1_000
_ANGLE = re.compile(r"<([^<>]{3,320})>\s*\Z")
_MAILTO = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_TAGS_IGNORED = word_set(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com icloud.com me.com mac.com fastmail.com fastmail.fm
    proton.me protonmail.com pm.me
    """
)
_SAME_MAILBOX = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}


@lru_cache(maxsize=65_536)
def normalised_email(text: str) -> str:
    """The address as it is kept: lower case, its domain in ASCII; empty when the text is no address.

    `Name <address>` and `mailto:` are read too. Tags and dots stay: mail can be sent to it.
    """
    if "@" not in text or len(text) > _MAX_TEXT:
        return ""
    angled = _ANGLE.search(text)
    address = (angled.group(1) if angled else text).strip()
    if (link := _MAILTO.fullmatch(address)) is not None:
        address = link.group(1)
    try:
        found = validate_email(address.strip(".,;<>\"' ").lower(), check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError, ValueError):
        return ""
    return f"{found.ascii_local_part or found.local_part}@{found.ascii_domain.lower()}"


def mailbox_key(text: str) -> str:
    """The one spelling of a mailbox, to compare by; empty when the text is no address.

    Plus tags are dropped only at providers that ignore them, dots only at Gmail, and a provider's domains are one:
    elsewhere `ann+x` may be somebody else's mailbox.
    """
    local, _, domain = normalised_email(text).rpartition("@")
    if not local:
        return ""
    if domain in _TAGS_IGNORED:
        local = local.split("+", 1)[0] or local
    domain = _SAME_MAILBOX.get(domain, domain)
    if domain == "gmail.com":
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


def email_kind(text: str, shared_domains: Collection[str] = ()) -> EmailKind | None:
    """What sort of mailbox an address is; None when the text is no address. The domain counts before the name."""
    address = normalised_email(text)
    if not address:
        return None
    local, _, host = address.rpartition("@")
    kind = domain_kind(host, shared_domains)
    return "role" if kind == "corporate" and local.split("+", 1)[0] in ROLE_MAILBOXES else kind

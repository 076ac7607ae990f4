"""E-mail addresses: one spelling to keep, one to compare by, and what an address says about its owner."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from email_validator import EmailNotValidError, validate_email

from libs.identity.domains import domain_kind
from libs.identity.free_mail import FREE_MAIL
from libs.identity.words import word_set

EmailKind = Literal["corporate", "free", "disposable", "role", "shared"]

ROLE_MAILBOXES = word_set(
    """
    abuse accounting accounts accueil achats admin administracion administration amministrazione all anfrage bestellung
    billing booking bookings buchhaltung bureau careers comercial commerciale commercial compliance compras comptabilite
    contact contact-us contacto contactus contatto customercare customerservice desk dev direction donotreply einkauf
    empfang enquiries enquiry equipo events everyone export facturacion feedback finance frontdesk general hallo hello help
    helpdesk hi hola hostmaster hr import info infos information inkoop inquiries inquiry invoice invoices it jobs karriere
    klantenservice kontakt kundenservice legal mail mailbox marketing media news newsletter no-reply noreply office ops
    order orders partner partners personal poczta post postmaster praxis press presse privacy procurement purchasing
    reception recepcion rechnung recruiting registration reservations root sales sales-team secretariat secretary
    security sekretariat service services shop staff store studio support team ufficio vendas vendite ventas vente verkauf
    verkoop vertrieb webmaster web welcome zentrale
    """
)
"""Local parts that stand for a job and not for one person; collected by hand, in eight languages."""

TELLS_COMPANY: frozenset[EmailKind | None] = frozenset(("corporate", "role"))
"""Kinds whose domain is the employer's; a role mailbox stands at its company's domain."""

_MAX_TEXT = 1_000
_ANGLE = re.compile(r"<([^<>]{3,320})>\s*\Z")
_MAILTO = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_TAGS_IGNORED = word_set(
    """
    gmail.com googlemail.com icloud.com me.com mac.com fastmail.com fastmail.fm proton.me protonmail.com protonmail.ch
    pm.me yandex.ru yandex.com yandex.by yandex.kz yandex.ua yandex.com.tr ya.ru mailbox.org posteo.de posteo.net hey.com
    runbox.com zoho.com zohomail.com
    """
)
_TAGS_IGNORED_BY_NAME = ("outlook", "hotmail", "live", "msn", "windowslive")
"""First labels of Microsoft's free-mail domains, the national ones too."""
_PUNCTUATION_IGNORED = {"gmail.com": ".", "proton.me": ".-_", "yandex.ru": ".-"}
"""Characters that say nothing in a provider's local parts. Yandex takes dots and hyphens for one another: both go."""
_SAME_MAILBOX = {
    "googlemail.com": "gmail.com", "protonmail.com": "proton.me", "protonmail.ch": "proton.me", "pm.me": "proton.me",
    "me.com": "icloud.com", "mac.com": "icloud.com", "ya.ru": "yandex.ru", "yandex.com": "yandex.ru",
    "yandex.by": "yandex.ru", "yandex.kz": "yandex.ru", "yandex.ua": "yandex.ru", "yandex.com.tr": "yandex.ru",
}  # fmt: skip
"""Domains of one provider under which a local part is one person's. Those of GMX, Yahoo or Microsoft are not."""


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

    Plus tags, dots and hyphens are dropped only at providers that ignore them, and only where a provider's domains are one
    mailbox they become one: elsewhere `ann+x` may be somebody else.
    """
    local, _, domain = normalised_email(text).rpartition("@")
    if not local:
        return ""
    if domain in _TAGS_IGNORED or (domain in FREE_MAIL and domain.partition(".")[0] in _TAGS_IGNORED_BY_NAME):
        local = local.split("+", 1)[0] or local
    domain = _SAME_MAILBOX.get(domain, domain)
    bare = "".join(char for char in local if char not in _PUNCTUATION_IGNORED.get(domain, ""))
    return f"{bare or local}@{domain}"


def email_kind(text: str, shared_domains: Collection[str] = ()) -> EmailKind | None:
    """What sort of mailbox an address is; None when the text is no address. The domain counts before the name."""
    address = normalised_email(text)
    if not address:
        return None
    local, _, host = address.rpartition("@")
    kind = domain_kind(host, shared_domains)
    return "role" if kind == "corporate" and local.split("+", 1)[0] in ROLE_MAILBOXES else kind

"""Hosts and domains: the part that somebody registered, and whether it tells an employer."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

import idna
import tldextract
from disposable_email_domains import blocklist

from libs.identity.free_mail import EMPLOYER_HOSTS, FREE_MAIL, GRADUATE_LABELS, PAGE_HOSTS, SHARED_HOSTS

DomainKind = Literal["corporate", "free", "disposable", "shared"]

MAX_TEXT = 2_000
"""A longer text is no host, address or URL."""
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_HOST = re.compile(
    r"(?:(?:[a-z][a-z0-9+.-]*:)?//|mailto:)?(?:[^@/?#\s]*@)?([^@/:?#\s]+)(?:[/:?#].*)?", re.IGNORECASE | re.DOTALL
)
_PLAIN_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


@lru_cache(maxsize=65_536)
def registrable_domain(text: str) -> str:
    """The part of a host, address or URL that somebody registered, in ASCII; empty for a bare suffix, an IP address or no host.

    By the Public Suffix List that comes with tldextract, its private section included: `acme.uk.com` and
    `acme.github.io` are domains of their own, so that two tenants of one provider are never taken for one company. Under a
    top-level domain that the list does not know, its default rule counts: the last two labels. Hosts below a mail provider's
    domain that are its own staff's (`corp.mail.ru`) are domains of their own too.
    """
    host = host_of(text)
    if not host:
        return ""
    for staff in _with_parents(host) & EMPLOYER_HOSTS:
        return staff
    found = _SUFFIXES(host)
    if found.suffix:
        return str(found.top_domain_under_public_suffix)
    labels = host.split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 and not labels[-1].isdigit() else ""


def company_domain(text: str, shared_domains: Collection[str] = ()) -> str:
    """The registrable domain of the one company that an address, host or URL points to; empty when it points to none.

    This is what "corporate domain" means everywhere: in the identity key, in dedupe and in enrichment.
    """
    domain = registrable_domain(text)
    return domain if domain and domain_kind(text, shared_domains) == "corporate" else ""


def site_domain(text: str, shared_domains: Collection[str] = ()) -> str:
    """The registrable domain of the one company whose site an address points to; empty for a page on somebody else's site,
    such as a profile or a form."""
    return "" if _with_parents(host_of(text)) & PAGE_HOSTS else company_domain(text, shared_domains)


def domain_kind(text: str, shared_domains: Collection[str] = ()) -> DomainKind:
    """What a mail host or site tells: corporate, or free, disposable or shared, which tell no company.

    A list names a domain with everything below it. `shared_domains` is the policy's list; a host without a registrable
    domain, such as a provider's own suffix, is shared too, and so is a university's host for its graduates.
    """
    host = host_of(text)
    names = _with_parents(host)
    if not names.isdisjoint(EMPLOYER_HOSTS):
        return "corporate"
    if not names.isdisjoint(FREE_MAIL):
        return "free"
    if not names.isdisjoint(blocklist):
        return "disposable"
    if not registrable_domain(text) or any(one.casefold() in names for one in shared_domains):
        return "shared"
    graduates = host.partition(".")[0] in GRADUATE_LABELS and host != registrable_domain(text)
    if graduates or not names.isdisjoint(SHARED_HOSTS):
        return "shared"
    return "corporate"


@lru_cache(maxsize=65_536)
def host_of(text: str) -> str:
    """The host of an address, URL or bare host, in lower-case ASCII; empty when there is none."""
    matched = _HOST.fullmatch(text.strip()) if len(text) <= MAX_TEXT else None
    return ascii_host(matched.group(1)) if matched else ""


def ascii_host(text: str) -> str:
    """A host name in lower-case ASCII (IDNA 2008 with the UTS 46 mapping, as browsers and mail servers do); empty when
    it is none. Names that IDNA refuses and the DNS has all the same, such as `r3---a.example`, stay as they are."""
    host = text.strip().strip(".").lower()
    if not host or len(host) > 253:
        return ""
    try:
        return idna.encode(host, uts46=True).decode("ascii").strip(".")
    except (idna.IDNAError, UnicodeError):
        return host if _PLAIN_HOST.fullmatch(host) else ""


@lru_cache(maxsize=65_536)
def _with_parents(host: str) -> frozenset[str]:
    labels = host.split(".")
    return frozenset(".".join(labels[at:]) for at in range(len(labels)))

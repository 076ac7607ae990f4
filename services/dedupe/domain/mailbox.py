"""What an e-mail address says about its owner: a person at a company, a free mailbox, a role, or nothing reliable."""

from functools import lru_cache
from typing import Literal

import idna
import tldextract
from disposable_email_domains import blocklist

EmailKind = Literal["corporate", "free", "disposable", "role", "shared", "none"]

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

_FREE_MAIL = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com rocketmail.com aol.com
icloud.com me.com mac.com proton.me protonmail.com pm.me gmx.com gmx.de gmx.net gmx.at gmx.ch web.de
t-online.de freenet.de posteo.de mailbox.org tutanota.com tuta.io tuta.com fastmail.com fastmail.fm hey.com
zoho.com zohomail.com mail.com mail.ru yandex.com yandex.ru ya.ru bk.ru inbox.ru list.ru rambler.ru ukr.net
i.ua seznam.cz email.cz centrum.cz wp.pl o2.pl onet.pl interia.pl op.pl libero.it virgilio.it alice.it tin.it
tiscali.it orange.fr wanadoo.fr free.fr sfr.fr laposte.net bbox.fr neuf.fr hotmail.fr hotmail.co.uk hotmail.de
hotmail.it hotmail.es live.co.uk live.nl live.fr outlook.de outlook.fr outlook.es yahoo.co.uk yahoo.de
yahoo.fr yahoo.it yahoo.es yahoo.co.in yahoo.co.jp yahoo.ca yahoo.com.br yahoo.com.au btinternet.com sky.com
virginmedia.com ntlworld.com talktalk.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net
charter.net shaw.ca rogers.com sympatico.ca bigpond.com optusnet.com.au xtra.co.nz telenet.be skynet.be
ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl bluewin.ch hispeed.ch a1.net chello.at uol.com.br bol.com.br
terra.com.br globo.com ig.com.br qq.com 163.com 126.com sina.com sohu.com foxmail.com aliyun.com naver.com
daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com indiatimes.com
walla.co.il mail.bg abv.bg mail.ee inbox.lv telia.com online.no tele2.se hushmail.com duck.com
rocketmail.co.uk
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())
"""Domains where anybody gets a mailbox; own list of the large public and access providers."""

_ROLES = """
info sales support contact kontakt contacto contatto office hello hallo hi mail admin administration billing
accounts accounting buchhaltung invoice invoices rechnung finance help helpdesk hr jobs careers karriere
recruiting marketing press presse media news newsletter no-reply noreply donotreply orders order bestellung
purchasing einkauf procurement enquiries enquiry inquiries reception service services team webmaster
postmaster hostmaster abuse security privacy legal partners partner ventas commercial vertrieb verkauf compras
feedback root it dev ops all staff everyone general
"""
ROLE_LOCAL_PARTS = frozenset(_ROLES.split())
"""Mailboxes that stand for a job and not for one person; own list."""

_TAGGED = """
gmail.com googlemail.com outlook.com hotmail.com live.com icloud.com me.com mac.com fastmail.com fastmail.fm
proton.me protonmail.com pm.me
"""
_TAGS_IGNORED = frozenset(_TAGGED.split())
_SAME_MAILBOX = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}
_MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path without its angle brackets


def email_key(text: str) -> str:
    """The one spelling of a mailbox; empty when the text is no address.

    Case is ignored everywhere; plus tags only at providers that ignore them, dots only at Gmail; the domain is in ASCII.
    """
    local, at, domain = text.strip().strip("<>").removeprefix("mailto:").casefold().rpartition("@")
    domain = ascii_domain(domain)
    if not at or not local or "." not in domain or any(c.isspace() for c in local) or len(text) > _MAX_EMAIL:
        return ""
    if domain in _TAGS_IGNORED:
        local = local.split("+", 1)[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local = local.replace(".", "") or local
    return f"{local}@{_SAME_MAILBOX.get(domain, domain)}"


def ascii_domain(text: str) -> str:
    """A host name in lower-case ASCII (IDNA 2008, UTS 46 mapping); empty when it is none."""
    host = text.strip().strip(".").casefold()
    if not host or len(host) > 253:
        return ""
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host if host.isascii() and host.replace(".", "").replace("-", "").isalnum() else ""


@lru_cache(maxsize=65536)
def registrable_domain(text: str) -> str:
    """The part of a host or URL that somebody registered, by the Public Suffix List; empty when there is none.

    Under a top-level domain that the list does not know, its default rule counts: the last two labels.
    """
    host = (
        text.strip()
        .casefold()
        .split("://", 1)[-1]
        .split("/", 1)[0]
        .split("?", 1)[0]
        .rpartition("@")[2]
        .split(":", 1)[0]
    )
    host = ascii_domain(host.removeprefix("www."))
    if not host:
        return ""
    found = _SUFFIXES(host)
    if found.suffix:
        return str(found.top_domain_under_public_suffix)
    labels = host.split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 and labels[-1].isalpha() else ""


def email_kind(key: str, shared_domains: frozenset[str] = frozenset()) -> EmailKind:
    """What sort of mailbox an `email_key` is; the domain counts before the name in front of it."""
    local, _, host = key.rpartition("@")
    if not local:
        return "none"
    domain = registrable_domain(host)
    if host in FREE_MAIL or domain in FREE_MAIL:
        return "free"
    if host in blocklist or domain in blocklist:
        return "disposable"
    if not domain or host in shared_domains or domain in shared_domains:
        return "shared"
    return "role" if local.split("+", 1)[0] in ROLE_LOCAL_PARTS else "corporate"

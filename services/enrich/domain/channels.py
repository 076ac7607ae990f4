"""Where a lead came from, by UTM values, click ids and the referrer, in this order: one channel name, and why.

Channels: paid_search, paid_social, paid_other, display, organic_search, organic_social, ai_assistant, review_site, affiliate,
partner, referral, email, sms, event, content, direct.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

from services.enrich.domain.channel_tables import (
    CLICK_IDS,
    HOSTS,
    MANY_SUFFIXES,
    MEDIA,
    PAID_MEDIA,
    PLACES,
    SEARCH_LABELS,
    SOURCES,
)

LONGEST_QUOTE = 300
_PARAMETER = re.compile(r"(?<=[?&#;])([A-Za-z][\w.-]*|_\w+)=([^&#;\s]+)")
_UTM = re.compile(r"(?:utm|mtm|pk|matomo|piwik)[_-]?(source|medium)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_UNSET = re.compile(
    r"\W*(?:not[ _]?(?:set|provided)|undefined|null|n/?a|unknown)?\W*|.*(?:\{\{|\$\{|\[\[|%%).*", re.IGNORECASE
)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_SEARCH_ONLY = frozenset(("google", "yandex"))


@dataclass(frozen=True, slots=True)
class Told:
    """What one thing says: the channel, how sure, and the words that say so with the lead's field they stand in."""

    channel: str
    confidence: float
    quote: str
    field: str
    by: str
    """What says so, in words."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A UTM value with its place."""

    text: str = ""
    quote: str = ""
    field: str = ""

    @property
    def key(self) -> str:
        return _key(self.text)


def channel_told(fields: Mapping[str, str]) -> tuple[Told, str] | str:
    """The channel and the reason, with what speaks against it; or why there is none. Reads utm_medium, utm_source, referrer
    and page."""
    page, referrer = fields.get("page", ""), fields.get("referrer", "")
    utm, clicks = _utm(fields, page), list(_clicks(page))
    signals = [*_by_utm(utm["medium"], utm["source"], clicks), *clicks]
    if _is_own(referrer, page):
        why_not = "the visitor came from a page of the same site"
    else:
        signals += _by_referrer(referrer)
        why_not = "neither UTM values, click ids nor the referrer name a channel"
    return (signals[0], _reason(signals)) if signals else why_not


def _reason(signals: list[Told]) -> str:
    first = signals[0]
    against = [
        f"{one.by} says {one.channel}"
        for one in signals[1:]
        if _kind(one.channel) not in (_kind(first.channel), "referral")
    ]
    return f"{first.by} says {first.channel}" + (f", though {' and '.join(against[:3])}" if against else "")


def _kind(channel: str) -> str:
    """The channel whether paid for or not: the referrer of an advertisement's click is that of an unpaid one."""
    return channel.rpartition("_")[2] if channel.startswith(("paid_", "organic_")) else channel


def _utm(fields: Mapping[str, str], page: str) -> dict[str, _Word]:
    """Medium and source: the lead's own fields, else the parameters of the page, however they are spelled."""
    told = {"medium": _Word(), "source": _Word()}
    for found in _PARAMETER.finditer(page):
        named = _UTM.fullmatch(found[1])
        value = unquote_plus(found[2])
        if named and not told[named[1].casefold()].text and not _UNSET.fullmatch(value):
            told[named[1].casefold()] = _Word(value, found[0], "page")
    for name in told:
        text = fields.get(f"utm_{name}", "").strip()
        if text and not _UNSET.fullmatch(text):
            told[name] = _Word(text, text, f"utm_{name}")
    return told


def _clicks(page: str) -> Iterator[Told]:
    """What the click ids of a page's address say, the surest first."""
    named = [(found[1].casefold(), found[0]) for found in _PARAMETER.finditer(page)]
    known = [(CLICK_IDS[name], name, quote) for name, quote in named if name in CLICK_IDS]
    for (channel, adder, confidence), name, quote in sorted(known, key=lambda one: -one[0][2]):
        yield Told(channel, confidence, quote[:LONGEST_QUOTE], "page", f"{name} ({adder})")


def _by_utm(medium: _Word, source: _Word, clicks: list[Told]) -> Iterator[Told]:
    site = _site(source.text)
    paid = _looked_up(PAID_MEDIA, medium.text)
    unpaid = _looked_up(MEDIA, medium.text)
    if paid:
        yield _told(_paid(paid, site, bool(source.text)), 0.9, medium)
    elif unpaid and not (unpaid == "direct" and site not in ("", "direct")):
        yield _told(_unpaid(unpaid, site), 0.9, medium)
    elif site:
        clicked = next((one for one in clicks if one.by.split()[0] in PLACES.get(_place(source), ())), None)
        if clicked:
            yield Told(
                clicked.channel, clicked.confidence, clicked.quote, "page", f"{clicked.by} of {source.text[:40]}"
            )
        else:
            paying = source.key.endswith(("ads", "adwords"))
            yield _told(_paid("any", site, named=True) if paying else site, 0.85, source)


def _told(channel: str, confidence: float, word: _Word) -> Told:
    name = word.field if word.field != "page" else word.quote.partition("=")[0]
    return Told(channel, confidence, word.quote[:LONGEST_QUOTE], word.field, f"{name} {word.text[:60]}")


def _paid(kind: str, site: str, named: bool) -> str:
    """The channel of a paid medium, told by the site that it ran on where the medium itself does not say."""
    if kind in ("search", "social"):
        return f"paid_{kind}"
    if site == "organic_social":
        return "paid_social"
    if kind in ("display", "video"):
        return "display"
    if site in ("review_site", "ai_assistant", "affiliate"):
        return site
    return (
        "paid_search" if site == "organic_search" or kind == "click" or (not named and kind == "any") else "paid_other"
    )


def _unpaid(channel: str, site: str) -> str:
    if channel == "organic_search" and site == "organic_social":
        return site
    return site if channel == "referral" and site in ("ai_assistant", "review_site", "affiliate") else channel


def _by_referrer(referrer: str) -> Iterator[Told]:
    quote = referrer.strip()[:LONGEST_QUOTE]
    if _key(quote) == "direct":
        yield Told("direct", 0.8, quote, "referrer", "the referrer")
        return
    host = _host(referrer)
    if not host:
        return
    channel = _of_host(host)
    yield Told(channel or "referral", 0.85 if channel else 0.75, quote, "referrer", f"the referrer {host[:80]}")


def _site(source: str) -> str:
    """What kind of site a `utm_source` is; empty when not known."""
    text = source.strip().casefold()
    if _HOST.fullmatch(text) and (of_host := _of_host(text.removeprefix("www."))):
        return of_host
    return _looked_up(SOURCES, text)


def _place(source: _Word) -> str:
    words = _WORD.findall(source.text.casefold())
    return words[0] if words and words[0] != "www" else words[1] if len(words) > 1 else ""


def _of_host(host: str) -> str:
    """The channel of a site by its host; empty for any other site."""
    labels = host.split(".")
    for at in range(len(labels)):
        if (channel := HOSTS.get(".".join(labels[at:]))) is not None:
            return channel
    for at, label in enumerate(labels[:-1]):
        rest = labels[at + 1 :]
        if label in MANY_SUFFIXES and len(rest) <= 2 and all(len(one) <= 3 for one in rest):
            searched = label not in _SEARCH_ONLY or ".".join(labels[:at]) in SEARCH_LABELS
            return MANY_SUFFIXES[label] if searched else ""
    return ""


def _looked_up(table: Mapping[str, str], text: str) -> str:
    """By the whole text without punctuation, else by its first word: `email-q3`."""
    if (label := table.get(_key(text))) is not None:
        return label
    words = _WORD.findall(text.casefold())
    return table.get(words[0], "") if len(words) > 1 else ""


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _is_own(referrer: str, page: str) -> bool:
    ours, theirs = _host(page), _host(referrer)
    return bool(ours and theirs) and (ours == theirs or ours.endswith(f".{theirs}") or theirs.endswith(f".{ours}"))


def _host(address: str) -> str:
    address = address.strip()
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if _HOST.fullmatch(host) else ""

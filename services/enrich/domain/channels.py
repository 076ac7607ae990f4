"""Where a lead came from, by its UTM values and its referrer: one channel name."""

from urllib.parse import urlsplit

PAID = frozenset(
    [
        "cpc",
        "ppc",
        "paid",
        "paidsearch",
        "paid_search",
        "paid-search",
        "sem",
        "cpm",
        "display",
        "banner",
        "paidsocial",
        "paid_social",
        "paid-social",
        "ads",
        "ad",
    ]
)
SEARCH = ("google", "bing", "duckduckgo", "yahoo", "ecosia", "baidu", "qwant", "yandex", "startpage")
SOCIAL = (
    "linkedin",
    "facebook",
    "instagram",
    "twitter",
    "x.com",
    "t.co",
    "xing",
    "reddit",
    "tiktok",
    "youtube",
    "lnkd",
    "threads",
    "mastodon",
    "bluesky",
)
_MEDIUM = {
    "email": "email", "e-mail": "email", "newsletter": "email", "mail": "email", "referral": "referral", "partner": "partner",
    "affiliate": "partner", "social": "organic_social", "organic": "organic_search", "event": "event", "webinar": "event",
    "qr": "event", "podcast": "content", "content": "content", "video": "content", "sms": "sms", "direct": "direct",
}  # fmt: skip


def channel_of(medium: str, source: str, referrer: str) -> tuple[str, str] | None:
    """Channel and the field that says so; None when nothing says where the lead came from."""
    medium, source = medium.strip().casefold(), source.strip().casefold()
    if medium in PAID:
        return _paid(medium, source), "utm_medium"
    if medium in _MEDIUM:
        return _MEDIUM[medium], "utm_medium"
    for text, where in ((source, "utm_source"), (_host(referrer), "referrer")):
        if not text:
            continue
        if _one_of(text, SOCIAL):
            return "organic_social", where
        if _one_of(text, SEARCH):
            return "organic_search", where
        if where == "utm_source" and text in _MEDIUM:
            return _MEDIUM[text], where
        if where == "referrer":
            return "referral", where
    return None


def _paid(medium: str, source: str) -> str:
    if "social" in medium or _one_of(source, SOCIAL):
        return "paid_social"
    return "display" if medium in ("cpm", "display", "banner") else "paid_search"


def _one_of(text: str, names: tuple[str, ...]) -> bool:
    labels = text.split(".")
    return any(name == text or name in labels or (len(name) > 4 and labels[0].startswith(name)) for name in names)


def _host(referrer: str) -> str:
    try:
        host = urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")

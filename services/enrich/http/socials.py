"""Links to a company's own pages in social networks; buttons that share a page, and posts, are none."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_PAGES = (
    ("linkedin.com", r"/(?:company|school|showcase)/[^/]+"),
    ("xing.com", r"/(?:pages|companies|company)/[^/]+"),
    ("x.com", r"/(?!share|intent|home|search|hashtag|i/|login)\w{1,15}"),
    ("twitter.com", r"/(?!share|intent|home|search|hashtag|i/|login)\w{1,15}"),
    ("facebook.com", r"/(?!sharer|share|dialog|plugins|tr\b|login|events|watch|groups)[\w.\-]+"),
    ("instagram.com", r"/(?!p/|explore|accounts|share)[\w.]+"),
    ("github.com", r"/(?!login|features|about|topics|search|sponsors|orgs/?$)[\w-]+"),
    ("gitlab.com", r"/(?!users|explore|-/)[\w-]+"),
    ("youtube.com", r"/(?:@[\w.\-]+|channel/[\w-]+|c/[^/]+|user/[^/]+)"),
    ("tiktok.com", r"/@[\w.]+"),
    ("crunchbase.com", r"/organization/[^/]+"),
    ("kununu.com", r"/[a-z]{2}/[^/]+"),
    ("medium.com", r"/@?[\w-]+"),
    ("pinterest.com", r"/(?!pin/)[\w]+"),
    ("vimeo.com", r"/[a-z][\w]+"),
    ("mastodon.social", r"/@\w+"),
    ("bsky.app", r"/profile/[^/]+"),
)
_MATCHERS = tuple((host, re.compile(path + r"/?", re.IGNORECASE)) for host, path in _PAGES)
MOST = 12


def social_pages(links: Iterable[str]) -> list[str]:
    """The first link to each network that leads to a page of somebody's own, as written."""
    found: dict[str, str] = {}
    for link in links:
        try:
            parts = urlsplit(link.strip())
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        if parts.scheme not in ("http", "https") or len(link) > 200:
            continue
        for name, path in _MATCHERS:
            if (host == name or host.endswith("." + name)) and path.fullmatch(parts.path):
                found.setdefault("x.com" if name == "twitter.com" else name, link.strip())
    return list(found.values())[:MOST]

"""Pages that stand where a company's site might: parked domains, default pages of servers, walls before readers."""

import re

_PARKED = re.compile(
    r"domain (?:name )?(?:is |may be |might be )?(?:for sale|parked|available for purchase)|buy this domain|"
    r"^\s*[\w-]+(?:\.[\w-]+)+ (?:is|may be|could be) (?:available )?for sale|"
    r"this domain (?:is|has been) (?:registered|parked|for sale|expired)|parked (?:free|domain)|domain parking|"
    r"(?:domain|seite) steht zum verkauf|domain zu verkaufen|ce domaine est (?:à vendre|en vente)|dominio en venta|"
    r"inquire about this domain|hugedomains|sedo domain parking|account (?:has been )?suspended",
    re.IGNORECASE,
)
_DEFAULT = re.compile(
    r"^\s*(?:welcome to nginx|apache2? .{0,20}default page|test page for .{0,40}(?:apache|nginx|http server)|it works!?|"
    r"iis windows server|index of /|default web site page|plesk|welcome to openresty|future home of|site not found|"
    r"coming soon|under construction|website (?:is )?under (?:construction|maintenance)|maintenance( mode)?|"
    r"in wartung|(?:error )?(?:40[0-9]|50[0-9])\b|(?:page )?not found|forbidden|access denied)",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"^\s*(?:just a moment|attention required|are you (?:a )?(?:human|robot)|checking your browser|security check|"
    r"ddos-guard|please verify|robot check|captcha)",
    re.IGNORECASE,
)
_PARKING_HOSTS = (
    "parkingcrew.",
    "sedoparking.",
    "bodis.com",
    "parklogic.",
    "above.com",
    "afternic.",
    "wsimg.com/parking",
)


def not_a_site(title: str, text: str, parts: tuple[str, ...]) -> str:
    """Why this page says nothing about a company; empty when it may."""
    if any(host in part for part in parts for host in _PARKING_HOSTS) or _PARKED.search(title):
        return "the domain is parked or for sale"
    if len(text) < 2_000 and _PARKED.search(text):
        return "the domain is parked or for sale"
    if _WALL.search(title):
        return "the site shows a wall instead of itself to readers like us"
    if _DEFAULT.search(title) or (not title and len(text) < 200 and _DEFAULT.search(text)):
        return f"only a default or error page: {' '.join(title.split())[:60] or 'without a title'}"
    return ""

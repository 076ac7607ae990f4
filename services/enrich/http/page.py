"""A page as it was read: its words decoded, and what its head, its links and its JSON-LD say. Hostile markup is survived."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

DEEPEST = 1_500
"""Elements that may be open at once: the parser's time grows with the square of it."""
SCRIPTS_READ, LONGEST_SCRIPT = 20, 200_000
MOST_ITEMS = 5_000
"""JSON-LD objects that are looked at, over all scripts of a page."""
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*\"?([a-z0-9_.:-]{1,40})", re.IGNORECASE)
_CODECS = frozenset(
    ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "gb2312",
     "gbk", "gb18030", "big5", "big5hkscs", "koi8-r", "koi8-u", "mac-roman", "cp874", "tis-620", "cp932"]
    + [f"cp125{number}" for number in range(9)] + [f"iso8859-{number}" for number in range(1, 17)]
)  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_SELF_CLOSING = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p", "li",
     "td", "tr", "th", "dt", "dd", "option", "html", "head", "body")
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Unreadable(ValueError):
    """The markup is not worth parsing; the message says why."""


@dataclass(frozen=True)
class Page:
    """What a page says of itself. Texts are as the markup means them; `source` is what quotes are taken from."""

    url: str
    source: str
    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    """By name or property in small letters; the first one counts."""
    links: tuple[str, ...] = ()
    """Where its visible links lead, as written."""
    parts: tuple[str, ...] = ()
    """Where its scripts, styles, frames and pictures come from, as written."""
    canonical: str = ""
    items: tuple[dict[str, Any], ...] = ()
    """Its JSON-LD objects: those at the top or in a @graph, and what those are about."""
    text: str = ""
    """The beginning of its visible text."""


def decoded(body: bytes, content_type: str) -> str:
    """The body as text: by its byte order mark, the header, its own meta tag, else UTF-8, else Windows-1252."""
    if body.startswith(codecs.BOM_UTF8):
        return body[3:].decode("utf-8", "replace")
    told = [_HEADER_CHARSET.search(content_type), _META_CHARSET.search(body[:2048])]
    names = [one.group(1) for one in told if one is not None]
    for name in [*(one.decode() if isinstance(one, bytes) else one for one in names), "utf-8"]:
        try:
            known = codecs.lookup(name).name
            if known in _CODECS:
                return body.decode("cp1252" if known in ("iso8859-1", "ascii") else known)
        except (LookupError, UnicodeError):
            continue
    wanted = "utf-8" if body.count(b"\xc3") + body.count(b"\xe2") else "cp1252"
    return body.decode(wanted, "replace")


def parsed(source: str, url: str) -> Page:
    """The page. Raises Unreadable for markup that nobody writes."""
    _check_depth(source)
    tree = LexborHTMLParser(source)
    title = tree.css_first("head > title")
    canonical = tree.css_first("link[rel=canonical]")
    return Page(
        url=url,
        source=source,
        title=title.text() if title is not None else "",
        metas=_metas(tree),
        links=tuple(_links(tree)),
        parts=tuple(_parts(tree)),
        canonical=_attribute(canonical, "href") if canonical is not None else "",
        items=tuple(_items(tree)),
        text=(tree.body.text(separator=" ", strip=True) if tree.body is not None else "")[:3_000],
    )


def _check_depth(source: str) -> None:
    """Counts elements that are opened and not closed, by name: an end tag of another name closes none."""
    depth: Counter[str] = Counter()
    deep = 0
    for matched in _TAG.finditer(source):
        name = matched.group(2).lower()
        if name in _SELF_CLOSING:
            continue
        if not matched.group(1):
            depth[name] += 1
            deep += 1
        elif depth[name]:
            depth[name] -= 1
            deep -= 1
        if deep > DEEPEST:
            raise Unreadable(f"its markup has more than {DEEPEST} elements open at once")


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta")[:300]:
        name = (_attribute(node, "property") or _attribute(node, "name")).strip().lower()
        if name and _attribute(node, "content"):
            found.setdefault(name, _attribute(node, "content"))
    return found


def _links(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a[href]")[:2_000]:
        if not _is_hidden(node):
            yield _attribute(node, "href")


def _parts(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("script[src], iframe[src], img[src], link[href]")[:2_000]:
        yield _attribute(node, "src") or _attribute(node, "href")


def _is_hidden(node: LexborNode) -> bool:
    at: LexborNode | None = node
    for _ in range(30):
        if at is None:
            return False
        held = at.attributes
        if "hidden" in held or _HIDDEN.search(held.get("style") or ""):
            return True
        at = at.parent
    return False


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _items(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    left = MOST_ITEMS
    for node in tree.css('script[type="application/ld+json"]')[:SCRIPTS_READ]:
        text = node.text()
        if len(text) > LONGEST_SCRIPT:
            continue
        try:
            waiting = [json.loads(text)]
        except (ValueError, RecursionError):
            continue
        while waiting and left > 0:
            one = waiting.pop(0)
            left -= 1
            if isinstance(one, list):
                waiting += one[:left]
            elif isinstance(one, dict):
                yield one
                waiting += [one[key] for key in ("@graph", "mainEntity", "publisher", "about") if key in one]

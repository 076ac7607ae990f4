"""HTML to readable text: of mails and chat messages. One pass over the text, never an error, whatever the markup."""

import html
import re

from libs.identity.words import word_set

MAX_HTML = 400_000
"""Characters that are read; a mail's own words stand at its beginning."""
_HIDDEN = frozenset(("script", "style", "head", "title", "noscript", "template", "svg"))
_BREAKS = word_set(
    """br p div li tr h1 h2 h3 h4 h5 h6 table ul ol hr section article header footer pre address dt dd"""
)
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
_LINK = re.compile(r"""href\s*=\s*["']?(?:mailto|tel):([^"'?>\s]{3,200})""", re.IGNORECASE)


def readable(markup: str) -> str:
    """The text of an HTML body: a line per block, lists with dashes, quotes behind `>`, nothing of scripts and styles."""
    writer = _Writer()
    text, lowered = markup[:MAX_HTML], markup[:MAX_HTML].lower()
    here = 0
    while (start := text.find("<", here)) >= 0:
        writer.words(text[here:start])
        if text.startswith("<!--", start):
            here = _after(text, "-->", start)
            continue
        name = _NAME.match(text, start + 1)
        end = text.find(">", start)
        if end < 0:
            here = len(text)
        elif name is None and not text.startswith(("<!", "<?"), start):
            writer.words("<")
            here = start + 1
        else:
            tag = name.group(1).lower() if name else ""
            closing = text.startswith("</", start)
            here = end + 1
            if tag in _HIDDEN and not closing:
                here = _after(lowered, f"</{tag}", end)
                here = _after(text, ">", here)
            else:
                writer.tag(tag, closing, text[start:end])
    writer.words(text[here:])
    return writer.text()


def as_text(value: str) -> str:
    """The value as readable text when it looks like HTML, else the value itself."""
    return readable(value) if re.search(r"</?[a-zA-Z][^<>]{0,400}>|&(?:[a-z]{2,8}|#\d{1,6});", value) else value


def _after(text: str, mark: str, here: int) -> int:
    """The place behind the next mark; the text's end when there is none."""
    found = text.find(mark, here)
    return len(text) if found < 0 else found + len(mark)


class _Writer:
    """Lines being written; a quote's lines start with `> `."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._link = ""

    def words(self, text: str) -> None:
        if text:
            self._line.append(html.unescape(text))

    def tag(self, name: str, closing: bool, source: str) -> None:
        if name == "blockquote":
            self._end()
            self._quotes = max(0, self._quotes + (-1 if closing else 1))
        elif name in ("td", "th"):
            self._line.append(" ")
        elif name in _BREAKS:
            self._end()
            if name == "li" and not closing:
                self._line.append("- ")
            elif name == "p":
                self._lines.append("")
        elif name == "a":
            self._anchor(closing, source)

    def _anchor(self, closing: bool, source: str) -> None:
        """An address that stands in a link alone, behind the link's words."""
        if not closing:
            found = _LINK.search(source)
            self._link = found.group(1) if found else ""
        elif self._link and self._link.lower() not in "".join(self._line).lower():
            self._line.append(f" ({self._link})")

    def _end(self) -> None:
        line = " ".join("".join(self._line).split())
        self._line = []
        if line:
            self._lines.append("> " * min(self._quotes, 3) + line)

    def text(self) -> str:
        self._end()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

"""The text of a mail in its parts: what the sender wrote now, the signature below it, and what was quoted or forwarded."""

import re
from dataclasses import dataclass

MAX_LINES = 2_000
MAX_SIGNATURE_LINES = 12
_INTRO = re.compile(
    r"""(?:on|am|le|el|op|il|em|den|w\ dniu)\b.{4,300}?
        \b(?:wrote|schrieb|a\ écrit|escribió|ha\ scritto|schreef|escreveu|skrev|napisał(?:\(a\))?)\b.{0,200}?:\s*""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_RULE = re.compile(
    r"\s*[-_*]{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht|reply above this line|please type your reply above this line)\b.*",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\s*(?:-{2,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado"
    r"|doorgestuurd bericht)\b.*|begin forwarded message:\s*|anfang der weitergeleiteten nachricht:\s*)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s*\*?(from|von|de|da|van|från|sent|gesendet|envoyé|enviado|inviato|verzonden|date|datum|to|an|à|para|cc"
    r"|subject|betreff|objet|asunto|oggetto|onderwerp|reply-to)\*?\s*:\*?\s*(.*)",
    re.IGNORECASE,
)
_FROM = frozenset(("from", "von", "de", "da", "van", "från"))
_CLOSING = re.compile(
    r"\s*(?:(?:best|kind|warm|many|kindest|warmest)\s+(?:regards|wishes|thanks)|regards|best|cheers|sincerely"
    r"|yours\s+(?:sincerely|truly|faithfully)|thanks(?:\s+(?:a lot|again|so much|in advance|and regards))?|thank you|many thanks"
    r"|mit\s+(?:freundlichen|besten|herzlichen|lieben)\s+gr(?:ü|ue)(?:ß|ss)en|(?:viele|beste|liebe|herzliche|freundliche)"
    r"\s+gr(?:ü|ue)(?:ß|ss)e|mfg|vg|lg|cordialement|bien\s+(?:cordialement|à vous)|(?:bien )?amicalement|salutations"
    r"|saludos(?:\s+cordiales)?|un saludo|atentamente|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?"
    r"|atenciosamente|med vänlig hälsning|pozdrawiam)\s*[,.!]?\s*",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"\s*(?:sent from my|get outlook for|von meinem .{2,30} gesendet|envoyé de mon)\b.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A mail's text in its parts; each may be empty."""

    message: str
    signature: tuple[str, ...] = ()
    quoted: str = ""
    is_forward: bool = False
    """The quoted part is a mail that was passed on, not one that was answered."""


def parts_of(text: str) -> Parts:
    """What was written now, the signature's lines, and the rest. When nothing stands above a quote, all is the message."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MAX_LINES]
    cut, is_forward = _cut_of(lines)
    own = [line for line in lines[:cut] if not line.startswith(">")]
    message, signature = _without_signature(own)
    quoted = "\n".join(lines[cut:]).strip()
    if not message and not signature and not is_forward:
        return Parts("\n".join(line.lstrip("> ") for line in lines).strip())
    return Parts(message, signature, quoted, is_forward)


def forwarded_from(quoted: str) -> tuple[str, str]:
    """Of a forwarded mail's text: its From line, and its body. Both empty when no From line is found."""
    lines = [line.removeprefix(">").strip() for line in quoted.split("\n")]
    start = next((order for order, line in enumerate(lines[:20]) if _is_from(line)), None)
    if start is None:
        return "", ""
    held = _HEADER.match(lines[start])
    body = start + 1
    while body < len(lines) and (_HEADER.match(lines[body]) or (not lines[body] and body == start + 1)):
        body += 1
    return (held.group(2) if held else ""), "\n".join(lines[body:]).strip()


def _cut_of(lines: list[str]) -> tuple[int, bool]:
    """The line where the quoted part starts, and whether it was forwarded."""
    for order, line in enumerate(lines):
        if _FORWARD.fullmatch(line):
            return order, True
        if _RULE.fullmatch(line) or _is_header_block(lines, order):
            return order, False
        if line.startswith(">") and _is_quoted_to_end(lines, order):
            return order, False
        if _INTRO.fullmatch(line.strip()[:500]) or _INTRO.fullmatch(" ".join(lines[order : order + 2]).strip()[:500]):
            return order, False
    return len(lines), False


def _is_header_block(lines: list[str], order: int) -> bool:
    """Outlook puts the quoted mail's headers there: From first, and two more within the next lines."""
    if not _is_from(lines[order]):
        return False
    return sum(_HEADER.match(line) is not None for line in lines[order + 1 : order + 6]) >= 2


def _is_from(line: str) -> bool:
    held = _HEADER.match(line[:300])
    return held is not None and held.group(1).lower() in _FROM and "@" in held.group(2)


def _is_quoted_to_end(lines: list[str], order: int) -> bool:
    """Answers between quoted lines are words of the sender; then only the quoted lines go."""
    return all(not line.strip() or line.startswith(">") for line in lines[order:])


def _without_signature(lines: list[str]) -> tuple[str, tuple[str, ...]]:
    lines = [line.rstrip() for line in lines if not _SENT_FROM.fullmatch(line)]
    while lines and not lines[-1].strip():
        lines.pop()
    mark = next((order for order, line in enumerate(lines) if line in ("--", "-- ", "__", "\u2014")), None)
    if mark is None:
        closings = [order for order, line in enumerate(lines) if len(line) < 60 and _CLOSING.fullmatch(line)]
        mark = next((order for order in closings if _is_short(lines[order + 1 :])), None)
    if mark is None:
        return "\n".join(lines).strip(), ()
    below = [line.strip() for line in lines[mark + 1 :] if line.strip()]
    message = "\n".join(lines[:mark]).strip()
    return message, tuple(below[:MAX_SIGNATURE_LINES])


def _is_short(lines: list[str]) -> bool:
    held = [line for line in lines if line.strip()]
    return len(held) <= MAX_SIGNATURE_LINES and all(len(line) <= 120 for line in held)

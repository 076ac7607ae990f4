"""A whole MIME message as text, to a Mail. The standard library reads it; what it holds in other charsets is mended here."""

import contextlib
import email
import email.policy
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import islice

from libs.contracts.strict_json import clean_text
from services.intake.domain.mails import Mail

MAX_MIME_PARTS = 200
MAX_BOUNDARIES = 30
"""Multiparts in one mail: each line is held against every open boundary, so a thousand would take a minute."""


def mail_of(source: str) -> Mail | None:
    """The mail in an RFC 5322 text; None when it has no headers at all, or is nested as no mail is."""
    if source.lower().count("boundary") > MAX_BOUNDARIES:
        return None
    try:
        message = email.message_from_string(source, policy=email.policy.compat32)
    except (MessageError, ValueError, RecursionError):
        return None
    if not message.keys():
        return None
    headers = headers_of((name, str(value)) for name, value in message.items())
    parts = list(_leaves(message))
    return Mail(
        sender=headers.get("from", ""),
        subject=headers.get("subject", ""),
        text=next((found for kind, found in parts if kind == "text/plain" and found.strip()), ""),
        html=next((found for kind, found in parts if kind == "text/html" and found.strip()), ""),
        to=", ".join(filter(None, (headers.get("to"), headers.get("delivered-to")))),
        reply_to=headers.get("reply-to", ""),
        headers=headers,
        date=date_of(headers.get("date", "")),
    )


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name, unfolded and decoded; of a repeated one the first; at most 300."""
    found: dict[str, str] = {}
    for name, value in islice(pairs, 300):
        found.setdefault(name.strip().lower(), decoded_header(value))
    return found


def header_lines(block: str) -> dict[str, str]:
    """Headers of a block of lines as mailers write them."""
    return headers_of((name, str(value)) for name, value in email.message_from_string(block[:200_000] + "\n\n").items())


def decoded_header(value: str) -> str:
    """A header's text with its encoded words read and its folds undone; as it stands when they can't be read."""
    plain = " ".join(value[:4000].split())
    with contextlib.suppress(MessageError, LookupError, ValueError):
        plain = str(make_header(decode_header(plain)))
    return clean_text(plain)[0]


def date_of(value: str) -> datetime | None:
    """A Date header in UTC; None when it can't be read."""
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _leaves(message: Message) -> Iterator[tuple[str, str]]:
    for part in islice(message.walk(), MAX_MIME_PARTS):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and part.get_filename() is None:
            yield kind, _text(part)


def _text(part: Message) -> str:
    """A part's text. One that came as plain eight bits was decoded without knowing its charset: that is undone first."""
    charset = str(part.get_content_charset("utf-8"))
    held = part.get_payload()
    if isinstance(held, str) and not held.isascii():
        return clean_text(_again(held, charset))[0]
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return clean_text(raw.decode(charset, "replace"))[0]
    except (LookupError, ValueError):
        return clean_text(raw.decode("utf-8", "replace"))[0]


def _again(text: str, charset: str) -> str:
    """Bytes that are no UTF-8 were read as Windows-1252 or Latin-1; as the charset that the mail names they make sense."""
    if charset.lower().replace("_", "-") in ("utf-8", "utf8", "us-ascii"):
        return text
    for wrong in ("cp1252", "latin-1"):
        try:
            return text.encode(wrong).decode(charset)
        except (UnicodeError, LookupError, ValueError):
            continue
    return text

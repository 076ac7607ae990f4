"""A message as mail: text and HTML, headers that say it is automatic, and an id that a second sending keeps."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from services.notify.domain.shown import Content, Said, one_line


class BadAddress(ValueError):
    """An address that no mail can go to; the message does not repeat it."""


def mail_of(content: Content, sender: str, to_name: str, to: str, domain: str, now: datetime) -> EmailMessage:
    """The mail. Raises BadAddress."""
    mail = EmailMessage(policy=SMTP)
    own_name, own = parseaddr(sender)
    mail["From"] = _address(own_name or "Signalbox", own)
    mail["To"] = _address(to_name, to)
    mail["Subject"] = one_line(content.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{content.message_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = f"Signalbox notices <notices.{domain}>"
    mail.set_content("\n\n".join(_text(one) for one in content.said) + f"\n\n-- \n{FOOTER}\n", cte="quoted-printable")
    body = "".join(_html(one) for one in content.said)
    mail.add_alternative(
        f'<!doctype html><html><body style="font-family:sans-serif">{body}<p style="color:#666">{escape(FOOTER)}</p>'
        "</body></html>\n",
        subtype="html", cte="quoted-printable",
    )  # fmt: skip
    return mail


FOOTER = "Sent by Signalbox. Your team's policy says which notices reach you, and when."


def _address(name: str, address: str) -> Address:
    """Raises BadAddress for what could be more, or other, than one address."""
    if (
        not address.isascii()
        or not address.isprintable()
        or any(one in address for one in ' ,;:<>"()[]\\')
        or len(address) > 254
    ):
        raise BadAddress("not an address that mail can go to")
    try:
        made = Address(one_line(name, 80), addr_spec=address)
    except (ValueError, IndexError, MessageError):
        raise BadAddress("not an address that mail can go to") from None
    if not made.username or ("." not in made.domain and made.domain != "localhost"):
        raise BadAddress("not an address that mail can go to")
    return made


def _text(said: Said) -> str:
    return "\n".join([said.title, *(f"  {line}" for line in said.lines), *([f"  {said.link}"] if said.link else [])])


def _html(said: Said) -> str:
    lines = "".join(f"<br>{escape(line)}" for line in said.lines)
    link = f'<br><a href="{escape(said.link)}">Open in Signalbox</a>' if said.link else ""
    return f"<p><strong>{escape(said.title)}</strong>{lines}{link}</p>"

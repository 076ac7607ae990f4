"""Mail by SMTP, encrypted, from a thread: the standard library's client blocks.

What the server took has reached it at least once: when the connection breaks after DATA and before the answer, nobody knows,
and it is sent again, with the same Message-ID.
"""

import asyncio
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage

from libs.runtime.errors import Retryable
from services.notify.connectors.base import MEND_SECONDS, Busy, never
from services.notify.domain.account import Mailer, Target
from services.notify.domain.mail import BadAddress, mail_of
from services.notify.domain.shown import Content

NAME = "the mail server"


async def send(account: Mailer, content: Content, target: Target, timeout_seconds: float, now: datetime) -> None:
    """Hand one mail over. Raises Retryable while the server does not take mail, Rejected when it refuses this one."""
    try:
        mail = mail_of(content, account.sender, target.name, target.address, account.domain, now)
    except BadAddress as error:
        raise never(f"the member's e-mail address: {error}") from None
    await asyncio.to_thread(_handed_over, account, mail, timeout_seconds)


def _handed_over(account: Mailer, mail: EmailMessage, timeout_seconds: float) -> None:
    try:
        with _connected(account, timeout_seconds) as server:
            if account.username:
                server.login(account.username, account.password)
            server.send_message(mail)
    except smtplib.SMTPAuthenticationError as error:
        raise Retryable(f"{NAME} refuses our login ({error.smtp_code})", after_seconds=MEND_SECONDS) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        _refused("the recipient", codes[0] if codes else 550)
    except smtplib.SMTPResponseException as error:
        _refused("the mail", error.smtp_code)
    except smtplib.SMTPNotSupportedError:
        raise Retryable(f"{NAME} offers no {account.security} or no login", after_seconds=MEND_SECONDS) from None
    except ssl.SSLError as error:
        raise Retryable(
            f"{NAME}'s certificate or encryption: {type(error).__name__}", after_seconds=MEND_SECONDS
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Retryable(f"{NAME}: {type(error).__name__}") from None


def _connected(account: Mailer, timeout_seconds: float) -> smtplib.SMTP:
    """A session as encrypted as it was asked for: without STARTTLS, nothing is said to the server."""
    context = ssl.create_default_context()
    if account.ca_file:
        context.load_verify_locations(account.ca_file)
    if account.security == "tls":
        return smtplib.SMTP_SSL(account.host, account.port, timeout=timeout_seconds, context=context)
    server = smtplib.SMTP(account.host, account.port, timeout=timeout_seconds)
    if account.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _refused(what: str, code: int) -> None:
    """A refusal for now, or for good (RFC 5321, 4.2.1). The server's words may repeat an address: they are not kept."""
    if 400 <= code < 500:
        raise Busy(f"{NAME} refuses {what} for now ({code})")
    raise never(f"{NAME} refuses {what} ({code})")

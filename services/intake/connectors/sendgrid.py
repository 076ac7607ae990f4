"""SendGrid inbound parse: multipart, its fields in charsets of their own (`charsets`), or the whole MIME mail in `email`.

Signed since 2025 where a security policy says so: ECDSA over timestamp and body. Else a secret in the address. SendGrid
tries 5xx again for three days and follows no redirect. The id is the mail's Message-ID.
"""

from collections.abc import Sequence

import orjson
from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import body_value, fingerprint
from services.intake.domain.entries import at
from services.intake.domain.facts import Item, Unmapped
from services.intake.domain.mails import Mail, item_of
from services.intake.domain.mime import date_of, header_lines, mail_of
from services.intake.domain.request import Answer, Request
from services.intake.domain.verifiers import TOKEN, Verifier

_WHERE = {"sender": "from", "reply_to": "headers (Reply-To)", "text": "text", "subject": "subject"}
_RAW = {"sender": "email (From)", "reply_to": "email (Reply-To)", "text": "email (text)", "subject": "email (Subject)"}
HEADERS = 200_000


def map_sendgrid(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per mail."""
    form = body.value
    if not isinstance(form, dict):
        return (Unmapped("not a form"),)
    whole = form.get("email")
    mail = mail_of(whole) if isinstance(whole, str) and "\n" in whole.strip() else None
    if mail is not None:
        return (item_of(mail, rules, _RAW),)
    text = {name: held for name, held in form.items() if isinstance(held, str)}
    if "from" not in text:
        return (Unmapped("no sender: not a mail of SendGrid", tuple(sorted(form))[:40]),)
    headers = header_lines(text.get("headers", ""))
    return (
        item_of(
            Mail(
                sender=text["from"],
                subject=text.get("subject", ""),
                text=text.get("text", ""),
                html=text.get("html", ""),
                to=", ".join(filter(None, (text.get("to"), _envelope(form, "to")))),
                reply_to=headers.get("reply-to", ""),
                envelope_from=_envelope(form, "from"),
                headers=headers,
                date=date_of(headers.get("date", "")),
            ),
            rules,
            _WHERE,
        ),
    )


def _envelope(form: dict[str, JsonValue], name: str) -> str | None:
    """The SMTP sender or receivers; None when they are not told."""
    held = form.get("envelope")
    try:
        told = at(orjson.loads(held), name) if isinstance(held, str) else None
    except orjson.JSONDecodeError:
        return None
    if isinstance(told, list):
        return ", ".join(one for one in told[:20] if isinstance(one, str))
    return told if isinstance(told, str) else None


def _delivery_id(request: Request, value: JsonValue) -> str:
    form = body_value(request, value)
    for name in ("headers", "email"):
        held = at(form, name)
        found = header_lines(held[:HEADERS]).get("message-id") if isinstance(held, str) else None
        if found:
            return found.strip()[:200]
    return fingerprint(request, form)  # a multipart body may have another boundary at each try


ADAPTER = Adapter(
    "sendgrid",
    map_sendgrid,
    (
        Verifier(
            "x-twilio-email-event-webhook-signature",
            signed=("timestamp", "body"),
            algorithm="ecdsa",
            timestamp="x-twilio-email-event-webhook-timestamp",
        ),
        TOKEN,
    ),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "SendGrid inbound parse",
        (
            "Open Settings, Inbound Parse, Add Host & URL, and paste {url}",
            "With a security policy that signs: put its public key in as a second secret of this source.",
            "Name your own domains in policy/sources.yaml (own_ids).",
        ),
        b'--sample\r\nContent-Disposition: form-data; name="from"\r\n\r\nSam Sample <sam.sample@example.com>\r\n'
        b'--sample\r\nContent-Disposition: form-data; name="subject"\r\n\r\nA sample\r\n'
        b'--sample\r\nContent-Disposition: form-data; name="text"\r\n\r\nA sample mail.\r\n--sample--\r\n',
        content_type="multipart/form-data; boundary=sample",
        kind="email",
        trust=0.5,
    ),
)

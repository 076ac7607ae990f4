"""Postmark inbound: a mail as JSON. Nothing is signed; the secret is a Basic password in the address, or its last part.

Postmark tries ten times over ten hours, and stops at once on 403: a wrong secret is answered with 401. Bounces and spam
complaints that come to the same address are told apart by their RecordType.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at
from services.intake.domain.facts import Item, NotALead, Unmapped
from services.intake.domain.mails import Mail, item_of
from services.intake.domain.mime import date_of, headers_of
from services.intake.domain.request import Answer, Request
from services.intake.domain.verifiers import TOKEN

_TIMES = ("BouncedAt", "DeliveredAt", "ReceivedAt", "ChangedAt")
_WHERE = {"sender": "FromFull", "reply_to": "ReplyTo", "text": "TextBody", "subject": "Subject"}


def map_postmark(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per mail; a notice about a mail of ours is none, but for those who left."""
    record = text_at(body.value, "RecordType")
    if record == "SubscriptionChange" and at(body.value, "SuppressSending") is True:
        return (opted_out(at(body.value, "Recipient"), "Recipient", "SuppressSending"),)
    if record == "SpamComplaint":
        return (opted_out(at(body.value, "Email"), "Email", record),)
    if record is not None and record != "Inbound":
        return (NotALead(Disposition.UPDATE, f"a notice about a mail of ours: {record[:60]}"),)
    sender = _address(at(body.value, "FromFull")) or text_at(body.value, "From")
    if sender is None:
        return (Unmapped("no sender: not a mail of Postmark"),)
    headers = _headers(at(body.value, "Headers"))
    to = at(body.value, "ToFull")
    receivers = [_address(one) for one in to[:50]] if isinstance(to, list) else [text_at(body.value, "To")]
    mail = Mail(
        sender=sender,
        subject=_text(body.value, "Subject"),
        text=_text(body.value, "TextBody"),
        html=_text(body.value, "HtmlBody"),
        reply=_text(body.value, "StrippedTextReply"),
        to=", ".join(filter(None, (*receivers, text_at(body.value, "OriginalRecipient")))),
        reply_to=_text(body.value, "ReplyTo"),
        headers=headers,
        date=date_of(_text(body.value, "Date")),
    )
    return (item_of(mail, rules, _WHERE),)


def _address(value: JsonValue) -> str | None:
    """A header line of {Email, Name}."""
    address, name = text_at(value, "Email"), text_at(value, "Name")
    if not address:
        return None
    told = (name or "").replace("\\", "").replace('"', "")
    return f'"{told}" <{address}>' if told else address


def _headers(value: JsonValue) -> dict[str, str]:
    held = value if isinstance(value, list) else []
    return headers_of(
        (str(one["Name"]), str(one["Value"]))
        for one in held
        if isinstance(one, dict) and "Name" in one and "Value" in one
    )


def _text(value: JsonValue, name: str) -> str:
    held = at(value, name)
    return held if isinstance(held, str) else ""


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    """A mail's own id. Notices name the mail that they are about, of which there may be several: kind and time belong to it."""
    record, message = text_at(value, "RecordType"), text_at(value, "MessageID")
    if record in (None, "Inbound") or message is None:
        return message
    moment = next(filter(None, (text_at(value, name) for name in _TIMES)), None)
    return " ".join(filter(None, (record, message, text_at(value, "ID") or text_at(value, "Recipient"), moment)))[:200]


ADAPTER = Adapter(
    "postmark",
    map_postmark,
    (TOKEN,),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "Postmark inbound mail",
        (
            "Open the server's inbound stream, Settings, and paste {url} as the webhook.",
            "Send mail to the stream's address, or point your domain's MX at it.",
            "Name your own domains in policy/sources.yaml (own_ids).",
        ),
        b'{"FromFull":{"Email":"sam.sample@example.com","Name":"Sam Sample"},'
        b'"ToFull":[{"Email":"leads@inbound.signalbox.example"}],'
        b'"Subject":"A sample","MessageID":"00000000-0000-0000-0000-000000000000","Date":"Mon, 4 May 2026 14:22:00 +0000",'
        b'"TextBody":"A sample mail.","Headers":[]}',
        kind="email",
        trust=0.5,
    ),
)

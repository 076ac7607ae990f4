"""Mailgun routes: a mail as a form, or as multipart with attachments. 200 is success; 406 would stop it, so it is never sent.

What is signed is a timestamp and a token in the form, and none of the mail: `domain/replays.py` says what stands against
proofs used twice. Mailgun signs every try anew, so the id of a delivery is the mail's Message-Id, not the token.
"""

from collections.abc import Sequence

import orjson
from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import body_value, fingerprint
from services.intake.domain.facts import Item, Unmapped
from services.intake.domain.mails import Mail, item_of
from services.intake.domain.mime import date_of, decoded_header, headers_of, mail_of
from services.intake.domain.request import Answer, Request
from services.intake.domain.verifiers import Verifier

_PROOF = ("timestamp", "token", "signature")
_WHERE = {"sender": "from", "reply_to": "message-headers (Reply-To)", "text": "body-plain", "subject": "subject"}


def map_mailgun(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per mail."""
    form = body.value
    if not isinstance(form, dict):
        return (Unmapped("not a form"),)
    if isinstance(form.get("body-mime"), str):
        mail = mail_of(str(form["body-mime"]))
        if mail is not None:
            return (item_of(mail, rules, _WHERE),)
    headers = _headers(form)
    text = {name: str(held) for name, held in form.items() if isinstance(held, str)}
    mail = Mail(
        sender=decoded_header(text.get("from") or text.get("From") or text.get("sender", "")),
        subject=decoded_header(text.get("subject") or text.get("Subject", "")),
        text=text.get("body-plain", ""),
        html=text.get("body-html") or text.get("stripped-html", ""),
        reply=text.get("stripped-text", ""),
        to=", ".join(filter(None, (text.get("recipient"), text.get("To") or headers.get("to")))),
        reply_to=text.get("Reply-To") or headers.get("reply-to", ""),
        envelope_from=text.get("sender"),
        headers=headers,
        date=date_of(text.get("Date") or headers.get("date", "")),
    )
    if not mail.sender:
        return (Unmapped("no sender: not a mail of Mailgun", tuple(sorted(form))[:40]),)
    return (item_of(mail, rules, _WHERE),)


def _headers(form: dict[str, JsonValue]) -> dict[str, str]:
    """The mail's headers: a JSON list of pairs."""
    held = form.get("message-headers")
    try:
        pairs = orjson.loads(held) if isinstance(held, str) else held
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(pairs, list):
        return {}
    return headers_of((str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2)


def _delivery_id(request: Request, value: JsonValue) -> str:
    form = body_value(request, value)
    held = text_at(form, "Message-Id") or (_headers(form).get("message-id") if isinstance(form, dict) else None)
    return (held or "").strip()[:200] or fingerprint(request, form, _PROOF)  # each try brings a proof of its own


def _once(request: Request, value: JsonValue) -> tuple[str, str] | None:
    form = body_value(request, value)
    token = text_at(form, "token")
    return (token, fingerprint(request, form, _PROOF)) if token else None


ADAPTER = Adapter(
    "mailgun",
    map_mailgun,
    (Verifier("signature", signed=("field:timestamp", "field:token"), place="form", timestamp="field:timestamp"),),
    _delivery_id,
    answer=Answer(200),
    once=_once,
    preset=Preset(
        "Mailgun inbound mail",
        (
            "Open Receiving, Create route, and choose a match such as match_recipient('leads@mg.example.com').",
            "As the action choose Forward and paste {url}",
            "Mailgun signs with the account's HTTP webhook signing key (Account security): put it in as this source's"
            " secret. Name your own domains in policy/sources.yaml (own_ids).",
        ),
        b"sender=sam.sample%40example.com&recipient=leads%40mg.signalbox.example&from=Sam+Sample+%3Csam.sample%40example.com%3E"
        b"&subject=A+sample&body-plain=A+sample+mail.&stripped-text=A+sample+mail."
        b"&Message-Id=%3Csample%40example.com%3E",
        content_type="application/x-www-form-urlencoded",
        kind="email",
        trust=0.5,
        secret="theirs",
    ),
)

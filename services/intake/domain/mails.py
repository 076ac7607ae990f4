"""A mail to items: whose words it holds, whether a person wrote it, and what its text and signature say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.identity.domains import company_domain, registrable_domain
from libs.identity.mail import normalised_email
from libs.identity.words import word_set
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import finished, opted_out
from services.intake.domain.addresses import addresses_in
from services.intake.domain.entries import Entry
from services.intake.domain.facts import Draft, Fact, Item, NotALead, Unmapped
from services.intake.domain.markup import readable
from services.intake.domain.replies import Parts, forwarded_from, parts_of
from services.intake.domain.shapes import labelled_lines
from services.intake.domain.signatures import put_signature
from services.intake.domain.values import MAX_MESSAGE, line_of, message_of

_MAILERS = word_set("""mailer-daemon postmaster mailerdaemon bounce bounces mail-daemon""")
_NO_REPLY = re.compile(
    r"(?:no|do[-_.]?not)[-_.]?reply|donotreply|notifications?|wordpress|www-data|noresponder", re.IGNORECASE
)
_AWAY = re.compile(
    r"\s*(?:auto(?:matic|mated)?[- ]?(?:reply|response)|out of (?:the )?office|automatische antwort|abwesenheitsnotiz|abwesend"
    r"|abwesenheit|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica"
    r"|fuori ufficio|automatisch antwoord|afwezig(?:heid)?|resposta automática|fora do escritório|autosvar"
    r"|automatiskt? svar|frånvaro|fraværende|automatyczna odpowiedź|автоответ|автоматический ответ|自動返信|自動応答)(?![a-z])",
    re.IGNORECASE,
)
_BOUNCE = re.compile(
    r"\s*(?:undeliver(?:ed|able)|delivery (?:status notification|has failed|failure)|mail delivery (?:failed|failure|subsystem)"
    r"|returned mail|failure notice|unzustellbar)",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\s*(?:re:\s*)?(?:unsubscribe(?: me)?|abmelden|abbestellen|désinscription|opt[- ]?out|remove me)\s*[.!]?\s*",
    re.IGNORECASE,
)
_REPLY = re.compile(r"\s*(?:re|aw|sv|antw|rv|réf?)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|i|doorst)\s*:\s*", re.IGNORECASE)
MESSAGE = "text"
_FORM_BOXES = word_set("""form forms webform webforms website wordpress webmaster formulaire formular formulario""")
SHARED_NAMES = word_set("""info sales contact hello office team support admin marketing mail kontakt""")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, whoever brought it. `sender` and `reply_to` are header lines such as `Ana Ruiz <ana@acme.com>`."""

    sender: str
    subject: str = ""
    text: str = ""
    html: str = ""
    reply: str = ""
    """The new part of the text, where the tool has already cut the quotes off."""
    to: str = ""
    reply_to: str = ""
    envelope_from: str | None = None
    """The SMTP sender; empty for a bounce, None when the tool does not say."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name; of a repeated header the first."""
    date: datetime | None = None


def item_of(mail: Mail, rules: IntakeSource, where: Mapping[str, str]) -> Item:
    """The mail as a lead, or why it is none. `where` gives the places in the body of sender, subject and text."""
    no_lead = _automatic(mail, rules)
    if no_lead is not None:
        return no_lead
    name, address = _person(mail.sender)
    other_name, other = _person(mail.reply_to)
    parts = _parts(mail)
    if _NO_REPLY.search(address) or address.partition("@")[0] in _FORM_BOXES:
        told = _of_a_form(mail, parts, rules, where)
        if told is not None:
            return told
    if _LEAVES.fullmatch(mail.subject) or (len(parts.message) < 40 and _LEAVES.fullmatch(parts.message)):
        return opted_out(address or mail.sender, where.get("sender", "from"), mail.subject or parts.message, mail.date)
    ours = _is_ours(address, mail, rules)
    place = where.get("sender", "from")
    if other and other != address and not _is_ours(other, mail, rules) and (ours or _NO_REPLY.search(address)):
        name, address, ours, place = other_name, other, False, where.get("reply_to", "reply-to")
    elif ours:
        first_line, passed_on = forwarded_from(parts.quoted) if _is_forward(mail, parts) else ("", "")
        name, address = _person(first_line)
        if not address or _is_ours(address, mail, rules):
            return NotALead(Disposition.OWN_MESSAGE, "a mail of our own people")
        parts, place = parts_of(passed_on), f"{where.get('text', MESSAGE)} (forwarded)"
    if not address:
        return Unmapped("the sender's address can't be read", ("from", "subject", "text"))
    return _lead(mail, rules, parts, name, address, place, where)


def _lead(
    mail: Mail, rules: IntakeSource, parts: Parts, name: str, address: str, place: str, where: Mapping[str, str]
) -> Item:
    draft = Draft(rules.own_addresses)
    draft.put("email", address, place)
    if name:
        draft.put("name", name, place, 1.0 if " " in name else 0.8)
    subject = _FORWARD.sub("", mail.subject, count=1).strip()
    _put_message(draft, "" if _REPLY.match(subject) else subject, parts.message, where)
    put_signature(draft, parts.signature, f"{where.get('text', MESSAGE)} (signature)", address)
    scope: JsonValue = {"from": mail.sender, "to": mail.to, "subject": mail.subject, "text": parts.message}
    return finished(draft, scope, rules, forms=(_recipient(mail),), submitted_at=mail.date)


def _of_a_form(mail: Mail, parts: Parts, rules: IntakeSource, where: Mapping[str, str]) -> Item | None:
    """The lead that a form's notification tells in lines such as `Email: ana@acme.com`; None when it tells no address.

    Reply-To is whom the form would have answered.
    """
    place = where.get("text", MESSAGE)
    lines = labelled_lines(parts.message)
    if not lines:
        return None
    draft = Draft(rules.own_addresses)
    draft.assign([Entry((label,), value, f"{place} (line {number})", True) for label, value, number in lines])
    other = _person(mail.reply_to)[1]
    if other and not _is_ours(other, mail, rules):
        draft.put("email", other, where.get("reply_to", "reply-to"))
    if "email" not in draft.facts or _is_ours(str(draft.facts["email"].value), mail, rules):
        return None
    scope: JsonValue = {"from": mail.sender, "to": mail.to, "subject": mail.subject, "text": parts.message}
    return finished(draft, scope, rules, forms=(_recipient(mail),), submitted_at=mail.date)


def _put_message(draft: Draft, subject: str, message: str, where: Mapping[str, str]) -> None:
    """The subject and the text as one message: a subject often holds half of what is asked."""
    body = message_of(message)
    if body:
        draft.put("message", body, where.get("text", MESSAGE))
    if subject and "message" in draft.facts:
        held = draft.facts["message"]
        draft.facts["message"] = replace(held, value=f"{subject}\n\n{held.value}"[:MAX_MESSAGE])
    elif subject:
        draft.facts["message"] = Fact(subject[:500], subject[:300], where.get("subject", "subject"))


def _automatic(mail: Mail, rules: IntakeSource) -> NotALead | None:
    """Why the mail is a machine's; None when a person may have written it (RFC 3834 and what mailers do besides)."""
    headers = mail.headers
    box = _person(mail.sender)[1].partition("@")[0]
    if (
        box in _MAILERS or mail.envelope_from in ("", "<>") or headers.get("return-path", "-").strip() == "<>"
        or "x-failed-recipients" in headers or headers.get("content-type", "").lower().startswith("multipart/report")
        or _BOUNCE.match(mail.subject)
    ):  # fmt: skip
        return NotALead(Disposition.AUTOMATIC, "a bounce")
    submitted = headers.get("auto-submitted", "no").strip().lower()
    if (
        submitted.startswith("auto-replied")
        or "x-autoreply" in headers
        or "x-autorespond" in headers
        or _AWAY.match(mail.subject)
    ):
        return NotALead(Disposition.AUTOMATIC, "an automatic reply")
    precedence = headers.get("precedence", "").strip().lower()
    listed = "list-id" in headers or precedence == "list"
    if precedence in ("bulk", "junk", "auto_reply") or (listed and not _is_our_list(mail, rules)):
        return NotALead(Disposition.AUTOMATIC, "a mailing list's or bulk mail")
    leaves_by_link = "list-unsubscribe" in headers and not listed
    if (submitted != "no" or leaves_by_link) and not mail.reply_to.strip():
        return NotALead(Disposition.AUTOMATIC, "a machine's mail")  # with Reply-To it may pass a form's lead on
    return None


def _is_our_list(mail: Mail, rules: IntakeSource) -> bool:
    """Whether the list is our own: `sales@` is often a group that passes every mail on, and names itself in List-Id."""
    host = mail.headers.get("list-id", "").rpartition("<")[2].rstrip("> ")
    return _is_ours(f"list@{registrable_domain(host)}", mail, rules)


def _parts(mail: Mail) -> Parts:
    text = mail.text if mail.text.strip() else readable(mail.html)
    whole = parts_of(text)
    if mail.reply.strip() and not whole.is_forward:
        new = parts_of(mail.reply)
        return Parts(new.message, new.signature or whole.signature, whole.quoted, whole.is_forward)
    return whole


def _is_forward(mail: Mail, parts: Parts) -> bool:
    return bool(parts.quoted) and (parts.is_forward or _FORWARD.match(mail.subject) is not None)


def _person(line: str) -> tuple[str, str]:
    """Name and address of a header line; empty where there is none."""
    for name, address in addresses_in(line[:1000]):
        plain = normalised_email(address)
        if plain:
            said = line_of(name.strip().strip("'\"")) or ""
            said = re.sub(r"\s*(?:\(.*\)|\b(?:via|von)\b .*)$", "", said)
            if "," in said and said.count(",") == 1:
                last, _, first = said.partition(",")
                said = f"{first.strip()} {last.strip()}"
            is_name = "@" not in said and said.lower() not in SHARED_NAMES
            return (said if is_name else ""), plain
    return "", normalised_email(line)


def _is_ours(address: str, mail: Mail, rules: IntakeSource) -> bool:
    """Whether a mailbox is our own: named in the policy (`own_ids`), or at the company domain that the mail was sent to."""
    host = address.rpartition("@")[2]
    named = {one.strip().lower().removeprefix("@") for one in rules.own_ids}
    if address and (address in named or host in named or registrable_domain(host) in named):
        return True
    domain = company_domain(address)
    return bool(domain) and any(company_domain(to) == domain for _, to in addresses_in(mail.to[:2000]) if "@" in to)


def _recipient(mail: Mail) -> str | None:
    """The mailbox that was written to, which works as the form's name: `form_kinds` of the policy may know it."""
    return next((to.lower() for _, to in addresses_in(mail.to[:1000]) if "@" in to), None)

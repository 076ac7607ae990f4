"""Intercom: {type: notification_event, id, topic, data{item}}. Signs `sha1=` with SHA-1 over the body; a ping is 200 too.

A new lead or contact is a lead, and so is what somebody writes; what an admin or a bot writes is ours. Bodies are HTML.
Intercom pauses an address after 1,000 errors in a quarter of an hour, and counts anything but a 2xx as one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.chats import put_said
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.markup import as_text
from services.intake.domain.request import Answer
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_NEW = (
    "contact.lead.created", "contact.created", "contact.user.created", "user.created", "contact.lead.signed_up",
    "contact.signed_up", "contact.lead.added_email", "contact.added_email", "visitor.signed_up",
)  # fmt: skip
_SAID = ("conversation.user.created", "conversation.user.replied", "conversation.contact.replied", "ticket.created")
_PEOPLE = ("user", "lead", "contact", "visitor")
_FIELDS = {
    "email": "email", "name": "name", "phone": "phone", "external_id": "custom_id", "user_id": "custom_id",
    "referrer": "referrer", "utm_source": "utm_source", "utm_medium": "utm_medium", "utm_campaign": "utm_campaign",
    "utm_term": "utm_term", "utm_content": "utm_content", "location.city": "city", "location_data.city_name": "city",
    "location.country_code": "country", "location.country": "country", "location_data.country_name": "country",
    "companies.companies.0.name": "company", "companies.data.0.name": "company",
    "unsubscribed_from_emails": "do_not_mail",
}  # fmt: skip


def map_intercom(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per notification, told apart by its topic and by who wrote."""
    topic = text_at(body.value, "topic") or ""
    item = at(body.value, "data.item")
    submitted_at = time_of(at(body.value, "created_at"))
    if topic == "ping" or text_at(item, "type") == "ping":
        return (NotALead(Disposition.PING, "a ping"),)
    if not topic or not isinstance(item, dict):
        return (Unmapped("no topic or no item: not a notification of Intercom"),)
    if topic.endswith((".unsubscribed", ".unsubscribe")):
        person = item.get("contact") if isinstance(item.get("contact"), dict) else item
        return (opted_out(at(person, "email"), "data.item.email", topic, submitted_at),)
    if topic.endswith((".deleted", ".archived")):
        return (NotALead(Disposition.CANCELLATION, "the contact is gone"),)
    if ".admin." in topic or ".operator." in topic:
        return (NotALead(Disposition.OWN_MESSAGE, "an admin's or a bot's message"),)
    if topic in _SAID:
        return (_conversation(item, rules, submitted_at if topic.endswith("replied") else None),)
    if topic in _NEW:
        draft = Draft(rules.own_addresses)
        _put_person(draft, item, "data.item")
        if "email" not in draft.facts and draft.phone is None:
            return (NotALead(Disposition.UPDATE, "a visitor without an address: added_email brings it"),)
        return (finished(draft, body.value, rules, submitted_at=time_of(item.get("created_at")) or submitted_at),)
    return (NotALead(Disposition.UPDATE, f"an event about a known contact or conversation: {topic[:80]}"),)


def _conversation(item: dict[str, JsonValue], rules: IntakeSource, replied_at: datetime | None) -> Item:
    """What the person wrote: the latest words of a reply, the first of a new conversation."""
    draft = Draft(rules.own_addresses)
    message, authors = [], list(_written(item))
    for said, author, where in authors:
        if text_at(author, "type") in _PEOPLE and said:
            _put_person(draft, author, f"{where}.author")
            message.append((said, where))
    if authors and not message:
        return NotALead(Disposition.OWN_MESSAGE, "nobody but admins and bots wrote")
    for name in ("user", "contact", "contacts.0", "contacts.contacts.0"):
        _put_person(draft, at(item, name), f"data.item.{name}")
    put_said(draft, message)
    page = text_at(item, "source.url") or text_at(item, "conversation_message.url")
    draft.put("page", page, "data.item.source.url")
    return finished(draft, item, rules, kind="chat", submitted_at=replied_at or time_of(item.get("created_at")))


def _written(item: dict[str, JsonValue]) -> Iterator[tuple[str, JsonValue, str]]:
    """Text, author and place of what was written; a reply's parts, or else what the conversation began with."""
    parts = at(item, "conversation_parts.conversation_parts")
    replies = [
        (part, f"data.item.conversation_parts.conversation_parts[{order}]")
        for order, part in enumerate(parts if isinstance(parts, list) else [])
        if isinstance(part, dict) and isinstance(part.get("body"), str)
    ]
    started = [(at(item, name), f"data.item.{name}") for name in ("source", "conversation_message")]
    for part, where in replies or [(one, where) for one, where in started if isinstance(one, dict)]:
        subject, text = text_at(part, "subject"), at(part, "body")
        said = as_text(text) if isinstance(text, str) else ""
        title = as_text(subject) if subject else ""
        yield "\n\n".join(filter(None, (title, said))), at(part, "author"), where


def _put_person(draft: Draft, person: JsonValue, where: str) -> None:
    if not isinstance(person, Mapping):
        return
    for name, field in _FIELDS.items():
        value = at(person, name)
        if field != "do_not_mail" or value is True:
            draft.put(field, value, f"{where}.{name}")
    own = at(person, "custom_attributes")
    draft.assign(as_answers(entries_of(own, f"{where}.custom_attributes")) if isinstance(own, dict) else [])


ADAPTER = Adapter(
    "intercom",
    map_intercom,
    (Verifier("x-hub-signature", digest="sha1", prefix=b"sha1="),),
    lambda request, value: text_at(value, "id"),  # noqa: ARG005
    answer=Answer(200),
    preset=Preset(
        "Intercom",
        (
            "In the Developer Hub, open your app, Webhooks, and paste {url}",
            "Subscribe to contact.lead.created, contact.lead.added_email, conversation.user.created and"
            " conversation.user.replied.",
            "Intercom signs with the app's client secret (Basic information): put that in as this source's secret.",
        ),
        b'{"type":"notification_event","topic":"contact.lead.created","id":"notif_sample","created_at":1777904520,'
        b'"data":{"type":"notification_event_data","item":{"type":"contact","id":"1","role":"lead",'
        b'"email":"sam.sample@example.com","name":"Sam Sample","created_at":1777904500}}}',
        kind="chat",
        trust=0.7,
        secret="theirs",
    ),
)

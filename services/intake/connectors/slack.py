"""Slack: messages, forms and commands of a workspace, of which few are leads. Signs `v0:time:body`, five minutes either way.

The address is checked by a signed POST of type url_verification, answered with its challenge. All else gets an empty
200: a modal stays open on any other body. A message is a lead when it names somebody who can be reached; colleagues'
talk is not.
"""

import re
from collections.abc import Iterator, Sequence

import orjson
from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.chats import put_said
from services.intake.domain.deliveries import body_value, joined
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.handshakes import slack_challenge
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_LINK = re.compile(r"<(?:mailto:|tel:)?([^<>|]{1,500})(?:\|([^<>]{1,500}))?>")
_BOLD = re.compile(r"\*([^*\n]{1,500})\*")
_LABELLED = re.compile(r"\s*[*_]{0,2}([^\W\d_][\w /-]{1,40}?)[*_]{0,2}\s*:[*_]{0,2}\s*(\S.{0,500})")
_CHANGES = ("message_changed", "message_deleted", "channel_join", "channel_leave", "channel_topic", "message_replied")
_PROFILE = {
    "email": "email", "real_name": "name", "first_name": "first_name", "last_name": "last_name", "phone": "phone",
    "title": "title",
}  # fmt: skip
EMPTY = Answer(200, b"", "text/plain")
MAX_LINES = 200


def map_slack(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per request: a new member, a form that was sent, or a message or command that names somebody."""
    value = payload(body.value)
    kind = text_at(value, "type")
    if kind == "url_verification":
        return (NotALead(Disposition.PING, "Slack checks the address"),)
    if kind == "event_callback":
        return (_event(value, rules),)
    if kind == "view_submission":
        return (_view(value, rules),)
    if kind is not None:
        return (NotALead(Disposition.UPDATE, f"somebody pressed something: {kind[:60]}"),)
    if text_at(value, "command"):
        draft = Draft(rules.own_addresses)
        put_text(draft, text_at(value, "text") or "", "text")
        return (_named(finished(draft, {"text": at(value, "text")}, rules), "a command without an address"),)
    return (Unmapped("no type: not a request of Slack"),)


def payload(value: JsonValue) -> JsonValue:
    """The JSON of an interactive request, which comes as one form field; anything else as it is."""
    held = at(value, "payload")
    if not isinstance(held, str):
        return value
    try:
        parsed: JsonValue = orjson.loads(held)
    except orjson.JSONDecodeError:
        return None
    return parsed


def put_text(draft: Draft, text: str, where: str) -> None:
    """Add a message's words: its `Label: value` lines as fields, an address in its midst, and all of it as the message."""
    plain = _BOLD.sub(r"\1", _LINK.sub(lambda found: found.group(2) or found.group(1), text))
    lines = [found for line in plain.split("\n")[:MAX_LINES] if (found := _LABELLED.fullmatch(line))]
    draft.assign([Entry((line.group(1),), line.group(2).strip(), where) for line in lines])
    put_said(draft, [(plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), where)])


def _event(value: JsonValue, rules: IntakeSource) -> Item:
    event = at(value, "event")
    kind, moment = text_at(event, "type"), time_of(at(value, "event_time"))
    authors = [text_at(event, name) for name in ("bot_id", "app_id", "user", "bot_profile.app_id")]
    if any(author in rules.own_ids for author in authors if author):
        return NotALead(Disposition.OWN_MESSAGE, "a message of our own app")
    draft = Draft(rules.own_addresses)
    if kind == "team_join":
        for name, field in _PROFILE.items():
            draft.put(field, at(event, f"user.profile.{name}"), f"event.user.profile.{name}")
        if at(event, "user.is_bot") is True:
            return NotALead(Disposition.OWN_MESSAGE, "a bot joined")
        return finished(draft, value, rules, submitted_at=moment)
    if kind not in ("message", "app_mention") or text_at(event, "subtype") in _CHANGES:
        return NotALead(Disposition.UPDATE, f"an event of the workspace: {kind or 'none'}"[:100])
    for text, where in _texts(event):
        put_text(draft, text, where)
    return _named(finished(draft, event, rules, submitted_at=moment), "talk of colleagues: it names nobody to reach")


def _texts(event: JsonValue) -> Iterator[tuple[str, str]]:
    """The message's text, and what its blocks and attachments hold besides."""
    if text := at(event, "text"):
        yield str(text), "event.text"
    for name in ("blocks", "attachments"):
        held = at(event, name)
        for order, block in enumerate(held[:50] if isinstance(held, list) else []):
            fields = at(block, "fields")
            for number, field in enumerate(fields[:20] if isinstance(fields, list) else []):
                title, said = (
                    text_at(field, "title"),
                    at(field, "value") if "value" in _keys(field) else at(field, "text"),
                )
                if isinstance(said, str):
                    line = f"{title}: {said}" if title else said.replace(":*\n", ":* ").replace(":\n", ": ")
                    yield line, f"event.{name}[{order}].fields[{number}]"


def _keys(value: JsonValue) -> Sequence[str]:
    return tuple(value) if isinstance(value, dict) else ()


def _view(value: JsonValue, rules: IntakeSource) -> Item:
    """A modal that was sent: its inputs by the labels that the person saw."""
    blocks = at(value, "view.blocks")
    labels = {
        name: label
        for block in (blocks if isinstance(blocks, list) else [])
        if (name := text_at(block, "block_id")) and (label := text_at(block, "label.text"))
    }
    entries, state = [], at(value, "view.state.values")
    for block, actions in state.items() if isinstance(state, dict) else ():
        for action, held in actions.items() if isinstance(actions, dict) else ():
            where = f"view.state.values.{block}.{action}"
            told = at(held, "value") or at(held, "selected_option.text.text") or at(held, "selected_date")
            entries.append(Entry(tuple(filter(None, (labels.get(block), action, block))), told, where))
    draft = Draft(rules.own_addresses)
    draft.assign(as_answers(entries or entries_of(state, "view.state.values")))
    return finished(draft, value, rules, forms=(text_at(value, "view.callback_id"), text_at(value, "view.title.text")))


def _named(item: Item, otherwise: str) -> Item:
    return item if isinstance(item, LeadFacts) else NotALead(Disposition.OWN_MESSAGE, otherwise)


def _answer(request: Request, rules: IntakeSource) -> Answer:  # noqa: ARG001
    return slack_challenge(request) or EMPTY


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    """Team and time of the message; the same over Slack's retries, which a header only numbers."""
    said = payload(body_value(request, value))
    team = text_at(said, "team_id") or text_at(said, "team.id")
    if text_at(said, "type") == "event_callback":
        parts = [text_at(said, "event.channel"), text_at(said, "event.ts") or text_at(said, "event_id")]
        names = [team, text_at(said, "event.type"), *parts] if parts[1] else []
    elif text_at(said, "command"):
        names = [team, text_at(said, "trigger_id")]
    else:
        place = text_at(said, "message.ts") or text_at(said, "container.message_ts") or text_at(said, "view.id")
        once = text_at(said, "actions.0.action_ts") or text_at(said, "trigger_id") or text_at(said, "view.hash")
        names = [team, place, once] if place else []
    known = [name for name in names if name]
    return joined([" ".join(known)]) if len(known) > 1 else None


ADAPTER = Adapter(
    "slack",
    map_slack,
    (
        Verifier(
            "x-slack-signature", signed=(b"v0:", "timestamp", b":", "body"), prefix=b"v0=",
            timestamp="x-slack-request-timestamp",
        ),
    ),
    _delivery_id,
    answer=_answer,
    preset=Preset(
        "Slack",
        (
            "Make an app at api.slack.com/apps and put its signing secret in as this source's secret.",
            "Under Event Subscriptions paste {url}; subscribe the bot to message.channels, and invite it to the channel.",
            "Name the app's own bot id in policy/sources.yaml (own_ids): notices that Signalbox posts are no leads.",
        ),
        b'{"type":"event_callback","team_id":"T0SAMPLE","event_id":"Ev0SAMPLE","event_time":1777904520,"event":{"type":'
        b'"message","channel":"C0SAMPLE","user":"U0SAMPLE","ts":"1777904520.000100",'
        b'"text":"Name: Sam Sample\\nEmail: <mailto:sam.sample@example.com|sam.sample@example.com>"}}',
        kind="chat",
        trust=0.5,
        secret="theirs",
    ),
)  # fmt: skip

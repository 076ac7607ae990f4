"""Who is told of changes by a webhook, and what they are told: Standard Webhooks (standardwebhooks.com), version 1."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, JsonValue

from libs.contracts import ids, signing
from libs.contracts.base import Model
from libs.contracts.events import Event, RecordChanged
from libs.contracts.outcome import Effect

CALL = "webhook"
"""The effect's name."""
EVERYTHING = "*"
ACTS = ("created", "changed", "deleted")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A webhook as its owner set it up. `types` are `contact`, `contact.created` and the like, or `*`.
    Without a url it is one that was removed."""

    webhook_id: str
    url: str
    types: tuple[str, ...] = (EVERYTHING,)
    active: bool = True
    by: str = ""

    def wants(self, record_type: str, act: str) -> bool:
        """Whether it is told of such a change."""
        return self.active and not {EVERYTHING, record_type, f"{record_type}.{act}"}.isdisjoint(self.types)


class WebhookArguments(Model):
    """Arguments of `webhook`, whose key is the webhook's id: set up, changed, switched on or off. The secret is not here:
    commands stand in a topic."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(default="", max_length=2000)
    types: tuple[str, ...] = Field(default=(EVERYTHING,), min_length=1, max_length=50)
    active: bool = True
    act: Literal["set", "remove"] = "set"


def webhook_problems(url: str, types: Iterable[str], record_types: Sequence[str], *, plain_http: bool) -> list[str]:
    """What is wrong with a subscription."""
    found = []
    try:
        parts = urlsplit(url)
        host, scheme, login = parts.hostname or "", parts.scheme, parts.username or parts.password
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError:
        host, scheme, login = "", "", None
    if scheme != "https" and not (plain_http and scheme == "http"):
        found.append("url: has to start with https://")
    if not host or any(character.isspace() for character in url):
        found.append("url: names no host")
    if login:
        found.append("url: may hold no login; the signature says who sends")
    known = {EVERYTHING, *record_types, *(f"{kind}.{act}" for kind in record_types for act in ACTS)}
    found += [
        f"types.{place}: not one of {', '.join(sorted(known))}" for place, one in enumerate(types) if one not in known
    ]
    return found


def derived_secret(tenant_secret: bytes, webhook_id: str) -> str:
    """The secret of a webhook for which nobody brought one."""
    return signing.derived_secret(tenant_secret, f"webhook {webhook_id}")


def subscribed(held: Sequence[Subscriber], changed: Iterable[Subscriber]) -> Sequence[Subscriber]:
    """The subscribers after some of them changed."""
    now = {one.webhook_id: one for one in (*held, *changed)}
    return [one for one in now.values() if one.active]


def calls_of(events: Iterable[Event | None], subscribers: Sequence[Subscriber], now: datetime) -> tuple[Effect, ...]:
    """The calls that tell subscribers of the changed records among the events, each with an id that a repeat keeps."""
    if not subscribers:
        return ()
    return tuple(
        Effect(CALL, one.webhook_id, {"webhook_id": one.webhook_id, "message_id": _message(one, event), "body": body})
        for event in events
        if isinstance(event, RecordChanged)
        for body in (payload(event, now),)
        for one in subscribers
        if one.wants(event.record.type, _act(event))
    )


def payload(event: RecordChanged, now: datetime) -> dict[str, JsonValue]:
    """What a subscriber is sent. Calls may overtake each other: the higher version of a record is the newer one."""
    data: dict[str, Any] = {
        "record": {"type": event.record.type, "id": event.record.id},
        "version": event.version,
        "changed": list(event.changed),
        "fields": event.fields,
        "actor": event.actor.model_dump(),
    }
    return {"type": f"{event.record.type}.{_act(event)}", "timestamp": now.isoformat(), "data": data}


def _act(event: RecordChanged) -> str:
    if event.fields is None:
        return "deleted"
    return "created" if event.version == 1 else "changed"


def _message(one: Subscriber, event: RecordChanged) -> str:
    return "msg_" + ids.derived_id("webhook", one.webhook_id, event.record.key, event.version)

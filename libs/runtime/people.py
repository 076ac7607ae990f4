"""Who people are to the APIs: their tokens, what was granted to them, and the record of whom they were shown.

A token says who somebody is, not what they may do: that is read from `access.granted.v1`, so a grant, a narrower role or a
revocation counts at once and everywhere, and no token has to be made anew. Tokens are signed with a key derived from the
stack's own API token; replacing that voids them all.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.contracts.codec import encode
from libs.contracts.events import AccessGranted, AccessRecorded
from libs.contracts.topics import ACCESS_GRANTED, ACCESS_RECORDED
from libs.policy.access import RIGHTS, Right
from libs.policy.fields import Role
from libs.runtime import clock
from libs.runtime.broker import Producer

PREFIX = "sb1"
MAX_TOKEN = 600
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
ALL_RIGHTS = RIGHTS["admin"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do. `role` None: the stack's own token, which acts for whoever it names."""

    actor: Actor
    role: Role | None = None
    queues: tuple[str, ...] = ()
    """Only leads of these; empty: all."""
    member: str | None = None
    """The CRM member that they are; a rep sees that member's leads, others are told as that member."""
    seen: list[RecordRef] = field(default_factory=list, compare=False)
    """Records of which this request was shown personal data."""

    def may(self, right: Right) -> bool:
        """Whether they have a right."""
        return right in (ALL_RIGHTS if self.role is None else RIGHTS[self.role])

    @property
    def is_limited(self) -> bool:
        """Whether they see some leads only."""
        return self.role == "rep" or bool(self.queues)

    def reaches(self, queue: str | None, *members: str | None) -> bool:
        """Whether a lead of a queue, which concerns these members, is theirs to see: a rep's are their own."""
        if self.role == "rep":
            return self.member is not None and self.member in members
        return not self.queues or queue in self.queues


class People:
    """What everybody was granted, fed with `access.granted.v1` in order."""

    def __init__(self) -> None:
        self._granted: dict[str, AccessGranted] = {}

    def add(self, granted: AccessGranted) -> None:
        """Take in a grant; the newest of a person counts."""
        self._granted[granted.person] = granted

    def caller(self, token: str, api_token: bytes, now: datetime) -> Caller | None:
        """Who a person's token stands for now; None for a token that is not ours, was voided or has ended."""
        read = read_token(token, api_token)
        if read is None:
            return None
        person, made_at = read
        granted = self._granted.get(person)
        return None if granted is None or made_at < granted.valid_from else _caller(granted, now)

    def person(self, name: str, now: datetime) -> Caller | None:
        """What somebody may do now, by their name; None when nothing is granted to them."""
        granted = self._granted.get(name)
        return None if granted is None else _caller(granted, now)

    def of_member(self, member_id: str, now: datetime) -> Caller | None:
        """What the person may do now who is that member of the CRM; None when nobody is, or several are."""
        found = [_caller(one, now) for one in self._granted.values() if one.member == member_id]
        known = [one for one in found if one is not None]
        return known[0] if len(known) == 1 else None


def _caller(granted: AccessGranted, now: datetime) -> Caller | None:
    if granted.role is None or (granted.until is not None and now >= granted.until):
        return None
    return Caller(Actor(kind="human", id=granted.person), granted.role, granted.queues, granted.member)


def make_token(person: str, api_token: bytes, now: datetime) -> str:
    """A token that says who somebody is. Whoever has it is them: it is shown once and kept nowhere."""
    name = base64.urlsafe_b64encode(person.encode()).decode().rstrip("=")
    body = f"{PREFIX}.{name}.{_micros(now)}"
    return f"{body}.{_signature(body, api_token)}"


def read_token(token: str, api_token: bytes) -> tuple[str, datetime] | None:
    """The person and when it was made; None for what was not signed with this key."""
    body, _, signature = token.rpartition(".")
    parts = body.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3 or parts[0] != PREFIX:
        return None
    wanted = _signature(body, api_token).encode()
    if not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), wanted):
        return None
    # signed by us, so well formed
    person = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode()
    return person, EPOCH + int(parts[2]) * MICROSECOND


def _micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _signature(body: str, api_token: bytes) -> str:
    key = hmac.new(api_token, b"signalbox tokens of people", hashlib.sha256).digest()
    return hmac.new(key, body.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


class AccessLog(Protocol):
    """Where it is kept who was shown what."""

    async def record(self, caller: Caller, service: str, route: str, records: Sequence[RecordRef]) -> None:
        """Keep it. Raises Retryable when it can't be kept: then nothing is shown."""
        ...


class NoAccessLog:
    """For an app that no process serves."""

    async def record(self, caller: Caller, service: str, route: str, records: Sequence[RecordRef]) -> None:
        """Keeps nothing."""


class PublishedAccesses:
    """Writes `access.recorded.v1` and `access.granted.v1`."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def record(self, caller: Caller, service: str, route: str, records: Sequence[RecordRef]) -> None:
        """See AccessLog."""
        now = clock.now()
        event = AccessRecorded(
            event_id=ids.derived_id("access", clock.new_id()), decided_at=now, person=caller.actor.id,
            role=caller.role or "stack", service=service, route=route, records=tuple(records), at=now,
        )  # fmt: skip
        await self._producer.send_and_wait(encode(ACCESS_RECORDED, event, caller.actor.id, source=service))

    async def grant(self, granted: AccessGranted) -> None:
        """Publish what somebody may do from now on. Raises Retryable when the broker does not take it."""
        await self._producer.send_and_wait(encode(ACCESS_GRANTED, granted, granted.person, source="audit"))

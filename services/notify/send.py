"""The effect `send`: one message, made of what its reader may see now, and kept track of so that it goes out once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.policy.fields import Role
from libs.policy.policy import Policy
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from libs.runtime.limits import Breaker
from libs.runtime.people import AccessLog, Caller, People
from libs.runtime.policies import PolicyVersions
from services.notify.connectors import Connectors
from services.notify.connectors.base import Busy, Gone
from services.notify.domain.account import Accounts, Target
from services.notify.domain.notice import Member, Notice
from services.notify.domain.plan import may_leave
from services.notify.domain.quiet import zone_of
from services.notify.domain.shown import Content, Reader, Said, content_of, said_of
from services.notify.store import Held, PostgresBook

log = logging.getLogger(__name__)

NOBODY_KNOWN = Actor(kind="rule", id="notify")
"""Who was shown something by a message to a member without a grant, or to a room: nobody is known by name."""


class Session(Protocol):
    """What the process knows of people: who they are now, and where it is kept that they were shown something."""

    @property
    def people(self) -> People:
        """What everybody was granted."""
        ...

    @property
    def accesses(self) -> AccessLog:
        """The record of who was shown whom."""
        ...


@dataclass(slots=True)
class Sending:
    """Runs messages at least once each, and not again once it is noted that the channel took one."""

    book: PostgresBook
    connectors: Connectors
    accounts: Callable[[float], Accounts]
    policies: PolicyVersions
    session: Callable[[], Session]
    health: Health
    console_url: str
    disable_after: timedelta
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _pauses: dict[str, tuple[float, str]] = field(default_factory=dict)

    async def run(self, arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG002 - the message's id is its own
        """Send one message. Raises Retryable when it is to be tried again; what can't be sent is said in the result."""
        assert isinstance(arguments, dict)
        message_id = str(arguments["message_id"])
        held = await self.book.message(message_id)
        if not held:
            return _given_up("nothing of it is left to be sent")
        if await self.book.was_sent(message_id):
            return {"state": "sent"}
        channel, policy = held[0].delivery.channel, self.policies.newest()
        if reason := await self._why_not(channel, held, policy):
            return _given_up(reason)
        self._keep_pace(channel)
        readable = [(one, one.notice) for one in held if one.notice is not None]
        return await self._sent(message_id, channel, readable, policy)

    async def _sent(
        self, message_id: str, channel: str, held: Sequence[tuple[Held, Notice]], policy: Policy
    ) -> JsonValue:
        member, now = held[0][0].member, clock.now()
        reader, caller = self._reader(member, policy, now)
        said = [said_of(notice, one.asked, one.delivery.delivery_id, reader, policy) for one, notice in held]
        content = content_of(message_id, said, policy)
        await self._keep_who_was_shown(caller, channel, content)
        target = Target(member.name, member.address(channel)) if member is not None else Target()
        try:
            await self.connectors.send(channel, self.accounts(clock.monotonic()), content, target, now)
        except Gone as error:
            off = await self._failed(message_id, channel, error.message, timedelta(0))
            return {**_given_up(error.message), **off}
        except Rejected as error:
            await self._failed(message_id, channel, error.message, None)
            return _given_up(error.message)
        except Busy as error:
            await self._failed(message_id, channel, str(error), None)
            if error.after_seconds is not None:
                self._pauses[channel] = (clock.monotonic() + error.after_seconds, str(error))
            raise
        except Retryable as error:
            return await self._troubled(message_id, channel, error)
        await self.book.sent(message_id, channel, clock.now())
        self.well(channel)
        return {"state": "sent"}

    async def _troubled(self, message_id: str, channel: str, error: Retryable) -> JsonValue:
        """The channel fails: it is left alone for a while, and for good after days. Raises Retryable until then."""
        off = await self._failed(message_id, channel, str(error), self.disable_after)
        if off:
            return {**_given_up(str(error)), **off}
        wait = self._breakers.setdefault(channel, Breaker()).failed(clock.monotonic(), str(error))
        self.health.warn(channel, f"{error}; what is to be told waits")
        raise Retryable(str(error), after_seconds=max(wait, error.after_seconds or 0.0))

    async def _failed(
        self, message_id: str, channel: str, reason: str, after: timedelta | None
    ) -> dict[str, JsonValue]:
        """Note a failure; what the result says besides when the channel was switched off by it."""
        log.warning("%s: %s", channel, reason)
        if not await self.book.failed(message_id, channel, reason, clock.now(), after):
            return {}
        self.health.warn(channel, f"switched off: {reason}; `signalbox notices test {channel}` switches it on")
        return {"channel": channel, "off": reason}

    def well(self, channel: str) -> None:
        """The channel takes messages."""
        self._breakers.pop(channel, None)
        self._pauses.pop(channel, None)
        self.health.mended(channel)

    async def _why_not(self, channel: str, held: Sequence[Held], policy: Policy) -> str:
        """Why a message is not sent now; empty when it is. Read at the moment of acting: mode, member, channel."""
        member = held[0].member
        if not may_leave(policy):
            return "the launch mode lets no notice leave the house"
        if all(one.notice is None for one in held):
            return "what it was about was erased"
        if held[0].delivery.recipient and (member is None or not member.active):
            return "the member is not active any more"
        if member is not None and not member.address(channel):
            return f"the member's record has no {channel} address"
        off = (await self.book.channels()).get(channel, {}).get("disabled_at")
        return "" if off is None else f"the channel {channel} was switched off at {off.isoformat()}"

    def _keep_pace(self, channel: str) -> None:
        """Raises Retryable while the channel is left alone."""
        now = clock.monotonic()
        breaker = self._breakers.get(channel)
        until, reason = self._pauses.get(channel, (0.0, ""))
        if breaker is not None and breaker.open_until > max(now, until):
            until, reason = breaker.open_until, breaker.reason
        if until > now:
            raise Retryable(reason, after_seconds=until - now)

    def _reader(self, member: Member | None, policy: Policy, now: datetime) -> tuple[Reader, Caller | None]:
        """Who reads it, by what they were granted until now."""
        caller = None if member is None else self.session().people.of_member(member.member_id, now)
        role: Role = policy.notices.shared_role if member is None else policy.notices.role_without_grant
        if caller is not None and caller.role is not None:
            role = caller.role
        return Reader(role, zone_of(member, policy), self.console_url), caller

    async def _keep_who_was_shown(self, caller: Caller | None, channel: str, content: Content) -> None:
        """Raises Retryable when it can't be kept: then nothing is shown."""
        if leads := [RecordRef(type="lead", id=lead) for lead in content.personal_leads]:
            shown = caller or Caller(NOBODY_KNOWN)
            await self.session().accesses.record(shown, "notify", f"NOTICE {channel}", leads)

    async def test(self, channel: str, target: Target, now: datetime) -> None:
        """Send a test, past every pause; one that gets through switches the channel on. Raises Retryable or Rejected."""
        message_id = ids.derived_id("message", "test", clock.new_id())
        data: dict[str, JsonValue] = {"notice_id": message_id, "kind": "test", "at": now.isoformat()}
        line = "If you can read this, notices get through on this channel."
        said = Said(message_id, "", "test", "A test from Signalbox", "", (line,), "", data)
        content = Content(message_id, said.title, (said,))
        await self.connectors.send(channel, self.accounts(clock.monotonic()), content, target, now)
        await self.book.switched_on(channel)
        self.well(channel)


def _given_up(reason: str) -> dict[str, JsonValue]:
    return {"state": "given_up", "reason": reason}

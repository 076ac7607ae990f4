"""Who hears of a notice by which channel, and when: pure, from the policy and the members as they are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.outcome import Effect, Timer
from libs.policy.launch import Allowance
from libs.policy.notices import NoticeRule, is_shared
from libs.policy.policy import Policy
from services.notify.domain.notice import WAITING, Delivery, Member, Notice, State
from services.notify.domain.quiet import digest_due, loud_from, zone_of

SEND = "send"
"""The effect: one message."""
DELIVERED = "delivered"
"""The command that says how a message ended."""
PRESSED = "pressed"
"""The command: somebody pressed a button; its arguments are Slack's press (`slack.py`)."""
RELEASE = "release"
"""The timer: what one recipient was kept by one channel is due."""
STALE = timedelta(hours=24)
"""What is heard of later than that after it happened is no news: a first start reads the topic from its beginning."""
MESSAGE_MAX = 40
"""Notices in one message: Slack takes 50 blocks."""


def deliveries_of(
    notice: Notice, members: Mapping[str, Member], policy: Policy, now: datetime
) -> tuple[Delivery, ...]:  # fmt: skip
    """A delivery for each recipient and channel that the policy names, each once."""
    found: dict[tuple[str, str], Delivery] = {}
    for member, rule in _recipients(notice, members, policy):
        for channel in rule.channels:
            who = None if is_shared(channel) else member
            if (who is None and not is_shared(channel)) or (who.member_id if who else "", channel) in found:
                continue
            one = _delivery(notice, who, channel, rule, policy, now)
            found[one.recipient, channel] = one
    return tuple(found.values())


def may_leave(policy: Policy) -> bool:
    """Whether the launch mode lets notices leave the house now."""
    return policy.launch.allows("notice", policy.launch.mode) is Allowance.AUTO


def released(
    waiting: Iterable[Delivery], recipient: str, channel: str, due: datetime, policy: Policy, now: datetime
) -> tuple[Delivery, ...]:
    """What was kept for a recipient and is due, on its way as one message, or several when there is much of it."""
    ready = sorted(
        (
            one
            for one in waiting
            if one.state in WAITING and (one.recipient, one.channel) == (recipient, channel)
            and one.due_at is not None and one.due_at <= due
        ),
        key=lambda one: (one.at, one.delivery_id),
    )  # fmt: skip
    if not may_leave(policy):
        return tuple(one.moved("given_up", now, "the launch mode lets no notice leave the house") for one in ready)
    chunks = [ready[at : at + MESSAGE_MAX] for at in range(0, len(ready), MESSAGE_MAX)]
    return tuple(one.moved("queued", now, message_id=_message_id(chunk)) for chunk in chunks for one in chunk)


def effects_of(moved: Iterable[Delivery]) -> tuple[Effect, ...]:
    """One call for each message that is on its way. Nothing about anybody is in it: an erased lead stops no digest."""
    messages = dict.fromkeys(one.message_id for one in moved if one.state == "queued")
    return tuple(Effect(SEND, name, {"message_id": name}, done=DELIVERED) for name in messages)


def timers_of(moved: Iterable[Delivery]) -> tuple[Timer, ...]:
    """One bell for each recipient, channel and instant: a later one never takes the place of an earlier."""
    kept = {
        (one.recipient, one.channel, one.due_at): None
        for one in moved
        if one.state in WAITING and one.due_at is not None
    }
    return tuple(bell_of(*one) for one in kept)


def bell_of(recipient: str, channel: str, due: datetime) -> Timer:
    """The bell for what one recipient is kept by one channel until then."""
    arguments: JsonValue = {"recipient": recipient, "channel": channel, "due": due.isoformat()}
    return Timer(RELEASE, f"{recipient}|{channel}|{due.isoformat()}", due, arguments)


def _recipients(
    notice: Notice, members: Mapping[str, Member], policy: Policy
) -> Sequence[tuple[Member | None, NoticeRule]]:
    """Members with the rule that takes the notice to them; nobody, for the rooms of a role that no member has."""
    if notice.member:
        held = members.get(notice.member)
        told = [held] if held is not None and held.active else []
    else:
        told = sorted(
            (one for one in members.values() if one.active and notice.role in one.roles), key=lambda one: one.member_id
        )
    pairs: list[tuple[Member | None, NoticeRule]] = []
    readers: Sequence[Member | None] = told or [None]
    for member in readers:
        roles = frozenset((*(member.roles if member else ()), *((notice.role,) if notice.role else ())))
        rule = policy.notices.rule_for(notice.kind, roles, notice.queue)
        if rule is not None:
            pairs.append((member, rule))
    return pairs


def _delivery(
    notice: Notice, member: Member | None, channel: str, rule: NoticeRule, policy: Policy, now: datetime
) -> Delivery:
    recipient = member.member_id if member else ""
    delivery = Delivery(
        ids.derived_id("delivery", notice.notice_id, channel, recipient), notice.notice_id, notice.lead_id, notice.kind,
        channel, recipient, "queued", now,
    )  # fmt: skip
    if notice.at < now - STALE:
        return delivery.moved("given_up", now, "it was heard of a day late")
    if member is not None and not member.address(channel):
        return delivery.moved("given_up", now, f"the member's record has no {channel} address")
    state, due = _when(channel, member, rule, policy, now)
    message_id = _message_id([delivery]) if state == "queued" else ""
    return replace(delivery, state=state, due_at=due, message_id=message_id)


def _when(
    channel: str, member: Member | None, rule: NoticeRule, policy: Policy, now: datetime
) -> tuple[State, datetime | None]:
    if channel.startswith("webhook:"):
        return "queued", None  # a system sleeps never
    zone, quiet = zone_of(member, policy), policy.notices.quiet_hours
    if rule.when == "digest":
        return "collected", digest_due(now, zone, policy.notices.digest_at, quiet)
    end = now if rule.urgent else loud_from(now, zone, quiet)
    return ("held", end) if end > now else ("queued", None)


def _message_id(deliveries: Sequence[Delivery]) -> str:
    return ids.derived_id("message", *(one.delivery_id for one in deliveries))

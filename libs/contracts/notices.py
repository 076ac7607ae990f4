"""The events that tell people something, and what became of it outside."""

from datetime import datetime
from typing import Literal

from libs.contracts.base import PersonalText, PersonalValue
from libs.contracts.change import RecordRef
from libs.contracts.events import Event


class NoticeGiven(Event):
    """Something that a member, or whoever has a role, should hear about a lead.

    `offered`, `given`: it is theirs to take, or theirs; `moved`: it was theirs and is not any more; `waiting`: a lead of their
    account waits for a person; `rolled_back`: values of records of theirs went back; `channel_off`: notices don't get
    through on a channel any more; the others are steps of a clock.
    """

    notice_id: str
    to: RecordRef | None = None
    """The member; None: whoever has the role."""
    role: str = ""
    lead_id: str
    """Empty for what is about no lead."""
    kind: Literal[
        "offered", "given", "moved", "waiting", "reminded", "breached", "escalated", "rolled_back", "channel_off"
    ]
    clock: Literal["", "first_touch", "triage", "accept", "follow_up"] = ""
    due_at: datetime | None = None
    text: PersonalText
    at: datetime
    """When it happened, which may be before it was heard of."""
    outgoing: bool = True
    """Whether the launch mode lets it leave the house (mail, chat); otherwise it is only listed."""
    queue: str = ""
    """Where the lead is, or would go."""
    facts: dict[str, PersonalValue] = {}
    """Fields of the lead that say which one it is; who is shown them depends on their role."""


class NoticeDelivered(Event):
    """What became of telling one recipient of one notice by one channel. Never what was said, and no address.

    `queued`: it is being sent; `held`: until quiet hours end; `collected`: for the next digest; `sent`: the channel took it;
    `given_up`: it will not be sent, and `reason` says why.
    """

    delivery_id: str
    notice_id: str
    lead_id: str = ""
    kind: str
    channel: str
    member: str = ""
    """The member who was told; empty for a channel that many read."""
    state: Literal["queued", "held", "collected", "sent", "given_up"]
    due_at: datetime | None = None
    """When it is to go out, of what is held or collected."""
    message_id: str = ""
    """What was sent: one message may hold many notices."""
    reason: str = ""
    at: datetime

"""Who is told outside Signalbox: which notices leave by which channel, and when."""

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from libs.policy.fields import Role
from libs.policy.part import Name, Part
from libs.policy.sla import known_zone

Kind = Literal[
    "offered", "given", "moved", "waiting", "reminded", "breached", "escalated", "rolled_back", "channel_off", "asked",
]  # fmt: skip
"""Those of `notice.given.v1`, and `asked`: triage has a new question for the role that works its queue."""
Channel = Annotated[str, Field(pattern=r"^(email|slack|(slack|webhook):[a-z][a-z0-9_]{0,63})$")]
"""`email` and `slack` go to the member; `slack:NAME` is a room and `webhook:NAME` a system, by their names in notify.json."""
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_shared(channel: str) -> bool:
    """Whether a channel is one that many read, and not a member's own."""
    return ":" in channel


class QuietHours(Part):
    """When nobody is told of what is not urgent, by each member's own clock. `end` before `start`: over midnight."""

    start: time
    end: time
    days_off: tuple[Day, ...] = ()
    """Days that are quiet from midnight to midnight."""

    @model_validator(mode="after")
    def _ends(self) -> "QuietHours":
        if self.start == self.end:
            raise ValueError("quiet hours begin and end at different times; for whole days, use days_off")
        if set(self.days_off) == set(DAYS):
            raise ValueError("not every day can be a day off: what is held would never be sent")
        if any(one.second or one.microsecond or one.tzinfo for one in (self.start, self.end)):
            raise ValueError("quiet hours begin and end at whole minutes, without a zone")
        return self


class NoticeRule(Part):
    """The first rule that takes a notice to a member counts. What is left out does not restrict it."""

    name: Name
    kinds: tuple[Kind, ...] = ()
    roles: tuple[str, ...] = ()
    """Members with one of these roles, or notices to one of them."""
    queues: tuple[Name, ...] = ()
    """Of leads in these queues."""
    channels: tuple[Channel, ...] = ()
    """None: it is only listed in Signalbox."""
    when: Literal["now", "digest"] = "now"
    urgent: bool = False
    """It is sent in quiet hours, too."""

    def takes(self, kind: str, roles: frozenset[str], queue: str) -> bool:
        """Whether a notice to somebody with these roles is of this rule."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.roles or not roles.isdisjoint(self.roles))
            and (not self.queues or queue in self.queues)
        )

    def covers(self, other: "NoticeRule") -> bool:
        """Whether every notice that the other rule takes is of this one, too."""
        return all(
            not mine or (theirs and set(theirs) <= set(mine))
            for mine, theirs in ((self.kinds, other.kinds), (self.roles, other.roles), (self.queues, other.queues))
        )


class Notices(Part):
    """`notices.yaml`. A notice that no rule takes is listed in Signalbox, and leaves by no channel."""

    rules: tuple[NoticeRule, ...] = ()
    quiet_hours: QuietHours | None = None
    digest_at: tuple[time, ...] = (time(9),)
    """When digests go out, by each member's own clock."""
    time_zone: Annotated[str, AfterValidator(known_zone)] | None = None
    """Of channels that many read, and of members whose record names neither a zone nor a calendar; None: that of the
    default calendar."""
    subject: Literal["plain", "with_facts"] = "plain"
    """Whether subject lines of mails, which stand in lock screens and logs, say who the lead is."""
    role_without_grant: Role = "viewer"
    """What a member is shown who was granted nothing (`signalbox access grant NAME --member ID`)."""
    shared_role: Role = "viewer"
    """What rooms and systems are shown."""
    slack_users: dict[Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")], str] = {}
    """Who decides with a button: Slack's user id, and the person as they were granted access."""

    def rule_for(self, kind: str, roles: frozenset[str], queue: str) -> NoticeRule | None:
        """The first rule that takes a notice; None: it is only listed."""
        return next((rule for rule in self.rules if rule.takes(kind, roles, queue)), None)

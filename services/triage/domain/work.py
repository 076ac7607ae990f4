"""Who works on an item: claims that run out, assignments, and snoozes that end by themselves. None of it stops a clock."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from libs.contracts.base import Model, PersonalText

UNTIL_EVIDENCE = datetime(9999, 1, 1, tzinfo=UTC)
"""`snoozed_until` of an item that comes back with its next new question alone."""
COMMENT_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class WorkRules:
    """How long a claim stands, a snooze may last, and a decision can be taken back."""

    claim: timedelta = timedelta(minutes=15)
    snooze_max: timedelta = timedelta(days=30)
    undo: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Work:
    """Who works on an item. Empty names are nobody. Times are UTC."""

    claimed_by: str = ""
    claimed_since: datetime | None = None
    claimed_until: datetime | None = None
    assigned_to: str = ""
    snoozed_until: datetime | None = None
    snoozed_by: str = ""

    def claimant(self, now: datetime) -> str:
        """Who has it now; empty when nobody does, or the claim ran out."""
        held = self.claimed_until is not None and now < self.claimed_until
        return self.claimed_by if held else ""

    def is_snoozed(self, now: datetime) -> bool:
        """Whether it is out of sight now."""
        return self.snoozed_until is not None and now < self.snoozed_until


NOBODY = Work()


class Comment(Model):
    """What somebody said about an item. Comments are only added; `comment_id` is the id of the command."""

    comment_id: str
    lead_id: str
    author: str
    at: datetime
    text: PersonalText


class Refusal(Exception):
    """Why an act can't be done now: a code, words for the person, and facts beside them."""

    def __init__(self, code: Literal["claimed", "invalid"], message: str, **facts: str | None) -> None:
        super().__init__(message)
        self.code, self.message, self.facts = code, message, facts


def refuse_claimed(work: Work, person: str, now: datetime, *, take_over: bool) -> None:
    """Refuse what somebody else works on, unless it is taken over. Raises Refusal that says who has it, and since when."""
    holder = work.claimant(now)
    if take_over or holder in ("", person):
        return
    since, until = _text(work.claimed_since), _text(work.claimed_until)
    message = f"{holder} works on it since {since}: take it over, or wait until {until}"
    raise Refusal("claimed", message, by=holder, since=since, until=until)


def claimed(work: Work, person: str, now: datetime, rules: WorkRules, *, take_over: bool = False) -> Work:
    """The work with the person's claim; one that they hold already goes on from when it began. Raises Refusal."""
    refuse_claimed(work, person, now, take_over=take_over)
    since = work.claimed_since if work.claimant(now) == person else now
    return replace(work, claimed_by=person, claimed_since=since, claimed_until=now + rules.claim)


def released(work: Work, person: str, now: datetime, *, take_over: bool = False) -> Work:
    """The work without a claim; nobody gives back what another holds, unless they take it over. Raises Refusal."""
    refuse_claimed(work, person, now, take_over=take_over)
    return replace(work, claimed_by="", claimed_since=None, claimed_until=None)


def assigned(work: Work, to: str, now: datetime) -> Work:
    """The work with who is to do it; a claim of somebody else ends, since it is another's now. `to` empty: nobody's."""
    kept = work if not to or work.claimant(now) in ("", to) else released(work, work.claimed_by, now)
    return replace(kept, assigned_to=to)


def snoozed(work: Work, until: datetime | None, person: str, now: datetime, rules: WorkRules) -> Work:
    """The work out of sight until a time, or (None) until something new is asked. Raises Refusal for a time that is none."""
    if until is not None and until.tzinfo is None:
        raise Refusal("invalid", "until: write the time with its offset, as 2026-11-02T10:00:00+01:00")
    if until is not None and not now < until <= now + rules.snooze_max:
        raise Refusal("invalid", f"until: a time from now on, at most {rules.snooze_max.days} days away")
    free = replace(work, claimed_by="", claimed_since=None, claimed_until=None)
    kept = free if work.claimant(now) in ("", person) else work
    return replace(kept, snoozed_until=until or UNTIL_EVIDENCE, snoozed_by=person)


def awake(work: Work) -> Work:
    """The work back in sight."""
    return replace(work, snoozed_until=None, snoozed_by="")


def carried(work: Work, before: Collection[str], asked: Collection[str]) -> Work:
    """The work as the item's next questions find it: a new one ends a snooze, the same ones again don't."""
    return awake(work) if set(asked) - set(before) else work


def finished(work: Work) -> Work:
    """The work of a decided item: nobody's turn any more. Whose it was stays known."""
    return Work(assigned_to=work.assigned_to)


def snoozed_until(work: Work, now: datetime) -> JsonValue:
    """Until when it is out of sight (ISO 8601); None when it is not."""
    return _text(work.snoozed_until) if work.is_snoozed(now) else None


def work_shown(work: Work, now: datetime) -> dict[str, JsonValue]:
    """How the work stands, as the API and the commands' answers tell it."""
    holder = work.claimant(now)
    since, until = (work.claimed_since, work.claimed_until) if holder else (None, None)
    snooze = snoozed_until(work, now)
    return {
        "claimed_by": holder or None,
        "claimed_since": since.isoformat() if since else None,
        "claimed_until": until.isoformat() if until else None,
        "assigned_to": work.assigned_to or None,
        "snoozed_until": snooze,
        "snoozed_by": work.snoozed_by if snooze else None,
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

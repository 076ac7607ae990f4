"""What people do with an item before it is decided: claim, release, assign, snooze, wake, comment. Each is an audited command,
and none of them moves the item's clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, ValidationError

from libs.contracts.base import Model, PersonalText
from libs.contracts.events import Command
from libs.contracts.outcome import Outcome
from services.triage.domain.item import Case, Item
from services.triage.domain.record import Scribe, item_move
from services.triage.domain.work import (
    COMMENT_LIMIT,
    Comment,
    Refusal,
    Work,
    WorkRules,
    assigned,
    awake,
    claimed,
    released,
    snoozed,
    snoozed_until,
    work_shown,
)
from services.triage.stage.refusals import refused, where

NAME_LIMIT = 200


class ClaimArguments(Model):
    """`claim`, `release`: `take_over` takes it from whoever has it."""

    model_config = ConfigDict(extra="forbid")
    take_over: bool = False


class AssignArguments(Model):
    """`assign`: to whom; empty: to nobody."""

    model_config = ConfigDict(extra="forbid")
    to: str = Field(max_length=NAME_LIMIT)
    reason: PersonalText = Field(default="", max_length=COMMENT_LIMIT)


class SnoozeArguments(Model):
    """`snooze`: until when; None: until something new is asked."""

    model_config = ConfigDict(extra="forbid")
    until: AwareDatetime | None = None
    reason: PersonalText = Field(default="", max_length=COMMENT_LIMIT)


class CommentArguments(Model):
    """`comment`."""

    model_config = ConfigDict(extra="forbid")
    text: PersonalText = Field(min_length=1, max_length=COMMENT_LIMIT)


class NoArguments(Model):
    """`wake` needs none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Act:
    """One command about work: what it leads to, given its arguments, and how that is told."""

    arguments: type[Model]
    done: Callable[[Work, Any, str, datetime, WorkRules], Work]
    field: str
    """The audited field of the item; `old` and `new` are told of it."""
    reason: str
    told: Callable[[Work, datetime], JsonValue]


def _claimant(work: Work, now: datetime) -> JsonValue:
    return work.claimant(now) or None


ACTS: Mapping[str, Act] = {
    "claim": Act(
        ClaimArguments, lambda work, told, who, now, rules: claimed(work, who, now, rules, take_over=told.take_over),
        "claimed_by", "works on it", _claimant,
    ),
    "release": Act(
        ClaimArguments, lambda work, told, who, now, _: released(work, who, now, take_over=told.take_over),
        "claimed_by", "gives it back", _claimant,
    ),
    "assign": Act(
        AssignArguments, lambda work, told, _, now, __: assigned(work, told.to, now),
        "assigned_to", "assigned", lambda work, _: work.assigned_to or None,
    ),
    "snooze": Act(
        SnoozeArguments, lambda work, told, who, now, rules: snoozed(work, told.until, who, now, rules),
        "snoozed_until", "comes back later; its clock goes on", snoozed_until,
    ),
    "wake": Act(NoArguments, lambda work, *_: awake(work), "snoozed_until", "is back", snoozed_until),
}  # fmt: skip
COMMENT = "comment"


def worked(event: Command, case: Case, now: datetime, rules: WorkRules, scribe: Scribe) -> Outcome[Any]:
    """What the command leads to: the item with it, one audited change, and how the work stands. A refusal says why."""
    if case.item is None:
        return refused("not_found", "no triage item of that lead: list the open ones at /api/items")
    try:
        if event.name == COMMENT:
            return _commented(event, case, case.item, now, scribe)
        if case.item.status != "open":
            return refused("not_open", f"the item is no longer open: it was {case.item.status}")
        return _acted(event, case, case.item, now, rules, scribe)
    except ValidationError as error:
        return refused("invalid", "the arguments do not fit", problems=where(error))
    except Refusal as refusal:
        return refused(refusal.code, refusal.message, **refusal.facts)


def _acted(event: Command, case: Case, item: Item, now: datetime, rules: WorkRules, scribe: Scribe) -> Outcome[Any]:
    act = ACTS[event.name]
    told = act.arguments.model_validate(event.arguments or {})
    work = act.done(item.work, told, event.actor.id, now, rules)
    answer = {"status": "done", "lead_id": item.lead_id, **work_shown(work, now)}
    if work == item.work:
        return Outcome(answer=answer)
    reason = getattr(told, "reason", "") or f"{event.actor.id}: {act.reason}"
    old, new = act.told(item.work, now), act.told(work, now)
    moved = replace(item, work=work)
    moves = [item_move(item, act.field, old, new, reason, event.actor)]
    return Outcome(
        settled=scribe.settled(item, moves) if old != new else (), state=replace(case, item=moved), answer=answer
    )


def _commented(event: Command, case: Case, item: Item, now: datetime, scribe: Scribe) -> Outcome[Any]:
    text = CommentArguments.model_validate(event.arguments or {}).text
    said = Comment(comment_id=event.event_id, lead_id=item.lead_id, author=event.actor.id, at=now, text=text)
    value: JsonValue = {"comment_id": said.comment_id, "text": said.text}
    moves = [item_move(item, COMMENT, None, value, f"{event.actor.id} said something", event.actor)]
    return Outcome(
        settled=scribe.settled(item, moves),
        state=replace(case, comments=(*case.comments, said)),
        answer={"status": "done", "lead_id": item.lead_id, "comment_id": said.comment_id, "at": now.isoformat()},
    )

"""Notices: what the old and the new rep hear when a lead moves, the owner of an account while a person decides, and everybody
whose clock runs out. They are rows of the same transaction and events for whoever sends mail or chat."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import RecordRef
from libs.contracts.events import Command, Event, SlaChanged
from libs.contracts.notices import NoticeGiven
from libs.contracts.outcome import Outcome
from libs.policy.launch import STRICTEST_ALLOWANCE_FIRST, Allowance, stricter
from services.router.domain.clock import clock_of, with_clock
from services.router.domain.commanded import Refused
from services.router.domain.known import Known
from services.router.domain.records import Delta, LeadRow, is_pending, stored_lead
from services.router.domain.routing import Cause

TRIAGE_CLOCK = "triage_clock"
"""Triage's command: a step of the clock of what waits for a person."""
READ = "notices_read"
ROLLBACK_TOLD = "rollback_told"
"""Audit's command: an owner's values went back."""
CHANNEL_TOLD = "channel_told"
"""Notify's command: a channel was switched off."""
FACTS = ("name", "company", "country", "kind")
"""Fields of a lead that say which one it is."""
Kind = Literal[
    "offered", "given", "moved", "waiting", "reminded", "breached", "escalated", "rolled_back", "channel_off"
]
_STEPS: dict[str, tuple[Kind, str]] = {
    "reminded": ("reminded", "is due soon"),
    "breached": ("breached", "is over"),
    "escalated": ("escalated", "is long over, and nobody acted"),
}


@dataclass(slots=True)
class _Giving:
    """The notices that follow from one input, in order."""

    cause: Cause
    lead_id: str
    outgoing: bool
    queue: str = ""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    given: list[NoticeGiven] = field(default_factory=list)

    def give(self, to: RecordRef | str | None, kind: Kind, text: str, **more: Any) -> None:
        """One notice, to a member or a role; none to nobody."""
        if not to:
            return
        role, member = (to, None) if isinstance(to, str) else ("", to)
        notice_id = ids.derived_id("notice", self.cause.event_id, self.lead_id, len(self.given))
        told = {"at": self.cause.now, **more}
        self.given.append(
            NoticeGiven(notice_id=notice_id, to=member, role=role, lead_id=self.lead_id, kind=kind, text=text,
                        outgoing=self.outgoing, queue=self.queue, facts=dict(self.facts), **told)
        )  # fmt: skip


def with_notices(outcome: Outcome[Event], lead_id: str, known: Known, cause: Cause) -> Outcome[Event]:
    """The outcome with the notices that follow from it: both reps of a lead that moved, and the steps of clocks."""
    before = known.leads.get(lead_id)
    state = outcome.state if isinstance(outcome.state, Delta) else Delta()
    after = state.lead or before
    steps = any(isinstance(one, SlaChanged) and one.state in _STEPS for one in outcome.emits)
    if after is None or (state.lead is None and not steps):
        return outcome
    if (allowed := _allowed(after, known)) is Allowance.NOTHING:
        return outcome
    giving = _Giving(cause, lead_id, allowed is Allowance.AUTO, *_about(after))
    _tell_moves(giving, before, after, known)
    _tell_steps(giving, before, after, outcome.emits)
    return _joined(outcome, giving.given)


def owner_of(row: LeadRow | None) -> RecordRef | None:
    """The member whose the lead is, or to whom it is offered; None while a person decides."""
    return row.route.owner if row is not None and row.settled else None


def waits_for(row: LeadRow | None) -> RecordRef | None:
    """Who looks after the account of a lead that waits for a person; None when it does not wait, or nobody does."""
    return None if row is None or row.settled else row.route.told or row.route.owner


def triage_step(event: Command, row: LeadRow | None, known: Known, cause: Cause) -> Outcome[Event]:
    """The notices of a step of triage's clock: to the owner of the account, and to the role that triage named. What could
    not be mapped has no row, and is told of too. Raises Refused for a step that there is not."""
    told = event.arguments if isinstance(event.arguments, dict) else {}
    named, at, role = _STEPS.get(str(told.get("state"))), _instant(told.get("at")), told.get("role")
    if named is None or at is None:
        raise Refused("a step of triage's clock has its state and its instant")
    allowed = _allowed(row, known)
    if allowed is Allowance.NOTHING:
        return Outcome(answer={"given": 0})
    kind, words = named
    giving = _Giving(cause, event.key, allowed is Allowance.AUTO, *_about(row))
    due = _instant(told.get("due_at"))
    more = {"at": at, "clock": "triage", "due_at": due}
    text = f"the time for an answer in triage {words}"
    giving.give(waits_for(row) if kind != "escalated" else None, kind, text, **more)
    giving.give(role if isinstance(role, str) else None, kind, text, **more)
    moved = _breached(row, kind, due)
    outcome: Outcome[Event] = Outcome(state=Delta(lead=moved), answer={"given": len(giving.given)})
    return _joined(outcome, giving.given)


def rollback_told(event: Command, known: Known, cause: Cause) -> Outcome[Event]:
    """The notice of a rollback to the owner of what went back, or to a role. Raises Refused without either."""
    told = event.arguments if isinstance(event.arguments, dict) else {}
    member, role, records = told.get("member"), told.get("role"), told.get("records")
    if not (isinstance(member, str) and member) and not (isinstance(role, str) and role):
        raise Refused("a rollback is told to a member or a role")
    allowed = _allowed(None, known)
    if allowed is Allowance.NOTHING:
        return Outcome(answer={"given": 0})
    giving = _Giving(cause, "", allowed is Allowance.AUTO)
    count, left = told.get("record_count"), told.get("left")
    where = str(records[0]) if isinstance(records, list) and count == 1 and records else f"{count} records"
    text = (
        f"{event.actor.id} took back {told.get('fields')} values of {where}: {told.get('reason')}"
        + (f"; {left} need you, see the tasks" if left else "")
        + f" (rollback {told.get('rollback_id')})"
    )
    to: RecordRef | str = RecordRef(type="member", id=str(member)) if member else str(role)
    giving.give(to, "rolled_back", text)
    return _joined(Outcome(answer={"given": len(giving.given)}), giving.given)


def channel_told(event: Command, known: Known, cause: Cause) -> Outcome[Event]:
    """The notice, to a role, that what is sent by a channel does not get through any more. Raises Refused without both."""
    told = event.arguments if isinstance(event.arguments, dict) else {}
    role, reason = told.get("role"), told.get("reason")
    if not (isinstance(role, str) and role and isinstance(reason, str)):
        raise Refused("that a channel is off is told to a role, with the reason")
    allowed = _allowed(None, known)
    if allowed is Allowance.NOTHING:
        return Outcome(answer={"given": 0})
    giving = _Giving(cause, "", allowed is Allowance.AUTO)
    giving.give(role, "channel_off", f"notices by {event.key} were switched off: {reason}")
    return _joined(Outcome(answer={"given": len(giving.given)}), giving.given)


def notices_read(event: Command) -> Outcome[Event]:
    """A member's mark: they have read all up to a number. Raises Refused without one, or when nobody did it in person."""
    told = event.arguments if isinstance(event.arguments, dict) else {}
    upto = told.get("upto")
    if event.actor.kind != "human" or not isinstance(upto, int) or isinstance(upto, bool) or not 0 <= upto < 2**62:
        raise Refused("say up to which number they were read")
    return Outcome(state=Delta(read={event.key: upto}), answer={"read": upto})


def _tell_moves(giving: _Giving, before: LeadRow | None, after: LeadRow, known: Known) -> None:
    old, new, why = owner_of(before), owner_of(after), _why(after)
    if old != new:
        where = f"{_name(new, known)} has it now" if new is not None else "a person decides, or nobody has to"
        giving.give(old, "moved", f"no longer yours, {where}: {why}")
        kind: Kind = "offered" if is_pending(after) else "given"
        giving.give(new, kind, f"{'offered to you' if kind == 'offered' else 'yours now'}: {why}", **_accept(after))
    if (told := waits_for(after)) != waits_for(before):
        giving.give(told, "waiting", f"a lead of your account waits for a person: {after.route.reason}")


def _tell_steps(giving: _Giving, before: LeadRow | None, after: LeadRow, emits: Iterable[Event]) -> None:
    """Steps of the reps' own clocks. Who lost an offer by it hears that it moved, and not that it is over too."""
    lost = owner_of(before) != owner_of(after)
    for event in emits:
        if not isinstance(event, SlaChanged) or event.state not in _STEPS or (event.state == "breached" and lost):
            continue
        kind, words = _STEPS[event.state]
        to = (event.to or None) if kind == "escalated" else event.owner
        more = {"at": event.at or giving.cause.now, "clock": event.clock, "due_at": event.due_at}
        giving.give(to, kind, f"the time for {_CLOCKS.get(event.clock, event.clock)} {words}", **more)


_CLOCKS = {"first_touch": "the first touch", "accept": "taking the offer", "follow_up": "following up"}


def _about(row: LeadRow | None) -> tuple[str, dict[str, JsonValue]]:
    """The lead's queue, and what says which lead it is."""
    if row is None:
        return "", {}
    lead = stored_lead(row)
    return row.route.queue or "", {name: text for name in FACTS if (text := lead.text(name))}


def _why(row: LeadRow) -> str:
    route = row.route
    return route.notes[-1] if route.offer > 1 and route.notes else route.reason


def _accept(row: LeadRow) -> dict[str, Any]:
    due = clock_of(row, "accept").due_at if is_pending(row) else None
    return {"clock": "accept", "due_at": due} if due else {"due_at": row.due_at}


def _name(owner: RecordRef, known: Known) -> str:
    member = known.members.get(owner.id)
    return member.name if member is not None and member.name else owner.id


def _allowed(row: LeadRow | None, known: Known) -> Allowance:
    """What the launch mode lets a notice do, by the lead's policy and the newest; the stricter one counts."""
    if row is None or known.newest is None:
        newest = known.newest
        return newest.launch.allows("notice", newest.launch.mode) if newest else Allowance.NOTHING
    lead = stored_lead(row)
    own = known.policies.get(lead.policy_hash, known.newest)  # of a stored lead the policy may not be at hand
    mode = stricter(own.launch.mode, known.newest.launch.mode)
    allowed = [one.launch.allows("notice", mode) for one in (own, known.newest)]
    return min(allowed, key=STRICTEST_ALLOWANCE_FIRST.index)


def _breached(row: LeadRow | None, kind: Kind, due: datetime | None) -> LeadRow | None:
    held = clock_of(row, "triage") if row is not None else None
    if row is None or held is None or kind != "breached" or held.state != "running" or held.due_at != due:
        return None
    return with_clock(row, "triage", "breached")


def _joined(outcome: Outcome[Event], given: list[NoticeGiven]) -> Outcome[Event]:
    if not given:
        return outcome
    state = outcome.state if isinstance(outcome.state, Delta) else Delta()
    joined = replace(state, notices=(*state.notices, *given))
    return replace(outcome, emits=(*outcome.emits, *given), state=joined)


def _instant(value: JsonValue) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None

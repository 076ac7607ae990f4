"""Commands: the clock that ran out, a person who gives a lead to somebody else, a lead that was touched."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import Actor, RecordRef, Source
from libs.contracts.events import Command, Event, LeadRouted
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Outcome
from libs.policy.suppression import Hold
from services.router.domain.clock import (
    TIMERS,
    clock_moves,
    clock_of,
    first_touch,
    following_up,
    met,
    started,
    stopped,
    told,
    with_clock,
)
from services.router.domain.holds import context_of, hold_of
from services.router.domain.known import Known
from services.router.domain.offers import Ended, accepted, declined, feedback, offered_again
from services.router.domain.records import Delta, LeadRow, Party, is_pending, stored_lead, text
from services.router.domain.routing import Cause
from services.router.domain.turns import released
from services.router.domain.writes import crm_writes, owner_change


class Refused(ValueError):
    """A command that can't be done, and why."""


def ran_out(event: Command, row: LeadRow, known: Known, cause: Cause) -> Outcome[Event]:
    """An instant of a clock: its owner is reminded, it is breached, or somebody else is told. Once, and only of the clock
    that the timer was set for. An offer that nobody took in time goes to the next."""
    clock, step = TIMERS[event.name]
    held, due = clock_of(row, clock), _arguments(event).get("due_at")
    if (
        held.due_at is None
        or held.due_at.isoformat() != due
        or held.state != ("breached" if step == "escalate" else "running")
    ):
        return Outcome(answer={"ignored": "the clock moved since"})
    sla = known.policy(stored_lead(row)).sla
    if step != "due":
        state, to = ("reminded", None) if step == "remind" else ("escalated", sla.escalate_to)
        now = told(row.lead_id, clock, state, held.due_at, row.route.owner, _instant(event))
        return Outcome(emits=(now.model_copy(update={"to": to}),), answer={state: row.lead_id})
    moved = with_clock(row, clock, "breached")
    over = told(row.lead_id, clock, "breached", held.due_at, row.route.owner, held.due_at)
    if clock == "accept" and is_pending(row):
        return offered_again(moved, known, cause, Ended(f"{_owner_name(row, known)} did not take it in time", (over,)))
    return Outcome(emits=(over,), state=Delta(lead=moved), answer={"breached": row.lead_id})


def taken_by(event: Command, row: LeadRow, known: Known, cause: Cause) -> Outcome[Event]:
    """An offer taken. Raises Refused when it is somebody else's by now."""
    _refuse_others(event, row, known)
    if not is_pending(row):
        return Outcome(answer={"ignored": "it is theirs already"})
    return accepted(row, known, cause, event.actor)


def refused_by(event: Command, row: LeadRow, known: Known, cause: Cause) -> Outcome[Event]:
    """A lead that whoever has it does not want. Raises Refused without a reason, or when it is somebody else's by now."""
    _refuse_others(event, row, known)
    reason = _arguments(event).get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise Refused("say why: a reason is needed to decline a lead")
    return declined(row, known, cause, event.actor, reason.strip())


def touched(event: Command, row: LeadRow, known: Known, cause: Cause) -> Outcome[Event]:
    """Somebody spoke to the lead: the clock is met, its owner may take another one, and the follow-up's clock begins. Who
    touches an offer takes it."""
    nothing: Outcome[Event] = Outcome()
    first = accepted(row, known, cause, event.actor) if is_pending(row) else nothing
    held = first.state.lead if isinstance(first.state, Delta) and first.state.lead else row
    moved, clocks, timers = met(held, "first_touch", cause.now)
    if moved is held:
        return first if first.next else Outcome(answer={"ignored": "no clock runs"})
    policy = known.policy(stored_lead(row))
    promised = following_up(row.route, policy, known.exceptions.values(), cause.now)
    moved, begins, more = started(moved, "follow_up", promised) if promised else (moved, (), ())
    owner = row.route.owner.id if row.route.owner and row.pool else None
    loads = {owner: released(known.loads[owner])} if owner in known.loads else {}
    return replace(
        first,
        emits=(*first.emits, feedback(row, "touched", event.actor), *clocks, *begins),
        timers=(*first.timers, *timers, *more),
        state=Delta(lead=moved, loads=loads),
        answer={"touched": row.lead_id},
    )


def followed_up(event: Command, row: LeadRow, cause: Cause) -> Outcome[Event]:
    """Somebody spoke to the lead again: the follow-up is met."""
    moved, clocks, timers = met(row, "follow_up", cause.now)
    emits = (feedback(row, "followed_up", event.actor), *clocks)
    return Outcome(emits=emits, timers=timers, state=Delta(lead=moved), answer={"followed_up": row.lead_id})


def commented(event: Command, row: LeadRow) -> Outcome[Event]:
    """What a rep says of the lead, its score or its summary. Raises Refused when nothing is said."""
    text = _arguments(event).get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused("say something: a comment needs its text")
    return Outcome(emits=(feedback(row, "comment", event.actor, text.strip()),), answer={"commented": row.lead_id})


def _refuse_others(event: Command, row: LeadRow, known: Known) -> None:
    """Raises Refused unless the command speaks for the member who has the lead now."""
    member = _arguments(event).get("member", event.actor.id)
    if event.actor.kind != "human":
        raise Refused("only a person takes or declines a lead")
    if row.route.owner is None or not row.settled:
        raise Refused("nobody has this lead: it waits for a person, or for its turn")
    if row.route.owner.id != member:
        raise Refused(f"{_owner_name(row, known)} has this lead now")


def _owner_name(row: LeadRow, known: Known) -> str:
    owner = row.route.owner.id if row.route.owner else "nobody"
    member = known.members.get(owner)
    return member.name if member is not None and member.name else owner


def reassigned(event: Command, row: LeadRow, known: Known, cause: Cause) -> Outcome[Event]:
    """The lead with another owner, by a person's word. Raises Refused when nobody of that id can take it."""
    member_id = _arguments(event).get("owner")
    member = known.members.get(member_id) if isinstance(member_id, str) else None
    if event.actor.kind != "human":
        raise Refused("only a person gives a lead to somebody else")
    if member is None or member.gone or not member.active:
        raise Refused(f"{member_id} is no active member")
    lead, reason = stored_lead(row), _reason(event)
    _refuse_unsettled(lead, row, known)
    owner = RecordRef(type="member", id=member.record_id)
    if row.settled and row.route.owner == owner:
        raise Refused(f"{member.name or member.record_id} has this lead already")
    route = _route(row, owner, f"{event.actor.id} gave it to {member.name or member.record_id}: {reason}")
    promised = first_touch(lead, route, known.policy(lead), None, known.exceptions.values())
    sla, now, timers = clock_moves(lead.lead_id, route, row, promised)
    route = route.model_copy(update={"sla_due_at": promised.due, "offer": 0})
    asked = tuple(review for review in lead.reviews if review.kind == "change")  # a new owner answers no suggestion
    out = lead.model_copy(update={"route": route, "reviews": asked})
    before = row.route.owner.id if row.route.owner and row.pool and sla != "met" else None
    loads = {before: released(known.loads[before])} if before in known.loads else {}
    moved, ends, more = stopped(row, "accept")
    moved = replace(
        moved, route=route, settled=True, due_at=promised.due, sla=sla, lead=out.model_dump_json().encode(), pool=None
    )
    return Outcome(
        next=LeadRouted(lead=out, route=route),
        emits=(*now, *ends, *_owner_writes(lead, owner, row, known, event.actor, reason, cause)),
        timers=(*timers, *more),
        state=Delta(lead=moved, loads=loads, parties=_given_parties(owner, row, known)),
        answer={"owner": owner.id, "version": row.version},
    )


def _refuse_unsettled(lead: Lead, row: LeadRow, known: Known) -> None:
    """Nobody gets what still has open questions, nor what is never routed. Raises Refused."""
    if row.route.destination == "suppressed" or hold_of(lead, context_of(lead, known), known).hold is Hold.BLOCK:
        raise Refused("the lead is on the never-route list")
    if not row.settled:
        raise Refused("the lead waits for a person: answer its triage item, which can also give it to somebody")


def _owner_writes(
    lead: Lead, owner: RecordRef, row: LeadRow, known: Known, actor: Actor, reason: str, cause: Cause
) -> tuple[Event, ...]:
    """The contact's owner, by the person's word; the company stays with whoever has it. Whom the lead is only offered to
    owns nothing yet: the CRM would not find them there."""
    if lead.identity is None:
        return ()
    party = known.party(lead.identity.contact.id)
    source = Source(kind="human", name=actor.id)
    before = None if party is None else text(party.fields or {}, "owner") or None if is_pending(row) else party.owner
    change = owner_change(lead.identity.contact, before, owner.id, actor, source, reason)
    return crm_writes(lead, [change], f"{cause.stage}:{cause.event_id}")


def _given_parties(owner: RecordRef, row: LeadRow, known: Known) -> tuple[Party, ...]:
    """The records that the router had given to whom the lead was with: the contact is the new owner's, and the company
    nobody's when it was only offered."""
    before = row.route.owner.id if row.route.owner else None
    refs = (row.contact_id, row.company_id or "") if is_pending(row) else (row.contact_id,)
    held = [party for ref in refs if (party := known.party(ref)) is not None and party.assigned]
    return tuple(
        replace(party, assigned=owner.id if party.record_id == row.contact_id else None)
        for party in held
        if party.assigned == before
    )


def _route(row: LeadRow, owner: RecordRef, note: str) -> Route:
    update = {
        "destination": "owner", "owner": owner, "suggested": False, "rule": "reassigned_by_person", "reason": note,
        "queue": row.route.queue if row.route.destination in ("owner", "queue") else "account_owner",
    }  # fmt: skip
    return row.route.model_copy(update=update)


def _instant(event: Command) -> datetime | None:
    at = _arguments(event).get("at")
    return datetime.fromisoformat(at) if isinstance(at, str) else None


def _arguments(event: Command) -> Mapping[str, JsonValue]:
    return event.arguments if isinstance(event.arguments, dict) else {}


def _reason(event: Command) -> str:
    held = _arguments(event).get("reason")
    return held if isinstance(held, str) and held else "no reason given"

"""Commands: the clock that ran out, a person who gives a lead to somebody else, a lead that was touched."""

from collections.abc import Mapping

from pydantic import JsonValue

from libs.contracts.change import Actor, RecordRef, Source
from libs.contracts.events import Command, Event, LeadRouted
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Outcome, Timer
from libs.policy.suppression import Hold
from services.router.domain.clock import TIMER, clock_moves, ended, first_touch_due
from services.router.domain.holds import context_of, hold_of
from services.router.domain.known import Known
from services.router.domain.records import Delta, LeadRow
from services.router.domain.routing import Cause
from services.router.domain.turns import released
from services.router.domain.writes import crm_writes, owner_change


class Refused(ValueError):
    """A command that can't be done, and why."""


def stored_lead(row: LeadRow) -> Lead:
    """The lead as it was routed last."""
    return Lead.model_validate_json(row.lead)


def breached(event: Command, row: LeadRow) -> Outcome[Event]:
    """First touch is overdue: told once, and only while that very clock runs."""
    due = _arguments(event).get("due_at")
    if row.sla != "running" or row.due_at is None or row.due_at.isoformat() != due:
        return Outcome(answer={"ignored": "the clock moved since"})
    state = Delta(lead=_with_sla(row, "breached"))
    return Outcome(emits=(ended(row, "breached"),), state=state, answer={"breached": row.lead_id})


def touched(row: LeadRow, known: Known) -> Outcome[Event]:
    """Somebody spoke to the lead: the clock is met, and its owner may take another one."""
    if row.sla in ("met", "none"):
        return Outcome(answer={"ignored": "no clock runs"})
    told = (ended(row, "met"),) if row.sla == "running" else ()
    owner = row.route.owner.id if row.route.owner and row.pool else None
    loads = {owner: released(known.loads[owner])} if owner in known.loads else {}
    state = Delta(lead=_with_sla(row, "met"), loads=loads)
    return Outcome(emits=told, timers=(Timer(TIMER, row.lead_id, None),), state=state, answer={"touched": row.lead_id})


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
    due = first_touch_due(lead, route, known.policy(lead), None)
    sla, told, timers = clock_moves(lead.lead_id, route, row, due)
    route = route.model_copy(update={"sla_due_at": due})
    out = lead.model_copy(update={"route": route, "reviews": ()})
    before = row.route.owner.id if row.route.owner and row.pool and sla != "met" else None
    loads = {before: released(known.loads[before])} if before in known.loads else {}
    moved = LeadRow(
        row.lead_id, row.version, route, True, row.contact_id, row.company_id, due, sla, out.model_dump_json().encode()
    )
    return Outcome(
        next=LeadRouted(lead=out, route=route),
        emits=(*told, *_owner_writes(lead, owner, known, event.actor, reason, cause)),
        timers=timers,
        state=Delta(lead=moved, loads=loads),
        answer={"owner": owner.id, "version": row.version},
    )


def _refuse_unsettled(lead: Lead, row: LeadRow, known: Known) -> None:
    """Nobody gets what still has open questions, nor what is never routed. Raises Refused."""
    if row.route.destination == "suppressed" or hold_of(lead, context_of(lead, known), known).hold is Hold.BLOCK:
        raise Refused("the lead is on the never-route list")
    if not row.settled:
        raise Refused("the lead waits for a person: answer its triage item, which can also give it to somebody")


def _owner_writes(
    lead: Lead, owner: RecordRef, known: Known, actor: Actor, reason: str, cause: Cause
) -> tuple[Event, ...]:
    """The contact's owner, by the person's word; the company stays with whoever has it."""
    if lead.identity is None:
        return ()
    party = known.party(lead.identity.contact.id)
    source = Source(kind="human", name=actor.id)
    change = owner_change(lead.identity.contact, party.owner if party else None, owner.id, actor, source, reason)
    return crm_writes(lead, [change], f"{cause.stage}:{cause.event_id}")


def _route(row: LeadRow, owner: RecordRef, note: str) -> Route:
    update = {
        "destination": "owner", "owner": owner, "suggested": False, "rule": "reassigned_by_person", "reason": note,
        "queue": row.route.queue if row.route.destination in ("owner", "queue") else "account_owner",
    }  # fmt: skip
    return row.route.model_copy(update=update)


def _with_sla(row: LeadRow, state: str) -> LeadRow:
    return LeadRow(
        row.lead_id, row.version, row.route, row.settled, row.contact_id, row.company_id, row.due_at,
        state, row.lead, row.pool,  # type: ignore[arg-type]
    )  # fmt: skip


def _arguments(event: Command) -> Mapping[str, JsonValue]:
    return event.arguments if isinstance(event.arguments, dict) else {}


def _reason(event: Command) -> str:
    held = _arguments(event).get("reason")
    return held if isinstance(held, str) and held else "no reason given"

"""Offers: a lead that a turn gave to somebody who has not taken it yet. It may be offered to another; once it is taken,
only a person moves it.

An offer is no owner: the records get theirs, and the lead its owner, when the rep takes it.
"""

from dataclasses import dataclass, replace

from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import Event, LeadFeedback, LeadRouted
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.policy.launch import Allowance
from libs.policy.suppression import Hold
from services.router.domain.clock import accepting, met, started, stopped
from services.router.domain.holds import context_of, hold_of
from services.router.domain.known import Known
from services.router.domain.plan import HELD_QUEUE, Plan, allowed_now
from services.router.domain.records import Delta, LeadRow, Load, Party, is_pending, stored_lead, text
from services.router.domain.routing import Cause, loads_after, outcome_of
from services.router.domain.turns import Turn, released, turn_in
from services.router.domain.writes import approved_by, crm_writes, owner_changes, route_changes, sorted_proposals

REOFFERED = "offered_again"
DECLINED = "declined"
NOBODY_TOOK_IT = "nobody_took_it"


@dataclass(frozen=True, slots=True)
class Ended:
    """How somebody's offer ended, in words, and what is told of it."""

    why: str
    emits: tuple[Event, ...] = ()


def accepted(row: LeadRow, known: Known, cause: Cause, actor: Actor) -> Outcome[Event]:
    """The lead taken by whom it was offered to: it is theirs now, and so are the records that nobody owned."""
    lead, owner = stored_lead(row), row.route.owner
    assert owner is not None
    moved, clocks, timers = met(replace(row, accepted=True), "accept", cause.now)
    parties = tuple(party for party in _parties(lead, known) if not text(party.fields or {}, "owner"))
    told = replace(known, parties={**known.parties, **{one.record_id: replace(one, assigned=None) for one in parties}})
    proposed = [approved_by(one, actor.id) for one in owner_changes(lead, owner.id, told, row.route.reason)]
    held = context_of(lead, known).held_for
    sorting = sorted_proposals(lead, proposed, told, known.mode(lead), held)
    emits = (
        feedback(row, "accepted", actor),
        *clocks,
        *crm_writes(lead, (*sorting.out, *sorting.riding), _cause(cause)),
    )
    return Outcome(
        next=LeadRouted(lead=lead, route=row.route),
        changes=route_changes(lead, row.route, actor.id, ("owner",)),
        emits=emits,
        timers=timers,
        state=Delta(lead=moved),
        answer={"accepted": row.lead_id, "owner": owner.id},
    )


def declined(row: LeadRow, known: Known, cause: Cause, actor: Actor, reason: str) -> Outcome[Event]:
    """The lead refused by whoever has it: an offer goes to the next, what is theirs goes to a person who decides."""
    told = Ended(f"{actor.id} declined: {reason}", (feedback(row, "rejected", actor, reason),))
    return offered_again(row, known, cause, told) if is_pending(row) else to_person(row, known, cause, told, DECLINED)


def offered_again(row: LeadRow, known: Known, cause: Cause, ended: Ended) -> Outcome[Event]:
    """The offer made to the next member of the pool, never twice to the same one; to a person when there is none left,
    or when the account was held back or the mode made stricter since."""
    lead = stored_lead(row)
    policy = known.policy(lead)
    hold = hold_of(lead, context_of(lead, known), known).hold
    if hold in (Hold.REVIEW, Hold.BLOCK, Hold.OWNER) or allowed_now(lead, known) is not Allowance.AUTO:
        return to_person(row, known, cause, ended, REOFFERED)
    if row.pool not in policy.pools or len(row.offered) >= policy.sla.max_offers:
        return to_person(row, known, cause, ended, NOBODY_TOOK_IT)
    freed = replace(known, loads=_freed(row, known))
    turn = turn_in(row.pool, lead, policy, freed, cause.now, frozenset(row.offered))
    if turn.member is None:
        return to_person(row, known, cause, replace(ended, why=f"{ended.why}; {turn.why}"), NOBODY_TOOK_IT)
    return _offered(row, lead, turn, freed, cause, ended)


def _offered(row: LeadRow, lead: Lead, turn: Turn, known: Known, cause: Cause, ended: Ended) -> Outcome[Event]:
    assert turn.member is not None
    before, member = row.route.owner, turn.member
    after = RecordRef(type="member", id=member.record_id)
    note = f"{ended.why}; now offered to {member.name or member.record_id} (tell both)"
    route = row.route.model_copy(
        update={"owner": after, "offer": row.route.offer + 1, "turn": turn.seen, "notes": (*row.route.notes, note)}
    )
    moved, ends, _ = stopped(row, "accept")
    moved = replace(moved, route=route, offered=(*row.offered, member.record_id), pool=turn.pool)
    promised = accepting(route, known.policy(lead), known.exceptions.values(), cause.now)
    moved, begins, timers = started(moved, "accept", promised) if promised else (moved, (), ())
    out = lead.model_copy(update={"route": route})
    parties = tuple(
        replace(party, assigned=member.record_id)
        for party in _parties(lead, known)
        if before is not None and party.assigned == before.id
    )
    return Outcome(
        next=LeadRouted(lead=out, route=route),
        emits=(*ended.emits, *ends, *begins),
        timers=timers,
        state=Delta(
            lead=replace(moved, lead=out.model_dump_json().encode()),
            parties=parties,
            places=turn.places,
            loads={**_freed_only(row, known), **loads_after(turn, row)},
        ),
        answer={"owner": member.record_id, "offer": route.offer},
    )


def to_person(row: LeadRow, known: Known, cause: Cause, ended: Ended, rule: str) -> Outcome[Event]:
    """The lead back to a person, with what happened."""
    lead = stored_lead(row)
    pool = known.policy(lead).pools.get(row.pool or "")
    queue = pool.when_empty if pool is not None and rule == NOBODY_TOOK_IT else HELD_QUEUE
    update = {
        "destination": "review", "owner": None, "offer": 0, "queue": queue, "rule": rule, "reason": ended.why,
        "notes": (*row.route.notes, ended.why),
    }  # fmt: skip
    moved, ends, timers = stopped(row, "accept")
    reviews = tuple(review for review in lead.reviews if review.kind == "change")
    lead = lead.model_copy(update={"reviews": reviews})
    plan = Plan(row.route.model_copy(update=update), settled=False, asks=True)
    told = replace(known, leads={**known.leads, row.lead_id: moved})
    outcome = outcome_of(lead, plan, context_of(lead, known), told, cause)
    state = outcome.state if isinstance(outcome.state, Delta) else Delta()
    freed = tuple(
        replace(party, assigned=None)
        for party in _parties(lead, known)
        if row.route.owner is not None and party.assigned == row.route.owner.id
    )
    return replace(
        outcome,
        emits=(*ended.emits, *ends, *outcome.emits),
        timers=(*timers, *outcome.timers),
        state=replace(state, parties=(*state.parties, *freed)),
    )


def _freed_only(row: LeadRow, known: Known) -> dict[str, Load]:
    owner = row.route.owner.id if row.route.owner else ""
    return {owner: known.loads[owner]} if owner in known.loads else {}


def _freed(row: LeadRow, known: Known) -> dict[str, Load]:
    """Everybody's load without this lead."""
    owner = row.route.owner.id if row.route.owner and row.pool and row.sla != "met" else ""
    return {**known.loads, owner: released(known.loads[owner])} if owner in known.loads else dict(known.loads)


def _parties(lead: Lead, known: Known) -> list[Party]:
    identity = lead.identity
    refs = [ref.id for ref in (identity.contact, identity.company) if ref] if identity else []
    return [party for ref in refs if (party := known.party(ref)) is not None]


def feedback(row: LeadRow, kind: str, actor: Actor, reason: str = "") -> LeadFeedback:
    """What a rep says of a lead, as an event."""
    return LeadFeedback(lead_id=row.lead_id, kind=kind, actor=actor, reason=reason)


def _cause(cause: Cause) -> str:
    return f"{cause.stage}:{cause.event_id}"

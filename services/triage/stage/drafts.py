"""Notes and drafts beside the queue: what a routed lead brings whoever gets it, and what people do with the draft.

A service reads a topic by one stage, so these two are laid around triage's own: each input goes to both, in one transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue, ValidationError

from libs.contracts.change import Actor
from libs.contracts.events import Command, LeadRouted
from libs.contracts.outcome import Effect, Outcome
from libs.contracts.reasons import RejectionReason
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from libs.runtime.rows import Kept
from libs.runtime.stage import AnyStage
from services.triage.domain.drafting import ACTS, WRITTEN, DraftAct, Refused, Written, acted, answered
from services.triage.domain.handoff import Handoff, after_route, draft_change
from services.triage.domain.record import RULE
from services.triage.domain.written import question_for

STAGE = ("triage.drafts", "1")
"""The workflow that the audit log names, and its version."""
WRITE = "write_draft"
"""The effect: a model is asked for a draft."""


class PolicyVersions(Protocol):
    """Where the policy comes from that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...


class HandoffStore(Protocol):
    """Where notes and drafts are kept."""

    async def newest(self, lead_ids: Sequence[str]) -> Mapping[str, Handoff]:
        """What is kept of each lead's newest version; the leads' cases are locked already."""
        ...

    async def save(self, moved: Iterable[Handoff]) -> None:
        """Store them; the last one of a lead's version counts."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """The inner stage's facts, what is kept of the leads, and the policies of those that were routed."""

    inner: Any
    held: Mapping[str, Handoff]
    policies: Mapping[str, Policy]


@dataclass(frozen=True, slots=True)
class Both:
    """What the inner stage stores, and what is kept of a lead now."""

    inner: Any
    handoff: Handoff


def with_drafts(stage: AnyStage, store: HandoffStore, policies: PolicyVersions, asks_model: bool = False) -> AnyStage:
    """The stage for routed leads, that also makes notes and drafts; with a model, an effect asks it for a better one."""

    def decide(event: LeadRouted, facts: Facts, now: datetime) -> Outcome[Any]:
        outcome = stage.decide(event, facts.inner, now)
        held = facts.held.get(event.lead.lead_id)
        if held is not None and held.version > event.lead.version:
            return outcome
        before = held if held is not None and held.version == event.lead.version else None
        after = after_route(before, event, facts.policies[event.lead.policy_hash], now)
        if after is None:
            return outcome
        created = after.draft is not None and (before is None or before.draft is None)
        change = (draft_change(None, after, RULE, event.event_id, STAGE),) if created else ()
        effects = (_effect(after),) if created and asks_model and _question(after) else ()
        return replace(
            outcome,
            settled=(*outcome.settled, *change),
            effects=(*outcome.effects, *effects),
            state=Both(outcome.state, after),
        )

    return _around(stage, store, decide, lambda event: event.lead.lead_id, policies)


def with_draft_commands(stage: AnyStage, store: HandoffStore) -> AnyStage:
    """The stage for commands, that also takes those about drafts."""

    def decide(event: Command, facts: Facts, now: datetime) -> Outcome[Any]:
        held = facts.held.get(event.key)
        if event.name in ACTS:
            return _acted(event, held, now)
        if event.name == WRITTEN:
            return _written(event, held, now)
        return stage.decide(event, facts.inner, now)

    return _around(stage, store, decide, lambda event: event.key, None)


def _acted(event: Command, held: Handoff | None, now: datetime) -> Outcome[Any]:
    try:
        act = DraftAct.model_validate(event.arguments or {})
    except ValidationError:
        return Outcome(answer={"status": "refused", "code": "invalid", "message": "the draft's text could not be read"})
    after = acted(held, event.name, act, event.seen_hash, event.actor, now)
    if isinstance(after, Refused):
        seen = held.seen_hash if held is not None else None
        told: JsonValue = {"status": "refused", "code": after.code, "message": after.message, "seen_hash": seen}
        return Outcome(answer=told)
    warnings = list(after.draft.warnings) if after.draft else []
    return Outcome(
        settled=(draft_change(held, after, event.actor, event.event_id, STAGE),),
        state=Both(None, after),
        answer={"status": after.status, "lead_id": after.lead_id, "version": after.version,
                "seen_hash": after.seen_hash, "warnings": [*warnings]},
    )  # fmt: skip


def _written(event: Command, held: Handoff | None, now: datetime) -> Outcome[Any]:
    try:
        written = Written.model_validate(event.arguments)
    except ValidationError:
        raise Rejected(RejectionReason.INVALID, "not the arguments of 'draft_written'") from None
    after, model = answered(held, written, now)
    if after is None:
        return Outcome(answer={"status": "unchanged"})
    change = (draft_change(held, after, model, event.event_id, STAGE),) if isinstance(model, Actor) else ()
    return Outcome(settled=change, state=Both(None, after), answer={"status": "taken" if model else "refused"})


def _effect(after: Handoff) -> Effect:
    arguments = {**(_question(after) or {}), "version": after.version}
    return Effect(WRITE, after.lead_id, arguments, done=WRITTEN)


def _question(after: Handoff) -> Any:
    return None if after.basis is None else question_for(after.basis)


def _around(
    stage: AnyStage,
    store: HandoffStore,
    decide: Callable[[Any, Facts, datetime], Outcome[Any]],
    lead_of: Callable[[Any], str],
    policies: PolicyVersions | None,
) -> AnyStage:
    """The stage with a second state beside its own. The inner one locks the leads' cases before anything is read."""
    inner_save, inner_advance = stage.save, stage.advance
    assert inner_save is not None
    assert inner_advance is not None

    async def gather(events: Sequence[Any]) -> Facts:
        inner = await stage.gather(events)
        held = await store.newest(sorted({lead_of(event) for event in events}))
        hashes = {event.lead.policy_hash for event in events} if policies is not None else set[str]()
        return Facts(inner, held, {one: policies.by_hash(one) for one in hashes} if policies is not None else {})

    def advance(facts: Facts, outcome: Outcome[Any]) -> Facts:
        inner = inner_advance(facts.inner, _inner(outcome))
        if not isinstance(outcome.state, Both):
            return replace(facts, inner=inner)
        handoff = outcome.state.handoff
        return replace(facts, inner=inner, held={**facts.held, handoff.lead_id: handoff})

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await inner_save([_inner(outcome) for outcome in outcomes])
        handoffs = [outcome.state.handoff for outcome in outcomes if isinstance(outcome.state, Both)]
        if moved := {(one.lead_id, one.version): one for one in handoffs}:
            await store.save(moved.values())

    return replace(stage, gather=gather, decide=decide, advance=advance, save=save)


def _inner(outcome: Outcome[Any]) -> Outcome[Any]:
    return replace(outcome, state=outcome.state.inner) if isinstance(outcome.state, Both) else outcome


def keeping_both(stage: AnyStage, own: Callable[[Handoff], Sequence[Kept]]) -> AnyStage:
    """The stage, telling of the inner stage's rows and of the handoff's."""
    inner = stage.keeps
    assert inner is not None

    def rows(state: Any) -> Sequence[Kept]:
        if isinstance(state, Both):
            return [*(inner(state.inner) if state.inner is not None else ()), *own(state.handoff)]
        return inner(state)

    return replace(stage, keeps=rows)

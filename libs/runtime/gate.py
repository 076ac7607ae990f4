"""The one place where stages' proposed changes of a lead's fields pass the policy; record changes ride along for the router."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libs.contracts import ids
from libs.contracts.change import FieldChange, ProposedChange, Status, Workflow
from libs.contracts.events import Event
from libs.contracts.keys import lead_of
from libs.contracts.lead import FieldValue, Lead, Review
from libs.contracts.outcome import Outcome
from libs.policy.admit import Current, Verdict, admit, evidence_hash
from libs.policy.autonomy import level_for, segments_of
from libs.policy.launch import stricter
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import AnyStage

EMPTY = Current(value=None, source=None, confidence=0.0, verified_by=None, locked=False, rejected=frozenset())


def gated(
    stage: AnyStage, cause: str, outcome: Outcome[Any], policies: PolicyVersions, now: datetime, trace_id: str | None
) -> tuple[list[Event], list[FieldChange]]:
    """The outcome's events with admitted changes set on their leads, and every change with its verdict.

    Each lead is judged by the policy it is stamped with and the stricter launch mode of that and the newest one.
    Raises Retryable when that policy is not known here yet.
    """
    events = [event for event in (outcome.next, *outcome.emits) if event is not None]
    changes = list(outcome.settled)
    settled: dict[str, Lead] = {}
    for lead in _leads_of(events):
        if lead.lead_id not in settled:
            mine = [change for change in outcome.changes if _is_of(change, lead)]
            settled[lead.lead_id] = _settle(stage, cause, lead, mine, outcome, policies, now, trace_id, changes)
    for ordinal, change in enumerate(outcome.changes):
        if change.record.type not in ("lead", "contact", "company", "opportunity") or not settled:
            verdict = Verdict(Status.APPLIED, "observed", "")
            changes.append(_recorded(stage, cause, change, ordinal, verdict, None, "", now, trace_id))
    return [_with_lead(event, settled) for event in events], changes


def _leads_of(events: Iterable[Event]) -> list[Lead]:
    return [lead for lead in map(lead_of, events) if lead is not None]


def _is_of(change: ProposedChange, lead: Lead) -> bool:
    return change.record.type != "lead" or change.record.id == lead.lead_id


def _with_lead(event: Event, settled: dict[str, Lead]) -> Event:
    lead = lead_of(event)
    if lead is None or settled[lead.lead_id] is lead:
        return event
    return event.model_copy(update={"lead": settled[lead.lead_id]})


def _settle(
    stage: AnyStage,
    cause: str,
    lead: Lead,
    proposed: list[ProposedChange],
    outcome: Outcome[Any],
    policies: PolicyVersions,
    now: datetime,
    trace_id: str | None,
    changes: list[FieldChange],
) -> Lead:
    """The lead with admitted values, queued ones as reviews, and record proposals added; appends to `changes`."""
    policy, newest = policies.by_hash(lead.policy_hash), policies.newest()
    mode, levels = stricter(policy.launch.mode, newest.launch.mode), policies.levels()
    workflow, segments = stage.name.partition(".")[0], segments_of(lead)
    fields, reviews, riding = dict(lead.fields), list(lead.reviews) + list(outcome.reviews), list(lead.proposals)
    for ordinal, change in enumerate(proposed):
        if change.record.type != "lead":
            if change.record.type in ("contact", "company", "opportunity"):
                riding.append(
                    change.model_copy(update={"proposed_by": Workflow(name=stage.name, version=stage.version)})
                )
            continue
        current = _current(fields.get(change.field), lead.rejected.get(change.field, ()))
        if current.value == change.new and current.source is not None:
            continue
        change = change.model_copy(update={"old": current.value})  # noqa: PLW2901 - the gate states what it saw
        level = level_for((policy, newest), levels, workflow, change, segments)
        verdict = admit(policy, current, change, stage=stage.name, mode=mode, level=level)
        recorded = _recorded(stage, cause, change, ordinal, verdict, lead.lead_id, policy.hash, now, trace_id)
        changes.append(recorded)
        if verdict.status is Status.APPLIED:
            fields[change.field] = _value(recorded)
        elif verdict.status is Status.QUEUED:
            reviews.append(_review(stage, recorded, verdict))
    if not proposed and not outcome.reviews:
        return lead
    return lead.model_copy(update={"fields": fields, "reviews": tuple(reviews), "proposals": tuple(riding)})


def _current(held: FieldValue | None, rejected: tuple[str, ...]) -> Current:
    if held is None:
        return Current(rejected=frozenset(rejected)) if rejected else EMPTY
    return Current(held.value, held.source, held.confidence, held.verified_by, held.locked, frozenset(rejected))


def _value(change: FieldChange) -> FieldValue:
    return FieldValue(
        value=change.new,
        source=change.source,
        confidence=change.confidence,
        change_id=change.change_id,
        verified_by=change.verified_by,
        locked=change.actor.kind == "human",
    )


def _review(stage: AnyStage, change: FieldChange, verdict: Verdict) -> Review:
    return Review(
        kind="change",
        reason=verdict.reason or verdict.rule,
        stage=stage.name,
        detail={
            "field": change.field, "old": change.old, "new": change.new, "change_id": change.change_id,
            "evidence_hash": evidence_hash(change),
            "workflow": {"name": change.workflow.name, "version": change.workflow.version},
        },
        evidence=change.evidence,
    )  # fmt: skip


def _recorded(
    stage: AnyStage,
    cause: str,
    change: ProposedChange,
    ordinal: int,
    verdict: Verdict,
    lead_id: str | None,
    policy_version: str,
    now: datetime,
    trace_id: str | None,
) -> FieldChange:
    record = change.record
    told = {
        "change_id": ids.change_id(cause, stage.name, record.type, record.id, change.field, ordinal),
        "workflow": Workflow(name=stage.name, version=stage.version),
        "policy_version": policy_version,
        "trigger_event_id": cause,
        "lead_id": lead_id,
        "trace_id": trace_id,
        "status": verdict.status,
        "rule": verdict.rule,
        "at": now,
    }
    return FieldChange.model_construct(**(change.__dict__ | told))

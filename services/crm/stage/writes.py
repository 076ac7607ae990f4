"""Writes: crm.write.v1 in; record.changed.v1 out when something was applied, and every change audited with its verdict.

What needs a person is told to the router, which alone asks people. A lead that is put on a contact's timeline becomes an
activity of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.change import FieldChange
from libs.contracts.events import CrmWrite, Event
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, CRM_WRITE, RECORD_CHANGED
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.crm.domain.activity import activity_fields, entry_of, proposals, refs_of_write, told_by
from services.crm.domain.conflicts import conflict_command
from services.crm.domain.record import RECORD_TYPES
from services.crm.domain.settle import Cause, Settled, settle
from services.crm.domain.whole import made_whole
from services.crm.stage.held import CrmFacts, RecordStore, advanced, announcing, gathered, saved

NAME = "crm.writes"
VERSION = "1"


def decide(event: CrmWrite, facts: CrmFacts, now: datetime) -> Outcome[Event]:
    """The write's changes, each with its verdict. Raises Rejected for a record that crm does not keep."""
    if event.record.type not in RECORD_TYPES:
        raise Rejected(RejectionReason.INVALID, f"crm keeps no records of type {event.record.type}")
    if not event.changes or any(change.record != event.record for change in event.changes):
        raise Rejected(
            RejectionReason.INVALID, "all changes of a write are of the write's own record, and there is one"
        )
    policy = facts.policies[event.policy_hash]
    cause = Cause(event.event_id, NAME, VERSION, now, policy.hash, event.lead_id, event.write_id, event.rollback_id)
    actor = event.changes[0].actor
    settled = settle(
        facts.held.record(event.record), event.changes, facts.gates(policy, now, event.segments), cause, actor
    )
    told = conflict_command(event, settled.changes)
    activity = _activity(settled.changes, facts, policy, cause)
    made = () if activity is None or activity.event is None else (activity.event,)
    outcome = Outcome(
        next=settled.event,
        emits=(*(() if told is None else (told,)), *made),
        settled=settled.changes if activity is None else (*settled.changes, *activity.changes),
        state=settled.delta if activity is None else settled.delta.and_record(activity.record),
    )
    return announcing(outcome, facts, now)


def _activity(changes: Sequence[FieldChange], facts: CrmFacts, policy: Policy, cause: Cause) -> Settled | None:
    """The lead's activity, when the write put the lead on a contact's timeline."""
    entry = entry_of(changes)
    if entry is None:
        return None
    told, ordinal = told_by(entry), len(changes)
    record = facts.held.record(told.record)
    if record.deleted:
        return None
    if record.version == 0:
        fields = {name: value for name, value in activity_fields(entry).items() if value is not None}
        made = made_whole(record, fields, told, facts.gates(policy, cause.now)(record), cause, ordinal)
        if made is not None:
            return made
    proposed = proposals(entry, dict(record.fields))
    return settle(record, proposed, facts.gates(policy, cause.now), cause, entry.actor, ordinal) if proposed else None


def writes_stage(store: RecordStore, policies: PolicyVersions) -> Stage[CrmWrite, CrmFacts]:
    """The stage, on a store."""

    async def gather(events: Sequence[CrmWrite]) -> CrmFacts:
        refs = (ref for event in events for ref in refs_of_write(event))
        return await gathered(store, policies, refs, (event.policy_hash for event in events))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    produces = (RECORD_CHANGED, COMMANDS["router"])
    return Stage(NAME, "crm", VERSION, CRM_WRITE, produces, gather, decide, advanced, save)

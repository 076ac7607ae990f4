"""Writes: crm.write.v1 in; record.changed.v1 out when something was applied, and every change audited with its verdict.

What needs a person is told to the router, which alone asks people.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import CrmWrite, Event
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, CRM_WRITE, RECORD_CHANGED
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.crm.domain.conflicts import conflict_command
from services.crm.domain.record import RECORD_TYPES
from services.crm.domain.settle import Cause, settle
from services.crm.stage.held import CrmFacts, RecordStore, advanced, gathered, saved

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
    cause = Cause(event.event_id, NAME, VERSION, now, policy.hash, event.lead_id, event.write_id)
    actor = event.changes[0].actor
    settled = settle(facts.held.record(event.record), event.changes, facts.gates(policy), cause, actor)
    told = conflict_command(event, settled.changes)
    return Outcome(
        next=settled.event,
        emits=() if told is None else (told,),
        settled=settled.changes,
        state=settled.delta,
    )


def writes_stage(store: RecordStore, policies: PolicyVersions) -> Stage[CrmWrite, CrmFacts]:
    """The stage, on a store."""

    async def gather(events: Sequence[CrmWrite]) -> CrmFacts:
        refs = (event.record for event in events)
        return await gathered(store, policies, refs, (event.policy_hash for event in events))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    produces = (RECORD_CHANGED, COMMANDS["router"])
    return Stage(NAME, "crm", VERSION, CRM_WRITE, produces, gather, decide, advanced, save)

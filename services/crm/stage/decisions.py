"""Decisions: triage.decided.v1 in; rejections remembered with their evidence, edited fields locked, approvals let through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, TriageDecided
from libs.contracts.outcome import Outcome
from libs.contracts.topics import TRIAGE_DECIDED
from libs.runtime.stage import Stage
from services.crm.domain.decisions import delta_of, refs_of
from services.crm.domain.record import Delta, Held, refs_in_order
from services.crm.stage.held import RecordStore, saved

NAME = "crm.decisions"
VERSION = "1"


def decide(event: TriageDecided, held: Held, now: datetime) -> Outcome[Event]:  # noqa: ARG001 - the locks are what counts
    """What crm keeps of the decision; nothing goes out, since triage audits the answers themselves."""
    delta = delta_of(event, now)
    return Outcome(state=None if delta == Delta() else delta)


def decisions_stage(store: RecordStore) -> Stage[TriageDecided, Held]:
    """The stage, on a store. It takes the records' locks, so that no write in flight misses a person's no."""

    async def gather(events: Sequence[TriageDecided]) -> Held:
        return await store.locked(refs_in_order(ref for event in events for ref in refs_of(event)))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    return Stage(NAME, "crm", VERSION, TRIAGE_DECIDED, (), gather, decide, None, save)

"""What becomes of one change of one record: applied, queued, blocked, suppressed, or a conflict with what the record holds."""

from dataclasses import dataclass, field
from datetime import datetime

from libs.contracts.change import Permission, ProposedChange, Status
from libs.contracts.undo import UNDO
from libs.policy.admit import Current, Verdict, admit, evidence_hash, same_value
from libs.policy.autonomy import Levels, Segments, level_for, workflow_behind
from libs.policy.fields import Overwrite
from libs.policy.launch import LaunchMode
from libs.policy.policy import Policy
from services.crm.domain.record import DELETED, FieldMeta, RecordState, Rejection

WORKFLOW = "crm"
"""Whose contract in workflows.yaml counts here."""
DRIFT = "crm:drift"
GONE = "crm:deleted"
MOVED_SINCE = "rollback:moved_since"
ALREADY_UNDONE = "rollback:already_undone"
UNDONE = "rollback:undone"


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict, the record after it, and what a rollback makes crm remember or forget."""

    verdict: Verdict
    after: RecordState
    remembered: tuple[Rejection, ...] = ()
    forgotten: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """What a write is judged by: its policy, the stricter launch mode that counts now, and who is held back why."""

    policy: Policy
    mode: LaunchMode
    held_for: frozenset[str] = frozenset()
    newest: Policy | None = None
    levels: Levels = field(default_factory=dict)
    """What workflows have earned by now."""
    segments: Segments = field(default_factory=dict)
    """What the lead behind the write is told apart by."""

    def level(self, change: ProposedChange) -> Permission | None:
        """What the workflow behind a change has earned for its field; None when it needs to earn nothing."""
        policies = (self.policy, self.newest or self.policy)
        return level_for(policies, self.levels, workflow_behind(self.policy, change), change, self.segments)


def judge(change: ProposedChange, record: RecordState, gate: Gate, change_id: str, now: datetime) -> Judged:
    """The verdict on one change, and the record with it if it is applied. The version of `record` must be the new one."""
    if record.deleted and change.field != DELETED:
        return Judged(Verdict(Status.CONFLICT, GONE, "the record was deleted"), record)
    if change.reverts is not None:
        return _judge_revert(change, change.reverts, record, gate, change_id, now)
    if _drifted(change, record, gate.policy):
        message = "the record no longer holds what the proposal was based on"
        return Judged(Verdict(Status.CONFLICT, DRIFT, message), record)
    verdict = _admitted(change, record, gate)
    if verdict.status is not Status.APPLIED:
        return Judged(verdict, record)
    return Judged(verdict, _written(change, record, change_id, now))


def _admitted(change: ProposedChange, record: RecordState, gate: Gate) -> Verdict:
    """The gate's answer. What a person asked for has nobody to wait for: it is blocked, and says what is missing."""
    meta = record.meta.get(change.field)
    current = Current(
        value=record.value(change.field),
        source=None if meta is None else meta.source,
        confidence=0.0 if meta is None else meta.confidence,
        verified_by=None if meta is None else meta.verified_by,
        locked=change.field in record.locks,
        rejected=record.rejected_evidence(change.field),
    )
    level = gate.level(change)
    verdict = admit(
        gate.policy, current, change, stage=WORKFLOW, mode=gate.mode, suppressions=gate.held_for, level=level
    )
    if verdict.status is Status.QUEUED and change.actor.kind == "human":
        return Verdict(Status.BLOCKED, verdict.rule, f"{verdict.reason}: give a reason")
    return verdict


def _drifted(change: ProposedChange, record: RecordState, policy: Policy) -> bool:
    """Compare-and-set: whether the field holds something else than the proposal saw and than it wants.

    Asked of people's decisions too: they decided on what they saw. Not asked of a field whose newest value counts, nor
    of consent, where the gate compares with what is held, so that a late opt-out still tightens.
    """
    current = record.value(change.field)
    if same_value(change.old, current) or same_value(change.new, current):
        return False
    contract = policy.contract(change.record.type, change.field)
    return contract is None or not (contract.overwrite is Overwrite.ALWAYS or contract.tightest_first)


def _written(change: ProposedChange, record: RecordState, change_id: str, now: datetime) -> RecordState:
    """The record with the change in it. The same value again counts only as a person's word for it."""
    held, current = record.meta.get(change.field), record.value(change.field)
    if same_value(change.new, current):
        if held is None or change.verified_by is None:
            return record
        word = {"verified_by": change.verified_by, "change_id": change_id, "actor": change.actor, "at": now}
        return record.with_value(change.field, current, held.model_copy(update={**word, "by_rollback": False}))
    meta = FieldMeta(
        source=change.source,
        confidence=change.confidence,
        verified_by=change.verified_by,
        change_id=change_id,
        actor=change.actor,
        at=now,
        version=record.version,
        evidence_hash=evidence_hash(change),
        before=current,
        replaced=None if held is None else held.one_step(),
    )
    return record.with_value(change.field, change.new, meta)


def _judge_revert(
    change: ProposedChange, reverted: str, record: RecordState, gate: Gate, change_id: str, now: datetime
) -> Judged:
    """Three-way check: undo only what still stands as it was written. A later edit by a person is never touched.

    A rollback's own evidence says what it takes off; it is no evidence for loosening somebody's consent.
    """
    current, meta = record.value(change.field), record.meta.get(change.field)
    undone = meta if meta is not None and meta.change_id == reverted else None
    if undone is None and same_value(current, change.new):
        return Judged(Verdict(Status.APPLIED, ALREADY_UNDONE, "the field holds the earlier value already"), record)
    if undone is None and (not same_value(current, change.old) or _edited_by_person(meta)):
        return Judged(Verdict(Status.CONFLICT, MOVED_SINCE, "the field was changed again since"), record)
    verdict = _admitted(change.model_copy(update={"evidence": ()}), record, gate)
    if verdict.status is not Status.APPLIED:
        return Judged(verdict, record)
    remembered, forgotten = _memory(change, undone, now)
    restored = _restored(change, record, undone, change_id, now)
    restored = restored.model_copy(update={"withdrew": tuple(one.evidence_hash for one in remembered)})
    after = record.with_value(change.field, change.new, restored)
    return Judged(Verdict(Status.APPLIED, UNDONE, verdict.reason), after, remembered, forgotten)


def _edited_by_person(meta: FieldMeta | None) -> bool:
    return meta is not None and not meta.by_rollback and meta.actor.kind in ("human", "human_approved_ai")


def _restored(
    change: ProposedChange, record: RecordState, undone: FieldMeta | None, change_id: str, now: datetime
) -> FieldMeta:
    """Where the restored value came from: what was known of it before, when it is the value just before."""
    held = record.meta.get(change.field)
    known = undone is not None and same_value(undone.before, change.new)
    before = undone.replaced if undone is not None and known else None
    return FieldMeta(
        source=change.source if before is None else before.source,
        confidence=change.confidence if before is None else before.confidence,
        verified_by=change.verified_by if before is None else before.verified_by,
        change_id=change_id,
        actor=change.actor,
        at=now,
        version=record.version,
        evidence_hash="" if before is None else before.evidence_hash,
        by_rollback=True,
        before=record.value(change.field),
        replaced=None if held is None else held.one_step(),
    )


def _memory(
    change: ProposedChange, undone: FieldMeta | None, now: datetime
) -> tuple[tuple[Rejection, ...], tuple[Rejection, ...]]:
    """To remember, to forget: what was rolled back does not come back on the same evidence, until that rollback is
    rolled back itself. A rollback of several changes names them in its evidence. A decision that was only taken back says
    nothing against the evidence."""
    if undone is None or (change.proposed_by == UNDO):
        return (), ()
    if undone.withdrew:
        return (), tuple(_rejection(change, digest, now) for digest in undone.withdrew)
    digests = [undone.evidence_hash]
    named = {evidence.quote for evidence in change.evidence}
    if undone.replaced is not None and undone.replaced.change_id in named:
        digests.append(undone.replaced.evidence_hash)
    return tuple(_rejection(change, digest, now) for digest in digests if digest), ()


def _rejection(change: ProposedChange, digest: str, now: datetime) -> Rejection:
    return Rejection(change.record, change.field, digest, "rollback", change.actor.id, change.reason, now)

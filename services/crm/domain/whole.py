"""Making a whole record at once: every field passes the gate, and one change in the log tells all of them."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import WHOLE, FieldChange, ProposedChange, Status, Workflow
from libs.contracts.events import RecordChanged
from libs.policy.admit import Current, Verdict, admit, is_empty
from services.crm.domain.judge import WORKFLOW, Gate
from services.crm.domain.record import FieldMeta, RecordState
from services.crm.domain.settle import Cause, Settled

_EMPTY = Current()
Asked = dict[str, Verdict]
"""The gate's answers by field, where they are the same for every value."""


def made_whole(
    record: RecordState,
    fields: Mapping[str, JsonValue],
    told: ProposedChange,
    gate: Gate,
    cause: Cause,
    ordinal: int,
    asked: Asked | None = None,
) -> Settled | None:
    """The new record with all fields; None when the gate holds one of them back: then each needs a verdict of its own.

    `record` does not exist yet; `told` says who brings the values, from where and why. Empty values are left out.
    `asked` keeps the gate's answers for the next record of the same command.
    """
    held = {name: value for name, value in fields.items() if not is_empty(value)}
    verdict = _strictest(held, told, gate, {} if asked is None else asked)
    if verdict is None or not held:
        return None
    ref = record.ref
    change_id = ids.change_id(cause.event_id, cause.stage, ref.type, ref.id, WHOLE, ordinal)
    meta = FieldMeta(
        source=told.source, confidence=told.confidence, verified_by=told.verified_by, change_id=change_id,
        actor=told.actor, at=cause.now, version=1,
    )  # fmt: skip
    made = replace(record, version=1, fields=held, meta=dict.fromkeys(held, meta))
    change = _change(told, held, change_id, verdict, cause)
    event = RecordChanged(
        record=ref, version=1, fields=held, changed=tuple(sorted(held)), actor=told.actor, write_id=cause.write_id
    )
    return Settled(made, (change,), event)


def _strictest(fields: Mapping[str, JsonValue], told: ProposedChange, gate: Gate, asked: Asked) -> Verdict | None:
    """The verdict of the last field when all are applied, else None."""
    verdict = None
    for name, value in fields.items():
        verdict = asked.get(name)
        if verdict is None:
            verdict = _verdict(name, value, told, gate)
            if told.actor.kind == "human" and not _depends_on_value(told.record.type, name, gate):
                asked[name] = verdict
        if verdict.status is not Status.APPLIED:
            return None
    return verdict


def _verdict(name: str, value: JsonValue, told: ProposedChange, gate: Gate) -> Verdict:
    change = told.model_copy(update={"field": name, "new": value})
    return admit(gate.policy, _EMPTY, change, stage=WORKFLOW, mode=gate.mode, suppressions=gate.held_for)


def _depends_on_value(record_type: str, name: str, gate: Gate) -> bool:
    """Of a person's first values only consent is judged by what the value is."""
    contract = gate.policy.contract(record_type, name)
    return contract is not None and bool(contract.tightest_first)


def _change(
    told: ProposedChange, fields: Mapping[str, JsonValue], change_id: str, verdict: Verdict, cause: Cause
) -> FieldChange:
    more = {
        "field": WHOLE, "old": None, "new": dict(fields), "change_id": change_id,
        "workflow": Workflow(name=cause.stage, version=cause.version), "policy_version": cause.policy_hash,
        "trigger_event_id": cause.event_id, "lead_id": cause.lead_id, "trace_id": None, "status": Status.APPLIED,
        "rule": verdict.rule, "at": cause.now,
    }  # fmt: skip
    return FieldChange.model_construct(**(told.__dict__ | more))

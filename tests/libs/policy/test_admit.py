"""The gate, as a table, over the full product of its inputs, and as properties."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor, Evidence, ProposedChange, Source, Status
from libs.policy.admit import Current, Verdict, admit, evidence_hash, is_empty, same_value
from libs.policy.launch import STRICTEST_MODE_FIRST, LaunchMode
from libs.policy.suppression import Reason
from tests.libs.policy.gate_table import APPROVED, EMPTY, TABLE, held
from tests.libs.policy.shipped import FORM, MODEL, PERSON, POLICY, PROVIDER, RULES, ai, change, person

Reasons = frozenset[str]
AUTO = LaunchMode.LIMITED_AUTO
RANK = {Status.BLOCKED: 0, Status.SUPPRESSED: 1, Status.QUEUED: 2, Status.APPLIED: 3}

NEVER_SILENT = (
    "lead.owner", "lead.lifecycle", "lead.consent", "lead.do_not_mail", "lead.timeline",
    "contact.owner", "contact.lifecycle", "contact.consent", "contact.do_not_mail", "contact.customer_status",
    "contact.disqualification_reason", "contact.sent", "contact.merged_into", "contact.deleted",
    "company.owner", "company.lifecycle", "company.customer_status", "company.partner", "company.strategic",
    "company.merged_into", "company.deleted",
    "opportunity.stage", "opportunity.amount", "opportunity.close_date", "opportunity.forecast_category",
    "opportunity.legal_notes", "opportunity.procurement_notes", "opportunity.pricing", "opportunity.owner",
    "opportunity.closed_lost_reason", "opportunity.deleted", "opportunity.merged_into", "task.sent",
)  # fmt: skip


def gate(
    current: Current, proposed: ProposedChange, stage: str = "enrich", mode: LaunchMode = AUTO, **more: Any
) -> Verdict:
    return admit(POLICY, current, proposed, stage=stage, mode=mode, **more)


ROWS = [pytest.param(*row[1:], id=row[0]) for row in TABLE]


@pytest.mark.parametrize(("current", "proposed", "how", "status", "rule"), ROWS)
def test_table(current: Current, proposed: ProposedChange, how: dict[str, Any], status: Status, rule: str) -> None:
    verdict = gate(current, proposed, **how)
    assert (verdict.status, verdict.rule) == (status, rule), verdict.reason
    assert verdict.reason


FIELDS = [(record, name) for record, names in POLICY.fields.records.items() for name in names]
STAGES = [*POLICY.workflows, "hygiene"]
CURRENTS = (
    EMPTY,
    held("a"),
    held("a", FORM, 1.0),
    held("a", PERSON, 1.0),
    held("a", locked=True),
    held(True, verified_by="ana"),
)
ACTORS = (Actor(kind="rule", id="r"), ai(), APPROVED, person())


def test_full_product_is_total_and_keeps_the_promises() -> None:
    """Every field × stage × current × actor × mode: a verdict, and never what the policy forbids."""
    count = 0
    for (record, name), stage, current, actor in product(FIELDS, STAGES, CURRENTS, ACTORS):
        proposed = change(f"{record}.{name}", "b", actor=actor, confidence=1.0)
        ranks = [RANK[_checked(current, proposed, stage, mode).status] for mode in STRICTEST_MODE_FIRST]
        assert ranks == sorted(ranks), (record, name, stage, actor.kind, ranks)
        count += len(ranks)
    assert count > 100_000


def _checked(current: Current, proposed: ProposedChange, stage: str, mode: LaunchMode) -> Verdict:
    verdict = gate(current, proposed, stage, mode)
    where = f"{proposed.record.type}.{proposed.field}"
    assert verdict.status in RANK, verdict
    if proposed.actor.kind in ("rule", "ai") and verdict.status is Status.APPLIED:
        contract = POLICY.contract(proposed.record.type, proposed.field)
        assert contract is not None
        workflow = POLICY.workflows[stage]
        assert workflow.may_propose(proposed.record.type, proposed.field), (where, stage)
        assert not current.locked, where
        assert current.verified_by is None, where
        assert current.source is not PERSON, where
        if contract.always_review:
            assert contract.first_by_rule, where
            assert is_empty(current.value), where
            assert proposed.actor.kind == "rule", where
    if proposed.actor.kind == "human" and not POLICY.contract(proposed.record.type, proposed.field).tightest_first:  # type: ignore[union-attr]
        assert verdict.status is Status.APPLIED, where
    return verdict


@pytest.mark.parametrize("where", NEVER_SILENT)
@pytest.mark.parametrize("stage", STAGES)
def test_never_silent_fields_never_change_silently(where: str, stage: str) -> None:
    for actor, mode in product((Actor(kind="rule", id="r"), ai()), LaunchMode):
        verdict = gate(held("a", MODEL, 0.1), change(where, "b", actor=actor, source=PROVIDER), stage, mode)
        assert verdict.status is not Status.APPLIED, (where, stage, actor.kind, mode)


values = st.sampled_from(
    [None, "", "a", "b", 0, 1, True, False, "opted_in", "opted_out", "unknown", [], ["a"], {"k": 1}]
)
shares = st.sampled_from([0.0, 0.39, 0.4, 0.5, 0.69, 0.7, 0.8, 0.85, 0.9, 1.0]) | st.floats(0, 1)
sources = st.sampled_from([FORM, MODEL, PROVIDER, RULES, PERSON, Source(kind="crm", name="crm")])
actors = st.builds(Actor, kind=st.sampled_from(["rule", "ai", "human_approved_ai", "human"]), id=st.just("x"))
evidences = st.lists(st.builds(Evidence, quote=st.sampled_from(["q", "r"]), where=st.just("body")), max_size=2).map(
    tuple
)
fields = st.sampled_from([f"{record}.{name}" for record, name in FIELDS] + ["lead.nothing", "submission.x", "policy.y"])
proposals = st.builds(change, fields, values, source=sources, confidence=shares, actor=actors, evidence=evidences)
currents = st.builds(
    Current,
    values,
    sources | st.none(),
    shares,
    st.sampled_from([None, None, "ana"]),
    st.sampled_from([False, False, True]),
)
reasons = st.frozensets(st.sampled_from([*Reason, "made_up"]), max_size=3)
stages = st.sampled_from(STAGES)
modes = st.sampled_from(LaunchMode)


@given(currents, proposals, stages, modes, reasons)
def test_the_gate_is_total(
    current: Current, proposed: ProposedChange, stage: str, mode: LaunchMode, held_for: Reasons
) -> None:
    verdict = gate(current, proposed, stage, mode, suppressions=held_for)
    assert verdict.status in RANK
    assert verdict.rule


@given(currents, proposals, stages, reasons)
def test_a_stricter_mode_never_lets_more_through(
    current: Current, proposed: ProposedChange, stage: str, held_for: Reasons
) -> None:
    ranks = [RANK[gate(current, proposed, stage, mode, suppressions=held_for).status] for mode in STRICTEST_MODE_FIRST]
    assert ranks == sorted(ranks)


@given(currents, proposals, stages, modes, shares, shares)
def test_less_confidence_never_lets_more_through(
    current: Current, proposed: ProposedChange, stage: str, mode: LaunchMode, one: float, other: float
) -> None:
    low, high = sorted([one, other])
    ranks = [
        RANK[gate(current, proposed.model_copy(update={"confidence": sure}), stage, mode).status]
        for sure in (low, high)
    ]
    assert ranks == sorted(ranks)


@given(currents, proposals, stages, modes, reasons)
def test_more_reasons_to_hold_back_never_let_more_through(
    current: Current, proposed: ProposedChange, stage: str, mode: LaunchMode, held_for: Reasons
) -> None:
    free, bound = gate(current, proposed, stage, mode), gate(current, proposed, stage, mode, suppressions=held_for)
    assert RANK[bound.status] <= RANK[free.status]


@given(currents, proposals, stages, modes)
def test_a_machine_never_beats_a_person(
    current: Current, proposed: ProposedChange, stage: str, mode: LaunchMode
) -> None:
    word = Current(current.value, PERSON, current.confidence, current.verified_by or "ana", locked=True)
    verdict = gate(word, proposed, stage, mode)
    if proposed.actor.kind in ("rule", "ai") and verdict.rule not in ("unchanged", "consent_tightens"):
        assert verdict.status is Status.BLOCKED


@given(currents, proposals, stages, modes)
def test_a_rejected_change_stays_away_until_its_evidence_changes(
    current: Current, proposed: ProposedChange, stage: str, mode: LaunchMode
) -> None:
    told_no = replace(current, rejected=frozenset({evidence_hash(proposed)}))
    surer = proposed.model_copy(update={"confidence": 1.0, "model_version": "newer"})
    verdict = gate(told_no, surer, stage, mode)
    if proposed.actor.kind in ("rule", "ai") and verdict.rule not in ("unchanged", "consent_tightens"):
        assert verdict.status is Status.BLOCKED
    fresh = proposed.model_copy(update={"evidence": (*proposed.evidence, Evidence(quote="new", where="body"))})
    assert gate(told_no, fresh, stage, mode) == gate(current, fresh, stage, mode)


@given(values, values)
def test_same_value_is_an_equivalence_and_tells_flags_from_numbers(a: Any, b: Any) -> None:
    assert same_value(a, a)
    assert same_value(a, b) == same_value(b, a)
    assert not same_value(True, 1)
    assert same_value([1, {"k": 2}], [1.0, {"k": 2.0}])

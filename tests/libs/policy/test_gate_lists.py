"""The lists of what automation may and may not do, against the shipped policy, in every launch mode and at every step."""

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor, Permission, Status
from libs.policy.admit import EARNED, Current, Verdict, admit, evidence_hash
from libs.policy.autonomy import LADDER
from libs.policy.launch import STRICTEST_MODE_FIRST, LaunchMode
from libs.policy.suppression import Reason
from tests.libs.policy.gate_lists import CONSENT, HELD, MODEL, NEVER_SILENT, RULE, SAFE_EARLY, Asked
from tests.libs.policy.gate_table import APPROVED, EMPTY, held
from tests.libs.policy.shipped import MODEL as BY_MODEL
from tests.libs.policy.shipped import POLICY, PROVIDER, QUOTE, change, person
from tests.libs.policy.test_admit import RANK, currents, proposals, reasons, stages

AUTO = LaunchMode.LIMITED_AUTO
BY_MODE = {
    LaunchMode.DATA_AUDIT: Status.BLOCKED,
    LaunchMode.READ_ONLY: Status.BLOCKED,
    LaunchMode.SUGGESTED: Status.QUEUED,
    LaunchMode.APPROVED_WRITES: Status.QUEUED,
    LaunchMode.LIMITED_AUTO: Status.APPLIED,
}


def rows(listed: tuple[Asked, ...]) -> list[object]:
    return [pytest.param(one, id=f"{one.where} ({one.line})") for one in listed]


def asked(
    one: Asked, current: Current, actor: Actor, mode: LaunchMode = AUTO, confidence: float = 1.0, **more: object
) -> Verdict:
    proposed = change(one.where, one.new, actor=actor, confidence=confidence, source=PROVIDER)
    return admit(POLICY, current, proposed, stage=one.stage, mode=mode, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("one", rows(SAFE_EARLY))
@pytest.mark.parametrize("mode", LaunchMode)
def test_low_risk_facts_fill_gaps_as_far_as_the_mode_goes(one: Asked, mode: LaunchMode) -> None:
    for actor in (RULE, MODEL):
        assert asked(one, EMPTY, actor, mode).status is BY_MODE[mode]
    yes = asked(one, EMPTY, APPROVED, mode).status
    assert yes is (Status.BLOCKED if BY_MODE[mode] is Status.BLOCKED else Status.APPLIED)


@pytest.mark.parametrize("one", rows(SAFE_EARLY))
def test_confidence_bands_have_exact_edges(one: Asked) -> None:
    contract = POLICY.contract(*one.where.split("."))
    assert contract is not None
    bands = POLICY.bands_of(contract)
    assert bands.auto is not None
    for sure, status in (
        (bands.auto, Status.APPLIED),
        (bands.auto - 1e-9, Status.QUEUED if bands.suggest < bands.auto else Status.BLOCKED),
        (bands.suggest - 1e-9, Status.BLOCKED),
    ):
        assert asked(one, EMPTY, MODEL, confidence=sure).status is status, sure


@pytest.mark.parametrize("one", rows(SAFE_EARLY))
def test_a_persons_word_and_a_persons_no_stay(one: Asked) -> None:
    for word in (held("a", verified_by="ana"), held("a", locked=True), held("a", person_source())):
        assert asked(one, word, MODEL).rule == "human_verified"
    proposed = change(one.where, one.new, actor=MODEL, source=PROVIDER)
    refused = Current(rejected=frozenset({evidence_hash(proposed)}))
    assert asked(one, refused, MODEL).rule == "rejected_before"
    again = proposed.model_copy(update={"evidence": QUOTE})
    assert admit(POLICY, refused, again, stage=one.stage, mode=AUTO).status is Status.APPLIED


def person_source() -> object:
    return BY_MODEL.model_copy(update={"kind": "human", "name": "ana"})


@pytest.mark.parametrize("one", rows(NEVER_SILENT))
def test_what_is_never_silent_waits_for_a_person_whatever_the_confidence(one: Asked) -> None:
    for actor, mode, sure in product((RULE, MODEL), LaunchMode, (0.0, 0.5, 0.99, 1.0)):
        verdict = asked(one, held("a", BY_MODEL, 0.0), actor, mode, sure)
        assert verdict.status is not Status.APPLIED, (mode, sure)
    assert asked(one, held("a", BY_MODEL, 0.0), APPROVED).status is Status.APPLIED
    assert asked(one, held("a", BY_MODEL, 0.0), person()).status is Status.APPLIED


@pytest.mark.parametrize("one", rows(CONSENT))
def test_consent_only_tightens(one: Asked) -> None:
    current = held(HELD[one.where])
    for actor, mode in product((RULE, MODEL, APPROVED), LaunchMode):
        assert asked(one, current, actor, mode).rule == "consent_loosens"
        tighter = Asked(one.line, one.where, one.stage, HELD[one.where])
        assert asked(tighter, held(one.new, locked=True, verified_by="ana"), actor, mode).status is Status.APPLIED


@pytest.mark.parametrize("reason", Reason)
def test_suppression_counts_before_sends_enrolments_and_owner_changes(reason: Reason) -> None:
    """Control model, when it breaks: customers, open deals, opt-outs and strategic accounts are held back before any of it."""
    for where in ("contact.sent", "contact.sequence", "contact.owner"):
        one = Asked("held back", where, "router")
        free, bound = (
            asked(one, held("a", BY_MODEL, 0.0), RULE, suppressions=frozenset(kept)) for kept in ((), (reason,))
        )
        assert RANK[bound.status] <= RANK[free.status]
        assert bound.status is not Status.APPLIED


@pytest.mark.parametrize("permission", get_args(Permission))
def test_each_step_of_the_ladder(permission: Permission) -> None:
    """Guide to lead automation, permission ladder: read, draft, write after a yes, write low risk, restricted."""
    one = SAFE_EARLY[0]
    contract = POLICY.workflows[one.stage].model_copy(update={"permission": permission})
    policy = POLICY.model_copy(update={"workflows": {**POLICY.workflows, one.stage: contract}})
    wanted = {"read_only": Status.BLOCKED, "draft": Status.BLOCKED, "limited_autonomous": Status.APPLIED}
    proposed = change(one.where, one.new, actor=MODEL)
    by_contract = admit(policy, EMPTY, proposed, stage=one.stage, mode=AUTO)
    by_level = asked(one, EMPTY, MODEL, level=permission)
    assert by_contract.status is by_level.status is wanted.get(permission, Status.QUEUED)
    if by_level.status is not Status.APPLIED:
        assert by_level.rule == EARNED
    approved = asked(one, EMPTY, APPROVED, level=permission)
    assert approved.status is Status.APPLIED, "what a person said yes to needs no trust in the workflow"


@given(currents, proposals, stages, st.sampled_from(STRICTEST_MODE_FIRST), reasons)
def test_a_lower_level_never_lets_more_through_and_none_opens_what_another_rule_holds(
    current: Current, proposed: object, stage: str, mode: LaunchMode, held_for: frozenset[str]
) -> None:
    def at(level: Permission | None) -> int:
        verdict = admit(POLICY, current, proposed, stage=stage, mode=mode, suppressions=held_for, level=level)  # type: ignore[arg-type]
        return RANK[verdict.status]

    ranks = [at(level) for level in LADDER]
    assert ranks == sorted(ranks)
    assert ranks[-1] == at(None)

"""A field that a person blocked is written by no machine, whatever it says; a person still writes it."""

from dataclasses import replace

import pytest

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source, Status
from libs.policy.admit import ANY_EVIDENCE, Current, admit
from libs.policy.launch import LaunchMode
from tests.libs.policy.shipped import POLICY as policy

FREE = Current()


@pytest.mark.parametrize(("value", "kind", "wanted"), [("a", "rule", True), ("b", "ai", True), ("c", "human", False)])
def test_a_block_holds_against_machines(value: str, kind: str, wanted: bool) -> None:
    change = ProposedChange.model_validate({
        "record": RecordRef(type="lead", id="l1"), "field": "city", "new": value, "confidence": 0.99,
        "source": Source(kind="provider", name="p"), "actor": Actor(kind=kind, id="enrich"), "reason": "r",
    })  # fmt: skip
    blocked = replace(FREE, rejected=frozenset({ANY_EVIDENCE}))
    verdict = admit(policy, blocked, change, stage="enrich", mode=LaunchMode("limited_auto"))
    assert (verdict.rule == "blocked_by_person") is wanted
    assert (verdict.status is Status.BLOCKED) is wanted
    assert admit(policy, FREE, change, stage="enrich", mode=LaunchMode("limited_auto")).rule != "blocked_by_person"

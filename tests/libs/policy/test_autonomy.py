"""The block `autonomy`: what it may say, its keys, and which level counts."""

import pytest

from libs.policy.autonomy import key_for, level_for, segments_of, workflow_behind
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.policy.problems import PolicyError
from tests.libs.policy.shipped import FILES, change, lead


def with_block(block: str, stage: str = "enrich") -> Policy:
    head, name, rest = FILES["workflows.yaml"].partition(f"\n{stage}:\n")
    return load_policy({**FILES, "workflows.yaml": f"{head}{name}  autonomy: {block}\n{rest}"})


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("{fields: {contact: [sequence]}}", "contact.sequence, which is not granted"),
        ("{fields: {contact: [title]}, raise: {decided: 3}}", "decided"),
        ("{fields: {contact: [title]}, drop: {over_last: 900}}", "over_last"),
        ("{fields: {contact: [title]}, segment_by: weather}", "segment_by"),
        ("{fields: {contact: [title]}, drops: {}}", "unknown key drops"),
    ],
)
def test_a_block_that_can_not_be_is_named(block: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        with_block(block)


def test_fields_that_always_wait_for_a_person_earn_nothing() -> None:
    with pytest.raises(PolicyError, match=r"lead\.timeline always waits for a person"):
        with_block("{fields: {lead: [timeline]}}", "mapper")


def test_it_starts_no_higher_than_the_contract() -> None:
    with pytest.raises(PolicyError, match="above the permission restricted"):
        with_block("{starts_at: limited_autonomous, fields: {task: [title]}}", "triage")


def test_keys_hold_codes_and_never_what_somebody_typed() -> None:
    policy, proposed = with_block("{fields: {contact: [title]}, segment_by: country}"), change("contact.title", "CTO")
    keys = [
        key_for(policy, "enrich", proposed, {"country": told}) for told in ("DE", "", "call me at +49 151", "x" * 99)
    ]
    assert keys == [f"enrich:contact.title:{told}" for told in ("DE", "unknown", "other", "other")]
    assert key_for(policy, "enrich", change("contact.phone", "1"), {}) is None
    assert key_for(policy, "router", proposed, {}) is None
    assert segments_of(lead({"country": "DE"})) == {"kind": "demo_request", "source": "demo", "country": "DE"}


def test_the_stricter_of_two_policies_counts_and_no_level_passes_the_contract() -> None:
    free, bound = load_policy(FILES), with_block("{fields: {contact: [title]}}")
    proposed, key = change("contact.title", "CTO"), "enrich:contact.title"
    assert level_for((free, free), {key: "read_only"}, "enrich", proposed, {}) is None
    assert level_for((free, bound), {}, "enrich", proposed, {}) == "approved_writes"
    assert level_for((bound, free), {key: "limited_autonomous"}, "enrich", proposed, {}) == "limited_autonomous"
    enrich = bound.workflows["enrich"].model_copy(update={"permission": "draft"})
    strict = bound.model_copy(update={"workflows": {**bound.workflows, "enrich": enrich}})
    assert level_for((bound, strict), {key: "limited_autonomous"}, "enrich", proposed, {}) == "draft"


def test_the_workflow_behind_a_provider_or_a_model_is_its_stage() -> None:
    policy = load_policy(FILES)
    assert workflow_behind(policy, change("contact.title", "CTO")) == "enrich"
    assert workflow_behind(policy, change("contact.title", "CTO", actor=directory_actor())) == "enrich"


def directory_actor() -> object:
    return change("contact.title", "x").actor.model_copy(update={"id": "company_directory"})


def test_the_shipped_block_holds_what_a_model_says_of_a_companys_industry_until_it_was_earned() -> None:
    policy = load_policy(FILES)
    shipped = {name: contract.autonomy for name, contract in policy.workflows.items() if contract.autonomy}
    assert {name: dict(block.fields) for name, block in shipped.items()} == {"classify": {"company": ("industry",)}}
    proposed = change("company.industry", "Software")
    assert level_for((policy,), {}, "classify", proposed, {}) == "approved_writes"
    earned = {"classify:company.industry": "limited_autonomous"}
    assert level_for((policy,), earned, "classify", proposed, {}) == "limited_autonomous"
    assert level_for((policy,), {}, "enrich", proposed, {}) is None

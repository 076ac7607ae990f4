"""The shipped policy says what was decided, for every field, row and rule."""

from typing import Any

import pytest

from libs.contracts.fields import LEAD_FIELDS
from libs.policy.facts import FACTS, lead_facts
from libs.policy.fields import Risk
from libs.policy.routing import RoutingRule
from libs.policy.scoring import PointsTable
from tests.libs.policy.shipped import POLICY, lead


def decided(fields: dict[str, Any] | None = None, record: dict[str, Any] | None = None, **more: Any) -> RoutingRule:
    """The first rule that holds for a lead."""
    extra = {f"record.{name}": value for name, value in (record or {}).items()}
    facts = lead_facts(lead(fields, **more), extra)
    facts["lead.territory"] = POLICY.territories.of(facts)
    return next(rule for rule in POLICY.routing.in_order() if rule.when.holds(facts))


def points(table: PointsTable, fields: dict[str, Any], **more: Any) -> dict[str, int]:
    facts = lead_facts(lead(fields, **more))
    return {rule.name: rule.points for rule in table.rules if rule.when.holds(facts)}


def test_every_lead_field_has_a_contract() -> None:
    assert set(POLICY.fields.records["lead"]) == set(LEAD_FIELDS)


def test_what_is_never_written_alone_is_high_risk_or_reviewed() -> None:
    for record, contracts in POLICY.fields.records.items():
        for name, contract in contracts.items():
            if contract.risk is Risk.HIGH:
                assert contract.always_review, (record, name)
                assert POLICY.bands_of(contract).auto is None


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"priority": 70}, "inbound"),
        ({"priority": 60}, "inbound"),
        ({"priority": 59}, "nurture"),
        ({"priority": 30}, "nurture"),
        ({"priority": 29}, "low_priority"),
        ({"priority": -50}, "low_priority"),
        ({"priority": 80, "fields": {"employees": 5000}}, "enterprise"),
        ({"priority": 79, "fields": {"employees": 5000}}, "inbound"),
        ({"priority": 80, "fields": {"employees": 120}}, "inbound"),
        ({"priority": 80}, "inbound"),
        ({"priority": 70, "fields": {"country": "DE"}}, "inbound_emea"),
        ({"priority": 90, "confidence": 0.69}, "low_confidence"),
        ({"priority": 90, "confidence": 0.69, "record": {"owner": "m1"}}, "low_confidence"),
        ({"priority": 90, "classification": None}, "low_confidence"),
        ({"priority": 90, "confidence": 0.7}, "inbound"),
        ({"priority": 90, "fields": {"employees": 5000}, "record": {"owner": "m1"}}, "existing_owner"),
        ({"priority": 90, "verdict": "ambiguous", "record": {"owner": "m1"}}, "ambiguous_identity"),
        ({"priority": 90, "record": {"held_for": ["strategic"]}}, "strategic_account"),
        ({"priority": 90, "record": {"customer_status": "customer"}}, "existing_customer_conflict"),
        ({"priority": None}, "not_enough_data"),
        ({"priority": None, "flags": ["spam"]}, "disqualified_review"),
        ({"priority": 90, "flags": ["spam"]}, "disqualified_review"),
        ({"priority": 40, "flags": ["student"]}, "disqualified_review"),
        ({"priority": 10, "flags": ["vendor"]}, "disqualified_review"),
        ({"priority": 90, "flags": ["competitor"]}, "score_review"),
    ],
)
def test_routes(told: dict[str, Any], rule: str) -> None:
    assert decided(**told).name == rule


def test_the_owner_is_told_also_when_the_lead_waits_in_triage() -> None:
    assert decided(confidence=0.5, record={"owner": "m1"}).tell_owner
    assert decided(verdict="ambiguous", record={"owner": "m1"}).tell_owner


def test_the_sample_table_of_the_guide() -> None:
    fields = {"employees": 120, "use_case": "support_automation", "seniority": "director"}
    found = points(POLICY.scoring.tables[-1], fields)
    assert {name: found[name] for name in ("demo_request", "company_size_in_profile", "relevant_use_case", "decision_maker")} == {
        "demo_request": 30, "company_size_in_profile": 20, "relevant_use_case": 20, "decision_maker": 15,
    }  # fmt: skip
    assert points(POLICY.scoring.tables[-1], {}, flags=["spam"])["not_for_sales"] == 50
    assert points(POLICY.scoring.tables[-1], {"customer_status": "customer"})["existing_customer"] == 0


def test_company_sizes_count_once() -> None:
    for employees in range(0, 3000, 7):
        found = [name for name in points(POLICY.scoring.tables[-1], {"employees": employees}) if "company" in name]
        assert len(found) <= 1, (employees, found)


def test_reasons_read_well() -> None:
    rule = decided({"employees": 5000}, priority=91)
    assert (
        rule.reason.render(lead_facts(lead({"employees": 5000}, priority=91)))
        == "Enterprise size (5000 people) and a score of 91"
    )
    assert decided(priority=None).reason.render({}) == "Not enough data for a score; missing: unknown"


def test_bands() -> None:
    assert [POLICY.scoring.band_of(at) for at in (95, 80, 60, 30, 29, -70, None)] == [
        "hot", "hot", "warm", "cool", "cold", "cold", "not_enough_data",
    ]  # fmt: skip


def test_every_queue_has_a_promise_and_every_destination_of_sales_a_pool() -> None:
    for rule in POLICY.routing.rules:
        assert rule.queue in POLICY.routing.queues
        assert POLICY.sla.first_touch_minutes(rule.queue) > 0
        if rule.destination == "queue":
            assert POLICY.routing.queues[rule.queue or ""].pool in POLICY.pools
    assert POLICY.sla.calendar("inbound_sales_emea").time_zone == "Europe/Berlin"
    assert POLICY.sla.calendar().time_zone == "America/New_York"


def test_every_fact_in_use_is_declared() -> None:
    used = [name for rule in POLICY.routing.rules for name in (*rule.when.names, *rule.reason.names)]
    used += [
        name
        for table in POLICY.scoring.tables
        for rule in table.rules
        for name in (*rule.when.names, *rule.reason.names)
    ]
    assert used
    assert set(used) <= set(FACTS)


def test_trust_is_the_policys_word_or_less() -> None:
    from_form = lead().source
    assert POLICY.trust_of(from_form) == 0.8
    assert POLICY.trust_of(from_form.model_copy(update={"trust": 0.3})) == 0.3
    assert POLICY.trust_of(from_form.model_copy(update={"name": "elsewhere", "trust": 1.0})) == 0.6

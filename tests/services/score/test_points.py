"""The points table applied: sums that are exact, tables by product, thin data, questions instead of points."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Evidence, RecordRef, Source
from libs.contracts.events import LeadClassified, LeadScored
from libs.contracts.lead import (
    Claim,
    Classification,
    FieldValue,
    Identity,
    Lead,
    Position,
    ProviderAnswer,
    Score,
    SubmissionRef,
)
from libs.policy.load import PolicyError, load_policy, read_files
from libs.policy.scoring import PointsTable, Requirement, ScoreBand, Scoring, ScoringRule
from services.score.domain.points import score_lead
from services.score.stage import Policies, decide, score_stage
from tests.declared import undeclared
from tests.paths import ROOT
from tests.policies import Plain

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = load_policy(read_files(ROOT / "policy"))
FORM = Source(kind="submission", name="demo", trust=0.8)


class OnePolicy(Plain):
    """Knows one policy, whatever the hash."""

    def by_hash(self, policy_hash: str) -> Any:
        return POLICY


def a_lead(fields: dict[str, Any] | None = None, flags: tuple[str, ...] = (), **more: Any) -> Lead:
    facts: dict[str, Any] = {
        "lead_id": "l1",
        "submission": SubmissionRef(
            submission_id="s1", position=Position(topic="t", partition=0, offset=1), sha256="0" * 64, received_at=NOW
        ),
        "facts_hash": "f",
        "source": FORM,
        "submitted_at": NOW,
        "policy_hash": POLICY.hash,
        "partition_key": "k",
        "subject_key_id": "x",
        "fields": {name: FieldValue(value=value, source=FORM) for name, value in (fields or {}).items()},
        "identity": Identity(
            verdict="new", rule="none", contact=RecordRef(type="contact", id="c1"), contact_is_new=True
        ),
        "classification": Classification(
            claims={
                "use_case": Claim(
                    label="crm_cleanup", confidence=0.9, evidence=(Evidence(quote="duplicates", where="m"),)
                )
            },
            flags={
                flag: Claim(label=flag, confidence=0.9, evidence=(Evidence(quote=flag, where="m"),)) for flag in flags
            },
            should_route_to_sales=True,
            confidence=0.9,
            reason="r",
            model_version="m",
            input_hash="h",
        ),
    }
    return Lead(**{**facts, **more})


def crm(field: str, value: Any) -> ProviderAnswer:
    """What the record base said."""
    where = f"record:contact/c1.{field}"
    return ProviderAnswer(provider="crm", field=field, outcome="found", value=value, confidence=0.95, input_hash="h",
                          evidence=(Evidence(quote=str(value), where=where),), at=NOW)  # fmt: skip


def active(days_before: float) -> tuple[ProviderAnswer, ...]:
    """The record was last active so many days before the lead."""
    return (crm("last_activity_at", (NOW - timedelta(days=days_before)).isoformat()),)


KNOWN = {"email": "ann@acme.com", "company": "Acme", "message": "duplicates everywhere", "use_case": "crm_cleanup"}


def rules_of(score: Score) -> dict[str, int]:
    return {part.rule: part.points for part in score.parts}


def test_each_row_that_holds_counts_with_its_reason_and_evidence() -> None:
    lead = a_lead({**KNOWN, "employees": 120, "seniority": "vp"}, kind="demo_request")
    score = score_lead(lead, POLICY.scoring)
    assert rules_of(score) == {
        "demo_request": 30,
        "company_size_in_profile": 20,
        "relevant_use_case": 20,
        "decision_maker": 15,
    }
    assert (score.fit, score.engagement, score.risk, score.priority) == (55, 30, 0, 85)
    parts = {part.rule: part for part in score.parts}
    assert parts["company_size_in_profile"].reason == "120 people is in our profile (50-500)"
    assert parts["company_size_in_profile"].evidence == (Evidence(quote="120", where="lead.employees"),)
    assert parts["relevant_use_case"].evidence == (Evidence(quote="duplicates", where="m"),), "the claim's own quote"


def test_a_product_has_its_own_table() -> None:
    score = score_lead(a_lead({**KNOWN, "use_case": "voice_ai", "employees": 300}), POLICY.scoring)
    assert "call_centre_size" in rules_of(score)
    assert "company_size_in_profile" not in rules_of(score)


def test_risk_is_subtracted() -> None:
    score = score_lead(a_lead({**KNOWN, "email_kind": "free"}, flags=("spam",)), POLICY.scoring)
    assert (score.fit, score.risk) == (20, 60)
    assert score.priority == score.fit + score.engagement - score.risk
    assert {part.rule: part.evidence for part in score.parts}["not_for_sales"] == (Evidence(quote="spam", where="m"),)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({}, ("reachable", "company", "request")), ({"email": "a@b.co", "message": "hi"}, ("company",))],
)
def test_thin_data_is_not_enough(fields: dict[str, Any], missing: tuple[str, ...]) -> None:
    score = score_lead(a_lead(fields), POLICY.scoring)
    assert score.priority is None
    assert score.missing[: len(missing)] == missing


def test_unknown_is_no_data() -> None:
    role = Requirement(name="role", any_of=("lead.buyer_role",), reason="r")
    table = PointsTable(name="t", rules=POLICY.scoring.tables[-1].rules, required=(role,))
    scoring = Scoring(tables=(table,), bands=(ScoreBand(name="b", at_least=0),))
    assert score_lead(a_lead({"buyer_role": "unknown"}), scoring).priority is None
    assert score_lead(a_lead({"buyer_role": "ops"}), scoring).priority is not None


def test_facts_that_would_have_counted_are_named() -> None:
    assert "employees" in score_lead(a_lead(KNOWN), POLICY.scoring).missing
    assert "employees" not in score_lead(a_lead({**KNOWN, "employees": 12}), POLICY.scoring).missing


def test_open_qualification_questions_are_named() -> None:
    told = decided(a_lead({**KNOWN, "employees": 12, "urgency": "high"})).next.lead.score.missing
    assert {"budget", "decision_maker"} <= set(told)
    assert not {"timeline", "size", "use_case"} & set(told)


def test_an_existing_customer_is_a_question_and_not_points() -> None:
    plain = score_lead(a_lead(KNOWN), POLICY.scoring)
    score = score_lead(a_lead({**KNOWN, "customer_status": "customer"}), POLICY.scoring)
    assert score.parts == plain.parts
    assert score.needs_review == ("Existing customer: a person checks for conflict",)
    outcome = decided(a_lead({**KNOWN, "customer_status": "customer"}))
    assert [review.reason for review in outcome.reviews] == list(score.needs_review)


def decided(lead: Lead) -> Any:
    outcome = decide(LeadClassified(event_id="e1", lead=lead), Policies({lead.policy_hash: POLICY}), NOW)
    assert undeclared("score", outcome.changes, POLICY) == set()
    return outcome


def test_changes_state_the_sum() -> None:
    outcome = decided(a_lead({**KNOWN, "employees": 120}, kind="demo_request"))
    assert isinstance(outcome.next, LeadScored)
    changes = {change.field: change for change in outcome.changes if change.record.type == "lead"}
    assert {field: change.new for field, change in changes.items()} == {
        "fit_score": 40, "engagement_score": 30, "risk_score": 0, "priority": 70,
    }  # fmt: skip
    assert changes["priority"].reason == "fit 40 + engagement 30 - risk 0 = 70"
    assert changes["fit_score"].evidence


def test_a_score_is_suggested_to_the_contact() -> None:
    outcome = decided(a_lead({**KNOWN, "employees": 120}))
    assert [(change.field, change.new) for change in outcome.changes if change.record.type == "contact"] == [
        ("suggested_score", 40)
    ]
    asked = Identity(verdict="ambiguous", rule="n", contact=RecordRef(type="contact", id="c9"), contact_is_new=False)
    assert not [change for change in decided(a_lead(KNOWN, identity=asked)).changes if change.record.type == "contact"]


def test_scoring_again_changes_nothing_and_a_persons_score_stays() -> None:
    lead = a_lead({**KNOWN, "employees": 120, "fit_score": 40, "engagement_score": 0, "risk_score": 0, "priority": 40})
    assert [change for change in decided(lead).changes if change.record.type == "lead"] == []
    locked = FieldValue(value=99, source=Source(kind="human", name="bo"), locked=True)
    held = lead.model_copy(update={"fields": {**lead.fields, "priority": locked}})
    assert [change for change in decided(held).changes if change.record.type == "lead"] == []


def test_thin_data_asks_for_what_is_missing() -> None:
    [review] = decided(a_lead({"email": "a@b.co"})).reviews
    assert review.kind == "missing"
    assert "company" in review.reason


async def test_the_stage_reads_each_policy_once() -> None:
    stage = score_stage(OnePolicy())
    facts = await stage.gather([LeadClassified(event_id=str(number), lead=a_lead(KNOWN)) for number in range(3)])
    assert set(facts.by_hash) == {POLICY.hash}


async def test_the_priority_under_a_policy_in_shadow_is_told_and_its_failure_is_not() -> None:
    files = read_files(ROOT / "policy")
    tried = load_policy({**files, "scoring.yaml": files["scoring.yaml"].replace("points: 20", "points: 21")})
    event = LeadClassified(event_id="e1", lead=a_lead(KNOWN))
    alone = decide(event, Policies({POLICY.hash: POLICY}), NOW)
    beside = decide(event, Policies({POLICY.hash: POLICY}, tried), NOW)
    assert alone.next is not None
    assert beside.next is not None
    ours, theirs = alone.next.lead.score, beside.next.lead.score
    assert ours is not None
    assert theirs is not None
    assert theirs.shadow is not None
    assert theirs.shadow.policy_hash == tried.hash
    assert theirs.shadow.priority == score_lead(event.lead, tried.scoring).priority != ours.priority
    assert theirs.model_copy(update={"shadow": None}) == ours, "what is tried decides nothing"
    assert beside.changes == alone.changes
    broken = tried.model_copy(update={"scoring": None})
    assert decide(event, Policies({POLICY.hash: POLICY}, broken), NOW) == alone


def test_engagement_fades_with_the_time_since_the_records_last_activity() -> None:
    fresh, half, old = (score_lead(a_lead(KNOWN, answers=active(days)), POLICY.scoring) for days in (0, 45, 3000))
    assert rules_of(fresh)["came_back"] == 10
    assert rules_of(half)["came_back"] == 5
    assert "came_back" not in rules_of(old), "nothing is left of it"
    part = next(part for part in half.parts if part.rule == "came_back")
    assert part.reason.endswith("(45 days before: 5 of 10 points are left)")
    assert part.evidence[0].where == "record:contact/c1.last_activity_at"


def test_time_is_the_events_own() -> None:
    """Neither a backlog nor a replay years later moves a point."""
    lead = a_lead(KNOWN, answers=active(20))
    event = LeadClassified(event_id="e1", lead=lead)
    now, later = (decide(event, Policies({lead.policy_hash: POLICY}), at) for at in (NOW, NOW + timedelta(days=2000)))
    assert now == later


@given(st.lists(st.floats(0, 4000), min_size=2, max_size=2))
def test_points_never_grow_with_age(ages: list[float]) -> None:
    young, old = sorted(ages)
    rule = ScoringRule.model_validate(
        {"name": "r", "group": "engagement", "when": "true", "points": 100, "reason": "r", "half_life_days": 30}
    )
    assert 0 <= rule.points_after(timedelta(days=old)) <= rule.points_after(timedelta(days=young)) <= 100


@pytest.mark.parametrize(
    ("note", "employees", "asks"),
    [
        ("Spoke in May: NOT  A FIT, they build in house", 120, "not a fit"),
        ("Kein Interesse laut Telefonat", 120, "kein interesse"),
        ("lovely people", 120, ""),
        ("key account of ours", 120, ""),
        ("Key account, be quick", None, "key account"),
        ("this is a nofitness company", 120, ""),
    ],
)
def test_a_score_against_the_owners_note_is_a_question(note: str, employees: int | None, asks: str) -> None:
    strong = {"employees": employees, "seniority": "vp"} if employees else {"use_case": "unknown"}
    lead = a_lead({**KNOWN, **strong}, answers=(crm("owner_note", note),), kind="demo_request" if employees else "lead")
    asked = score_lead(lead, POLICY.scoring).needs_review
    assert asks in " ".join(asked).casefold().replace("  ", " ")
    assert bool(asked) == bool(asks)


def test_how_sure_a_model_was_is_no_ground_for_points() -> None:
    files = read_files(ROOT / "policy")
    files["scoring.yaml"] = files["scoring.yaml"].replace("lead.urgency == 'high'", "lead.confidence > 0.9")
    with pytest.raises(PolicyError, match="how sure a model was"):
        load_policy(files)


CONDITIONS = [
    "true",
    "record.days_since_activity < 100",
    "false",
    "lead.employees > 50",
    "lead.country == 'DE'",
    "lead.kind == 'webinar'",
    "lead.flags.exists(f, f == 'spam')",
]
RULES = st.lists(
    st.builds(
        lambda number, group, when, points, review, half_life: ScoringRule.model_validate(
            {
                "name": f"r{number}",
                "group": group,
                "when": when,
                "points": points,
                "reason": "because {lead.country}",
                "review": review,
                "half_life_days": half_life if group == "engagement" and not review else None,
            }
        ),
        st.integers(0, 10_000),
        st.sampled_from(["fit", "engagement", "risk"]),
        st.sampled_from(CONDITIONS),
        st.integers(0, 1000),
        st.booleans(),
        st.one_of(st.none(), st.floats(0.01, 3660)),
    ),
    min_size=1,
    max_size=8,
)
LEADS = st.builds(
    a_lead,
    st.fixed_dictionaries(
        {},
        optional={
            "employees": st.one_of(st.none(), st.integers(0, 10**18), st.just("many")),
            "country": st.sampled_from(["DE", "", "unknown"]),
            "email": st.just("a@b.co"),
        },
    ),
    flags=st.sampled_from([(), ("spam",)]),
    answers=st.one_of(st.just(()), st.integers(-5, 4000).map(active)),
    kind=st.sampled_from(["webinar", "lead"]),
)


@given(RULES, LEADS, st.booleans())
def test_parts_add_up_exactly(rules: list[ScoringRule], lead: Lead, demanding: bool) -> None:
    required = (Requirement(name="mail", any_of=("lead.email",), reason="r"),) if demanding else ()
    table = PointsTable(name="t", rules=tuple(rules), required=required)
    score = score_lead(lead, Scoring(tables=(table,), bands=(ScoreBand(name="b", at_least=0),)))
    sums = {
        group: sum(part.points for part in score.parts if part.group == group)
        for group in ("fit", "engagement", "risk")
    }
    assert (score.fit, score.engagement, score.risk) == tuple(sums.values())
    assert (score.priority is None) == (demanding and lead.value("email") is None)
    if score.priority is not None:
        assert score.priority == sum(-part.points if part.group == "risk" else part.points for part in score.parts)
    assert all(part.reason and part.points for part in score.parts)
    assert len(score.parts) + len(score.needs_review) <= len(rules)


@given(LEADS, st.floats(0, 1))
def test_a_models_confidence_never_moves_points(lead: Lead, confidence: float) -> None:
    assert lead.classification is not None
    surer = lead.classification.model_copy(update={"confidence": confidence})
    changed = lead.model_copy(update={"classification": surer})
    assert score_lead(changed, POLICY.scoring).priority == score_lead(lead, POLICY.scoring).priority

"""Where leads go: requirements' policy rules, suppression first, launch modes, whose turn it is."""

from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts.events import SlaChanged
from libs.contracts.lead import Review
from services.router.domain.handoff import NOTE, TASK
from tests.services.router.fakes import a_lead, changed, member, proposal
from tests.services.router.running import Router, request, route_of, writes

IDENTITY = Review(
    kind="identity", reason="two people?", stage="dedupe", detail={"candidates": [{"type": "contact", "id": "c9"}]}
)
BASE = [
    member("ann"), member("bob"), member("eve", "enterprise"), member("old", "none", active=False),
    changed("contact", "owned", email="x@owned.example", owner="ann"),
    changed("contact", "left", owner="old"),
    changed("contact", "optout", do_not_mail=True),
    changed("contact", "customer", customer_status="customer", owner="bob"),
    changed("contact", "orphan", customer_status="customer"),
    changed("company", "strategic", tier="strategic"),
    changed("company", "deal", domain="deal.example"), changed("company", "nobodys", name="x"),
    changed("opportunity", "o1", company_id="deal", stage="negotiation", owner="eve"),
    changed("opportunity", "o2", company_id="done", stage="closed won", owner="eve"),
    changed("opportunity", "o3", company_id="nobodys", stage="demo"),
    changed("suppression", "e1", reason="never_route", domain="spam.example"),
    changed("suppression", "e2", reason="competitor", email="spy@rival.example"),
]  # fmt: skip


def router(newest: str = "limited_auto") -> Router:
    found = Router(newest)
    found.runs(BASE)
    return found


@pytest.mark.parametrize(
    ("lead", "destination", "rule"),
    [
        ({"contact": "owned"}, "owner", "existing_owner"),
        ({"contact": "owned", "confidence": 0.5}, "triage", "low_confidence"),
        ({"contact": "left"}, "review", "existing_owner"),
        ({"confidence": 0.69}, "triage", "low_confidence"),
        ({"confidence": None}, "triage", "low_confidence"),
        ({"verdict": "ambiguous", "reviews": (IDENTITY,)}, "triage", "ambiguous_identity"),
        ({"reviews": (Review(kind="conflict", reason="r", stage="score"),)}, "triage", "open_conflict"),
        ({"priority": 85, "employees": 5000}, "queue", "enterprise"),
        ({"priority": 60}, "queue", "inbound"),
        ({"priority": 59}, "nurture", "nurture"),
        ({"priority": 29}, "nurture", "low_priority"),
        ({"priority": 90, "flags": ("spam",)}, "disqualified", "disqualified_review"),
        ({"priority": None}, "triage", "not_enough_data"),
        ({"contact": "customer"}, "owner", "existing_owner"),
        ({"contact": "orphan"}, "review", "existing_customer_conflict"),
        ({"company": "nobodys"}, "review", "suppression"),
        ({"company": "strategic"}, "review", "suppression"),
        ({"company": "deal"}, "owner", "existing_owner"),
        ({"company": "done"}, "queue", "inbound"),
        ({"contact": "optout"}, "queue", "inbound"),
        ({"contact": "optout", "priority": 40}, "review", "suppression"),
        ({"email": "a@spam.example"}, "suppressed", "suppression"),
        ({"email": "a@mail.spam.example"}, "suppressed", "suppression"),
        ({"email": "spy@rival.example"}, "review", "suppression"),
        ({"company": "strategic", "email": "a@spam.example"}, "suppressed", "suppression"),
    ],
)
def test_the_destination(lead: dict[str, Any], destination: str, rule: str) -> None:
    outcome = router().scored(a_lead("s9", **{"proposals": (proposal("s9"),), **lead}))
    route = route_of(outcome)
    assert (route.destination, route.rule) == (destination, rule)
    assert route.reason
    assert route.tried[0].rule == "suppression"
    sent = destination in ("owner", "queue", "nurture")
    assert bool(writes(outcome)) == sent
    assert (request(outcome) is None) == (sent or destination == "suppressed")


def test_the_owner_is_told_when_the_lead_waits_for_a_person() -> None:
    assert any("ann" in note for note in route_of(router().scored(a_lead("s9", contact="owned", confidence=0.3))).notes)
    assert "Opted out: do not mail." in route_of(router().scored(a_lead("s9", contact="optout"))).notes


def test_identity_is_asked_alone_since_its_answer_makes_a_new_version() -> None:
    asked = request(
        router().scored(a_lead("s9", verdict="ambiguous", reviews=(IDENTITY,), proposals=(proposal("s9"),)))
    )
    assert asked is not None
    assert [(one.review.kind, one.choices) for one in asked.questions] == [("identity", ("link:c9", "keep_apart"))]


def test_a_held_lead_is_asked_where_to_go_with_what_the_rules_offer() -> None:
    asked = request(router().scored(a_lead("s9", confidence=0.4)))
    assert asked is not None
    assert [one.review.kind for one in asked.questions] == ["route"]
    assert asked.suggested is not None
    assert (asked.suggested.destination, asked.suggested.queue) == ("queue", "inbound_sales")
    assert asked.due_at is not None


def test_an_empty_pool_is_a_visible_failure() -> None:
    found = Router()
    found.runs([member("ann", active=False), member("bob", daily_cap=1)])
    assert route_of(found.scored(a_lead("s1"))).owner is not None
    outcome = found.scored(a_lead("s2"))
    route = route_of(outcome)
    assert (route.destination, route.queue) == ("review", "unassigned")
    assert "Ann: not active" in route.reason
    assert "Bob: has 1 leads today" in route.reason
    assert request(outcome) is not None
    assert writes(outcome) == []


def test_turns_are_taken_and_the_first_owner_is_written_once() -> None:
    found = router()
    first, second = found.scored(a_lead("s1", company="k")), found.scored(a_lead("s2", company="k2"))
    owners = [route_of(one).owner for one in (first, second)]
    assert {one.id for one in owners if one} == {"ann", "bob"}
    changes = [(write.record.type, change.field, change.new) for write in writes(first) for change in write.changes]
    assert [one for one in changes if one[1] not in (NOTE, TASK)] == [
        ("company", "owner", "ann"),
        ("contact", "owner", "ann"),
    ]
    again = found.scored(a_lead("s3", contact="contact-s1", company="k"))
    assert (route_of(again).destination, route_of(again).owner) == ("owner", owners[0])
    assert {change.field for write in writes(again) for change in write.changes} == {NOTE, TASK}


def test_who_speaks_the_language_goes_first() -> None:
    found = Router()
    found.runs([member("de", "inbound_emea", languages=["de", "en"]), member("fr", "inbound_emea", languages=["fr"])])
    for number in range(3):
        assert route_of(found.scored(a_lead(f"s{number}", country="FR", language="fr"))).owner.id == "fr"  # type: ignore[union-attr]
    assert route_of(found.scored(a_lead("s9", country="FR", language="it"))).owner is not None


def test_who_is_away_takes_nothing() -> None:
    found = Router()
    found.runs(
        [member("ann", absences=[{"from": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"}]), member("bob")]
    )
    owners = [route_of(found.scored(a_lead(f"s{number}"))).owner for number in range(3)]
    assert {one.id for one in owners if one} == {"bob"}


@pytest.mark.parametrize("newest", ["data_audit", "read_only", "suggested", "approved_writes"])
def test_stricter_modes_only_suggest_or_show(newest: str) -> None:
    outcome = router(newest).scored(a_lead("s1", proposals=(proposal("s1"), proposal("s1", "activity", {"x": 1}))))
    route = route_of(outcome)
    assert (route.destination, route.suggested, route.owner) == ("queue", True, None)
    assert writes(outcome) == []
    assert outcome.changes == ()
    asked = request(outcome)
    assert (asked is None) == (newest in ("data_audit", "read_only"))
    if asked is not None:
        assert [one.review.kind for one in asked.questions] == ["route", "change"]
        assert asked.lead is not None
        assert asked.lead.route == route
    assert bool([one for one in outcome.emits if isinstance(one, SlaChanged)]) == (asked is not None)


def test_a_side_question_does_not_hold_a_lead() -> None:
    queued = Review(
        kind="change", reason="queued", stage="classify", detail={"field": "timeline", "old": None, "new": "Q1"}
    )
    outcome = router().scored(a_lead("s1", reviews=(queued,)))
    assert (route_of(outcome).destination, route_of(outcome).suggested) == ("queue", False)
    asked = request(outcome)
    assert asked is not None
    (question,) = asked.questions
    assert question.proposal is not None
    assert (question.proposal.record.type, question.proposal.field, question.proposal.new) == ("lead", "timeline", "Q1")
    assert outcome.next is not None
    assert [review.kind for review in outcome.next.lead.reviews] == ["change"]


def test_never_silent_changes_of_a_routed_lead_are_asked_and_audited() -> None:
    stage = proposal("s1", "lifecycle", "sql")
    outcome = router().scored(a_lead("s1", proposals=(stage, proposal("s1"))))
    asked = request(outcome)
    assert asked is not None
    assert [one.proposal for one in asked.questions] == [stage]
    assert [(one.field, one.status.value) for one in outcome.settled] == [("lifecycle", "queued")]
    assert {change.field for write in writes(outcome) for change in write.changes} == {"name", "owner", NOTE, TASK}


def test_two_rules_that_disagree_at_one_priority_go_to_a_person() -> None:
    from libs.policy.load import load_policy, read_files  # noqa: PLC0415
    from services.router.domain.rules import found_rule  # noqa: PLC0415
    from tests.paths import ROOT  # noqa: PLC0415

    files = read_files(ROOT / "policy")
    files["routing.yaml"] = files["routing.yaml"].replace("priority: 70", "priority: 60").replace(
        "lead.score.priority >= 30 && lead.score.priority < 60", "lead.score.priority >= 30"
    )  # fmt: skip
    facts: dict[str, JsonValue] = {
        "lead.score.priority": 70,
        "lead.confidence": 0.9,
        "lead.identity.verdict": "new",
        "lead.flags": [],
        "lead.reviews": [],
    }
    found = found_rule(load_policy(files), facts)
    assert (found.rule, found.destination) == ("rules_disagree", "triage")
    assert "inbound and nurture" in found.reason

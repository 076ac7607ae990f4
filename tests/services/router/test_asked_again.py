"""Answers that send a lead nowhere, or were given before something changed, are asked again; a yes leaves no doubt behind."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts.events import Event, TriageRequested
from libs.contracts.lead import Lead, Review
from libs.runtime.emit import Emitter
from libs.runtime.errors import Rejected
from services.triage.domain.item import Case, after_request, after_route
from tests.services.router.fakes import NOW, Policies, a_lead, changed, member, proposal
from tests.services.router.running import Router, request, route_of, writes
from tests.services.router.test_decisions import QUEUED, answered, asked_of, command, team, written

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def decided_item(asked: TriageRequested) -> Case:
    """Triage's case after the question was answered."""
    case = after_request(Case(asked.lead_id), asked, NOW)
    assert case.item is not None
    return replace(case, item=replace(case.item, status="decided"))


@pytest.mark.parametrize(
    ("verdict", "value"), [("reject", None), ("route", "nowhere"), ("route", "zed"), ("route", "enterprise_sales")]
)
def test_an_answer_that_sends_the_lead_nowhere_is_asked_again_until_it_has_a_place(
    verdict: str, value: JsonValue
) -> None:
    router = team()
    router.one(member("zed", active=False))
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, proposals=(proposal("s1"),))))
    for _ in range(3):
        outcome = router.one(
            answered(asked, route=(verdict, value)).model_copy(update={"event_id": asked.question_hash})
        )
        assert (route_of(outcome).destination, writes(outcome)) == ("review", [])
        again = asked_of(outcome)
        case = after_request(decided_item(asked), again, NOW)
        case = after_route(case, 1, route_of(outcome), NOW, len(again.questions))
        assert case.open_item is not None
        assert [one.review.kind for one in again.questions] == ["route"]
        asked = again
    last = router.one(answered(asked, route=("route", "bob")))
    assert (route_of(last).owner.id, bool(writes(last)), request(last)) == ("bob", True, None)  # type: ignore[union-attr]


def test_a_yes_to_a_pool_that_nobody_is_in_is_asked_again() -> None:
    router = Router("suggested")
    asked = asked_of(router.scored(a_lead("s1")))
    outcome = router.one(answered(asked, route=("approve", None)))
    assert (route_of(outcome).queue, asked_of(outcome).suggested) == ("unassigned", None)


def lead_sent(router: Router, event: Event) -> Lead:
    """The lead as the gate lets it out."""
    outcome = router.one(event)
    emitted = Emitter(Policies("suggested")).emitted(router.stages[type(event)], event, outcome, NOW, TRACE)
    assert emitted.next is not None
    lead = emitted.next.lead  # type: ignore[attr-defined]
    assert isinstance(lead, Lead)
    return lead


def test_an_approved_route_is_a_fact_of_the_lead_and_no_new_question() -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1", mode="suggested")))
    lead = lead_sent(router, answered(asked, route=("approve", None)))
    assert (lead.text("queue"), lead.text("owner"), lead.reviews) == ("inbound_sales", "ann", ())


def test_a_second_lead_of_an_account_is_not_given_away_by_a_yes_from_before_it_had_an_owner() -> None:
    router = team("suggested")
    first, second = (asked_of(router.scored(a_lead(name, company="k9"))) for name in ("s1", "s2"))
    owner = route_of(router.one(answered(first, route=("approve", None)))).owner
    outcome = router.one(answered(second, route=("approve", None)))
    again = asked_of(outcome)
    assert (writes(outcome), again.suggested and again.suggested.owner) == ([], owner)
    assert route_of(router.one(answered(again, route=("approve", None)))).owner == owner


def test_what_was_put_under_review_since_is_asked_again_once() -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1", company="k9", email="a@rival.example")))
    router.one(changed("suppression", "e1", reason="competitor", domain="rival.example"))
    outcome = router.one(answered(asked, route=("route", "bob")))
    assert (route_of(outcome).rule, writes(outcome)) == ("suppression", [])
    rejected = router.one(answered(asked_of(outcome), route=("reject", None)))
    last = router.one(answered(asked_of(rejected), route=("route", "bob")))
    assert (route_of(last).owner.id, request(last)) == ("bob", None)  # type: ignore[union-attr]


def test_whom_a_person_chose_is_the_first_owner_and_stays() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, company="k1")))
    outcome = router.one(answered(asked, route=("route", "bob")))
    assert written(outcome) == {
        ("contact", "owner"): ("bob", "human_approved_ai"), ("company", "owner"): ("bob", "human_approved_ai"),
    }  # fmt: skip
    assert route_of(router.scored(a_lead("s2", company="k1"))).owner.id == "bob"  # type: ignore[union-attr]


def test_a_late_version_moves_no_owner_whatever_it_matches() -> None:
    router = team()
    owner = route_of(router.scored(a_lead("s1"))).owner
    router.runs([changed("company", "k7", owner="zoe"), member("zoe")])
    late = route_of(router.scored(a_lead("s1", version=2, contact="contact-other", company="k7")))
    assert late.owner == owner
    assert "who got version 1" in late.notes[-1]
    assert route_of(router.scored(a_lead("s1", version=3, contact="contact-third", priority=40))).owner == owner


def test_nobody_is_offered_a_gone_owner_or_nurture_against_their_word() -> None:
    router = team()
    router.runs([
        changed("contact", "contact-s1", owner="zed"), member("zed", active=False),
        changed("contact", "contact-s2", do_not_mail=True),
    ])  # fmt: skip
    assert asked_of(router.scored(a_lead("s1"))).suggested is None
    assert asked_of(router.scored(a_lead("s2", priority=40))).suggested is None


@pytest.mark.parametrize("said", [{"consent": False}, {"consent": "opted_out"}, {"do_not_mail": True}])
def test_who_opts_out_in_the_very_form_is_not_nurtured(said: dict[str, Any]) -> None:
    route = route_of(team().scored(a_lead("s1", priority=40, **said)))
    assert (route.destination, route.rule) == ("review", "suppression")
    assert "Opted out: do not mail." in route.notes


def test_a_lead_that_waits_or_is_never_routed_is_given_to_nobody() -> None:
    router = team()
    router.scored(a_lead("s1", confidence=0.3))
    router.runs([changed("suppression", "e1", reason="never_route", domain="spam.example")])
    router.scored(a_lead("s2", email="a@spam.example"))
    for name, why in (("s1", "triage item"), ("s2", "never-route")):
        with pytest.raises(Rejected, match=why):
            router.one(command("reassign", name, owner="bob"))


def test_an_entry_holds_back_until_its_end_and_the_lead_that_waits_still_asks_a_person() -> None:
    router = team()
    end = NOW + timedelta(days=30)
    router.runs([changed("suppression", "e1", reason="partner", domain="acme.example", until=end.isoformat())])
    waiting = router.scored(a_lead("s1", email="a@acme.example"))
    assert (route_of(waiting).rule, route_of(waiting).destination) == ("suppression", "review")
    router.now = end - timedelta(seconds=1)
    assert route_of(router.scored(a_lead("s2", email="b@acme.example"))).rule == "suppression"
    router.now = end
    assert route_of(router.scored(a_lead("s3", email="c@acme.example"))).rule != "suppression"
    assert not router.state.all.leads[waiting.state.lead.lead_id].settled
    with pytest.raises(Rejected, match="triage item"):
        router.one(command("reassign", "s1", owner="bob"))


def test_who_is_never_routed_until_a_time_is_given_to_somebody_after_it() -> None:
    """The commands ask what counts when they come, not what counted when the lead did."""
    router = team()
    router.scored(a_lead("s1", email="a@spam.example"))
    end = NOW + timedelta(days=1)
    router.runs([changed("suppression", "e1", reason="never_route", domain="spam.example", until=end.isoformat())])
    with pytest.raises(Rejected, match="never-route"):
        router.one(command("reassign", "s1", owner="bob"))
    router.now = end
    assert router.one(command("reassign", "s1", owner="bob")).answer["owner"] == "bob"


def test_what_may_be_a_competitor_is_a_persons_to_route() -> None:
    route = route_of(team().scored(a_lead("s1", flags=("competitor",))))
    assert (route.destination, route.rule) == ("review", "score_review")


def test_a_route_chosen_beside_an_edit_goes_on_with_the_version_that_the_edit_makes() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", priority=None, reviews=(QUEUED,))))
    router.one(answered(asked, reenters=True, timeline=("edit", "Q2"), route=("route", "nurture")))
    lead = a_lead("s1", version=2, priority=70, proposals=(proposal("s1"),))
    outcome = router.scored(lead)
    assert (route_of(outcome).destination, route_of(outcome).rule) == ("nurture", "routed_by_person")
    assert written(outcome)["contact", "name"] == ("Ann Lee", "rule")
    assert request(outcome) is None


@pytest.mark.parametrize(("priority", "goes_on"), [(70, True), (40, False)])
def test_a_yes_beside_an_edit_counts_while_the_rules_still_offer_the_same(priority: int, goes_on: bool) -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1", priority=65, reviews=(QUEUED,))))
    router.one(answered(asked, reenters=True, timeline=("edit", "Q2"), route=("approve", None)))
    outcome = router.scored(a_lead("s1", version=2, priority=priority))
    assert (route_of(outcome).suggested, request(outcome) is None) == (not goes_on, goes_on)


def test_an_open_identity_comes_before_a_route_that_was_chosen() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", priority=None, reviews=(QUEUED,))))
    router.one(answered(asked, reenters=True, timeline=("edit", "Q2"), route=("route", "nurture")))
    identity = Review(kind="identity", reason="two?", stage="dedupe", detail={"candidates": [{"id": "c9"}]})
    outcome = router.scored(a_lead("s1", version=2, verdict="ambiguous", reviews=(identity,)))
    assert [one.review.kind for one in asked_of(outcome).questions] == ["identity"]


def test_what_a_stricter_mode_holds_back_beside_a_yes_is_asked_not_dropped() -> None:
    router = team()
    asked = asked_of(router.scored(a_lead("s1", confidence=0.3, proposals=(proposal("s1"),))))
    strict = Router("suggested", router.state)
    outcome = strict.one(answered(asked, route=("approve", None)))
    assert ("contact", "name") not in written(outcome)
    questions = asked_of(outcome).questions
    assert [one.proposal.field for one in questions if one.proposal] == ["name"]
    later = strict.one(answered(asked_of(outcome), name=("approve", None)))
    assert written(later) == {("contact", "name"): ("Ann Lee", "human_approved_ai")}


def test_no_spam_after_all_is_asked_what_to_write() -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1", flags=("spam",), proposals=(proposal("s1"),))))
    assert [one.review.kind for one in asked.questions] == ["route"]
    outcome = router.one(answered(asked, route=("route", "inbound_sales")))
    assert ("contact", "name") not in written(outcome)
    assert [one.proposal.field for one in asked_of(outcome).questions if one.proposal] == ["name"]

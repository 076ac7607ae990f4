"""A policy in shadow: what it would do is told beside the route, and nothing else is different."""

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.lead import Lead, ShadowScore
from libs.contracts.outcome import Outcome
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from tests.paths import ROOT
from tests.services.router.earning import EarningPolicies
from tests.services.router.fakes import a_lead, member, policy
from tests.services.router.running import Router, route_of


@cache
def stricter_policy() -> Policy:
    """The repository's policy, where inbound sales begin at 90 points."""
    files = read_files(ROOT / "policy")
    files["launch.yaml"] = files["launch.yaml"].replace("mode: suggested", "mode: limited_auto")
    assert "lead.score.priority >= 60" in files["routing.yaml"]
    files["routing.yaml"] = files["routing.yaml"].replace("lead.score.priority >= 60", "lead.score.priority >= 90")
    return load_policy(files)


def routed(lead: Lead, shadow: Policy | None) -> Outcome[Any]:
    """What follows from a lead while a policy is tried."""
    policies = EarningPolicies(policy())
    policies.tried = shadow
    router = Router(policies=policies)
    router.one(member("bob"))
    return router.scored(lead)


def tried_lead(priority: int, there: int, **more: Any) -> Lead:
    """A lead that score saw under both policies."""
    lead = a_lead(priority=priority, **more)
    assert lead.score is not None
    shadow = ShadowScore(policy_hash=stricter_policy().hash, priority=there)
    return lead.model_copy(update={"score": lead.score.model_copy(update={"shadow": shadow})})


def without(outcome: Outcome[Any]) -> Outcome[Any]:
    """The outcome as if nothing had been tried."""
    route = route_of(outcome).model_copy(update={"shadow": None})

    def cleared(event: Any) -> Any:
        lead = getattr(event, "lead", None)
        return event.model_copy(update={"lead": lead.model_copy(update={"route": route})}) if lead else event

    following = cleared(outcome.next).model_copy(update={"route": route})
    return replace(outcome, next=following, emits=tuple(map(cleared, outcome.emits)), state=None)


def test_the_other_way_is_told_with_its_rule() -> None:
    route = route_of(routed(tried_lead(65, 65), stricter_policy()))
    assert (route.queue, route.owner is not None) == ("inbound_sales", True)
    assert route.shadow is not None
    assert route.shadow.policy_hash == stricter_policy().hash
    assert route.shadow.queue != "inbound_sales"
    assert route.shadow.rule != route.rule


def test_the_points_of_the_policy_in_shadow_count_there() -> None:
    shadow = route_of(routed(tried_lead(65, 95), stricter_policy())).shadow
    assert shadow is not None
    assert (shadow.priority, shadow.queue) == (95, "inbound_sales")


def test_a_lead_that_score_saw_without_it_is_left_out() -> None:
    assert route_of(routed(a_lead(), stricter_policy())).shadow is None
    assert route_of(routed(tried_lead(65, 65), None)).shadow is None


def test_a_policy_that_fails_stops_no_lead() -> None:
    broken = stricter_policy().model_copy(update={"routing": None})
    outcome = routed(tried_lead(65, 65), broken)
    assert route_of(outcome).shadow is None
    assert route_of(outcome).queue == "inbound_sales"


@given(st.integers(-50, 150), st.integers(-50, 150), st.sampled_from([(), ("spam",), ("competitor",)]))
def test_nothing_is_decided_by_it(priority: int, there: int, flags: tuple[str, ...]) -> None:
    lead = tried_lead(priority, there, flags=flags)
    beside, alone = routed(lead, stricter_policy()), routed(lead, None)
    assert route_of(beside).shadow is not None
    assert without(beside) == without(alone)

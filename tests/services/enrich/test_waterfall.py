"""The waterfall: who may fill a field, who is believed, and when a person is asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Evidence, Source
from libs.contracts.lead import FieldValue, Lead, ProviderAnswer
from libs.policy.policy import Policy
from services.enrich.domain.alike import alike
from services.enrich.domain.waterfall import Filled, filled, source_of, worth
from tests.services.enrich.makers import NOW, POLICY, a_lead, policy_with

PERSON = Source(kind="human", name="bo")


def answer(provider: str, field: str, value: Any, confidence: float = 0.9, **more: Any) -> ProviderAnswer:
    return ProviderAnswer(
        **{
            "provider": provider, "field": field, "outcome": "found", "value": value, "confidence": confidence,
            "evidence": (Evidence(quote=f"{value} by {provider}", where="somewhere"),), "input_hash": "h", "at": NOW,
            **more,
        }
    )  # fmt: skip


def told(*answers: ProviderAnswer, lead: Lead | None = None, policy: Policy = POLICY) -> Filled:
    return filled(lead or a_lead(), answers, policy)


def values(found: Filled) -> dict[str, Any]:
    return {change.field: change.new for change in found.changes}


def test_two_that_are_worth_nearly_the_same_and_disagree_are_a_question_and_nothing_is_written() -> None:
    found = told(answer("company_directory", "industry", "software"), answer("website", "industry", "retail"))
    assert found.changes == ()
    [review] = found.reviews
    assert (review.kind, review.stage) == ("conflict", "enrich")
    assert review.detail == {
        "field": "industry", "old": None, "new": "software",
        "values": {"company_directory": "software", "website": "retail"},
    }  # fmt: skip
    assert {one.quote for one in review.evidence} == {"software by company_directory", "retail by website"}


def test_the_question_is_the_same_in_whatever_order_they_answered() -> None:
    pair = [answer("website", "industry", "retail"), answer("company_directory", "industry", "software")]
    assert told(*pair) == told(*reversed(pair))


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (answer("website", "industry", "retail", 0.7), "worth less than four fifths of the best"),
        (answer("website", "industry", "retail", 0.39), "below the field's suggest band"),
        (answer("website", "industry", "Software"), "the same in another spelling"),
        (answer("phone", "industry", "retail", 1.0), "not listed for the field"),
        (answer("website", "industry", "retail", evidence=()), "without evidence"),
    ],
)
def test_what_is_not_usable_is_no_conflict(second: ProviderAnswer, why: str) -> None:
    found = told(second, answer("company_directory", "industry", "software"))
    assert values(found) == {"industry": "software"}, why
    assert found.reviews == ()


def test_where_the_policy_takes_the_best_nobody_is_asked() -> None:
    found = told(answer("website", "city", "Bonn"), answer("company_directory", "city", "Kiel"))
    assert (values(found), found.reviews) == ({"city": "Kiel"}, ())


def test_the_earlier_provider_of_the_policy_wins_a_tie() -> None:
    even = "  city: {providers: [website, company_directory], trust: {website: 0.8}}"
    pair = (answer("company_directory", "city", "Kiel"), answer("website", "city", "Bonn"))
    assert values(told(*pair, policy=policy_with(even))) == {"city": "Bonn"}
    other = "  city: {providers: [company_directory, website], trust: {website: 0.8}}"
    assert values(told(*pair, policy=policy_with(other))) == {"city": "Kiel"}


def test_a_field_may_trust_a_provider_otherwise() -> None:
    policy = policy_with("  city: {providers: [company_directory, website], trust: {website: 0.95}}")
    one = answer("website", "city", "Bonn", 0.9)
    assert worth(one, policy) == pytest.approx(0.855)
    assert source_of(one, policy).trust == 0.95
    assert worth(one, POLICY) == pytest.approx(0.63)
    assert values(told(one, answer("company_directory", "city", "Kiel"), policy=policy)) == {"city": "Bonn"}


@pytest.mark.parametrize(
    "held",
    [
        FieldValue(value="retail", source=PERSON),
        FieldValue(value="retail", source=Source(kind="crm", name="crm"), confidence=0.1, verified_by="bo"),
        FieldValue(value="", source=Source(kind="crm", name="crm"), confidence=0.1, locked=True),
    ],
    ids=["set", "verified", "emptied and locked"],
)
def test_a_persons_word_stands_and_is_not_asked_about_again(held: FieldValue) -> None:
    lead = a_lead({"industry": held})
    pair = (answer("company_directory", "industry", "software"), answer("website", "industry", "logistics"))
    assert told(*pair, lead=lead) == Filled((), ())


def test_a_value_that_stands_against_both_is_no_conflict() -> None:
    held = FieldValue(value="retail", source=Source(kind="submission", name="demo"), confidence=0.95)
    pair = (answer("company_directory", "industry", "software"), answer("website", "industry", "logistics"))
    assert told(*pair, lead=a_lead({"industry": held})) == Filled((), ())


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        ("country", "DE", "Germany"),
        ("country", "Deutschland", "germany"),
        ("country", "UK", "GB"),
        ("country", "États-Unis", "US"),
        ("company", "Acme GmbH", "ACME"),
        ("company", "Nordwind Ltd.", "nordwind limited"),
        ("website", "https://www.acme.de/", "acme.de"),
        ("website", "http://acme.de/en/home", "https://acme.de"),
        ("domain", "www.acme.de", "acme.de"),
        ("industry", "financial_services", "Financial Services"),
        ("city", "Zürich", "ZURICH"),
        ("employees", 120, 118.0),
        ("employees", 1000, 800),
        ("tech_stack", ["HubSpot", "React"], ["react", "hubspot"]),
        ("social_links", ["https://www.linkedin.com/company/acme/"], ["http://linkedin.com/company/acme"]),
        ("phone", "+49 30 901820", "+4930901820"),
    ],
)
def test_a_spelling_is_no_disagreement(field: str, a: Any, b: Any) -> None:
    assert alike(field, a, b)
    assert alike(field, b, a)


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        ("country", "DE", "AT"),
        ("country", "Niger", "Nigeria"),
        ("company", "Acme GmbH", "Apex GmbH"),
        ("website", "acme.de", "acme.com"),
        ("employees", 50, 500),
        ("employees", True, 1),
        ("industry", "software", None),
        ("city", "Frankfurt", "Frankfort"),
        ("social_links", ["https://x.com/acme"], ["https://x.com/apex"]),
    ],
)
def test_other_values_are_a_disagreement(field: str, a: Any, b: Any) -> None:
    assert not alike(field, a, b)
    assert not alike(field, b, a)


SOME = st.builds(
    answer,
    provider=st.sampled_from(["company_directory", "website", "phone", "http"]),
    field=st.sampled_from(["industry", "employees", "country", "city"]),
    value=st.sampled_from(["software", "retail", "DE", "Germany", 50, 55, 500]),
    confidence=st.sampled_from([0.0, 0.3, 0.4, 0.7, 0.72, 0.9, 1.0]),
)
HELD = st.one_of(
    st.none(),
    st.builds(
        FieldValue,
        value=st.sampled_from(["software", "retail", 50, None]),
        source=st.builds(Source, kind=st.sampled_from(["submission", "human", "crm"]), name=st.just("n")),
        confidence=st.sampled_from([0.2, 0.8, 1.0]),
        locked=st.booleans(),
        verified_by=st.sampled_from([None, None, "bo"]),
    ),
)


@given(st.lists(SOME, max_size=8, unique_by=lambda one: (one.provider, one.field)), HELD)
def test_a_field_has_one_change_or_one_question_from_listed_providers(
    answers: list[ProviderAnswer], held: FieldValue | None
) -> None:
    lead = a_lead({"industry": held} if held else {})
    found = filled(lead, answers, POLICY)
    asked = [review.detail["field"] for review in found.reviews if isinstance(review.detail, dict)]
    touched = [change.field for change in found.changes] + asked
    assert len(touched) == len(set(touched))
    settled = held is not None and bool(held.locked or held.verified_by or held.source.kind == "human")
    assert not (settled and "industry" in touched)
    for change in found.changes:
        assert change.source.name in POLICY.enrichment.fields[change.field].providers
        assert change.evidence
        assert not alike(change.field, change.old, change.new)
    assert {"country", "city"}.isdisjoint(asked), "the policy takes the best of these"
    for review in found.reviews:
        assert isinstance(review.detail, dict)
        said = review.detail["values"]
        assert isinstance(said, dict)
        assert len(said) > 1

"""Providers that disagree about a lead's fact: one question with every value, and a person's word makes a new version."""

from typing import Any

import pytest

from libs.contracts.lead import Review
from services.triage.domain.answers import choices_of, reenters
from tests.services.router.fakes import a_lead
from tests.services.router.running import Router, route_of
from tests.services.router.test_decisions import answered, asked_of

DISAGREE = Review(
    kind="conflict", reason="Providers disagree about employees", stage="enrich",
    detail={"field": "employees", "old": None, "new": 40, "values": {"company_directory": 40, "website": 400}},
)  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "value", "again"), [("approve", None, True), ("edit", 400, True), ("reject", None, False)]
)
def test_a_person_takes_one_of_the_values_or_none(verdict: str, value: Any, again: bool) -> None:
    asked = asked_of(Router("suggested").scored(a_lead("s1", reviews=(DISAGREE,))))
    [question] = [one for one in asked.questions if one.review.kind == "conflict"]
    assert choices_of(question) == ("approve", "edit", "reject", "block")
    assert question.review.detail == DISAGREE.detail, "both values are shown side by side"
    assert question.proposal is not None
    assert (question.proposal.record.type, question.proposal.field, question.proposal.new) == ("lead", "employees", 40)
    decided = answered(asked, employees=(verdict, value), route=("approve", None))
    assert reenters(asked.questions, decided.answers) is again


def test_the_lead_waits_until_it_is_settled() -> None:
    outcome = Router("limited_auto").scored(a_lead("s1", reviews=(DISAGREE,)))
    assert (route_of(outcome).destination, route_of(outcome).rule) == ("triage", "open_conflict")
    assert any(question.review.kind == "conflict" for question in asked_of(outcome).questions)

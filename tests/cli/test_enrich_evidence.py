"""Every check of `enrich check` can fail: evidence that holds passes, and broken in one way each it is found."""

from typing import Any

import pytest

from cli.enrich_evidence import Places, checked
from libs.contracts.change import Evidence, Source
from libs.contracts.lead import FieldValue, ProviderAnswer
from tests.services.enrich.makers import NOW, a_lead

ROW = "directory:firms.csv, line 2, loaded 2026-11-20 by ann"
PLACES = Places(
    said={("lead-1", "email"): ("Ann@Acme.de",)},
    records={
        "company/7": [{"owner": "jo"}, {"owner": "kim", "activity": {"kind": "call", "at": "2026-11-01"}}],
        "opportunity/9": [{"name": "Renewal; big"}],
    },
    directory={ROW: {"industry": "software", "tech_stack": ["a", "b"]}},
)
HOLDS = [
    ("Ann@Acme.de", "lead.email"),
    ("Acme", "lead.email"),
    ("jo", "record:company/7.owner"),
    ("kind call, at 2026-11-01", "record:company/7.activity"),
    ("Renewal; big", "record:company/7"),
    ("software", f"{ROW}.industry"),
    ("a, b", f"{ROW}.tech_stack"),
]
BROKEN = [
    ("ann@acme.de", "lead.email", "does not say so"),
    ("Ann", "lead.first_name", "does not say so"),
    ("lee", "record:company/7.owner", "never held it"),
    ("jo", "record:company/7.note", "never held it"),
    ("jo", "record:company/8.owner", "no record"),
    ("Expansion", "record:company/7", "no opportunity"),
    ("retail", f"{ROW}.industry", "is another"),
    ("software", f"{ROW.replace('line 2', 'line 3')}.industry", "no such row"),
    ("x", "somewhere", "nobody knows"),
    (" ", "lead.email", "empty quote"),
]


def answer(quote: str = "Acme", where: str = "lead.email", **more: Any) -> ProviderAnswer:
    told: dict[str, Any] = {"provider": "email", "field": "domain", "outcome": "found", "value": "acme.de",
                            "confidence": 0.9, "evidence": (Evidence(quote=quote, where=where),),
                            "input_hash": "h", "at": NOW}  # fmt: skip
    return ProviderAnswer(**{**told, **more})


def reasons(*answers: ProviderAnswer, fields: dict[str, Any] | None = None) -> list[str]:
    lead = a_lead(fields, answers=answers)
    return [one.reason for one in checked({"lead-1": [lead]}, PLACES).faults]


@pytest.mark.parametrize(("quote", "where"), HOLDS)
def test_evidence_that_holds(quote: str, where: str) -> None:
    assert reasons(answer(quote, where)) == []


@pytest.mark.parametrize(("quote", "where", "why"), BROKEN)
def test_evidence_that_does_not(quote: str, where: str, why: str) -> None:
    [reason] = reasons(answer(quote, where))
    assert why in reason


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"evidence": ()}, "without evidence"),
        ({"value": None}, "without a value"),
        ({"outcome": "nothing", "reason": "none"}, "a value though"),
        ({"outcome": "timed_out", "value": None}, "without a reason"),
    ],
)
def test_answers_that_contradict_themselves(more: dict[str, Any], why: str) -> None:
    [reason] = reasons(answer(**more))
    assert why in reason


def filled(value: str = "acme.de", confidence: float = 0.9) -> dict[str, Any]:
    source = Source(kind="provider", name="email", trust=0.9)
    return {"domain": FieldValue(value=value, source=source, confidence=confidence)}


def test_a_field_needs_the_answer_that_it_came_from() -> None:
    assert reasons(answer(), fields=filled()) == []
    assert reasons(fields=filled()) == ["the provider gave no answer"]
    for other in (filled("other.de"), filled(confidence=0.5)):
        assert reasons(answer(), fields=other) == ["no answer of the provider has this value and confidence"]


def test_an_earlier_versions_answer_counts_and_is_checked() -> None:
    first, then = a_lead(answers=(answer(),)), a_lead(filled(), version=2)
    assert checked({"lead-1": [first, then]}, PLACES).faults == []
    broken = a_lead(answers=(answer("never said"),))
    assert len(checked({"lead-1": [broken, then]}, PLACES).faults) == 1


def test_pages_are_counted_as_not_read_and_never_as_holding() -> None:
    told = checked({"lead-1": [a_lead(answers=(answer("Acme", "https://acme.de/#title"),))]}, PLACES)
    assert (told.faults, dict(told.not_read)) == ([], {"https": 1})
    assert told.outcomes["email", "domain", "found"] == 1

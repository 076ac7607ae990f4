"""Conditions: checked names and types, total evaluation, places of errors."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.conditions import Condition, ConditionError
from libs.policy.facts import FACTS, lead_facts
from tests.libs.policy.shipped import lead


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("true", {}, True),
        ("lead.employees >= 500", {"lead.employees": 500}, True),
        ("lead.employees >= 500", {"lead.employees": 499}, False),
        ("lead.employees >= 500", {}, None),
        ("lead.employees >= 500", {"lead.employees": None}, None),
        ("lead.employees >= 500", {"lead.employees": "many"}, None),
        ("lead.employees >= 500", {"lead.employees": 2**80}, None),
        ("lead.employees >= 500", {"lead.employees": 500.0}, True),
        ("lead.employees == null", {}, True),
        ("lead.employees != null && lead.employees > 5", {}, False),
        ("lead.employees > 5 || lead.country == 'DE'", {"lead.country": "DE"}, True),
        ("lead.employees > 5 && lead.country == 'DE'", {"lead.country": "FR"}, False),
        ("lead.flag.spam", {"lead.flag.spam": True}, True),
        ("lead.flag.spam", {}, None),
        ("!lead.flag.spam", {}, None),
        ("lead.flag.spam == true", {}, False),
        ("'spam' in lead.flags", {}, False),
        ("'spam' in lead.flags", {"lead.flags": ["spam"]}, True),
        ("record.held_for.exists(r, r == 'strategic')", {"record.held_for": ["customer", "strategic"]}, True),
        ("lead.title.lowerAscii().contains('head')", {"lead.title": "HEAD of Ops"}, True),
        ("lead.country == 'lead.title'", {"lead.country": "lead.title"}, True),
        ("lead.confidence < 0.7", {"lead.confidence": 0.69}, True),
    ],
)
def test_holds(text: str, facts: dict[str, object], expected: bool | None) -> None:
    assert Condition(text).holds(facts) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        ("lead.emploees > 3", 1, 1, "unknown fact lead.emploees; did you mean lead.employees?"),
        ("lead.country == 'DE' &&\n  lead.scor.priority > 3", 2, 3, "did you mean lead.score.priority?"),
        ("true && foo", 1, 9, "unknown fact foo"),
        ("lead.country == 5", 1, 14, "(string, int)"),
        ("lead.confidence < 1", 1, 17, "write a number with a decimal point"),
        ("1 +", 1, 4, "Syntax error"),
        ("lead.country", 1, 1, "must be true or false"),
        ("", 1, 1, "Syntax error"),
    ],
)
def test_errors_name_their_place(text: str, line: int, column: int, told: str) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert told in caught.value.problem


def test_names_are_those_of_the_text_not_of_its_strings() -> None:
    condition = Condition("lead.title.startsWith('lead.country') && \"record.owner\" != lead.city")
    assert set(condition.names) == {"lead.title", "lead.city"}


def test_a_condition_is_a_value() -> None:
    condition = Condition("lead.employees > 3")
    assert condition == Condition("lead.employees > 3")
    assert hash(condition) == hash(Condition("lead.employees > 3"))
    assert pickle.loads(pickle.dumps(condition)).holds({"lead.employees": 4}) is True
    assert copy.deepcopy(condition) is condition


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(value=json_values, other=json_values)
def test_evaluation_is_total(value: object, other: object) -> None:
    condition = Condition("lead.employees > 5 || 'x' in lead.flags || lead.country.contains('a')")
    facts = {"lead.employees": value, "lead.flags": other, "lead.country": value}
    assert condition.holds(facts) in (True, False, None)  # type: ignore[arg-type]


def test_lead_facts_are_declared_and_read_off_the_lead() -> None:
    case = lead({"employees": 120, "country": "DE"}, flags=["spam"], priority=42, confidence=0.61, verdict="ambiguous")
    facts = lead_facts(case, {"record.owner": "m1"})
    assert set(facts) <= set(FACTS)
    assert facts["lead.employees"] == 120
    assert facts["lead.title"] is None
    assert facts["lead.score.priority"] == 42
    assert facts["lead.confidence"] == 0.61
    assert facts["lead.flags"] == ["spam"]
    assert facts["lead.flag.spam"] is True
    assert facts["lead.flag.vendor"] is False
    assert facts["lead.identity.verdict"] == "ambiguous"
    assert facts["record.owner"] == "m1"


def test_facts_of_a_bare_lead_are_unknown_not_false() -> None:
    facts = lead_facts(lead(identity=None, classification=None, score=None))
    assert facts.get("lead.flag.spam") is None
    assert Condition("lead.confidence < 0.7").holds(facts) is None

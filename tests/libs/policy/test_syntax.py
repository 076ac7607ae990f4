"""A condition's tree means what the condition means, for every value of its facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.policy.conditions import Condition
from libs.policy.meaning import UnreadError, as_bit, both, either, negated, value_of
from libs.policy.syntax import Call, Const, Items, Name, Quantified, Unread, facts_of, read_syntax
from tests.libs.policy.conditions import CLEAR, EVERYTHING, MURKY
from tests.libs.policy.shipped import POLICY


def test_the_tree_says_what_the_text_says() -> None:
    tree = Condition("lead.employees >= 80 && lead.flags.exists(f, f in ['a', 'b'])").syntax
    assert tree == Call(
        "_&&_",
        (
            Call("_>=_", (Name("lead.employees"), Const(80))),
            Quantified("f", Name("lead.flags"), Call("@in", (Name("f"), Items((Const("a"), Const("b"))))), every=False),
        ),
    )
    assert facts_of(tree) == {"lead.employees", "lead.flags"}
    assert isinstance(tree, Call)
    assert tree.at == len("lead.employees >= 80 ")


@pytest.mark.parametrize("value", [0, -1, 2**62, -(2**63), 300])
def test_whole_numbers_come_through(value: int) -> None:
    tree = Condition(f"lead.employees == {value}").syntax
    assert isinstance(tree, Call)
    assert tree.args[1] == Const(value)


@pytest.mark.parametrize("value", ["", "Zürich ✓", "a'b", "lead.flags"])
def test_texts_come_through(value: str) -> None:
    tree = Condition(f'lead.city == "{value}"').syntax
    assert isinstance(tree, Call)
    assert tree.args[1] == Const(value)


def test_other_macros_and_maps_stay_unread_and_keep_their_names() -> None:
    tree = Condition("lead.flags.map(x, x + lead.city) == ['s']").syntax
    assert isinstance(tree, Call)
    assert isinstance(tree.args[0], Unread)
    assert {"lead.flags", "lead.city"} <= facts_of(tree)
    with pytest.raises(UnreadError):
        value_of(tree, {})


def test_bytes_that_are_no_expression_are_refused() -> None:
    with pytest.raises((ValueError, IndexError)):
        read_syntax(b"\x0b\xff\xff")


@given(text=MURKY, places=st.lists(st.sampled_from(EVERYTHING), min_size=1, max_size=30))
def test_the_trees_meaning_is_the_conditions(text: str, places: list[dict[str, JsonValue]]) -> None:
    condition = Condition(text)
    for facts in places:
        try:
            found = value_of(condition.syntax, facts)
        except UnreadError:
            continue
        assert found is condition.holds(facts), (text, facts)


@given(text=CLEAR)
def test_what_is_said_to_be_understood_is(text: str) -> None:
    value_of(Condition(text).syntax, EVERYTHING[0])


def test_sets_of_truth_values_connect_as_cel_does() -> None:
    texts = {1: "true", 2: "false", 4: "lead.spam"}
    for left in (1, 2, 4):
        for right in (1, 2, 4):
            told = Condition(f"{texts[left]} || {texts[right]}").holds({})
            assert either(left, right) == as_bit(told)
            assert both(left, right) == as_bit(Condition(f"{texts[left]} && {texts[right]}").holds({}))
    for one in range(1, 8):
        assert negated(negated(one)) == one
        for other in range(1, 8):
            parts = [either(a, b) for a in (1, 2, 4) if a & one for b in (1, 2, 4) if b & other]
            assert either(one, other) == sum(set(parts))


def test_every_condition_of_the_shipped_policy_is_read() -> None:
    conditions = [rule.when for rule in POLICY.routing.rules]
    conditions += [row.when for table in POLICY.scoring.tables for row in table.rules]
    for condition in conditions:
        assert facts_of(condition.syntax) == set(condition.names)
        assert value_of(condition.syntax, {}) is condition.holds({})

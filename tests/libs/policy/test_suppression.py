"""The suppression matrix and the launch modes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.fields import Act
from libs.policy.launch import STRICTEST_MODE_FIRST, LaunchMode, stricter
from libs.policy.suppression import LEAST_STRICT_FIRST, Hold, Reason, effect_of
from tests.libs.policy.shipped import POLICY

reasons = st.frozensets(st.sampled_from([*Reason, "made_up"]), max_size=4)


@pytest.mark.parametrize(
    ("held_for", "act", "hold", "deciding"),
    [
        ([], "route", Hold.ALLOW, ()),
        (["customer"], "route", Hold.OWNER, ("customer",)),
        (["open_opportunity"], "route", Hold.OWNER, ("open_opportunity",)),
        (["opt_out"], "route", Hold.PERSON, ("opt_out",)),
        (["opt_out"], "send", Hold.BLOCK, ("opt_out",)),
        (["opt_out", "customer"], "route", Hold.OWNER, ("customer",)),
        (["strategic"], "route", Hold.REVIEW, ("strategic",)),
        (["strategic", "customer"], "owner_change", Hold.REVIEW, ("customer", "strategic")),
        (["never_route"], "route", Hold.BLOCK, ("never_route",)),
        (["made_up"], "route", Hold.REVIEW, ("made_up",)),
        (["reasons"], "send", Hold.REVIEW, ("reasons",)),
    ],
)
def test_shipped_matrix(held_for: list[str], act: str, hold: Hold, deciding: tuple[str, ...]) -> None:
    effect = effect_of(POLICY, held_for, act)
    assert (effect.hold, effect.reasons) == (hold, deciding)


def test_only_never_route_ends_a_lead() -> None:
    ending = [reason for reason in Reason if effect_of(POLICY, [reason], Act.ROUTE).hold is Hold.BLOCK]
    assert ending == [Reason.NEVER_ROUTE]


def test_an_opted_out_customer_goes_to_the_owner_with_both_notes() -> None:
    assert effect_of(POLICY, {"customer", "opt_out"}, "route").notes == (
        "Existing customer.",
        "Opted out: do not mail.",
    )


@given(reasons, reasons, st.sampled_from(Act))
def test_more_reasons_are_never_less_strict(some: frozenset[str], others: frozenset[str], act: Act) -> None:
    rank = LEAST_STRICT_FIRST.index
    both = rank(effect_of(POLICY, some | others, act).hold)
    assert both == max(rank(effect_of(POLICY, some, act).hold), rank(effect_of(POLICY, others, act).hold))


def test_stricter_is_the_earlier_mode() -> None:
    for a, b in product(LaunchMode, LaunchMode):
        assert stricter(a, b) is STRICTEST_MODE_FIRST[min(STRICTEST_MODE_FIRST.index(a), STRICTEST_MODE_FIRST.index(b))]
    assert stricter(LaunchMode.LIMITED_AUTO, LaunchMode.SUGGESTED) is LaunchMode.SUGGESTED
    assert POLICY.launch.mode is LaunchMode.SUGGESTED

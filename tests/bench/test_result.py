"""Spreads, ratios by pairs, and when a budget is met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.result import Check, Round, Spread, percentile, ratios, spread, spreads

VALUES = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50)


def one(number: int, variant: str, **figures: float) -> Round:
    return Round(number, variant, figures, 1.0, 0.0)


@given(VALUES)
def test_a_spread_is_in_order_and_of_the_values(values: list[float]) -> None:
    found = spread(values)
    assert found.min == min(values)
    assert found.max == max(values)
    assert found.min <= found.median <= found.max


@given(VALUES, st.floats(0.01, 1.0))
def test_a_percentile_is_the_least_value_that_covers_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    covered = sum(value <= found for value in values)
    below = sum(value < found for value in values)
    assert covered >= round(share * len(values), 6) - 1e-6 * len(values)
    assert below < share * len(values) + 1e-6 * len(values)


def test_ratios_are_pairs_of_one_round_so_drift_cancels_out() -> None:
    rounds = [one(1, "ours", speed=10), one(1, "bare", speed=20), one(2, "bare", speed=200), one(2, "ours", speed=100)]
    assert ratios(rounds, "speed", "ours", "bare") == Spread(0.5, 0.5, 0.5)


def test_a_round_without_its_pair_does_not_count() -> None:
    rounds = [one(1, "ours", speed=10), one(2, "ours", speed=30), one(2, "bare", speed=10)]
    assert ratios(rounds, "speed", "ours", "bare") == Spread(3, 3, 3)
    with pytest.raises(ValueError, match="nothing was measured"):
        ratios(rounds[:1], "speed", "ours", "bare")


def test_every_figure_of_every_variant_is_told() -> None:
    rounds = [one(1, "ours", speed=10, cpu=1), one(1, "bare", speed=20), one(2, "ours", speed=30, cpu=3)]
    assert spreads(rounds) == {
        "ours: speed": Spread(10, 20, 30), "ours: cpu": Spread(1, 2, 3), "bare: speed": Spread(20, 20, 20),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("better", "median", "met", "room"),
    [("higher", 0.4, True, 1.0), ("higher", 0.2, False, 0.5), ("lower", 0.4, True, 1.0), ("lower", 0.8, False, 0.5)],
)
def test_the_median_decides_on_the_right_side_of_the_budget(better: str, median: float, met: bool, room: float) -> None:
    check = Check("x", Spread(0.1, median, 1.0), 0.4, 0.8, better)  # type: ignore[arg-type]
    assert check.is_met is met
    assert check.room == pytest.approx(room)
    assert check.rooms[0] <= check.room <= check.rooms[1]

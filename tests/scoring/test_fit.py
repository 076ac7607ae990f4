"""Points learned from outcomes whose odds are known, and measured on leads that were not learned from."""

import json
from pathlib import Path

import numpy as np
import pytest

from scoring.backtest import backtest, quantile_bands
from scoring.card_file import card_text, read_card, scored_by
from scoring.fit import Card, fit
from scoring.measures import auc_of, calibration_error
from scoring.rows import matrix_of, rows_of
from scoring.table import Table, TableError, is_test, read_table
from tests.scoring.made import leads, written


def quiet(line: str) -> None:
    """Nobody listens."""


def table(tmp_path: Path, count: int = 3000, together: float = 0.0) -> Table:
    return read_table(written(tmp_path / "leads.csv", leads(count, together=together)), exclude=["id"])


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Card:
    return fit(table(tmp_path_factory.mktemp("fit")), quiet)


def points(card: Card, text: str) -> int:
    return next(one.points for one in card.rows if one.row.text == text)


def test_points_follow_the_odds(learned: Card) -> None:
    """10 points double the odds, so e^1.5 against e^-1 is 36 points apart; a column of noise has next to none."""
    apart = points(learned, "source is referral") - points(learned, "source is ads")
    assert 28 <= apart <= 42
    assert points(learned, "source is referral") > points(learned, "source is event") > points(learned, "source is ads")
    assert max(abs(one.points) for one in learned.rows if one.row.column == "city") <= 8
    ranges = sorted(
        (one for one in learned.rows if one.row.column == "visits" and not one.row.missing), key=lambda one: one.row.low
    )
    assert [one.points for one in ranges] == sorted(one.points for one in ranges)


def test_the_table_is_nearly_as_good_as_a_boosting_and_its_chances_hold(learned: Card) -> None:
    assert learned.auc.value > learned.boosted.value - 0.03
    assert learned.auc.low < learned.auc.value < learned.auc.high
    assert learned.calibration_error < 0.05
    assert learned.suspicious == ()


def test_two_things_that_mean_more_together_get_a_row_of_their_own(tmp_path: Path) -> None:
    card = fit(table(tmp_path, 4000, together=4.0), quiet)
    pairs = [one for one in card.rows if one.row.also is not None and one.points > 5]
    assert any({"source", "visits"} == set(one.row.columns) and "event" in one.row.text for one in pairs)
    assert card.auc.value > card.boosted.value - 0.03


def test_a_column_that_was_written_after_the_outcome_is_pointed_at(tmp_path: Path) -> None:
    rows = [
        {**row, "stage": "closed" if row["converted"] and number % 20 else "open"}
        for number, row in enumerate(leads(1500))
    ]
    card = fit(read_table(written(tmp_path / "t.csv", rows)), quiet)
    assert [name for name, _ in card.suspicious] == ["stage"]


def test_too_few_leads_are_no_ground_for_points(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few to learn points from"):
        fit(table(tmp_path, 60), quiet)


def test_each_lead_has_one_row_of_every_column(tmp_path: Path) -> None:
    held = table(tmp_path, 800)
    for group in rows_of(held):
        assert (matrix_of(held, [group]).sum(axis=1) == 1).all()


def test_a_written_table_gives_the_same_points_again(tmp_path: Path) -> None:
    held = table(tmp_path, 4000, together=4.0)
    card = fit(held, quiet)
    path = tmp_path / "points.json"
    path.write_text(card_text(card, "leads.csv"))
    scores = scored_by(read_card(path), held)
    unseen = [at for at in range(held.rows) if is_test(held.keys[at])]
    again = auc_of([held.outcome[at] for at in unseen], [scores[at] for at in unseen])
    assert again.value == pytest.approx(card.auc.value)
    told = json.loads(path.read_text())
    assert sum(row["points"] for row in told["rows"]) == sum(one.points for one in card.rows)
    with pytest.raises(TableError, match="lacks the column"):
        scored_by(read_card(path), Table(held.outcome, held.columns[1:], held.keys))
    (tmp_path / "other.json").write_text("[1]")
    with pytest.raises(TableError, match="is no points table"):
        read_card(tmp_path / "other.json")


def test_backtest_counts_and_orders() -> None:
    chance = np.random.default_rng(3)
    scores = [float(one) for one in chance.normal(0, 1, 2000)]
    won = [bool(chance.random() < 1 / (1 + np.exp(-2 * one))) for one in scores]
    names, order = quantile_bands(scores)
    result = backtest(won, [*scores[:-1], None], names, order, [f"{at:05}" for at in range(2000)])
    assert (result.leads, result.not_scored, sum(band.leads for band in result.bands)) == (2000, 1, 2000)
    shares = [band.share for band in result.bands]
    assert shares == sorted(shares, reverse=True)
    assert result.auc.value == pytest.approx(auc_of(won[:-1], scores[:-1]).value)
    assert result.calibration_error is not None
    assert result.calibration_error < 0.05
    with pytest.raises(ValueError, match="the same way"):
        backtest([True, True], [1.0, 2.0], ["a", "a"], ["a"], ["1", "2"])


def test_calibration_error_tells_a_liar() -> None:
    won = [True, False] * 500
    assert calibration_error(won, [0.5] * 1000) < 0.01
    assert calibration_error(won, [0.9] * 1000) == pytest.approx(0.4)

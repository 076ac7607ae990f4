"""How results of `score backtest` and `score fit` are shown."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.console import PlainTable, err, out

if TYPE_CHECKING:  # scikit-learn takes a second to import
    from scoring.backtest import Result
    from scoring.fit import Card
    from scoring.propose import Proposal

FEW_LEADS = 20
"""A band of fewer leads says nothing about its conversion."""


def show_result(result: "Result") -> None:
    """The result as a person reads it."""
    share = result.converted / result.leads
    without = f"{result.not_scored:,} without a score"
    out.print(f"{result.leads:,} leads, {result.converted:,} converted ({share:.1%}), {without}")
    out.print(f"AUC {result.auc}")
    told = "too few leads" if result.calibration_error is None else f"{result.calibration_error:.3f}"
    out.print(f"calibration error of the newer half by the older half's outcomes: {told}")
    table = PlainTable("band", "leads", "converted", "conversion")
    for band in result.bands:
        table.add_row(band.name, f"{band.leads:,}", f"{band.converted:,}", f"{band.share:.1%}")
    out.print(table)
    shares = [band.share for band in result.bands if band.leads >= FEW_LEADS and band.name != "not_enough_data"]
    if shares != sorted(shares, reverse=True):
        out.print("a lower band converts better than a higher one: the points do not fit the outcomes")


def result_json(result: "Result") -> dict[str, Any]:
    """The result for programs."""
    return {
        "leads": result.leads, "converted": result.converted, "not_scored": result.not_scored,
        "auc": {"value": result.auc.value, "low": result.auc.low, "high": result.auc.high},
        "calibration_error": result.calibration_error,
        "bands": [
            {"name": one.name, "leads": one.leads, "converted": one.converted, "conversion": one.share}
            for one in result.bands
        ],
    }  # fmt: skip


def show_proposals(rows: "Sequence[Proposal]", kept: Mapping[str, str]) -> None:
    """Old and proposed points, row by row."""
    table = PlainTable("table", "row", "group", "now", "proposed", "held for", "converted", "")
    for one in rows:
        table.add_row(
            one.table,
            one.row,
            one.group,
            str(one.now),
            str(one.proposed),
            f"{one.held:,}",
            f"{one.converted:.0%}",
            one.why,
        )
    out.print(table)
    for name, why in kept.items():
        out.print(f"table {name} keeps its points: {why}")


def proposal_json(one: "Proposal") -> dict[str, Any]:
    """A proposal for programs."""
    return {
        name: getattr(one, name) for name in ("table", "row", "group", "now", "proposed", "held", "converted", "why")
    }


def show_card(card: "Card", left_out: Mapping[str, str]) -> None:
    """A new points table, and how good it is."""
    table = PlainTable("row", "points", "of the leads", "converted")
    for one in card.rows:
        table.add_row(
            one.row.text, f"{one.points:+d}" if one.points else "0", f"{one.share:.1%}", f"{one.converted:.1%}"
        )
    out.print(table)
    out.print(f"every lead begins with {card.base:+d}; 0 is even odds, 10 points more double them")
    out.print(
        f"on {card.tested_on:,} leads that were not learned from: AUC {card.auc}, gradient boosting {card.boosted}, "
        f"calibration error {card.calibration_error:.3f}"
    )
    for name, why in left_out.items():
        err.print(f"  left out: {name or '(no name)'}: {why}", markup=False)
    for name, area in card.suspicious:
        err.print(
            f"[bold yellow]{name}[/] alone tells the outcome (AUC {area:.2f}): was it known in time? Else --exclude it"
        )

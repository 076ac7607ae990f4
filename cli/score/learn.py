"""`score backtest` and `score fit`: points against outcomes, of the history's leads or of any table of leads."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.client import running
from cli.console import out, print_json, say
from cli.errors import CliError
from cli.options import AsJson, Data, PolicyFolder
from cli.policies import policy_named, published_policies
from cli.score.history import on_kafka, routed_leads
from cli.score.shown import proposal_json, result_json, show_card, show_proposals, show_result
from cli.up import policy_files
from libs.policy.load import load_policy
from libs.policy.scoring import Scoring

if TYPE_CHECKING:  # scikit-learn takes a second to import: only the commands that use it do
    from scoring.backtest import Result
    from scoring.history import Scored

OUTCOMES = typer.Argument(
    help="CSV of outcomes: lead_id, contact_id or email with an outcome; or a table of features and outcomes."
)
Outcomes = Annotated[Path, OUTCOMES]
OutcomeColumn = Annotated[str | None, typer.Option("--outcome", help="The column that says how it ended.")]
Positive = Annotated[str | None, typer.Option("--positive", help="The value of that column that means yes.")]
Time = Annotated[str | None, typer.Option("--time", help="The column with each lead's time: the newest are tested on.")]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", help="A column that was not known in time; repeat it for more.")
]
ByPolicy = Annotated[
    str | None,
    typer.Option("--policy", help="Score again by this policy: a folder, a hash, `published`. Else as recorded."),
]
ByPoints = Annotated[Path | None, typer.Option("--points", help="Points that `score fit --out` wrote for a table.")]
ByScore = Annotated[str | None, typer.Option("--score", help="The table's column with the score to test.")]
OutFile = Annotated[
    Path | None, typer.Option("--out", help="Where the proposal goes: a scoring.yaml, or a .json for a table.")
]
PROPOSAL = "a person has to put it into the policy: `signalbox policy check` and `signalbox policy publish`"


def backtest(
    outcomes: Outcomes,
    data: Data,
    policy: ByPolicy = None,
    points: ByPoints = None,
    score: ByScore = None,
    outcome: OutcomeColumn = None,
    positive: Positive = None,
    time: Time = None,
    as_json: AsJson = False,
) -> None:
    """Test scores on outcomes: area under the ROC curve, calibration, conversion by band.

    A lead of the history counts with what was known of it when it was scored, never with what was learned later.
    """
    from scoring.history import names_leads  # noqa: PLC0415

    try:
        if points is not None or score is not None:
            result = _table_backtest(outcomes, points, score, outcome, positive, time)
        elif names_leads(outcomes):
            result = _history_backtest(outcomes, data, policy, outcome, positive)
        else:
            raise CliError(
                f"{outcomes.name} names no leads of the history",
                "argument OUTCOMES",
                "name a column with --score, or --points of `score fit`",
            )
    except ValueError as error:
        raise CliError(str(error), str(outcomes), "see `signalbox score backtest --help`") from None
    if as_json:
        print_json(result_json(result))
    else:
        show_result(result)


def _history_backtest(
    path: Path, data: Path, policy: str | None, outcome: str | None, positive: str | None
) -> "Result":
    from scoring.backtest import backtest as tested  # noqa: PLC0415
    from scoring.history import recorded, rescored  # noqa: PLC0415

    kafka = running(data).kafka
    found = joined(path, kafka, outcome, positive)
    published = on_kafka(kafka, published_policies(kafka))
    scoring = policy_named(policy or "published", published).scoring
    scores = recorded(found) if policy is None else rescored(found, scoring)
    names = [scoring.band_of(one) for one in scores]
    return tested([one.won for one in found], scores, names, band_order(scoring), [one.scored_at for one in found])


def _table_backtest(
    path: Path, points: Path | None, score: str | None, outcome: str | None, positive: str | None, time: str | None
) -> "Result":
    from scoring.backtest import backtest as tested  # noqa: PLC0415
    from scoring.backtest import quantile_bands  # noqa: PLC0415
    from scoring.card_file import read_card, scored_by  # noqa: PLC0415
    from scoring.table import TableError, is_test, read_table  # noqa: PLC0415

    table = read_table(path, outcome, positive=positive, time=time)
    scores: list[float | None]
    if score is not None:
        column = next((one for one in table.columns if one.name == score and one.kind == "number"), None)
        if column is None:
            raise TableError(f"{score!r} is no column of numbers")
        scores = [None if value is None else float(value) for value in column.values]
    else:
        assert points is not None
        card = read_card(points)
        unseen = (
            [at for at in range(table.rows) if is_test(table.keys[at])]
            if card["learned_from"] == path.name
            else range(table.rows)
        )
        if len(unseen) < table.rows:
            say(f"{len(unseen):,} of {table.rows:,} leads: the points were learned from the others")
        table = table.only(list(unseen))
        scores = list(scored_by(card, table))
    known = [one if one is not None else float("-inf") for one in scores]
    names, order = quantile_bands(known)
    return tested(table.outcome, scores, names, order, table.times or table.keys)


def fit(
    outcomes: Outcomes,
    data: Data,
    policy: PolicyFolder,
    out_file: OutFile = None,
    outcome: OutcomeColumn = None,
    positive: Positive = None,
    time: Time = None,
    exclude: Exclude = None,
    as_json: AsJson = False,
) -> None:
    """Propose points from outcomes: regularised logistic regression, whole points. Nothing is put into force.

    With leads of the history (a column lead_id, contact_id or email) the rows of the policy's own tables get new points;
    with a table of features a new points table is found.
    """
    from scoring.history import names_leads  # noqa: PLC0415

    try:
        if names_leads(outcomes) and not (time or exclude):
            _fit_history(outcomes, data, policy, out_file, outcome, positive, as_json=as_json)
        else:
            _fit_table(outcomes, out_file, outcome, positive, time, exclude or [], as_json=as_json)
    except ValueError as error:
        raise CliError(str(error), str(outcomes), "see `signalbox score fit --help`") from None


def _fit_history(
    path: Path,
    data: Path,
    folder: Path,
    out_file: Path | None,
    outcome: str | None,
    positive: str | None,
    *,
    as_json: bool,
) -> None:
    from scoring.history import rescored  # noqa: PLC0415
    from scoring.measures import auc_of  # noqa: PLC0415
    from scoring.propose import proposals, with_points  # noqa: PLC0415
    from scoring.table import is_test  # noqa: PLC0415

    kafka = running(data).kafka
    found = joined(path, kafka, outcome, positive)
    files = policy_files(folder)
    name = next(one for one in files if one.rpartition("/")[2] == "scoring.yaml")
    scoring = load_policy(files).scoring
    rows, kept = proposals(found, scoring)
    text = with_points(files[name], scoring, rows)
    proposed = load_policy({**files, name: text}).scoring  # what is proposed is sound, or nothing is
    unseen = [one for one in found if is_test(one.lead.lead_id)]
    measured: dict[str, str] = {}
    for title, table in (("now", scoring), ("proposed", proposed)):
        scores = rescored(unseen, table)
        pairs = [(one.won, float(told)) for one, told in zip(unseen, scores, strict=True) if told is not None]
        try:
            measured[title] = str(auc_of([won for won, _ in pairs], [told for _, told in pairs]))
        except ValueError as error:
            measured[title] = f"not measured: {error}"
    if as_json:
        print_json(
            {"rows": [proposal_json(one) for one in rows], "kept": kept, "auc": measured, "tested_on": len(unseen)}
        )
    else:
        show_proposals(rows, kept)
        out.print(
            f"AUC on {len(unseen):,} leads that were not learned from: now {measured['now']}, proposed {measured['proposed']}"
        )
    if out_file is not None:
        out_file.write_text(text, encoding="utf-8")
        out.print(f"written to {out_file}; {PROPOSAL}")


def _fit_table(
    path: Path,
    out_file: Path | None,
    outcome: str | None,
    positive: str | None,
    time: str | None,
    exclude: Sequence[str],
    *,
    as_json: bool,
) -> None:
    from scoring.card_file import card_text  # noqa: PLC0415
    from scoring.fit import fit as fitted  # noqa: PLC0415
    from scoring.table import read_table  # noqa: PLC0415

    table = read_table(path, outcome, positive=positive, time=time, exclude=exclude)
    say(f"{table.rows:,} leads, {sum(table.outcome):,} of them converted, {len(table.columns)} columns")
    card = fitted(table, say)
    text = card_text(card, path.name)
    if as_json:
        print_json(json.loads(text))
    else:
        show_card(card, table.left_out)
    if out_file is not None:
        out_file.write_text(text, encoding="utf-8")
        out.print(f"written to {out_file}; try it with `signalbox score backtest {path.name} --points {out_file.name}`")


def joined(path: Path, kafka: str, outcome: str | None, positive: str | None) -> "list[Scored]":
    """The history's leads that the file tells the outcome of."""
    from scoring.history import Joined, read_outcomes  # noqa: PLC0415

    book = Joined(read_outcomes(path, outcome, positive))

    async def read() -> None:
        async for lead, event in routed_leads(kafka):
            if event.decided_at is not None:
                book.learn(lead, event.decided_at)

    on_kafka(kafka, read())
    found = book.scored()
    say(f"{len(found):,} of {book.asked:,} outcomes are of leads in the history")
    if not found:
        raise CliError(
            "none of the outcomes is of a lead in the history", str(path), "check its ids: lead_id, contact_id or email"
        )
    return found


def band_order(scoring: Scoring) -> list[str]:
    """The bands from the best to the worst."""
    return [*(one.name for one in sorted(scoring.bands, key=lambda band: -band.at_least)), "none", "not_enough_data"]

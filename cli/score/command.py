"""The commands of `score`, wired."""

import typer

from cli.score.diff import diff
from cli.score.explain import explain
from cli.score.learn import backtest, fit

app = typer.Typer(help="Scores: explain one, compare two policies, test a table on outcomes.", no_args_is_help=True)
for command in (explain, diff, backtest, fit):
    app.command()(command)

"""The commands of `policy`, wired."""

import typer

from cli.policy.check import check
from cli.policy.diff import diff
from cli.policy.publish import publish, rollback
from cli.policy.shadow import promote, shadow
from cli.policy.shown import history, show

app = typer.Typer(
    help="The policy: check, compare, publish, roll back, try beside the one that decides.", no_args_is_help=True
)
for command in (check, diff, publish, rollback, show, history, shadow, promote):
    app.command()(command)

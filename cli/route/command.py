"""The commands of `route`, wired."""

import typer

from cli.route.explain import explain
from cli.route.graph import graph

app = typer.Typer(
    help="Routes: why a lead went where it is, and how the rules of the policy run.", no_args_is_help=True
)
for command in (explain, graph):
    app.command()(command)

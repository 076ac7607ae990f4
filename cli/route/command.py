"""The commands of `route`, wired."""

import typer

from cli.route.graph import graph

app = typer.Typer(help="Routes: how the rules of the policy run.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Routes: how the rules of the policy run."""


for command in (graph,):
    app.command()(command)

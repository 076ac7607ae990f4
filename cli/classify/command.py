"""The commands of `classify`, wired."""

import typer

from cli.classify.ask import evaluate, say
from cli.classify.learn import train
from cli.classify.versions import promote, shadow, versions

app = typer.Typer(help="The built-in model: train it, measure it, ask it, choose its version.", no_args_is_help=True)
for command in (train, evaluate, say, versions, shadow, promote):
    app.command()(command)

"""The commands of `whatif`, wired: without a name it is the question itself."""

import typer

from cli.whatif.ask import ask, read_part
from cli.whatif.economics import ask as economics

app = typer.Typer(help="What another policy would have done with the leads that came.", invoke_without_command=True)
app.callback()(ask)
app.command("read")(read_part)
app.command("economics")(economics)

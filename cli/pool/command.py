"""The commands of `pool`, wired."""

import typer

from cli.pool.change import absent, add, back, caps, hold, remove, resume, roles, weight
from cli.pool.show import list_pools, show

app = typer.Typer(help="Who gets leads by turn: list, show, and change members.", no_args_is_help=True)
app.command("list")(list_pools)
for command in (show, add, remove, weight, caps, roles, hold, resume, absent, back):
    app.command()(command)

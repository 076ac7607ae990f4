"""`run`: services in the foreground of this process; what the supervisor starts for a fused line.

Also a module of its own (`python -m cli.run`), so that a service's process does not load the other commands.
"""

from importlib import import_module
from typing import Annotated

import typer

from cli.errors import CliError
from libs.contracts.topics import SERVICES
from libs.runtime.service import Definition, run_all


def run(
    services: Annotated[list[str] | None, typer.Argument(help="Services to run in this process.")] = None,
    fuse: Annotated[
        str,
        typer.Option("--fuse", metavar="FROM..TO", help="Run a stretch of the line as one: one transaction for all."),
    ] = "",
) -> None:
    """Run services in the foreground until Ctrl-C. Addresses and secrets come from the environment."""
    names = stretch(fuse) if fuse else list(services or [])
    if not names:
        raise CliError("no service is named", "run", "name services, or a stretch with --fuse dedupe..router")
    run_all([definition_of(name) for name in names], fused=bool(fuse))


def stretch(text: str) -> list[str]:
    """The services from FROM to TO in the line's order. Raises CliError when the text names no stretch."""
    first, dots, last = text.partition("..")
    if dots and first in SERVICES and last in SERVICES and SERVICES.index(first) <= SERVICES.index(last):
        return list(SERVICES[SERVICES.index(first) : SERVICES.index(last) + 1])
    raise CliError(f"{text!r} is no stretch of the line", "--fuse", "write FROM..TO, such as dedupe..router")


def definition_of(name: str) -> Definition:
    """A service's definition. Raises CliError when there is no such service."""
    if name not in SERVICES:
        raise CliError(f"there is no service {name!r}", "run", f"choose from {', '.join(SERVICES)}")
    module = import_module(f"services.{name}.service")
    return Definition.of(name, module.build)


if __name__ == "__main__":
    typer.run(run)

"""Asking before something is done."""

import sys

import typer

from cli.errors import CliError


def agreed(question: str, command: str) -> bool:
    """Whether the person at the keyboard says yes. Raises CliError when nobody is there to be asked."""
    try:
        return typer.confirm(question)
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise CliError("nobody is here to answer that, and nothing was done", command, "say yes with --yes") from None

"""`test`: the whole suite, as CI runs it: style, types, import rules, then every test on real servers."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.console import err

ROOT = Path(__file__).resolve().parent.parent
PARALLEL = ("-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile")
"""Each worker starts servers of its own; most tests wait for these more than they compute."""
CHECKS = (
    ("style", ("ruff", "check", ".")),
    ("types", ("mypy", "libs", "services", "cli", "embedded", "drills", "bench", "matching", "scoring", "whatif")),
    ("import rules", ("lint-imports",)),
)


def test(
    arguments: Annotated[list[str] | None, typer.Argument(help="Handed to pytest; then only pytest runs.")] = None,  # noqa: PT028
) -> None:
    """Run the checks and the whole test suite; with arguments, pytest with these alone."""
    failed = [] if arguments else [name for name, command in CHECKS if not _passes(name, command)]
    code = _run([sys.executable, "-m", "pytest", *(arguments or [*PARALLEL, "tests"])])
    for name in failed:
        err.print(f"[red]{name}: see above[/]")
    raise typer.Exit(code or bool(failed))


def _passes(name: str, command: tuple[str, ...]) -> bool:
    err.print(f"  {name}")
    return _run([str(Path(sys.executable).parent / command[0]), *command[1:]]) == 0


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode

"""Splink and DuckDB stay out of the processes that decide about leads."""

import subprocess
import sys

from tests.paths import ROOT

HEAVY = ("duckdb", "splink", "pyarrow", "pandas", "sqlglot", "matching")
LOOK = f"import sys; bad = [name for name in {HEAVY!r} if name in sys.modules]; assert not bad, bad"


def loads(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {LOOK}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_service_loads_them() -> None:
    loads("from cli.topics import built; built()")


def test_the_command_line_loads_them_only_when_it_matches() -> None:
    loads("import cli.run; from cli.__main__ import COMMANDS, command_of; [command_of(name) for name in COMMANDS]")

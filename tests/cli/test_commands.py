"""The table of commands: each is there, says what it does, and is imported only when it is asked for."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.__main__ import COMMANDS, app
from tests.paths import ROOT

HEAVY = ("numpy", "sklearn", "fastapi", "phonenumbers.geodata", "bench", "services")
"""What some commands need and a rep's do not."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"], prog_name="signalbox")
    assert done.exit_code == 0, done.exception
    assert f"Usage: signalbox {name} " in done.output
    listed = CliRunner().invoke(app, ["--help"]).output
    assert f"│ {name} " in listed


def test_a_command_that_there_is_not_is_a_wrong_use() -> None:
    done = CliRunner().invoke(app, ["leeds"])
    assert done.exit_code == 2
    assert "Did you mean 'leads'" in done.output


@pytest.mark.parametrize("name", ["leads", "triage", "send"])
def test_what_people_do_all_day_imports_nothing_heavy(name: str) -> None:
    look = f"import sys; bad = [name for name in {HEAVY!r} if name in sys.modules]; assert not bad, bad"
    code = f"from cli.__main__ import command_of; command_of({name!r}); {look}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

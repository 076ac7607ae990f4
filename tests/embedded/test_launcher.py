"""`./signalbox` in a folder of its own, with requirements that need no network. The tests go on where the last one ended."""

import shutil
import subprocess
from pathlib import Path

import pytest

from embedded.stack import ROOT

NONE_NEEDED = "# nothing\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "signalbox", place)
    (place / "cli").mkdir()
    (place / "cli/__init__.py").touch()  # else a package `cli` elsewhere on the path would win
    (place / "cli/__main__.py").write_text("import os, sys\nprint(sys.argv[1:], os.getcwd(), sys.prefix)\n")
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-offline.txt"):
        (place / name).write_text(NONE_NEEDED)
    return place


def run(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Called from the repository, which has a package `cli` of its own."""
    command = [str(checkout / "signalbox"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


def test_two_first_calls_at_once_install_once(checkout: Path) -> None:
    command = [str(checkout / "signalbox"), "status"]
    calls = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [call.communicate(timeout=60)[1] for call in calls]
    assert [call.returncode for call in calls] == [0, 0]
    assert sum("installing 0 packages of requirements.txt" in text for text in told) == 1


def test_a_later_call_runs_the_cli_of_its_own_folder_where_the_caller_is(checkout: Path) -> None:
    later = run(checkout, "lead", "a b")
    assert (later.stdout, later.stderr) == (f"['lead', 'a b'] {ROOT} {checkout / '.venv'}\n", "")


def test_the_tests_requirements_and_changed_ones_are_installed_when_needed(checkout: Path) -> None:
    assert "of requirements-dev.txt" in run(checkout, "test").stderr
    (checkout / "requirements.txt").write_text(NONE_NEEDED * 2)
    assert "of requirements.txt" in run(checkout, "status").stderr
    assert run(checkout, "test").stderr == ""


def test_an_install_that_failed_is_told_and_then_made_anew(checkout: Path) -> None:
    half = checkout / ".venv/half-a-package"
    half.touch()
    (checkout / "requirements.txt").write_text("no requirement at all\n")
    failed = run(checkout, "status")
    assert failed.returncode == 1
    assert "Invalid requirement" in failed.stderr
    assert half.exists()
    (checkout / "requirements.txt").write_text(NONE_NEEDED)
    assert run(checkout, "status").returncode == 0
    assert not half.exists()

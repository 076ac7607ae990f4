"""From a fresh installation to limited automation, by commands alone: what refuses, what it names, and what opens the way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app
from cli.errors import CliError
from cli.settings import ROOT
from libs.policy.launch import LaunchMode
from libs.policy.load import files_with_mode, read_files

MEMBERS = """name,email,pools,roles
Ann Lee,ann@us.example,inbound;enterprise,
Cleo Marx,cleo@emea.example,inbound_emea,
Dan Ruiz,dan@us.example,,revops
"""
LIVE = {"suppression is live", "rollback is live"}
STAFFED = {
    "pool enterprise has members", "pool inbound has members", "pool inbound_emea has members",
    "somebody owns policy and escalations",
}  # fmt: skip


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The shipped policy in limited automation."""
    folder = tmp_path / "policy"
    folder.mkdir()
    for name, text in files_with_mode(read_files(ROOT / "policy"), LaunchMode.LIMITED_AUTO).items():
        (folder / Path(name).name).write_text(text)
    return folder


@pytest.fixture
def data(tmp_path: Path, policy: Path) -> Iterator[Path]:
    """The data folder of a stack that is up, and what `up` said in it."""
    folder = tmp_path / "data"
    up = [sys.executable, str(ROOT / "signalbox"), "up", "--data", str(folder), "--policy", str(policy)]
    try:
        done = subprocess.run(up, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, done.stderr
        assert "the launch mode stays as it is: not ready to go past suggested" in done.stderr
        yield folder
    finally:
        subprocess.run([sys.executable, str(ROOT / "signalbox"), "down", "--data", str(folder)], check=True, timeout=60)


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data", str(data)])


def refusing(data: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """What `ready` says: its exit code, the mode, and the checks that refuse it."""
    done = run(data, "ready", "--json", *arguments)
    assert not isinstance(done.exception, CliError), done.exception
    told: dict[str, Any] = json.loads(done.stdout)
    refused = {check["name"] for check in told["checks"] if check["refuses"]}
    assert told["ready"] == (not refused)
    assert all(check["do"] for check in told["checks"] if check["name"] in refused)
    return done.exit_code, told["mode"], refused


@pytest.mark.e2e
def test_a_fresh_installation_is_made_ready_step_by_step(data: Path, policy: Path, tmp_path: Path) -> None:
    assert refusing(data) == (1, "approved_writes", LIVE)
    assert refusing(data, "--for", "limited_auto") == (1, "limited_auto", LIVE | STAFFED)
    publish = ("policy", "publish", "--policy", str(policy), "--reason", "week 4")
    refused = str(run(data, *publish).exception)
    assert all(name in refused for name in LIVE)

    assert refusing(data, "--confirm-no-suppression", "we are new") == (1, "approved_writes", {"rollback is live"})
    assert refusing(data, "--test-rollback") == (0, "approved_writes", set())
    table = run(data, "ready", "--for", "limited_auto")
    assert table.exit_code == 1
    assert "not ready for limited_auto: 4 of 14 refuse it" in table.output
    done = run(data, *publish)
    assert done.exit_code == 0, done.exception
    assert "the launch mode goes from suggested to limited_auto" in done.output
    assert {name for name in STAFFED if f"limited_auto still lacks: {name}" in done.output} == STAFFED

    members = tmp_path / "members.csv"
    members.write_text(MEMBERS)
    loaded = run(data, "crm", "import", str(members), "--type", "member", "--yes")
    assert "3 created" in loaded.output, loaded.exception
    assert refusing(data) == (0, "limited_auto", set())
    assert "ready for limited_auto" in run(data, "ready").output

"""The demo, whole: fused, and with each stage on its own and one of them killed in the middle."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.settings import ROOT

DEADLINE_SECONDS = 300
MEMORY_BUDGET_GB = 2.5


def demo(data: Path, *arguments: str) -> str:
    """What the demo prints; fails with all of it when its exit code is not 0."""
    command = [sys.executable, str(ROOT / "signalbox"), "demo", "--data", str(data), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, stdin=subprocess.DEVNULL, check=False
    )
    logs = "\n".join(
        f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in (data / "logs").glob("*.log")
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{logs}"
    return done.stdout


def check(data: Path, told: str) -> None:
    assert "The ledger balances. Nothing is in flight." in told
    assert "The audit log verifies" in told
    assert "The lead moved on by itself" in told
    assert "the kept bytes were mapped again" in told
    assert "before the rollback" in told
    memory = re.search(r"Peak memory of the stack: ([\d.]+) GB", told)
    assert memory is not None
    assert float(memory[1]) < MEMORY_BUDGET_GB
    plan = data / "run" / "plan.json"
    assert not plan.exists() or not json.loads(plan.read_text())["processes"]
    assert not list((data / "run").glob("*.pid")), "the demo left processes behind"


@pytest.mark.e2e
def test_the_demo_with_the_line_fused(tmp_path: Path) -> None:
    check(tmp_path / "demo", demo(tmp_path / "demo", "--seed", "7"))


@pytest.mark.e2e
def test_the_demo_with_separate_stages_one_of_them_killed(tmp_path: Path) -> None:
    told = demo(tmp_path / "demo", "--seed", "11", "--separate", "--kill", "enrich")
    check(tmp_path / "demo", told)
    assert re.search(r"SIGKILL to enrich \(pid \d+\)", told)
    assert "enrich was started again 1 time(s)" in told

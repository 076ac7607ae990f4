"""Insights on a stack that has seen the demo: totals are the ledger's, each leads to its cases, and a rebuild agrees."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.client import Api
from cli.settings import ROOT
from libs.runtime import clock
from services.audit.domain.ledger import DEAD

DEADLINE_SECONDS = 300
SPAN = {"since": "2024-12-01", "until": "2027-11-30"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a stack that has seen the demo."""
    folder = tmp_path_factory.mktemp("insights") / "data"
    launcher = [sys.executable, str(ROOT / "signalbox")]
    try:
        done = subprocess.run(
            [*launcher, "demo", "--keep", "--data", str(folder)], capture_output=True, text=True, check=False,
            timeout=DEADLINE_SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        yield folder
    finally:
        subprocess.run([*launcher, "down", "--data", str(folder)], check=True, timeout=60)


def ran(data: Path, *words: str) -> str:
    """What a command prints."""
    told = CliRunner().invoke(app, [*words, "--data", str(data)])
    assert told.exit_code == 0, told.output
    return told.stdout


def counted(api: Api, metric: str, **asked: str) -> dict[str, Any]:
    """A metric by its label, once everything is counted."""
    deadline = clock.monotonic() + 30
    while True:
        told: dict[str, Any] = api.get("insights", f"/api/metrics/{metric}", by="label", **SPAN, **asked)
        if told["waiting"] == 0:
            return told
        assert clock.monotonic() < deadline, f"{told['waiting']} are never counted"


@pytest.mark.e2e
def test_totals_are_the_ledgers_and_lead_to_their_cases(data: Path) -> None:
    ledger = json.loads(ran(data, "ledger", "--json"))
    with Api.of(data) as api:
        items = {one["label"]: one["count"] for one in counted(api, "items")["groups"]}
        wanted = {
            "lead": ledger["leads"], "redelivered": ledger["redelivered"], "not_a_lead": ledger["not_a_lead"],
            "unmapped": ledger["unmapped"],
        }  # fmt: skip
        assert items == {name: number for name, number in wanted.items() if number}
        assert sum(items.values()) == ledger["items"]
        destinations = {one["label"]: one["count"] for one in counted(api, "destination")["groups"]}
        assert destinations == {
            ("given_up" if name == DEAD else name): number for name, number in ledger["destinations"].items()
        }
        for label, number in destinations.items():
            cases = api.get("insights", "/api/metrics/destination/cases", label=label, limit=500, **SPAN)["items"]
            assert len(cases) == number
        one = cases[0]["lead_id"]
        assert api.get("audit", f"/api/leads/{one}")["routes"], "a case is a lead that the audit log tells of"
        taken = api.get("insights", "/api/metrics/values_taken_back/cases", **SPAN)["items"]
        rollbacks = api.get("audit", "/api/rollbacks")["items"]
        assert counted(api, "rollbacks")["total"]["count"] == len(rollbacks) > 0
        assert len(taken) >= len(rollbacks)


@pytest.mark.e2e
def test_the_review_is_printed_and_a_rebuild_makes_the_same_numbers(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    ran(data, "insights", "weekly", "--html", str(file))
    assert file.read_text().startswith("<!doctype html>")
    assert "Weekly review" in ran(data, "insights", "weekly")
    assert "destination" in ran(data, "insights")
    assert "by queue" not in ran(data, "insights", "show", "leads", "--by", "queue,week")
    ran(data, "insights", "cases", "leads")
    ran(data, "rebuild", "--into", "anew")
    told = CliRunner().invoke(app, ["state-hash", "--compare", "anew", "--json", "--data", str(data)])
    mine = next(one for one in json.loads(told.stdout)["services"] if one["service"] == "insights")
    assert mine["equal"], mine

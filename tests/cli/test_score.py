"""Scores explained and compared over the history on the real broker."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group

from cli.errors import CliError
from cli.policies import policy_named, published_policies
from cli.publish import publish
from cli.score.diff import compared, history_compared
from cli.score.explain import newest_of, told
from libs.contracts.lead import Lead
from libs.policy.load import load_policy, read_files
from libs.runtime.settings import RuntimeSettings
from services.score.domain.points import score_lead
from tests.cli.routed import put_routed
from tests.paths import ROOT
from tests.services.score.test_points import KNOWN, POLICY, a_lead

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILES = read_files(ROOT / "policy")
HALVED = {**FILES, "scoring.yaml": FILES["scoring.yaml"].replace("points: 30", "points: 15")}


def scored(name: str, version: int = 1, **fields: Any) -> Lead:
    lead = a_lead({**KNOWN, **fields}, kind="demo_request", lead_id=name, version=version)
    return lead.model_copy(update={"score": score_lead(lead, POLICY.scoring)})


async def test_the_newest_version_is_explained_row_by_row(settings: RuntimeSettings) -> None:
    name = settings.env
    await put_routed(settings.kafka, scored(name), scored(name, 2, employees=120))
    lead = await newest_of(settings.kafka, name)
    assert lead is not None
    assert lead.version == 2
    console = Console(file=StringIO(), width=200)
    console.print(Group(*told(lead, POLICY)))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "fit 40 + engagement 30 − risk 0 = 70 (warm)" in text
    assert "120 people is in our profile (50-500)" in text
    assert "“120” in lead.employees" in text
    assert "lead.seniority is not known" in text, "a row that did not count says why"
    assert await newest_of(settings.kafka, "nobody") is None


async def test_each_lead_of_the_history_counts_once_under_both_policies(settings: RuntimeSettings) -> None:
    name = settings.env
    await put_routed(settings.kafka, scored(f"{name}-a"), scored(f"{name}-a", 2, employees=120), scored(f"{name}-b"))
    found = await history_compared(settings.kafka, POLICY.scoring, load_policy(HALVED).scoring)
    one = found[f"{name}-a"]
    assert (one.version, one.before, one.after, one.rows) == (2, 70, 55, (("demo_request", -15),))
    assert (one.band_before, one.band_after) == ("warm", "cool")
    assert one.height == 15
    alone = compared(scored("b"), POLICY.scoring, load_policy(HALVED).scoring)
    assert replace(found[f"{name}-b"], lead_id="b") == alone


async def test_a_policy_is_named_by_folder_hash_or_as_the_newest(settings: RuntimeSettings, tmp_path: Path) -> None:
    await publish(settings.kafka, HALVED, "ann", "try less")
    await publish(settings.kafka, FILES, "ann", "back")
    held = await published_policies(settings.kafka)
    assert policy_named("published", held).hash == POLICY.hash
    halved = load_policy(HALVED).hash
    assert policy_named(halved[:12], held).hash == halved
    assert policy_named(str(ROOT / "policy"), {}).hash == POLICY.hash
    with pytest.raises(CliError, match="try less"):
        policy_named("no-such-policy", held)
    with pytest.raises(CliError, match="there is no such policy"):
        policy_named(halved[:3], held)

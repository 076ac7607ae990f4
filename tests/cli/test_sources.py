"""Secrets of sources: made once, kept as they are."""

import json
from pathlib import Path

from cli.settings import ROOT
from cli.sources import ensure_sources, secrets_of
from libs.policy.load import load_policy, read_files
from services.intake.settings import read_sources

SOURCES = load_policy(read_files(ROOT / "policy")).sources.sources


def test_every_source_that_is_signed_gets_a_secret_that_intake_can_read(tmp_path: Path) -> None:
    ensure_sources(tmp_path, SOURCES)
    held = secrets_of(tmp_path)
    assert held.keys() == {source.secret for source in SOURCES.values() if source.secret}
    assert len(set(held.values())) == len(held)
    read = read_sources(tmp_path / "sources.json")
    assert {name: setting.secrets[0].value.decode() for name, setting in read.items()} == held


def test_secrets_that_are_there_stay_and_the_newest_of_two_signs(tmp_path: Path) -> None:
    mine = {"typeform": {"secrets": [{"name": "old", "value": "a"}, {"name": "new", "value": "b"}], "trust": 0.9}}
    (tmp_path / "sources.json").write_text(json.dumps(mine))
    ensure_sources(tmp_path, SOURCES)
    assert json.loads((tmp_path / "sources.json").read_text())["typeform"] == mine["typeform"]
    assert secrets_of(tmp_path)["typeform"] == "b"
    assert "tally" in secrets_of(tmp_path)

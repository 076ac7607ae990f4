"""Which stack a command talks to."""

from pathlib import Path

import pytest

from cli.client import running
from cli.errors import CliError


def test_a_stack_in_containers_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_KAFKA", "kafka:9092")
    monkeypatch.setenv("SIGNALBOX_API_TOKEN", "t" * 32)
    monkeypatch.setenv("SIGNALBOX_API_HOST", "{service}.internal")
    monkeypatch.setenv("TRIAGE_PORT", "8082")
    found = running(tmp_path)
    assert (found.kafka, found.token) == ("kafka:9092", "t" * 32)
    assert found.url("triage") == "http://triage.internal:8082"


@pytest.mark.parametrize("missing", ["SIGNALBOX_KAFKA", "SIGNALBOX_API_TOKEN"])
def test_half_an_address_is_no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setenv("SIGNALBOX_KAFKA", "kafka:9092")
    monkeypatch.setenv("SIGNALBOX_API_TOKEN", "t" * 32)
    monkeypatch.delenv(missing)
    with pytest.raises(CliError, match="no Signalbox runs here"):
        running(tmp_path)

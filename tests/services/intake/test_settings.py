"""`sources.json`: both shapes, broken edits, reloading; and which source a name stands for."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake.connectors import ADAPTERS
from services.intake.domain.request import Secret
from services.intake.domain.sources import SourceSetting, source_of
from services.intake.settings import SourcesFileError, read_sources, sources_file
from tests.services.intake.samples import AT, POLICY, request

CONTENT = {
    "typeform": [{"name": "first", "value": "abc"}],
    "partner": {
        "adapter": "generic_json", "trust": 0.4, "kind": "referral",
        "secrets": [{"name": "old", "value": "x", "not_after": "2026-05-04T00:00:00Z"}, {"name": "new", "value": "y"}],
    },
}  # fmt: skip


def write(path: Path, content: object) -> None:
    """Replace the file, as a careful editor does; another inode tells it from the last."""
    fresh = path.with_suffix(".new")
    fresh.write_text(content if isinstance(content, str) else json.dumps(content))
    os.replace(fresh, path)


def test_both_shapes(tmp_path: Path) -> None:
    path = tmp_path / "sources.json"
    assert read_sources(path) == {}
    write(path, CONTENT)
    held = read_sources(path)
    assert held["typeform"] == SourceSetting((Secret("first", b"abc"),))
    assert held["partner"].secrets[0].not_after == datetime(2026, 5, 4, tzinfo=UTC)
    assert (held["partner"].adapter, held["partner"].trust, held["partner"].kind) == ("generic_json", 0.4, "referral")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        '{"a":[{"name":"x"}]}',
        '{"a":{"unknown":1}}',
        "[]",
        '{"a":[{"value":"topsecret","x":1}]}',
        '{"a":{"trust":2}}',
    ],
)
def test_a_broken_file_is_named_without_its_secrets(tmp_path: Path, content: str) -> None:
    write(tmp_path / "sources.json", content)
    with pytest.raises(SourcesFileError) as error:
        read_sources(tmp_path / "sources.json")
    assert "sources.json" in str(error.value)
    assert "topsecret" not in str(error.value)


def test_a_changed_file_counts_within_a_second_and_a_broken_edit_never(tmp_path: Path) -> None:
    path = tmp_path / "sources.json"
    write(path, CONTENT)
    file = sources_file(path)
    assert set(file.current(10.0)) == {"typeform", "partner"}
    write(path, {"typeform": []})
    assert set(file.current(10.5)) == {"typeform", "partner"}
    assert file.current(11.0) == {"typeform": SourceSetting()}
    write(path, "{")
    assert file.current(13.0) == {"typeform": SourceSetting()}
    assert file.version == 1
    write(path, {})
    assert file.current(15.0) == {}


def test_what_a_name_stands_for() -> None:
    settings = {
        "typeform": SourceSetting((Secret("s", b"k"),)),
        "partner": SourceSetting((Secret("s", b"k"),), adapter="generic_json"),
        "open": SourceSetting(adapter="generic_form", unsigned=True),
        "closed": SourceSetting(adapter="generic_form"),
        "odd": SourceSetting(adapter="no_such_adapter", unsigned=True),
    }
    sent = request(b"{}")

    def accepts(name: str) -> bool | None:
        source = source_of(name, POLICY, settings, ADAPTERS)
        return None if source is None else source.verdict(sent).accepted

    assert {name: accepts(name) for name in ("demo", "typeform", "tally", "partner", "open", "closed", "odd", "nobody")} == {
        "demo": True,  # the policy declares it without a secret
        "typeform": False,  # it has a secret, and nothing is signed
        "tally": False,  # it should have a secret, and has none yet
        "partner": False, "open": True, "closed": False, "odd": None, "nobody": None,
    }  # fmt: skip


def test_an_open_source_that_gets_a_secret_is_open_no_more() -> None:
    locked = source_of("demo", POLICY, {"demo": SourceSetting((Secret("s", b"k"),))}, ADAPTERS)
    assert locked is not None
    assert not locked.verdict(request(b"{}")).accepted
    assert locked.verdict(request(b"{}", token="k")).accepted
    assert locked.verdict(request(b"{}", at=AT, headers={"X-Signalbox-Token": "k"})).trust == "token"


def test_a_source_that_is_switched_off_is_none() -> None:
    rules = POLICY.sources.sources["demo"].model_copy(update={"enabled": False})
    sources = POLICY.sources.model_copy(update={"sources": {"demo": rules}})
    assert source_of("demo", POLICY.model_copy(update={"sources": sources}), {}, ADAPTERS) is None

"""Setting sources up: the policy keeps every character it had, secrets rotate without a gap, and the file stays intake's."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli import sources
from cli.settings import ROOT
from cli.setup import app
from cli.signing import Unsigned, signed
from libs.policy.load import load_policy, read_files
from libs.policy.sources import IntakeSource
from services.fetch.settings import read_accounts
from services.intake.connectors import ADAPTERS
from services.intake.domain.request import Request, Secret
from services.intake.domain.sources import Source
from services.intake.settings import read_sources

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
FILES = read_files(ROOT / "policy")
ENTRY = {"title": "A form: new", "adapter": "typeform", "trust": 0.8, "secret": "new", "require_signature": True}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A copy of the shipped policy."""
    folder = tmp_path / "policy"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def told(*arguments: str, policy: Path, code: int = 0) -> str:
    """What a command prints, with nothing running."""
    folders = ["--data", str(policy.parent / "data"), "--policy", str(policy)]
    result = CliRunner().invoke(app, [*arguments, *folders])
    assert result.exit_code == code, result.output
    return result.output


def test_a_source_is_one_more_line_and_nothing_else_moves() -> None:
    text = FILES["sources.yaml"]
    edited = sources.with_source(text, "new", ENTRY)
    added = [line for line in edited.splitlines() if line not in text.splitlines()]
    assert len(added) == 1
    assert edited.replace(added[0] + "\n", "") == text
    found = load_policy({**FILES, "sources.yaml": edited}).sources.sources["new"]
    assert (found.title, found.adapter, found.trust, found.require_signature) == ("A form: new", "typeform", 0.8, True)


@given(
    before=st.sampled_from(["", "# sources: not here\ntrust:\n  a: 1\n"]),
    after=st.sampled_from(["", "\n", "\n# the end\n", "other:\n  x: 1\n", "  # more to come\n"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
)
def test_any_layout_keeps_its_text_and_any_title_is_text(before: str, after: str, newline: str, title: str) -> None:
    import yaml  # noqa: PLC0415 - only this test reads YAML by itself

    text = (before + "sources:\n  a: {x: 1}  # first\n  b:\n    x: 2\n" + after).replace("\n", newline)
    edited = sources.with_source(text, "c", {"title": title, "x": 3})
    held, was = yaml.safe_load(edited), yaml.safe_load(text)
    assert held["sources"] == {**was["sources"], "c": {"title": title, "x": 3}}
    assert {key: value for key, value in held.items() if key != "sources"} == {
        key: value for key, value in was.items() if key != "sources"
    }
    assert all(line in edited for line in text.splitlines())


def test_adding_writes_policy_and_secret_and_says_what_to_paste(policy: Path) -> None:
    (policy / "sources.yaml").chmod(0o640)
    said = told("add", "spring", "--preset", "typeform", policy=policy)
    value = sources.secrets_of(policy.parent / "data")["spring"]
    assert "/hooks/spring" in said
    assert value in said
    assert "{" not in said
    assert stat.S_IMODE((policy / "sources.yaml").stat().st_mode) == 0o640
    assert load_policy(read_files(policy)).sources.sources["spring"].secret == "spring"
    assert read_sources(policy.parent / "data" / "sources.json")["spring"].secrets[0].value.decode() == value


@pytest.mark.parametrize("preset", sorted(ADAPTERS))
def test_every_preset_can_be_added_twice_under_two_names(policy: Path, preset: str) -> None:
    for name in ("first_one", "second_one"):
        said = told("add", name, "--preset", preset, "--secret", f"s3cret-{name}", policy=policy)
        assert "{url}" not in said
        assert "{verify}" not in said
    held = load_policy(read_files(policy)).sources.sources
    assert held["first_one"].adapter == held["second_one"].adapter == preset
    assert read_sources(policy.parent / "data" / "sources.json")["first_one"].secrets[-1].value == b"s3cret-first_one"


def test_what_the_tool_makes_can_come_later_and_an_open_source_has_none(policy: Path) -> None:
    said = told("add", "ads", "--preset", "meta_lead_ads", "--token", "a page token", policy=policy)
    assert "sources rotate ads --secret VALUE" in said
    assert read_accounts(policy.parent / "data" / "fetch.json")["ads"].token == "a page token"
    assert "a page token" not in said
    told("rotate", "ads", "--secret", "the app secret", policy=policy)
    names = {one.name: one for one in sources.held_secrets(policy.parent / "data", "ads")}
    assert names["verify"].not_after is None, "the address is checked again some day"
    assert sources.secrets_of(policy.parent / "data")["ads"] == "the app secret"
    told("add", "form", "--preset", "generic_form", "--open", policy=policy)
    assert load_policy(read_files(policy)).sources.sources["form"].secret is None


def test_a_wrong_wish_changes_nothing(policy: Path) -> None:
    before = read_files(policy)
    for wish in (["add", "typeform", "--preset", "typeform"], ["add", "x", "--preset", "nonsense"], ["add", "Bad Name!",
                 "--preset", "typeform"], ["rotate", "nobody"]):  # fmt: skip
        told(*wish, policy=policy, code=1)
    assert read_files(policy) == before
    assert not (policy.parent / "data").exists()


def test_what_only_checks_the_address_proves_no_request() -> None:
    body = b'{"entry": []}'
    rules = IntakeSource(adapter="meta_lead_ads", trust=0.6, require_signature=True)
    for name, is_taken in (("verify", False), ("first", True)):
        source = Source("ads", ADAPTERS["meta_lead_ads"], rules, (Secret(name, b"s"),), takes_unsigned=False)
        headers, sent = signed("meta_lead_ads", "s", Unsigned("https://x.example/hooks/ads", body), NOW)
        held = {key.lower(): value.encode() for key, value in headers.items()}
        request = Request("POST", "https://x.example/hooks/ads", held, sent, NOW)
        assert source.verdict(request).accepted is is_taken


def test_two_secrets_are_live_until_the_old_one_ends(tmp_path: Path) -> None:
    (tmp_path / "sources.json").write_text(json.dumps({"a": {"secrets": [{"value": "one"}], "trust": 0.9}, "b": []}))
    sources.add_secrets(tmp_path, "a", {"two": "2"}, NOW, NOW + timedelta(hours=48))
    held = read_sources(tmp_path / "sources.json")["a"]
    for hours, live in ((0, 2), (47, 2), (49, 1)):
        assert sum(secret.is_live(NOW + timedelta(hours=hours)) for secret in held.secrets) == live
    assert held.trust == 0.9
    later = NOW + timedelta(hours=72)
    sources.add_secrets(tmp_path, "a", {"three": "3"}, later, later + timedelta(hours=1))
    assert [one.name for one in sources.held_secrets(tmp_path, "a")] == ["two", "three"]
    assert stat.S_IMODE((tmp_path / "sources.json").stat().st_mode) == 0o600


def test_the_list_says_what_proves_each_source(policy: Path) -> None:
    told("add", "spring", "--preset", "typeform", policy=policy)
    rows = {row["name"]: row for row in json.loads(told("list", "--json", policy=policy))}
    assert (rows["spring"]["proof"], rows["demo"]["proof"], rows["tally"]["proof"]) == (
        "secret",
        "open",
        "no secret yet",
    )
    value = sources.secrets_of(policy.parent / "data")["spring"]
    assert value not in json.dumps(rows)

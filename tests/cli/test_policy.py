"""The commands of `policy` and `route graph`: exit codes, places, what a version changes, going back."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app
from cli.errors import CliError
from cli.policies import by_hash, publication_named, publications
from cli.policy.publish import before_newest
from cli.publish import end_shadow, publish
from cli.route.mermaid import mermaid
from cli.route.steps import steps
from cli.route.svg import svg
from libs.contracts.events import PolicyPublished
from libs.policy.load import load_policy, read_files
from libs.runtime.settings import RuntimeSettings
from tests.cli.classify_command import stack_in
from tests.paths import ROOT

SHIPPED = ROOT / "policy"
FILES = read_files(SHIPPED)
POLICY = load_policy(FILES)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policy"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def test_the_shipped_policy_is_sound_even_strictly() -> None:
    done = run("policy", "check", SHIPPED, "--strict")
    assert done.exit_code == 0
    assert POLICY.hash[:12] in done.output


def test_an_error_is_exit_code_two_with_its_place(folder: Path) -> None:
    edit(folder, "routing.yaml", "queue: account_owner", "queue: acount_owner")
    done = run("policy", "check", folder)
    assert done.exit_code == 2
    line = (folder / "routing.yaml").read_text()[: (folder / "routing.yaml").read_text().index("acount_owner")].count(
        "\n"
    ) + 1
    assert f"routing.yaml:{line}:12: no such queue: acount_owner" in done.output


def test_a_warning_fails_only_when_strict(folder: Path) -> None:
    edit(folder, "routing.yaml", "  nurture: {title", "  spare: {title: S}\n  nurture: {title")
    assert run("policy", "check", folder).exit_code == 0
    assert run("policy", "check", "--policy", folder, "--strict").exit_code == 2
    told = json.loads(run("policy", "check", folder, "--json").stdout)
    assert told["sound"] is True
    assert [(one["file"], one["severity"]) for one in told["problems"]] == [("routing.yaml", "warning")]


def test_two_folders_are_compared_without_a_stack(folder: Path) -> None:
    edit(folder, "launch.yaml", "mode: suggested", "mode: read_only")
    done = run("policy", "diff", SHIPPED, folder, "--text")
    assert done.exit_code == 0, done.exception
    assert "launch: mode: suggested → read_only" in done.output
    assert "+mode: read_only" in done.output
    assert json.loads(run("policy", "diff", SHIPPED, folder, "--json").stdout)[0]["after"] == "read_only"
    assert "they mean the same" in run("policy", "diff", SHIPPED, SHIPPED).output


def test_a_policy_that_is_not_sound_is_not_published(folder: Path, tmp_path: Path) -> None:
    edit(folder, "routing.yaml", "priority: 55\n", "priority: 65\n")  # inbound_emea after inbound
    done = run("policy", "publish", "--policy", folder, "--data", tmp_path, "--reason", "try")
    assert isinstance(done.exception, CliError)
    assert "inbound_emea is never reached" in done.output
    assert "not published" in str(done.exception)


def test_a_publication_needs_a_reason() -> None:
    assert run("policy", "publish", "--policy", SHIPPED).exit_code == 2
    assert run("policy", "rollback").exit_code == 2


def published(settings: RuntimeSettings) -> Sequence[PolicyPublished]:
    return asyncio.run(publications(settings.kafka))


def test_publish_history_and_back_again(settings: RuntimeSettings, folder: Path, tmp_path: Path) -> None:
    stack_in(tmp_path, settings.kafka)
    data = ("--data", tmp_path)
    asyncio.run(publish(settings.kafka, FILES, "ann", "start"))
    edit(folder, "launch.yaml", "mode: suggested", "mode: read_only")
    done = run("policy", "publish", "--policy", folder, "--reason", "look first", "--author", "ben", *data)
    assert done.exit_code == 0, done.exception
    assert "launch: mode: suggested → read_only" in done.output
    read_only = published(settings)[-1]
    assert (read_only.author, read_only.reason) == ("ben", "look first")
    again = run("policy", "publish", "--policy", folder, "--reason", "again", *data)
    assert "is the newest already" in again.output
    assert "launch: mode" in run("policy", "diff", POLICY.hash[:10], "newest", *data).output

    done = run("policy", "rollback", "--reason", "too strict", "--author", "ann", *data)
    assert done.exit_code == 0, done.exception
    assert "the launch mode goes from read_only to suggested" in done.output
    held = published(settings)
    assert (held[-1].policy_hash, held[-1].reason) == (POLICY.hash, "too strict")
    assert dict(held[-1].files) == FILES
    rows = json.loads(run("policy", "history", "--json", *data).stdout)
    assert [row["reason"] for row in rows[:2]] == ["too strict", "look first"]
    assert [row["mode"] for row in rows[:2]] == ["suggested", "read_only"]
    assert "by ben" in run("policy", "show", read_only.policy_hash[:12], *data).output
    assert before_newest(held).policy_hash == read_only.policy_hash
    assert publication_named("newest", by_hash(held)).policy_hash == POLICY.hash


def test_only_what_was_tried_is_promoted_and_then_it_is_tried_no_longer(
    settings: RuntimeSettings, folder: Path, tmp_path: Path
) -> None:
    stack_in(tmp_path, settings.kafka)
    data = ("--data", tmp_path)
    asyncio.run(publish(settings.kafka, FILES, "ann", "start"))
    edit(folder, "routing.yaml", "lead.score.priority >= 60", "lead.score.priority >= 62")
    tried = load_policy(read_files(folder)).hash
    untried = run("policy", "promote", POLICY.hash[:12], "--reason", "skip the trial", *data)
    assert isinstance(untried.exception, CliError)
    assert "say why" in str(run("policy", "shadow", folder, *data).exception)
    done = run("policy", "shadow", folder, "--reason", "a little stricter", "--actor", "ben", *data)
    assert "is tried from now on" in done.output, done.exception
    assert "is tried already" in run("policy", "shadow", folder, "--reason", "again", *data).output
    never = run("policy", "promote", POLICY.hash[:12], "--reason", "skip the trial", *data)
    assert f"there is no such policy: {POLICY.hash[:12]}" in str(never.exception)
    assert "a little stricter" in str(never.exception)
    assert published(settings)[-1].role == "shadow"
    assert run("policy", "promote", tried[:12], *data).exit_code == 2, "a reason is needed"
    done = run("policy", "promote", tried[:12], "--reason", "two weeks", "--actor", "ben", *data)
    assert done.exit_code == 0, done.exception
    assert "lead.score.priority >= 62" in done.output
    newest = published(settings)[-1]
    assert (newest.role, newest.policy_hash, newest.author, newest.reason) == ("live", tried, "ben", "two weeks")
    assert "no policy is tried" in str(run("policy", "shadow", *data).exception)
    assert "is the newest already" in run("policy", "promote", tried[:12], "--reason", "again", *data).output
    asyncio.run(publish(settings.kafka, FILES, "ann", "back"))
    asyncio.run(end_shadow(settings.kafka, "ann", "enough"))


def test_the_picture_of_the_routes_is_current() -> None:
    drawn = svg(steps(POLICY))
    assert (ROOT / "docs" / "routes.svg").read_text() == drawn, "signalbox route graph --format svg > docs/routes.svg"
    texts = [one.text or "" for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    for rule in POLICY.routing.rules:
        assert rule.name in texts
        assert rule.queue is None or POLICY.routing.queues[rule.queue].title in texts


def test_the_picture_as_text_names_every_rule_queue_and_pool() -> None:
    done = run("route", "graph", "--policy", SHIPPED)
    assert done.output == mermaid(steps(POLICY))
    for pool in POLICY.pools:
        assert f"pool {pool}" in done.output
    for one, other in zip(POLICY.routing.in_order(), POLICY.routing.in_order()[1:], strict=False):
        assert f"r_{one.name} -- else --> r_{other.name}" in done.output

"""On a whole stack: every field of every lead and of what was written for it goes back to raw bytes or a person; and somebody is
forgotten."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.client import running
from cli.settings import ROOT

DEADLINE_SECONDS = 300
LEADS = 150
"""Of the demo's 200 posts so many are leads, at least."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a stack that has seen the demo: leads, people's decisions, links, a rollback."""
    folder = tmp_path_factory.mktemp("crawl") / "data"
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


def crawled(data: Path, leads: int) -> tuple[int, dict[str, Any]]:
    """The exit code, and what the crawl found."""
    told = CliRunner().invoke(app, ["audit", "crawl", "--leads", str(leads), "--json", "--data", str(data)])
    return told.exit_code, json.loads(told.stdout)


def sql(data: Path, statement: str, *arguments: Any) -> list[Any]:
    """A statement of a superuser, who may do anything."""

    async def done() -> list[Any]:
        connection = await asyncpg.connect(running(data).database_url)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    return asyncio.run(done())


@pytest.mark.e2e
def test_every_field_is_explained_and_one_that_is_not_is_named(data: Path) -> None:
    code, found = crawled(data, 10_000)
    assert (code, found["gaps"]) == (0, [])
    assert found["explained_share"] == 1.0
    assert found["leads"] >= LEADS
    assert found["records"] > 2 * found["leads"], "contacts, companies and activities are crawled too"
    assert found["fields"] > 20 * found["leads"]
    assert {"raw bytes", "a person"} == set(found["ends"])
    assert found["quoted"] > found["fields"] / 2


def cli(data: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it prints."""
    told = CliRunner().invoke(app, [*arguments, "--data", str(data)])
    return told.exit_code, told.stdout


@pytest.mark.e2e
def test_a_person_gets_what_is_held_of_them_and_is_forgotten_by_commands(data: Path, tmp_path: Path) -> None:
    [[email]] = sql(data, "select email from audit.event where topic = 'lead.routed.v1' and email like '%@%' limit 1")
    code, told = cli(data, "subject", "show", email, "--json")
    leads = json.loads(told)["group"]["lead_ids"]
    assert (code, bool(leads)) == (0, True)
    code, told = cli(data, "subject", "export", email, "--out", str(tmp_path / "held.json"))
    held = (tmp_path / "held.json").read_text()
    assert code == 0
    assert email in held.lower()
    assert (tmp_path / "held.json").stat().st_mode & 0o077 == 0
    assert {one["lead_id"] for one in json.loads(held)["leads"]} == set(leads)

    code, told = cli(data, "erase", email, "--reason", "asked by letter", "--yes", "--json")
    done = json.loads(told)
    assert code == 0
    assert done["keys_destroyed"] >= len(leads)
    assert not sql(data, "select from audit.event where lead_id = any($1)", leads)
    code, told = cli(data, "subject", "show", email)
    assert code != 0, "nobody of that address is known any more"
    code, told = cli(data, "erasures", "list", "--json")
    assert [one["erasure_id"] for one in json.loads(told)] == [done["erasure_id"]]
    assert email not in told
    code, told = cli(data, "audit", "verify")
    assert code == 0, told

    code, told = cli(data, "keys", "status", "--json")
    (master,) = json.loads(told)
    assert (code, master["held"]) == (0, True)
    assert master["keys"] > 100
    code, told = cli(data, "keys", "rewrap")
    assert code == 0, "all are wrapped by the only master key there is: nothing to do, and no error"


@pytest.mark.e2e
def test_a_field_that_nothing_explains_is_named_and_fails_the_crawl(data: Path) -> None:
    """A crawl that can't fail shows nothing."""
    code, before = crawled(data, 1)
    assert (code, before["gaps"], before["leads"]) == (0, [], 1)
    [[kind, name]] = sql(
        data,
        "select record_type, record_id from audit.change where status = 'applied' and record_type = 'contact' and lead_id = "
        "(select record_id from audit.change where record_type = 'lead' order by at desc, chain desc, seq desc limit 1) limit 1",
    )
    sql(data, 'update crm.record set fields = fields || \'{"ghost": "boo"}\' where (type, id) = ($1, $2)', kind, name)
    code, found = crawled(data, 1)
    lost = {
        "record": f"{kind}:{name}",
        "field": "ghost",
        "reason": "the record holds it, and no change in the log set it",
    }
    assert (code, found["gaps"], found["fields"]) == (1, [lost], before["fields"] + 1)

    sql(data, "update audit.submission set submission_id = 'gone-' || submission_id, event_id = 'gone-' || event_id")
    code, found = crawled(data, 1)
    assert code == 1
    assert len(found["gaps"]) > len(before["ends"])
    assert any("no submission is known" in gap["reason"] for gap in found["gaps"])

"""Connecting a remote CRM and loading its base: secrets stay in the owner's file, and what is there already is told."""

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.crm import app
from cli.crm_connect import Load
from cli.errors import CliError
from services.crm.connectors import connector_of
from services.crm.connectors.settings import FILE, read_remotes
from tests.services.crm.connectors.rig import far


class Stack:
    """The APIs that a load asks, in memory."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self.known = {"p3@x.com"}

    def get(self, service: str, path: str, **params: Any) -> Any:
        assert (service, path) == ("crm", "/api/records/member")
        return {"items": [{"id": "rita", "fields": {"email": "Rita@example.com"}}], "next": None}

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        if (service, path) == ("dedupe", "/api/preview"):
            return {"records": [self._verdict(one) for one in body["records"]]}
        assert (service, path, body["source"]) == ("crm", "/api/import/contact", "hubspot")
        told = [
            {"id": one["id"], "status": "exists" if one["id"] in self.made else "created"} for one in body["records"]
        ]
        self.made |= {one["id"]: one["fields"] for one in body["records"]}
        return {"answer": {"records": told}}

    def _verdict(self, fields: dict[str, Any]) -> dict[str, Any]:
        there = fields["email"] in self.known
        candidates = [{"record": {"type": "contact", "id": "c-old"}, "match_probability": 1.0}] if there else []
        return {"verdict": "duplicate" if there else "new", "rule": "email", "candidates": candidates}


def loaded(stack: Stack, **more: Any) -> Load:
    remote = far("hubspot")
    for n in range(5):
        remote.new(email=f"p{n}@x.com", last_name=f"P{n}", owner="77")
    connector = connector_of("hubspot", remote.settings, httpx.ASGITransport(remote.server))
    load = Load(connector, stack, "contact", **more)
    seen: list[tuple[int, int | None]] = []
    asyncio.run(load.run(lambda done, total: seen.append((done, total))))
    assert seen == [(5, 5)]
    return load


def test_a_base_is_loaded_once_and_duplicates_are_told() -> None:
    stack = Stack()
    load = loaded(stack)
    assert load.counts == {"created": 4, "duplicate": 1}
    assert [line.partition(": ")[2] for line in load.lines] == ["duplicate"]
    assert {one["owner"] for one in stack.made.values()} == {"rita"}
    assert all(name.startswith("hubspot.") for name in stack.made)
    assert loaded(stack).counts == {"exists": 4, "duplicate": 1}


def test_a_dry_run_makes_nothing() -> None:
    stack = Stack()
    assert loaded(stack, dry_run=True).counts == {"new": 4, "duplicate": 1}
    assert stack.made == {}


def run(tmp_path: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, [arguments[0], *arguments[1:], "--data", str(tmp_path)])


def test_secrets_are_kept_where_the_owner_alone_reads_them(tmp_path: Path) -> None:
    done = run(tmp_path, "connect", "hubspot", "--set", "token=pat-secret", "--set", "app_id=1", "--no-check")
    assert done.exit_code == 0
    assert "pat-secret" not in done.output
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    more = ("--set", "url=https://x/crm", "--set", "secret=whsec_x", "--no-check", "--name", "mine")
    assert run(tmp_path, "connect", "webhook", *more).exit_code == 0
    assert {name: one.kind for name, one in read_remotes(tmp_path).items()} == {"hubspot": "hubspot", "mine": "webhook"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("dynamics",),
        ("hubspot", "--set", "token"),
        ("hubspot", "--set", "token=t", "--set", "app_id=1", "--set", "x=1"),
    ],
)
def test_what_can_not_be_connected_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, "connect", *arguments, "--no-check")
    assert isinstance(done.exception, CliError)
    assert not (tmp_path / FILE).exists()


def test_a_broken_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"hubspot": {"kind": "hubspot"}}))
    (tmp_path / FILE).chmod(0o600)
    done = run(tmp_path, "connect", "webhook", "--set", "url=https://x", "--set", "secret=s", "--no-check")
    assert isinstance(done.exception, CliError)

"""`audit verify` reads Postgres by itself, with one process or several; `audit key` makes and shows who signs."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.audit_proof import Proving, proven
from cli.errors import CliError
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from services.audit.signer import Signer
from services.audit.sink import change_writer
from services.audit.store.checkpoints import Keys, Place
from tests.services.audit.conftest import batch, owner, pool  # noqa: F401 - fixtures
from tests.services.audit.made import at, change, change_record

ROWS = 30


@pytest.fixture
async def proving(pool: asyncpg.Pool, database: str, tmp_path: Path) -> Proving:  # noqa: F811
    """Three chains, signed; the topic is not asked."""
    for chain in range(3):
        async with batch(pool) as connection:
            records = [change_record(number, change(number), chain) for number in range(ROWS)]
            await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, chain, records)
    place = Place(tmp_path, Keys(tmp_path / "key.pem"))
    place.ready()
    await Signer(pool, place, Health(), every_rows=1, every_seconds=60, page_rows=10).round(at(0))
    return Proving("127.0.0.1:1", database, False, None, (tmp_path, tmp_path / "key.pub"), 7)


async def lines_of(given: Proving, workers: int) -> Sequence[dict[str, Any]]:
    return await asyncio.to_thread(lambda: list(proven(given, workers)))


@pytest.mark.parametrize("workers", [1, 2, 8])
async def test_processes_find_together_what_one_finds(
    proving: Proving,
    owner: asyncpg.Connection,  # noqa: F811
    workers: int,
) -> None:
    whole = await lines_of(proving, workers)
    assert whole[-1]["ok"]
    assert (whole[-1]["rows"], whole[-1]["checkpoints"]["signed"]) == (3 * ROWS, 3)
    assert sorted(line["chain"] for line in whole if line["kind"] == "chain") == [0, 1, 2]
    assert max(line["rows"] for line in whole if line["kind"] == "progress") == 3 * ROWS
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    await owner.execute("update change set rule = 'x' where seq = 9 and chain = 2")
    await owner.execute("delete from change where chain = 0; delete from chain_head where chain = 0")
    found = (await lines_of(proving, workers))[-1]
    assert [(one["chain"], one["seq"], one["kind"]) for one in found["findings"]] == [
        (0, 1, "truncated"),
        (2, 9, "edited"),
    ]


async def test_checkpoints_that_are_gone_are_no_silence(proving: Proving, tmp_path: Path) -> None:
    nowhere = replace(proving, places=(tmp_path / "nowhere", tmp_path / "key.pub"))
    result = (await lines_of(nowhere, 1))[-1]
    assert not result["ok"]
    assert "nowhere" in result["checkpoints"]["problems"][0]["detail"]


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_does_not_answer_is_named(proving: Proving, workers: int) -> None:
    with pytest.raises(CliError, match="the log can't be read"):
        await lines_of(replace(proving, database_url="postgresql://nobody@127.0.0.1:1/none"), workers)
    with pytest.raises(CliError, match="Kafka does not answer"):
        await lines_of(replace(proving, with_topic=True), workers)


def test_the_key_is_made_once_shown_and_rotated(tmp_path: Path) -> None:
    def told(*more: str) -> dict[str, Any]:
        result = CliRunner().invoke(app, ["audit", "key", "--data", str(tmp_path), "--json", *more])
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.output)
        return found

    first = told()
    assert told() == first
    assert Path(first["private"]).stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in first["pem"]
    second = told("--rotate")
    assert second["keys"] == [first["signs"], second["signs"]]
    assert second["pem"].startswith(first["pem"])


def test_a_key_that_is_gone_is_not_made_anew_by_itself(tmp_path: Path) -> None:
    runner = CliRunner()
    runner.invoke(app, ["audit", "key", "--data", str(tmp_path)])
    (tmp_path / "checkpoints" / "checkpoints.jsonl").write_text("{}\n")
    (tmp_path / "audit-key.pem").unlink()
    refused = runner.invoke(app, ["audit", "key", "--data", str(tmp_path)])
    assert "put it back" in str(refused.exception)
    assert runner.invoke(app, ["audit", "key", "--data", str(tmp_path), "--lost"]).exit_code == 0

"""`pool list` and `pool show` over the router's own API: who is next, who can take none, since when and until when."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.client import Api
from services.router.domain.records import Load
from tests.cli.test_crm_import import Stack
from tests.services.router.fakes import member
from tests.services.router.test_api import client, desk  # noqa: F401 - fixtures
from tests.services.router.test_offers import Desk

Typed = Callable[..., Any]


class Line(Stack):
    """The router as a command finds it."""

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture
def typed(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Typed:  # noqa: F811
    """What a command answers, as it is typed."""
    clients = {"router": client}

    async def run(*words: str) -> str:
        line = Line(clients)
        monkeypatch.setattr(Api, "of", lambda *_: line)
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
        assert result.exit_code == 0, result.output
        return " ".join(result.output.replace("│", " ").split())

    return run


async def test_a_pool_is_shown_with_everybodys_reason(desk: Desk, typed: Typed) -> None:  # noqa: F811
    away = [{"from": "2020-01-01T09:00:00+02:00", "until": "2099-01-01T00:00:00Z"}]
    ann, bob = member("ann", version=2, weight=3, daily_cap=5), member("bob", version=2, on_hold=True)
    desk.router.runs([ann, bob, member("eve", version=2, absences=away)])
    told = await typed("pool", "show", "inbound")
    assert "no: on hold" in told
    assert "no: away since 2020-01-01 07:00Z, can from 2099-01-01 00:00Z" in told
    assert "3 100%" in told
    assert "of 5" in told
    people = {one["member"]: one for one in json.loads(await typed("pool", "show", "inbound", "--json"))["members"]}
    assert (people["ann"]["since"], people["ann"]["until"], people["ann"]["caps"]["daily"]) == (None, None, 5)


async def test_a_full_member_is_free_again_when_the_day_is_over(desk: Desk, typed: Typed) -> None:  # noqa: F811
    """Ann has as many leads as she may have of a day that is still to come by her calendar; a cap of 0 never ends."""
    desk.router.state.all.loads["ann"] = Load(1, "2098-12-31", 1, "2098-12-29", 1)
    desk.router.runs([member("ann", version=2, daily_cap=1), member("bob", version=2, daily_cap=0)])
    told = await typed("pool", "show", "inbound")
    assert "no: has 1 leads today, can from 2099-01-01 05:00Z" in told
    assert "no: has 0 leads today Eve" in told


async def test_pools_are_listed_with_who_is_next(desk: Desk, typed: Typed) -> None:  # noqa: F811
    everybody = json.loads(await typed("pool", "list", "--json"))
    inbound = next(one for one in everybody if one["pool"] == "inbound")
    names = [one["member"] for one in inbound["members"] if not one["why_not"]]
    assert inbound["next"] in names
    desk.router.runs([member(name, version=2, on_hold=True) for name in names])
    (inbound,) = (one for one in json.loads(await typed("pool", "list", "--json")) if one["pool"] == "inbound")
    assert (inbound["next"], inbound["free"]) == (None, 0)
    assert "nobody" in await typed("pool", "list")

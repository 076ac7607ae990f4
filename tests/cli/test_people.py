"""`pool`, `suppress` and `calendar` on the real CRM: what people change is there, with who and why; what can not be is said."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.client import Api
from cli.crm_import import load
from cli.crm_import.state import Verdict
from cli.errors import CliError
from cli.pool.change import _ended
from cli.publish import publish
from cli.records import all_records
from libs.policy.load import read_files
from libs.runtime.settings import RuntimeSettings
from services.crm.service import build as build_crm
from tests.cli.test_crm_import import Stack, job_of
from tests.paths import ROOT
from tests.services.crm.running import running_service

Typed = Callable[..., Any]


class Line(Stack):
    """The services as a command finds them."""

    stack = SimpleNamespace(kafka="")

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture
async def line(settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    await publish(settings.kafka, read_files(ROOT / "policy"), "ann", "for the commands")
    async with running_service(settings, "crm", build_crm) as crm:
        line = Line({"crm": crm.client})
        line.stack.kafka = settings.kafka
        monkeypatch.setattr(Api, "of", lambda *_: line)
        members = [{"id": name, "fields": {"name": name.title(), "pools": ["inbound"]}} for name in ("ann", "bob")]
        await asyncio.to_thread(line.post, "crm", "/api/records/member", {"records": members})
        yield line


@pytest.fixture
def typed(line: Line) -> Typed:
    """A command as it is typed; what goes wrong is raised."""

    async def run(*words: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    return run


async def fields(line: Line, record_type: str, record_id: str) -> dict[str, Any]:
    told = await asyncio.to_thread(line.get, "crm", f"/api/records/{record_type}/{record_id}")
    return dict(told["fields"])


async def test_a_member_is_held_resumed_and_weighed(line: Line, typed: Typed) -> None:
    assert "on_hold – → true" in await typed("pool", "hold", "Ann", "--why", "a big deal")
    assert (await fields(line, "member", "ann"))["on_hold"] is True
    assert "it is so already" in await typed("pool", "hold", "ann", "--why", "again")
    assert "on_hold true → false" in await typed("pool", "resume", "ann", "--why", "done")
    assert "(not written)" in await typed("pool", "weight", "bob", "3", "--why", "senior now", "--dry-run")
    assert "weight" not in await fields(line, "member", "bob")
    await typed("pool", "weight", "bob", "3", "--why", "senior now")
    await typed("pool", "caps", "bob", "--daily", "5", "--why", "part time")
    held = await fields(line, "member", "bob")
    assert (held["weight"], held["daily_cap"]) == (3, 5)
    await typed("pool", "caps", "bob", "--daily", "-1", "--why", "full time")
    assert (await fields(line, "member", "bob")).get("daily_cap") is None


async def test_members_join_and_leave_pools_of_the_policy(line: Line, typed: Typed) -> None:
    await typed("pool", "add", "enterprise", "Bob", "--why", "helps out")
    assert (await fields(line, "member", "bob"))["pools"] == ["inbound", "enterprise"]
    await typed("pool", "remove", "inbound", "Bob", "--why", "moved")
    assert (await fields(line, "member", "bob"))["pools"] == ["enterprise"]
    for words, why in (
        (("pool", "add", "nowhere", "bob"), "no pool 'nowhere'"),
        (("pool", "remove", "inbound", "bob"), "is not in the pool inbound"),
        (("pool", "hold", "Zoe"), "no member 'Zoe'"),
        (("pool", "caps", "bob"), "say which cap"),
        (("pool", "absent", "bob", "--from", "2026-12-02", "--until", "2026-12-01"), "ends before it begins"),
    ):
        with pytest.raises(CliError, match=why):
            await typed(*words, "--why", "because")


async def test_an_absence_is_to_the_minute_and_ends_when_somebody_is_back(line: Line, typed: Typed) -> None:
    await typed(
        "pool", "absent", "ann", "--from", "2020-01-01T09:00:00", "--until", "2099-01-01T10:30:00", "--why", "leave"
    )
    await typed("pool", "absent", "ann", "--from", "2098-01-01", "--why", "sabbatical")
    held = (await fields(line, "member", "ann"))["absences"]
    assert held == [
        {"from": "2020-01-01T09:00:00+00:00", "until": "2099-01-01T10:30:00+00:00"},
        {"from": "2098-01-01T00:00:00+00:00", "until": None},
    ]
    await typed("pool", "back", "ann", "--why", "earlier than planned")
    first, second = (await fields(line, "member", "ann"))["absences"]
    assert first["until"] < "2030"
    assert second == held[1]


def test_only_what_is_under_way_ends() -> None:
    from libs.runtime.clock import now  # noqa: PLC0415

    past = {"from": "2020-01-01T09:00:00+00:00", "until": "2020-01-02T09:00:00+00:00"}
    assert _ended(past, now()) == past
    assert _ended({"from": "broken", "until": None}, now()) == {"from": "broken", "until": None}


async def test_entries_hold_back_end_and_hold_again_as_one_record(line: Line, typed: Typed) -> None:
    words = ("--domain", "Rival.example", "--for", "competitor", "--why", "they sell the same")
    await typed("suppress", "add", *words)
    await typed("suppress", "remove", *words)
    assert "0 entries" in await typed("suppress", "list")
    await typed("suppress", "add", *words)
    listed = json.loads(await typed("suppress", "list", "--json"))
    assert [(one["fields"]["domain"], one["fields"]["reason"]) for one in listed] == [("rival.example", "competitor")]
    assert len(await asyncio.to_thread(all_records, line, "suppression")) == 1
    assert "rival.example" in await typed("suppress", "list")
    for words, why in (
        (("add", "--for", "partner"), "say who is held back"),
        (("add", "--email", "a@b.example", "--domain", "b.example", "--for", "partner"), "say who is held back"),
        (("remove", "--email", "no@body.example", "--for", "partner"), "nobody is held back"),
    ):
        with pytest.raises(CliError, match=why):
            await typed("suppress", *words, "--why", "because")


async def test_an_entry_holds_until_a_time_and_without_an_end_when_it_is_said_again(line: Line, typed: Typed) -> None:
    words = ("--email", "Ann@Friend.example", "--for", "partner", "--why", "in talks")
    assert "(not written)" in await typed("suppress", "add", *words, "--until", "2099-01-01T09:00:00", "--dry-run")
    assert not await asyncio.to_thread(all_records, line, "suppression")
    await typed("suppress", "add", *words, "--until", "2099-01-01T09:00:00")
    (one,) = json.loads(await typed("suppress", "list", "--json"))
    assert one["fields"]["until"] == "2099-01-01T09:00:00+00:00"
    assert "until 2099-01-01T09:00:00+00:00 → –" in await typed("suppress", "add", *words)
    with pytest.raises(CliError, match="over already"):
        await typed("suppress", "add", *words, "--until", "2020-01-01")
    over = {"reason": "partner", "domain": "old.example", "until": "2020-01-01T00:00:00+00:00"}
    await asyncio.to_thread(line.post, "crm", "/api/records/suppression", {"records": [{"fields": over}]})
    assert "old.example" not in await typed("suppress", "list")
    assert "(ended)" in await typed("suppress", "list", "--all")


async def test_a_company_is_held_back_by_its_name_and_nobody_unknown_is(line: Line, typed: Typed) -> None:
    made = {"records": [{"id": "acme", "fields": {"name": "Acme Robotics", "domain": "acme.example"}}]}
    await asyncio.to_thread(line.post, "crm", "/api/records/company", made)
    await typed("suppress", "add", "--company", "acme robotics", "--for", "strategic", "--why", "key account")
    (one,) = json.loads(await typed("suppress", "list", "--json"))
    assert one["fields"]["record_id"] == "acme"
    with pytest.raises(CliError, match="no company 'Nobody'"):
        await typed("suppress", "add", "--company", "Nobody", "--for", "strategic", "--why", "key account")
    with pytest.raises(CliError, match=r"acme for strategic \(suppression:"):
        await typed("suppress", "remove", "--record", "company:acme", "--for", "partner", "--why", "no more")
    refused = await asyncio.to_thread(
        CliRunner().invoke, app, ["suppress", "add", "--company", "acme", "--for", "foe", "--why", "x"]
    )
    assert (refused.exit_code, "never_route" in refused.output) == (2, True)


async def test_every_entry_that_says_the_same_ends_at_once(line: Line, typed: Typed) -> None:
    """Another program may have written it twice: who is let go must not be held back by the second."""
    fields = [{"reason": "partner", "domain": name, "active": True} for name in ("twice.example", "Twice.example")]
    body = {"records": [{"fields": one} for one in fields]}
    await asyncio.to_thread(line.post, "crm", "/api/records/suppression", body)
    await typed("suppress", "remove", "--domain", "twice.example", "--for", "partner", "--why", "no more")
    held = await asyncio.to_thread(all_records, line, "suppression")
    assert [one["fields"]["active"] for one in held] == [False, False]


async def test_a_day_has_other_hours_and_its_own_again(line: Line, typed: Typed) -> None:
    await typed("calendar", "add", "2026-12-24", "--country", "de", "--shift", "09:00-12:00", "--why", "Christmas Eve")
    await typed("calendar", "add", "2026-12-24", "--country", "DE", "--why", "closed after all")
    (one,) = json.loads(await typed("calendar", "list", "--json"))
    assert (one["fields"]["closed"], one["fields"].get("shifts"), one["fields"]["country"]) == (True, None, "DE")
    assert "closed" in await typed("calendar", "list")
    await typed("calendar", "remove", "2026-12-24", "--country", "DE", "--why", "open")
    assert "0 days" in await typed("calendar", "list")
    for words, why in (
        (("add", "2026-12-24"), "say whose day"),
        (("add", "2026-12-24", "--calendar", "mars"), "no calendar 'mars'"),
        (("add", "2026-12-24", "--country", "DE", "--shift", "12:00-09:00"), "are no hours"),
        (("remove", "2027-12-24", "--country", "DE"), "has no other hours"),
    ):
        with pytest.raises(CliError, match=why):
            await typed("calendar", *words, "--why", "because")


async def imported(line: Line, path: Path, kind: str, *verdicts: Verdict) -> dict[str, int]:
    """What became of a table's rows."""
    job = job_of(line, path, kind)
    await asyncio.to_thread(load.check, job, lambda _: None)
    await asyncio.to_thread(load.make, job, ("new", *verdicts), lambda _: None)
    return {**{name: count for name, count in job.state.counts().items() if count}, **job.state.outcomes()}


def table(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


async def test_the_same_entry_in_two_files_is_one_record(line: Line, tmp_path: Path) -> None:
    one = table(tmp_path, "a.csv", "Domain,Reason\nrival.example,competitor\n")
    other = table(tmp_path, "b.csv", "Reason,Domain\ncompetitor,Rival.example\npartner,friend.example\n")
    await imported(line, one, "suppression")
    assert await imported(line, other, "suppression") == {"duplicate": 1, "new": 1, "created": 1}
    held = await asyncio.to_thread(all_records, line, "suppression")
    assert sorted(one["fields"]["domain"] for one in held) == ["friend.example", "rival.example"]


async def test_two_files_that_are_read_at_the_same_time_make_one_record(line: Line, tmp_path: Path) -> None:
    """Both were looked at before either was made: only the id tells that they say the same."""
    days = [table(tmp_path, "a.csv", "Day,Country,Closed\n2026-12-24,de,yes\n"),
            table(tmp_path, "b.csv", "Datum,Closed,Country\n24.12.2026,yes,DE\n")]  # fmt: skip
    entries = [table(tmp_path, f"{name}.csv", f"Reason,Email\nopt_out,{name}@x.example\n") for name in ("Ann", "ann")]
    for kind, paths in (("calendar", days), ("suppression", entries)):
        jobs = [job_of(line, path, kind) for path in paths]
        for job in jobs:
            await asyncio.to_thread(load.check, job, lambda _: None)
        for job in jobs:
            await asyncio.to_thread(load.make, job, ("new",), lambda _: None)
        assert [job.state.outcomes() for job in jobs] == [{"created": 1}, {"exists": 1}]
        assert len(await asyncio.to_thread(all_records, line, kind)) == 1


async def test_an_entry_that_was_ended_comes_back_by_a_table_only_when_that_is_asked_for(
    line: Line, typed: Typed, tmp_path: Path
) -> None:
    await imported(line, table(tmp_path, "a.csv", "Domain,Reason\nrival.example,competitor\n"), "suppression")
    await typed("suppress", "remove", "--domain", "rival.example", "--for", "competitor", "--why", "bought by us")
    again = table(tmp_path, "b.csv", "Domain,Reason,Until\nrival.example,competitor,2099-01-01\n")
    assert await imported(line, again, "suppression") == {"possible": 1}
    assert "0 entries" in await typed("suppress", "list")
    assert await imported(line, again, "suppression", "possible") == {"possible": 1, "held again": 1}
    (one,) = json.loads(await typed("suppress", "list", "--json"))
    assert one["fields"]["until"] == "2099-01-01T00:00:00+00:00"
    assert len(await asyncio.to_thread(all_records, line, "suppression")) == 1


async def test_a_member_of_two_files_is_one_who_takes_one_share(line: Line, tmp_path: Path) -> None:
    first = table(tmp_path, "a.csv", "Name,Email,Roles\nRiv Ops,riv@x.example,revops\nZed,,\n")
    assert await imported(line, first, "member") == {"new": 2, "created": 2}
    second = table(tmp_path, "b.csv", "Email,Name\nRiv@x.example,Riv O.\n,ZED\nnew@x.example,New\n")
    assert await imported(line, second, "member") == {"duplicate": 2, "new": 1, "created": 1}
    members = {one["fields"]["name"]: one["fields"] for one in await asyncio.to_thread(all_records, line, "member")}
    assert members["Riv Ops"]["roles"] == ["revops"]


async def test_what_has_no_shape_is_refused(line: Line) -> None:
    for kind, fields in (("member", {"roles": "revops"}), ("suppression", {"until": "2099-01-01T09:00:00"})):
        body = {"records": [{"fields": {"name": "x", "reason": "partner", "domain": "x.example", **fields}}]}
        with pytest.raises(AssertionError, match="has to be"):
            await asyncio.to_thread(line.post, "crm", f"/api/records/{kind}", body)

"""`import` on the real services: dry run, posting, killed half-way, going on: exactly one lead each, at intake's pace."""

import asyncio
import csv
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.errors import CliError
from cli.lead_import.check import Import, check
from cli.lead_import.command import BY_DEFAULT, layout_of, run, state_path
from cli.lead_import.door import Door
from cli.lead_import.state import ImportState
from cli.tables.table import opened
from libs.contracts import ids
from libs.contracts.events import Event, LeadDeduped, LeadReceived
from libs.contracts.topics import LEAD_DEDUPED, LEAD_RECEIVED
from libs.runtime.settings import RuntimeSettings
from services.crm.service import build as build_crm
from services.dedupe.service import build as build_dedupe
from tests.libs.runtime.harness import until
from tests.services.crm.running import running_service
from tests.services.intake.test_service import intake

KNOWN, DOUBLED, UNREACHABLE, ROWS = 8, 5, 3, 60
KILLED_AT, LAST_KEPT = 25, 10


class Killed(Exception):
    """The process is gone: its last post was taken, and it never heard so."""


class Stack:
    """The services for code that waits, from the loop that they run in."""

    def __init__(self, clients: dict[str, httpx.AsyncClient]) -> None:
        self.clients = clients
        self.loop = asyncio.get_running_loop()
        self.posts: list[int] = []

    def get(self, service: str, path: str, **params: Any) -> Any:
        return self._sent(service, "GET", path, params=params).json()

    def find(self, service: str, path: str, **params: Any) -> Any | None:
        answer = self._sent(service, "GET", path, params=params)
        return None if answer.status_code == 404 else answer.json()

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = self._sent(service, method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def hook(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        answer = self._sent("intake", "POST", path, content=body, headers=headers)
        self.posts.append(answer.status_code)
        return answer

    def _sent(self, service: str, method: str, path: str, **options: Any) -> httpx.Response:
        request = self.clients[service].request(method, path, **options)
        return asyncio.run_coroutine_threadsafe(request, self.loop).result(60)


@pytest.fixture
async def stack(settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    monkeypatch.setenv("INTAKE_SOURCE_RATE", "40")
    monkeypatch.setenv("INTAKE_SOURCE_BURST", "20")
    async with AsyncExitStack() as running:
        builds = {"crm": build_crm, "dedupe": build_dedupe}
        clients = {
            name: (await running.enter_async_context(running_service(settings, name, build))).client
            for name, build in builds.items()
        }
        yield Stack({**clients, "intake": await running.enter_async_context(intake(settings))})


def people(env: str) -> list[list[str]]:
    """60 rows: 5 are of somebody who stands above, and 3 can be reached by nothing."""
    rows = [
        [f"Vor{n} Nach{n}", f"p{n}@firma{n}-{env}.com", f"Firma {n} {env}", "ja" if n % 3 else "", f"B-{n}"]
        for n in range(ROWS)
    ]
    for n in range(DOUBLED):
        rows[50 + n][:2] = [rows[20 + n][0], rows[20 + n][1].upper()]
    for n in range(UNREACHABLE):
        rows[40 + n][1] = ""
    return rows


def written(path: Path, env: str) -> Path:
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["Teilnehmer", "Kontakt", "Firma", "Newsletter", "Badge"])
        writer.writerows(people(env))
    return path


MAPPING = ("Teilnehmer=name", "Kontakt=email")


def job_of(stack: Stack, path: Path, source: str = "event_list", mapping: tuple[str, ...] = MAPPING) -> Import:
    """The import as the command makes it."""
    table = opened(path)
    layout = layout_of(table, mapping)
    state = ImportState(state_path(path.parent, layout, source))
    return Import(table, layout, Door.of(stack, source, {}), stack, state)


async def known_people(stack: Stack, env: str) -> dict[str, str]:
    """The first 8 of the list in the CRM, and known to dedupe: contact id by address."""
    records = [
        {"id": ids.derived_id(env, mail), "fields": {"name": name, "email": mail}}
        for name, mail, *_ in people(env)[:KNOWN]
    ]
    body = {"records": records, "source": "test", "reason": "test"}
    answer = await stack.clients["crm"].post("/api/import/contact", json=body)
    assert answer.is_success, answer.text
    asked = {"records": [record["fields"] for record in records]}
    async with asyncio.timeout(30):
        while True:
            told = (await stack.clients["dedupe"].post("/api/preview", json=asked)).json()["records"]
            if all(one["verdict"] == "duplicate" for one in told):
                return {str(one["fields"]["email"]): str(one["id"]) for one in records}  # type: ignore[index]
            await asyncio.sleep(0.05)


def looked_at(stack: Stack, path: Path, source: str) -> None:
    """A dry run."""
    run(job_of(stack, path, source), stack.hook, BY_DEFAULT, ask=False, dry_run=True)


def listed(path: Path) -> list[dict[str, str]]:
    """The list beside the file."""
    with path.with_name(f"{path.name}.import.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def killed(job: Import, stack: Stack) -> None:
    """Run the import until it is killed: outcomes after the tenth were never kept, and posts went on until the 25th."""
    kept = sqlite3.connect(job.state.path.with_suffix(".kept"), check_same_thread=False)

    def post(path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        answer = stack.hook(path, body, headers)
        taken = sum(status < 300 for status in stack.posts)
        if taken == LAST_KEPT:
            with sqlite3.connect(job.state.path) as state:
                state.backup(kept)
        if taken >= KILLED_AT:
            raise Killed
        return answer

    with pytest.raises(Killed):
        run(job, post, BY_DEFAULT, ask=False, dry_run=False)
    path = job.state.path
    job.state.close()
    for rest in path.parent.glob(f"{path.name}*"):
        rest.unlink()
    with sqlite3.connect(path) as state:
        kept.backup(state)
    kept.close()


async def test_a_list_killed_half_way_is_gone_on_with(stack: Stack, settings: RuntimeSettings, tmp_path: Path) -> None:
    env = ids.derived_id(str(tmp_path))[:8]
    contacts = await known_people(stack, env)
    path = written(tmp_path / "teilnehmer.csv", env)
    job = await asyncio.to_thread(job_of, stack, path)
    await asyncio.to_thread(run, job, stack.hook, BY_DEFAULT, ask=False, dry_run=True)
    leads = ROWS - DOUBLED - UNREACHABLE
    assert stack.posts == []
    assert job.state.counts() == {
        "new": leads - KNOWN, "known": KNOWN, "possible": 0, "doubled": DOUBLED, "unreachable": UNREACHABLE,
        "no_lead": 0, "broken": 0,
    }  # fmt: skip
    assert {row["Kontakt"]: row["contact"] for row in listed(path) if row["verdict"] == "known"} == contacts
    assert {row["posted"] for row in listed(path) if row["verdict"] in ("doubled", "unreachable")} == {"skipped"}

    await asyncio.to_thread(killed, job, stack)
    again = await asyncio.to_thread(job_of, stack, path)
    before = sum(again.state.outcomes().values())
    assert 0 < before < KILLED_AT
    await asyncio.to_thread(run, again, stack.hook, BY_DEFAULT, ask=False, dry_run=False)
    assert again.state.outcomes() == {"posted": leads}
    taken = sum(status < 300 for status in stack.posts)
    assert taken > leads, "rows whose answer was lost are posted again"
    assert 429 in stack.posts
    await asyncio.to_thread(run, again, stack.hook, BY_DEFAULT, ask=False, dry_run=False)
    assert sum(status < 300 for status in stack.posts) == taken
    await check_leads(settings.kafka, taken, listed(path), contacts)
    again.state.close()


async def check_leads(kafka: str, taken: int, rows: list[dict[str, str]], contacts: dict[str, str]) -> None:
    """Every posted row is one lead, whatever came twice, and the known people's leads are on their timelines."""
    posted = {row["submission"]: row for row in rows if row["posted"] == "posted"}
    received = await until(
        kafka,
        LEAD_RECEIVED.name,
        lambda event: isinstance(event, LeadReceived) and event.lead.submission.submission_id in posted,
        taken,
    )
    assert len({event.event_id for event in received}) == len(posted)

    def is_decided(event: Event) -> bool:
        return isinstance(event, LeadDeduped) and event.lead.submission.submission_id in posted

    decided = [
        event
        for event in await until(kafka, LEAD_DEDUPED.name, is_decided, len(posted))
        if isinstance(event, LeadDeduped)
    ]
    assert sorted(event.lead.submission.submission_id for event in decided) == sorted(posted)
    for event in decided:
        row, lead = posted[event.lead.submission.submission_id], event.lead
        said = (lead.value("email"), lead.value("name"), lead.value("company"), lead.value("consent"))
        assert said == (row["Kontakt"], row["Teilnehmer"], row["Firma"], True if row["Newsletter"] else None)
        assert lead.kind == "event_list"
        assert lead.identity is not None
        if row["Kontakt"] in contacts:
            assert lead.identity.contact.id == contacts[row["Kontakt"]]


async def test_possible_duplicates_are_shown_and_can_be_left_out(stack: Stack, tmp_path: Path) -> None:
    env = ids.derived_id(str(tmp_path))[:8]
    await known_people(stack, env)
    path = tmp_path / "liste.csv"
    name, mail, *_ = people(env)[0]
    number = "+49309" + str(int(env, 16))[-7:]
    record = {"id": ids.derived_id(env, "phone"), "fields": {"name": f"Zoe Alt{env}", "phone": number}}
    body = {"records": [record], "source": "test", "reason": "test"}
    assert (await stack.clients["crm"].post("/api/import/contact", json=body)).is_success
    path.write_text(f"Name,Email,Phone\nZoe Alt{env},,{number}\n{name},{mail},\nNew Body,new@neu-{env}.com,\n")
    async with asyncio.timeout(30):
        while True:
            job = await asyncio.to_thread(job_of, stack, path, mapping=("Email=email",))
            job.state.begin()
            await asyncio.to_thread(check, job, lambda _: None)
            if job.state.counts()["possible"]:
                break
            job.state.close()
            await asyncio.sleep(0.1)
    state = job.state
    (possible,) = state.told("possible")
    assert possible.row == 2
    assert record["id"] in possible.why
    assert state.open_rows({"possible"}) == {3, 4}
    assert state.open_rows({"known"}) == {2, 4}
    state.close()


async def test_a_source_that_is_for_its_own_tool_is_refused(stack: Stack, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "x")
    for source, told in (("typeform", "refuses what is not signed"), ("jotform", "own"), ("no_such", "no source")):
        with pytest.raises(CliError, match=told):
            await asyncio.to_thread(looked_at, stack, path, source)
    assert stack.posts == []

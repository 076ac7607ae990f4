"""`crm import` on the real services: dry run, import, interrupt and going on, duplicates listed and not made."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from cli.crm import mapped
from cli.crm_import import load, report
from cli.crm_import.resolve import Resolver
from cli.crm_import.state import ImportState
from cli.errors import CliError
from cli.tables.table import opened
from libs.contracts import ids
from libs.runtime.settings import RuntimeSettings
from services.crm.service import build as build_crm
from services.dedupe.service import build as build_dedupe
from tests.services.crm.running import running_service

PEOPLE = """Vorname;Nachname;E-Mail;Firma;Telefon;Abgemeldet;Notiz
Ann;Lee;ann@acme-{env}.com;Acme GmbH;+49 30 901820;nein;
Bo;Chén;BO@acme-{env}.com;Acme GmbH;;ja;"mag; Semikolons
und Zeilen"

Bo;Chen;bo@acme-{env}.com;Acme;;nein;zweimal
Cy;;keine Adresse;Rival;;nein;
;;;Nobody Ltd;;nein;
Dee;Ray;dee@rival-{env}.com;Rival;;vielleicht;
Eve;Moss;eve@rival-{env}.com;Rival;;nein;=cmd()
"""


class Stack:
    """The services' APIs for code that waits, from the loop that they run in."""

    def __init__(self, clients: dict[str, httpx.AsyncClient]) -> None:
        self.clients = clients
        self.loop = asyncio.get_running_loop()
        self.before_post: Callable[[str], None] = lambda _path: None

    def get(self, service: str, path: str, **params: Any) -> Any:
        return self._sent(service, "GET", path, params=params)

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        self.before_post(path)
        answer = self._sent(service, method, path, json=body)
        while isinstance(answer, dict) and answer.get("status") == "accepted":
            answer = self._sent(service, "GET", answer["link"])
        return answer

    def _sent(self, service: str, method: str, path: str, **options: Any) -> Any:
        request = self.clients[service].request(method, path, **options)
        answer = asyncio.run_coroutine_threadsafe(request, self.loop).result(60)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
async def stack(settings: RuntimeSettings) -> AsyncIterator[Stack]:
    async with AsyncExitStack() as running:
        builds = {"crm": build_crm, "dedupe": build_dedupe}
        yield Stack({
            name: (await running.enter_async_context(running_service(settings, name, build))).client
            for name, build in builds.items()
        })  # fmt: skip


def job_of(stack: Stack, path: Path, kind: str = "contact", mapping: tuple[str, ...] = ()) -> load.Import:
    """The import as the command makes it."""
    table = opened(path)
    columns = mapped(table, kind, mapping)
    state = ImportState(path.parent / "imports" / f"{path.name}-{kind}.sqlite")
    return load.Import(table, kind, columns, "old crm", stack, state, Resolver(stack))


async def whole(job: load.Import, *verdicts: Any) -> None:
    """Both passes."""
    await asyncio.to_thread(load.check, job, lambda _: None)
    await asyncio.to_thread(load.make, job, verdicts or ("new",), lambda _: None)


def interrupted(job: load.Import) -> bool:
    """Whether making the rows ended by Ctrl-C."""
    try:
        load.make(job, ("new",), lambda _: None)
    except KeyboardInterrupt:
        return True
    return False


async def contacts(stack: Stack, **params: str) -> list[dict[str, Any]]:
    """The contacts in the CRM."""
    answer = await stack.clients["crm"].get("/api/records/contact", params=params)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def indexed(stack: Stack, email: str) -> None:
    """Wait until dedupe knows the person."""
    async with asyncio.timeout(20):
        while True:
            answer = await stack.clients["dedupe"].post("/api/preview", json={"records": [{"email": email}]})
            if answer.json()["records"][0]["verdict"] == "duplicate":
                return
            await asyncio.sleep(0.05)


async def company_indexed(stack: Stack, domain: str) -> None:
    """Wait until dedupe knows the company."""
    body = {"type": "company", "records": [{"domain": domain}]}
    async with asyncio.timeout(20):
        while True:
            answer = await stack.clients["dedupe"].post("/api/preview", json=body)
            if answer.json()["records"][0]["verdict"] == "duplicate":
                return
            await asyncio.sleep(0.05)


async def test_a_table_is_checked_then_made_once_and_the_rest_is_listed(stack: Stack, tmp_path: Path) -> None:
    env = ids.derived_id(str(tmp_path))[:8]
    path = tmp_path / "kontakte.csv"
    path.write_bytes(PEOPLE.replace("{env}", env).encode("cp1252"))
    job = job_of(stack, path)
    await asyncio.to_thread(load.check, job, lambda _: None)
    assert job.state.counts() == {"new": 3, "duplicate": 0, "duplicate_in_file": 1, "possible": 0, "invalid": 3}
    assert await contacts(stack) == []
    await whole(job)
    assert job.state.outcomes() == {"created": 3}
    ann, bo = [(await contacts(stack, email=f"{name}@acme-{env}.com"))[0] for name in ("ann", "bo")]
    assert ann["fields"]["name"] == "Ann Lee"
    assert (bo["fields"]["last_name"], bo["fields"]["do_not_mail"]) == ("Chén", True)
    assert bo["fields"]["note"] == "mag; Semikolons\nund Zeilen"
    assert ann["meta"]["email"]["source"] == {"kind": "crm", "name": "old crm", "trust": 1.0}
    await whole(job)
    assert len(await contacts(stack)) == 3
    invalid, duplicates = (list(csv.reader(file.open())) for file in report.write_lists(job.table, job.state))
    assert [row[0] for row in invalid[1:]] == ["6", "7", "8"]
    assert "is no e-mail address" in invalid[1][1]
    assert [row[:2] for row in duplicates[1:]] == [["5", "the same as an earlier row of the file: same as row 3"]]


async def test_who_is_there_already_is_not_made_again(stack: Stack, tmp_path: Path) -> None:
    env = ids.derived_id(str(tmp_path))[:8]
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(f"email,name,phone\nann@acme-{env}.com,Ann Lee,+4930901820\n")
    second.write_text(
        f"Name,Email,Phone\nAnn Lee,Ann@acme-{env}.com,\nAnn Lee,,+49 30 901820\nFay,fay@acme-{env}.com,\n"
    )
    await whole(job_of(stack, first))
    await indexed(stack, f"ann@acme-{env}.com")
    job = job_of(stack, second)
    await whole(job)
    assert job.state.counts() == {"new": 1, "duplicate": 1, "duplicate_in_file": 0, "possible": 1, "invalid": 0}
    assert len(await contacts(stack)) == 2
    (path,) = report.write_lists(job.table, job.state)
    told = list(csv.reader(path.open()))[1:]
    assert ["exact_email: contact:" in told[0][1], "similar_person: contact:" in told[1][1]] == [True, True]
    await whole(job, "new", "possible", "duplicate")
    assert len(await contacts(stack)) == 4


async def test_an_interrupt_keeps_what_was_made_and_the_rest_follows(stack: Stack, tmp_path: Path) -> None:
    env, count = ids.derived_id(str(tmp_path))[:8], 1300
    path = tmp_path / "many.csv"
    path.write_text("email,name\n" + "".join(f"p{n}@many-{env}.com,Person {n}\n" for n in range(count)))
    job, posts = job_of(stack, path), []

    def stop(path: str) -> None:
        posts.append(path)
        if len(posts) == 2:
            raise KeyboardInterrupt

    await asyncio.to_thread(load.check, job, lambda _: None)
    stack.before_post = stop
    assert await asyncio.to_thread(interrupted, job)
    made = sum(job.state.outcomes().values())
    assert 0 < made < count
    stack.before_post = lambda _: None
    job.state.close()
    again = job_of(stack, path)
    await whole(again)
    assert again.state.outcomes() == {"created": count}
    shown = await stack.clients["crm"].get(
        "/api/records/contact", params={"limit": 500, "domain": "", "name": "Person 1299"}
    )
    assert len(shown.json()["items"]) == 1


async def test_lost_state_makes_nothing_twice(stack: Stack, tmp_path: Path) -> None:
    env = ids.derived_id(str(tmp_path))[:8]
    path = tmp_path / "c.csv"
    path.write_text(f"email\nann@lost-{env}.com\n")
    job = job_of(stack, path)
    await whole(job)
    await indexed(stack, f"ann@lost-{env}.com")
    job.state.close()
    job.state.path.unlink()
    again = job_of(stack, path)
    await whole(again)
    assert again.state.outcomes() == {"exists": 1}
    assert len(await contacts(stack)) == 1


async def test_workbooks_companies_and_what_cells_name(stack: Stack, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Account Name", "Domain", "Employees"])
    book.active.append(["Acme GmbH", "https://www.acme-book.com/", 51.0])
    book.save(tmp_path / "firms.xlsx")
    await whole(job_of(stack, tmp_path / "firms.xlsx", "company"))
    (acme,) = (await stack.clients["crm"].get("/api/records/company")).json()["items"]
    assert acme["fields"] == {"name": "Acme GmbH", "domain": "acme-book.com", "employees": 51}
    await company_indexed(stack, "acme-book.com")
    people = tmp_path / "people.csv"
    people.write_text("Name,E-Mail\nZoe Fox,zoe@acme-book.com\n")
    await whole(job_of(stack, people))
    assert (await contacts(stack, email="zoe@acme-book.com"))[0]["fields"]["company_id"] == acme["id"]
    deals = tmp_path / "deals.csv"
    deals.write_text('Deal,Company,Amount,Close date\nNew,acme-book.com,"1.200,50",31.12.2026\nOld,Nobody,5,\n')
    job = job_of(stack, deals, "opportunity")
    await whole(job)
    assert (job.state.counts()["new"], job.state.counts()["invalid"]) == (1, 1)
    (deal,) = (await stack.clients["crm"].get("/api/opportunities", params={"open": "true"})).json()["items"]
    assert deal["fields"] == {
        "name": "New", "company_id": acme["id"], "amount": 1200.5, "close_date": "2026-12-31",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "mapping", "told"),
    [
        ("", (), "no headings"), ("foo,bar\n1,2\n", (), "no column is known"),
        ("email,name\n", ("nope=email",), "no column 'nope'"), ("email\n", ("email",), "no mapping"),
        ("a,b\n", ("a=email", "b=email"), "two columns fill email"), ("a\n", ("a=E-Mail",), "no mapping"),
    ],
)  # fmt: skip
def test_tables_and_mappings_that_do_not_fit(tmp_path: Path, text: str, mapping: tuple[str, ...], told: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(CliError, match=told):
        mapped(opened(path), "contact", mapping)


def test_a_file_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_text("email\n")
    with pytest.raises(CliError, match="no XLSX"):
        opened(path)
    with pytest.raises(CliError, match="can't be read"):
        opened(tmp_path / "nothing.csv")

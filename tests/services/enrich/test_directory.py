"""The company directory: what can be looked up, what is said and with which evidence, on a memory and on Postgres."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.identity.companies import company_key
from libs.runtime.state import bind
from services.enrich.connectors.company_directory import CompanyDirectory
from services.enrich.directory_store import DirectoryTable
from services.enrich.domain.directory import (
    FIELDS,
    DirectoryRow,
    Listed,
    LoadArguments,
    Loaded,
    directory_findings,
    listed,
    people,
)
from services.enrich.domain.findings import Finding
from tests.services.enrich.makers import POLICY, a_lead
from tests.services.enrich.test_records import pool  # noqa: F401 - a fixture

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LOAD = "ab" * 16


def row(line: int, domain: str = "", **fields: Any) -> DirectoryRow:
    return DirectoryRow(line=line, domain=domain, fields=fields)


def load(*rows: DirectoryRow, load_id: str = LOAD, file: str = "companies.csv") -> tuple[Loaded, list[str]]:
    return listed(LoadArguments(load_id=load_id, file=file, rows=rows), "ann")


class MemoryDirectory:
    """The directory in memory; it passes the same tests as the table."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Listed] = {}
        self._loads: dict[str, dict[str, Any]] = {}

    async def save_loads(self, loads: Sequence[tuple[Loaded, datetime]]) -> None:
        for one, at in loads:
            held = self._loads.get(one.load_id)
            if one.removed:
                self._rows = {key: value for key, value in self._rows.items() if key[0] != one.load_id}
                if held and held["removed_at"] is None:
                    held |= {"removed_at": at, "removed_by": one.actor}
                continue
            if held is None or held["removed_at"] is not None:
                held = {
                    "load_id": one.load_id,
                    "file": one.file,
                    "actor": one.actor,
                    "loaded_at": at,
                    "removed_at": None,
                }
                self._loads[one.load_id] = held | {"removed_by": None}
            self._rows |= {(one.load_id, told.line): told for told in one.rows}

    async def rows(
        self, domains: Sequence[str], name_keys: Sequence[str]
    ) -> tuple[Mapping[str, Sequence[Listed]], Mapping[str, Sequence[Listed]]]:
        by_domain: dict[str, list[Listed]] = {}
        by_name: dict[str, list[Listed]] = {}
        for one in self._rows.values():
            told = self._loads[one.load_id]
            facts = {name: getattr(one, name) for name in ("load_id", "line", "domain", "name_key", "name", "fields")}
            seen = Listed(**facts, file=told["file"], actor=told["actor"], loaded_at=told["loaded_at"])
            if one.domain in domains:
                by_domain.setdefault(one.domain, []).append(seen)
            if one.name_key in name_keys:
                by_name.setdefault(one.name_key, []).append(seen)
        return by_domain, by_name

    async def loads(self) -> list[dict[str, Any]]:
        counted = [{**one, "rows": sum(key[0] == one["load_id"] for key in self._rows)} for one in self._loads.values()]
        return sorted(counted, key=lambda one: one["loaded_at"], reverse=True)


def found(findings: Sequence[Finding]) -> dict[str, Any]:
    return {one.field: one.value for one in findings if one.outcome == "found"}


def test_what_can_not_be_looked_up_is_told_by_its_line() -> None:
    loaded, problems = load(
        row(2, "https://www.Acme.com/about", company="Acme GmbH", employees="51-200"),
        row(3, "gmail.com", company="Somebody"),
        row(4, "", industry="software"),
        row(5, "beta.io", employees="many"),
        row(6, "", company="Gamma Ltd"),
        row(7, "delta.de", mood="good"),
    )
    assert [(one.line, one.domain, one.name_key) for one in loaded.rows] == [
        (2, "acme.com", company_key("Acme")),
        (6, "", company_key("Gamma")),
    ]
    assert [problem.split(":")[0] for problem in problems] == ["line 3", "line 4", "line 5", "line 7"]
    assert "fields are domain, company" in problems[3]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("51-200", 51), ("5,000+", 5000), ("10.000 – 50.000", 10000), (120, 120), ("120", 120), ("1 000 to 5 000", 1000),
        ("many", None), (0, None), (True, None), ("", None),
    ],
)  # fmt: skip
def test_a_band_counts_with_its_lower_end(text: Any, number: int | None) -> None:
    assert people(text) == number


def test_a_value_names_its_file_and_line() -> None:
    loaded, _ = load(row(2, "acme.com", company="Acme", employees="51-200", tech_stack=["Zendesk", "HubSpot"]))
    one = replace(loaded.rows[0], file="c.csv", actor="ann", loaded_at=NOW)
    told = {finding.field: finding for finding in directory_findings("acme.com", "", [one], [])}
    size = told["employees"]
    assert (size.value, size.evidence[0].quote, size.reason) == (51, "51-200", "the lower end of 51-200")
    assert size.evidence[0].where == "directory:c.csv, line 2, loaded 2026-11-20 by ann.employees"
    assert told["tech_stack"].value == ["Zendesk", "HubSpot"]
    assert told["city"].outcome == "nothing"
    assert told["city"].reason


@pytest.mark.parametrize(
    ("written", "code"), [("Germany", "DE"), ("UK", "GB"), ("gb", "GB"), ("Frankreich", "FR"), ("Narnia", None)]
)
def test_a_country_is_its_code_and_quotes_what_was_written(written: str, code: str | None) -> None:
    loaded, _ = load(row(2, "acme.com", company="Acme", country=written))
    told = {finding.field: finding for finding in directory_findings("acme.com", "", list(loaded.rows), [])}["country"]
    assert told.value == code
    assert [proof.quote for proof in told.evidence] == ([written] if code else [])
    assert bool(told.reason) is (code is None)


ANY = st.builds(
    Listed,
    load_id=st.sampled_from(["a" * 16, "b" * 16]),
    line=st.integers(1, 5),
    domain=st.sampled_from(["", "acme.com", "acme.de"]),
    name_key=st.just("acme"),
    name=st.just("Acme"),
    fields=st.fixed_dictionaries(
        {}, optional={"employees": st.sampled_from(["51-200", 7]), "city": st.sampled_from(["Berlin", ""])}
    ),
    loaded_at=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
)


@given(st.sampled_from(["", "acme.com"]), st.lists(ANY, max_size=3), st.lists(ANY, max_size=3))
def test_no_value_without_evidence_and_none_from_two_companies(
    domain: str, by_domain: list[Listed], by_name: list[Listed]
) -> None:
    findings = directory_findings(domain, "Acme", by_domain, by_name)
    assert [one.field for one in findings] == list(FIELDS)
    for one in findings:
        assert (one.outcome == "found") == bool(one.evidence)
        assert one.outcome == "found" or (one.value is None and one.reason)
    if not by_domain and len({one.domain or one.where for one in by_name}) > 1:
        assert found(findings) == {}


Transaction = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture(params=["memory", "postgres"])
def held(request: pytest.FixtureRequest) -> tuple[Any, Transaction]:
    if request.param == "memory":
        return MemoryDirectory(), nullcontext
    connections = request.getfixturevalue("pool")

    @asynccontextmanager
    async def transaction() -> AsyncIterator[None]:
        async with connections.acquire() as connection, connection.transaction():
            with bind(connection):
                yield

    return DirectoryTable(connections), transaction


async def save(held: tuple[Any, Transaction], *loads: tuple[Loaded, datetime]) -> None:
    directory, transaction = held
    async with transaction():
        await directory.save_loads(loads)


async def test_a_lead_is_looked_up_by_domain_then_by_a_name_that_only_one_has(held: tuple[Any, Transaction]) -> None:
    rows = (
        row(2, "acme.com", company="Acme GmbH", employees=120),
        row(3, "", company="Gamma Ltd", industry="logistics"),
        row(4, "twin.de", company="Twin AG"),
        row(5, "twin.fr", company="Twin SA"),
    )
    await save(held, (load(*rows)[0], NOW))
    provider = CompanyDirectory(held[0])
    leads = [
        a_lead({"email": "jane@mail.acme.com", "company": "Something else"}),
        a_lead({"email": "jo@gmail.com", "company": "GAMMA limited"}),
        a_lead({"email": "jo@gmail.com", "company": "Twin"}),
        a_lead({"email": "jo@other.com", "company": "Acme"}),
        a_lead({"email": "jo@nowhere.com"}),
    ]
    findings = await provider.answer([provider.inputs(lead, POLICY) for lead in leads])
    acme, gamma, twin, other, nowhere = findings
    assert found(acme) == {"company": "Acme GmbH", "employees": 120}
    assert found(gamma) == {"company": "Gamma Ltd", "industry": "logistics"}
    assert gamma[0].confidence < acme[0].confidence
    assert found(twin) == found(other) == found(nowhere) == {}
    assert twin[0].reason == "2 companies in the directory are called so"
    assert other[0].reason == "the company of that name has the domain acme.com"
    assert nowhere[0].reason == "nowhere.com is not in the directory"
    assert provider.inputs(a_lead({"email": "jo@gmail.com"}), POLICY) == {}, "free mail names no company"


async def test_a_newer_load_counts_and_one_that_is_taken_back_is_gone(held: tuple[Any, Transaction]) -> None:
    old = load(row(2, "acme.com", company="Acme", city="Bonn"))[0]
    new = load(row(9, "acme.com", company="Acme", city="Berlin"), load_id="cd" * 16, file="new.csv")[0]
    await save(held, (old, NOW), (new, NOW + timedelta(days=1)), (old, NOW + timedelta(days=2)))
    provider = CompanyDirectory(held[0])
    question = provider.inputs(a_lead({"email": "j@acme.com"}), POLICY)

    async def city() -> Any:
        [told] = await provider.answer([question])
        return found(told).get("city")

    assert await city() == "Berlin", "the same file again is no newer load"
    await save(held, (Loaded(new.load_id, actor="bo", removed=True), NOW + timedelta(days=3)))
    assert await city() == "Bonn"
    gone, kept = await held[0].loads()
    assert (gone["file"], gone["rows"], gone["removed_by"]) == ("new.csv", 0, "bo")
    assert (kept["rows"], kept["removed_at"]) == (1, None)
    await save(held, (new, NOW + timedelta(days=4)))
    assert await city() == "Berlin", "what was taken back can be loaded again"

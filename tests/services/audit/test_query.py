"""Questions to the log on a real Postgres, against plain Python over the same changes; and the files that answers become."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import WHOLE, Actor, RecordRef, Source, Status, Workflow
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.keys import NoKeys
from services.audit.domain.export import COLUMNS, csv_lines, json_line, safe_cell
from services.audit.domain.journey import view_of
from services.audit.domain.query import ChangeQuery, Place, cursor_of, place_of
from services.audit.sink import change_writer
from services.audit.store.changes import change_page, change_pages
from services.audit.store.log import record_moves
from tests.services.audit.conftest import batch
from tests.services.audit.made import ALICE, COMPANY, RULE, T0, at, change, change_record, move
from tests.services.audit.test_api import Api, api  # noqa: F401 - fixtures

LEAD = RecordRef(type="lead", id="lead-2")


def varied(number: int) -> Any:
    """The `number`-th of changes that differ in everything that can be asked for; several stand at one time."""
    return change(
        number,
        record=(COMPANY, LEAD, RecordRef(type="lead", id="company-1"))[number % 3],
        field=("industry", "city", "name", "email")[number % 4], at=at(number // 3), confidence=(number % 5) / 4,
        workflow=Workflow(name=("enrich", "classify")[number % 2], version=str(number % 4)),
        model_version=(None, "m1", "m2")[number % 3], policy_version=("p1", "p2")[number // 7 % 2],
        actor=(ALICE, RULE, Actor(kind="ai", id="model"))[number % 3],
        source=(
            Source(kind="rollback", name=f"r{number % 2}"), Source(kind="provider", name="offline"),
            Source(kind="human", name="alice"),
        )[number // 2 % 3],
        status=list(Status)[number % len(Status)], lead_id=(None, "lead-1", "lead-2")[number // 5 % 3],
    )  # fmt: skip


CHANGES = [varied(number) for number in range(1, 91)]
ASKED: list[dict[str, Any]] = [
    {}, {"record_type": "lead"}, {"record_type": "company", "record_id": "company-1"}, {"field": "city"}, {"lead_id": "lead-2"},
    {"workflow": "enrich"}, {"workflow": "enrich", "workflow_version": "2"}, {"model_version": "m1"}, {"policy_version": "p2"},
    {"actor_kind": "human"}, {"actor_id": "model"}, {"source_kind": "provider"}, {"source_name": "alice"},
    {"confidence_from": 0.5}, {"confidence_to": 0.25}, {"confidence_from": 0.25, "confidence_to": 0.5}, {"status": "queued"},
    {"since": at(10)}, {"until": at(10)}, {"since": at(5), "until": at(5)}, {"rollback_id": "r1"},
    {"record_type": "lead", "record_id": "lead-2", "field": "name", "since": at(3), "actor_kind": "rule"},
]  # fmt: skip


def expected(asked: dict[str, Any]) -> list[str]:
    """The ids of the changes that a question means, the oldest first, by plain comparison."""

    def fits(number: int) -> bool:
        one = CHANGES[number]
        has = {
            "record_type": one.record.type, "record_id": one.record.id, "field": one.field, "lead_id": one.lead_id,
            "workflow": one.workflow.name, "workflow_version": one.workflow.version, "model_version": one.model_version,
            "policy_version": one.policy_version, "actor_kind": one.actor.kind, "actor_id": one.actor.id,
            "source_kind": one.source.kind, "source_name": one.source.name, "status": one.status.value,
            "rollback_id": one.source.name if one.source.kind == "rollback" else None,
        }  # fmt: skip
        equal = all(has[name] == value for name, value in asked.items() if name in has)
        return (
            equal and asked.get("confidence_from", 0) <= one.confidence <= asked.get("confidence_to", 1)
            and asked.get("since", at(-1)) <= one.at <= asked.get("until", at(1000))
        )  # fmt: skip

    return [CHANGES[number].change_id for number in range(len(CHANGES)) if fits(number)]


async def logged(pool: asyncpg.Pool, changes: list[Any], again: int = 0) -> None:
    """The changes in the log, the first `again` of them redelivered."""
    records = [change_record(number, one) for number, one in enumerate([*changes, *changes[:again]])]
    async with batch(pool) as connection:
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, records)


async def test_every_question_finds_what_plain_comparison_finds_whatever_the_page(pool: asyncpg.Pool) -> None:
    await logged(pool, CHANGES, again=40)
    assert {len(expected(one)) > 0 for one in ASKED} == {True}, "a question that finds nothing shows nothing"
    for asked in ASKED:
        oldest = ChangeQuery(**asked, order="oldest")
        for size in (1, 7, 1000):
            found = [
                held.change.change_id async for page in change_pages(pool, oldest, size, NoKeys()) for held in page
            ]
            assert found == expected(asked), (asked, size)
        newest = [
            held.change.change_id
            async for page in change_pages(pool, ChangeQuery(**asked), 4, NoKeys())
            for held in page
        ]
        assert newest == expected(asked)[::-1], asked


async def test_a_page_stands_still_while_the_log_grows(pool: asyncpg.Pool) -> None:
    await logged(pool, CHANGES[:20])
    first = await change_page(pool, ChangeQuery(), None, 6, NoKeys())
    assert first.next is not None
    async with batch(pool) as connection:
        later = [change_record(100 + number, varied(number)) for number in range(60, 80)]
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, later)
    second = await change_page(pool, ChangeQuery(), place_of(cursor_of(first.next)), 6, NoKeys())
    told = [held.change.change_id for held in (*first.moves, *second.moves)]
    assert told == [one.change_id for one in CHANGES[:20]][::-1][:12]


async def test_a_timeline_tells_a_redelivered_event_once_whatever_the_page(pool: asyncpg.Pool) -> None:
    mine = [one for one in CHANGES if one.record == COMPANY]
    await logged(pool, CHANGES, again=40)
    for size in (1, 7, 1000):
        found: list[Any] = []
        after = (-1, 0)
        while moves := await record_moves(pool, COMPANY, limit=size, after=after, keys=NoKeys()):
            found, after = found + moves, moves[-1].place
        assert [held.change.change_id for held in found] == [one.change_id for one in mine], size


async def test_another_record_under_the_same_event_id_hides_nothing(pool: asyncpg.Pool) -> None:
    records = [change_record(0, change(1, record=LEAD), event_id="one"), change_record(1, change(2), event_id="one")]
    async with batch(pool) as connection:
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, records)
    found = [
        held.change.change_id
        async for page in change_pages(pool, ChangeQuery(order="oldest"), 1, NoKeys())
        for held in page
    ]
    assert found == ["change-1", "change-2"]
    assert len(await record_moves(pool, COMPANY, limit=1, keys=NoKeys())) == 1


async def test_what_made_a_whole_record_is_found_by_each_of_its_fields(pool: asyncpg.Pool) -> None:
    await logged(
        pool, [change(1, field=WHOLE, new={"city": "Bonn", "name": "Acme"}), change(2, field="city", new="Ulm")]
    )
    page = await change_page(pool, ChangeQuery(field="city"), None, 10, NoKeys())
    assert [(held.change.field, held.change.new) for held in page.moves] == [("city", "Ulm"), ("city", "Bonn")]
    assert (await change_page(pool, ChangeQuery(field="zip"), None, 1, NoKeys())).moves == ()


@given(st.datetimes(min_value=T0.replace(tzinfo=None), max_value=(T0 + timedelta(days=9999)).replace(tzinfo=None)),
       st.integers(0, 2**31 - 1), st.integers(1, 2**63 - 1))  # fmt: skip
def test_a_cursor_names_its_place(when: Any, chain: int, seq: int) -> None:
    place = Place(when.replace(tzinfo=T0.tzinfo), chain, seq)
    assert place_of(cursor_of(place)) == place


@pytest.mark.parametrize(
    "cursor", ["x", "", "MS4x", "é", "MS4yLjM=", "OTk5OTk5OTk5OTk5OTk5OTk5OTkuMS4x", "MS4xLjA", "LTEuLTEuMQ"]
)
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="`next`"):
        place_of(cursor)


@pytest.mark.parametrize(
    "asked",
    [
        "record_id=x", "confidence_from=2", "confidence_to=nan", "status=gone", "actor_kind=robot", "since=yesterday",
        "limit=0", "after=nonsense", "colour=red", "field=", "field=a%00b", "order=value", "since=0001-01-01T00:00:00Z",
        "record_type=planet", "since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z", "confidence_from=0.9&confidence_to=0.8",
    ],
)  # fmt: skip
async def test_a_question_that_makes_no_sense_is_refused(api: Api, asked: str) -> None:  # noqa: F811
    for path in ("changes", "changes/export"):
        answer = await api.client.get(f"/api/{path}?{asked}")
        assert (answer.status_code, answer.json()["error"]) == (422, "invalid"), answer.text


async def test_the_api_pages_to_the_end(api: Api) -> None:  # noqa: F811
    await api.log(*CHANGES[:17])
    found: list[str] = []
    after = ""
    while after is not None:
        page = await api.get("/api/changes", limit=5, order="oldest", after=after)
        found += [item["change"]["change_id"] for item in page["items"]]
        after = page["next"]
    assert found == [one.change_id for one in CHANGES[:17]]


async def test_a_difference_tells_who_moved_what_and_what_came_back(api: Api) -> None:  # noqa: F811
    await api.log(
        change(1, new="Retail"), change(2, field="city", new="Bonn"), change(3, old="Retail", new="Robots", actor=ALICE),
        change(4, old="Robots", new="Retail"), change(5, field="city", new="Ulm", status=Status.QUEUED),
        change(6, field="zip", new="53111"),
    )  # fmt: skip
    path = "/api/records/company/company-1/diff"
    told = (await api.get(path, **{"from": at(2).isoformat(), "to": at(6).isoformat()}))["fields"]
    assert [(one["field"], one["old"], one["new"], one["differs"]) for one in told] == [
        ("industry", "Retail", "Retail", False), ("zip", None, "53111", True),
    ]  # fmt: skip
    assert [held["change"]["actor"]["id"] for held in told[0]["moves"]] == ["alice", "enrich"]
    short = (await api.get(path, **{"from": at(2).isoformat(), "to": at(3).isoformat()}))["fields"]
    assert [(one["field"], one["new"]) for one in short] == [("industry", "Robots")]
    answer = await api.client.get(path, params={"from": at(2).isoformat(), "to": at(1).isoformat()})
    assert answer.status_code == 422


async def test_an_export_is_the_whole_answer_in_both_forms(api: Api) -> None:  # noqa: F811
    await api.log(*CHANGES)
    lines = (await api.client.get("/api/changes/export?order=oldest")).content.splitlines(keepends=True)
    assert [json.loads(line)["change"]["change_id"] for line in lines] == [one.change_id for one in CHANGES]
    rows = list(
        csv.reader(io.StringIO((await api.client.get("/api/changes/export?format=csv&field=city")).text, newline=""))
    )
    assert rows[0] == list(COLUMNS)
    assert [row[COLUMNS.index("change_id")] for row in rows[1:]] == expected({"field": "city"})[::-1]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6,
)  # fmt: skip


@given(values)
def test_a_json_line_gives_back_exactly_what_was_stored(value: Any) -> None:
    told = view_of(move(1, new=value)).model_dump(mode="json")
    line = json_line(told)
    assert line.count(b"\n") == 1
    read = json.loads(line)
    assert json_line(read) == line
    assert repr(read["change"]["new"]) == repr(value)


@given(st.text(max_size=30))
def test_a_cell_reads_as_text_whatever_separates_cells(text: str) -> None:
    cell = safe_cell(text)
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(cell, newline=""), delimiter=separator, quoting=csv.QUOTE_NONE):
            for one in row:
                assert (
                    one.strip().strip("'\"\u200b\ufeff\u00ad")[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20")
                    or one.strip()[:1] == "'"
                )
    assert not cell or cell[0] not in "=+-@\t\r\n \uff1d\uff0b\uff0d\uff20"
    assert "\x00" not in cell


def test_every_cell_of_a_hostile_change_comes_back_as_one_cell() -> None:
    bad = '=cmd|"/c calc"!A1,\r\n;@x\t+1'
    made = view_of(move(1, field=bad, new=bad, reason=bad, rule=bad, actor=Actor(kind="human", id=bad))).model_dump(
        mode="json"
    )
    [row] = csv.reader(io.StringIO(csv_lines([made]).decode(), newline=""), strict=True)
    told = dict(zip(COLUMNS, row, strict=True))
    assert {told[name] for name in ("field", "new", "reason", "rule", "actor_id")} == {safe_cell(bad)}
    assert safe_cell(bad).startswith("'=")

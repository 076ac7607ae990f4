"""The queue's REST API over the real stages in memory: pages, items, decisions, raw bytes, and errors that help."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.events import Command
from libs.contracts.lead import Position
from libs.runtime.commands import CommandResult
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from services.triage.api import create_app
from services.triage.domain.page import Cursor
from services.triage.settings import TriageSettings
from tests.services.triage.world import CHANGE, UNMAPPED, Triage, request, yes

TOKEN = "t" * 32


class Sender:
    """Decides commands at once by the real stage."""

    def __init__(self, triage: Triage) -> None:
        self.triage = triage
        self.waits = False
        self.told: dict[str, JsonValue] = {}

    async def send(
        self, service: str, name: str, key: str, actor: Actor, arguments: JsonValue,
        seen_hash: str | None = None, command_id: str | None = None,
    ) -> CommandResult:  # fmt: skip
        assert command_id is not None
        event = Command(
            event_id=command_id,
            command_id=command_id,
            name=name,
            key=key,
            actor=actor,
            arguments=arguments,
            seen_hash=seen_hash,
        )
        if command_id not in self.told:  # as the stage loop does: a command is decided once
            self.told[command_id] = (await self.triage.take(event)).answer
        return CommandResult(command_id, done=False) if self.waits else await self.outcome(command_id)

    async def outcome(self, command_id: str) -> CommandResult:
        return CommandResult(command_id, command_id in self.told, self.told.get(command_id))


@dataclass(frozen=True)
class Kept:
    """A record of a topic."""

    value: bytes | None


class Reader:
    """A topic in memory."""

    def __init__(self) -> None:
        self.records: dict[int, bytes] = {7: b'<script>alert(1)</script>\x00\xff{"a": '}
        self.away = False

    async def read(self, position: Position) -> Kept:
        if self.away:
            raise Retryable("the broker is away")
        if position.offset not in self.records:
            raise LookupError("gone")
        return Kept(self.records[position.offset])


@pytest.fixture
def triage() -> Triage:
    return Triage()


@pytest.fixture
def sender(triage: Triage) -> Sender:
    return Sender(triage)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
async def client(triage: Triage, sender: Sender, reader: Reader) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(triage.store, sender, reader, TOKEN, Health(), TriageSettings(page_max=2))
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ana"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://triage", headers=headers
    ) as client:
        yield client


async def test_a_person_reads_the_queue_and_decides(client: httpx.AsyncClient, triage: Triage) -> None:
    await triage.take(request())
    row = (await client.get("/api/items")).json()["items"][0]
    assert (row["lead_id"], row["company"], row["worth"], row["kinds"]) == ("l1", "Acme", 70, ["change"])
    item = (await client.get("/api/items/l1")).json()
    assert item["questions"][0]["choices"] == ["approve", "edit", "reject", "block"]
    body = {"seen_hash": item["question_hash"], "answers": [yes("q-change")]}
    done = await client.post("/api/items/l1/decision", json=body)
    assert (done.status_code, done.json()["answer"]["status"]) == (200, "decided")
    again = await client.post("/api/items/l1/decision", json=body, headers={"X-Signalbox-Actor": "bo"})
    assert (again.status_code, again.json()["error"], again.json()["by"]) == (409, "not_open", "ana")
    assert (await client.get("/api/items")).json()["items"] == []
    decided = (await client.get("/api/items/l1")).json()
    assert (decided["status"], decided["decided_by"]) == ("decided", "ana")


async def test_changed_questions_are_a_409_with_the_new_hash(client: httpx.AsyncClient, triage: Triage) -> None:
    await triage.take(request(1))
    seen = triage.item().question_hash
    await triage.take(request(2, UNMAPPED))
    refused = await client.post("/api/items/l1/decision", json={"seen_hash": seen, "answers": [yes("q-change")]})
    assert (refused.status_code, refused.json()["error"]) == (409, "changed")
    assert refused.json()["question_hash"] == triage.item().question_hash
    assert refused.json()["added"] == ["q-unmapped"]


async def test_pages_are_cut_and_followed(client: httpx.AsyncClient, triage: Triage) -> None:
    for number in range(5):
        await triage.take(request(lead_id=f"l{number}"))
    shown: list[str] = []
    after = ""
    while True:
        page = (await client.get("/api/items", params={"limit": 50, "after": after})).json()
        shown += [row["lead_id"] for row in page["items"]]
        assert (len(page["items"]) <= 2, page["total"]) == (True, 5)
        if page["next"] is None:
            break
        after = page["next"]
    assert shown == [f"l{number}" for number in range(5)]


async def test_raw_bytes_come_as_a_file_that_nothing_runs(
    client: httpx.AsyncClient, triage: Triage, reader: Reader
) -> None:
    await triage.take(request(1, UNMAPPED, lead=None))
    raw = await client.get("/api/items/l1/raw")
    assert raw.content == reader.records[7]
    assert raw.headers["Content-Type"].startswith("text/plain")
    assert raw.headers["Content-Disposition"] == 'attachment; filename="submission-s-l1.txt"'
    assert raw.headers["X-Content-Type-Options"] == "nosniff"
    reader.away = True
    assert (await client.get("/api/items/l1/raw")).status_code == 503
    reader.away, reader.records = False, {}
    assert (await client.get("/api/items/l1/raw")).status_code == 410
    assert (await client.get("/api/items/l2/raw")).status_code == 404


async def test_a_decision_under_way_is_a_202_with_a_link_that_answers(
    client: httpx.AsyncClient, triage: Triage, sender: Sender
) -> None:
    await triage.take(request())
    sender.waits = True
    body = {"seen_hash": triage.item().question_hash, "answers": [yes("q-change")]}
    accepted = await client.post("/api/items/l1/decision", json=body)
    assert accepted.status_code == 202
    assert (await client.get(accepted.headers["Location"])).json()["answer"]["status"] == "decided"


async def test_without_the_token_nothing_is_told(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/api/items"),
        ("GET", "/api/items/l1"),
        ("GET", "/api/items/l1/raw"),
        ("POST", "/api/items/l1/decision"),
    ):
        assert (await client.request(method, path, headers={"Authorization": "Bearer no"})).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "/api/items?after=nonsense", b"", 422, "`next` of the page before"),
        ("GET", "/api/items?status=lost", b"", 422, "status"),
        ("GET", "/api/items?limit=0", b"", 422, "limit"),
        ("GET", "/api/items/nobody", b"", 404, "list the open ones"),
        ("GET", "/api/items/%00", b"", 404, "can't be an id"),
        ("POST", "/api/items/l1/decision", b"{", 400, "not acceptable JSON"),
        ("POST", "/api/items/l1/decision", b"{}", 422, "seen_hash: Field required"),
        (
            "POST",
            "/api/items/l1/decision",
            b'{"seen_hash": "h", "answers": [{"verdict": "approve"}]}',
            422,
            "answers.0.question_id",
        ),
        ("POST", "/api/items/l1/decision", b'{"seen_hash": "h", "answers": []}', 404, "no triage item"),
        ("POST", "/api/items/l1/decision", b'{"x": "' + b"y" * 600_000 + b'"}', 413, "bytes"),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    client: httpx.AsyncClient, method: str, path: str, body: bytes, status: int, told: str
) -> None:
    answer = await client.request(method, path, content=body)
    assert answer.status_code == status
    assert told in answer.text


async def test_answers_that_do_not_fit_are_a_422_by_question(client: httpx.AsyncClient, triage: Triage) -> None:
    await triage.take(request(1, CHANGE))
    body = {"seen_hash": triage.item().question_hash, "answers": []}
    refused = await client.post("/api/items/l1/decision", json=body)
    assert (refused.status_code, refused.json()["problems"][0]["question_id"]) == (422, "q-change")


@given(st.text())
def test_a_cursor_is_read_or_refused(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except ValueError:
        return
    assert Cursor.parse(cursor.text()) == cursor


@given(
    st.integers(-(2**62), 2**62),
    st.integers(-1000, 1000),
    st.uuids().map(str),
)
def test_a_cursor_comes_back(due_order: int, worth: int, lead_id: str) -> None:
    cursor = Cursor(due_order, worth, lead_id)
    assert Cursor.parse(cursor.text()) == cursor

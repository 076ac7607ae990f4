"""What people decided in triage as labelled messages: read off the real API, each decision once, and what it teaches."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.classify.decisions import example_of, gathered_decisions, labels_of
from cli.classify.files import decisions_file, labelled
from embedded.ports import ports_for
from libs.contracts.change import Source
from libs.contracts.events import Question
from libs.contracts.lead import FieldValue, Route
from libs.runtime.health import Health
from libs.runtime.serve import serve_http
from services.classify.labelled import Example, read_examples, within
from services.triage.api import create_app
from services.triage.settings import TriageSettings
from tests.cli.classify_command import answer, stack_in
from tests.services.classify.makers import DUPLICATES, TAXONOMY
from tests.services.triage.test_api import TOKEN, Reader, Sender
from tests.services.triage.world import (
    FORM,
    ROUTE,
    Triage,
    decision,
    lead,
    proposal,
    question,
    request,
)
from tests.services.triage.world import MODEL as BY_MODEL


async def item_of(questions: Sequence[Question], answers: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A decided item, as triage's API shows it."""
    triage = Triage()
    await decide(triage, "l1", questions, answers, **more)
    transport = httpx.ASGITransport(
        create_app(triage.store, Sender(triage), Reader(), TOKEN, Health(), TriageSettings())
    )
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://triage", headers=headers) as client:
        item: dict[str, Any] = (await client.get("/api/items/l1")).json()
    assert item["status"] == "decided"
    return item


async def decide(
    triage: Triage,
    name: str,
    questions: Sequence[Question],
    answers: Sequence[dict[str, Any]],
    flags: Sequence[str] = (),
    message: str = DUPLICATES,
    suggested: Route | None = None,
) -> None:
    """The router asks about a lead with a message, and somebody answers."""
    fields = {
        "message": FieldValue(value=message, source=FORM),
        "title": FieldValue(value="COO", source=FORM),
        "employees": FieldValue(value=80, source=FORM),
        "industry": FieldValue(value="software", source=BY_MODEL),
        "language": FieldValue(value="en", source=FORM),
    }
    told = {"fields": fields, "kind": "demo_request", "classification": answer(flags=flags)}
    asked = lead(name).model_copy(update=told)
    await triage.take(request(1, *questions, lead_id=name, lead=asked, suggested=suggested))
    command = decision(len(triage.store.cases), triage.item(name).question_hash, *answers, lead_id=name)
    assert (await triage.take(command)).answer["status"] == "decided"


def about(field: str, new: Any, **more: Any) -> Question:
    return question("q", about=proposal(field=field, new=new).model_copy(update=more))


def said(verdict: str, value: Any = None, name: str = "q") -> dict[str, Any]:
    return {"question_id": name, "verdict": verdict, "value": value, "reason": "so"}


PROVIDER = Source(kind="provider", name="company_site", trust=0.7)


@pytest.mark.parametrize(
    ("asked", "given", "labels"),
    [
        (about("use_case", "voice_ai"), said("approve"), {"use_case": "voice_ai"}),
        (about("use_case", "voice_ai"), said("edit", "crm_cleanup"), {"use_case": "crm_cleanup"}),
        (about("use_case", "voice_ai"), said("reject"), {}),
        (about("use_case", "voice_ai"), said("block"), {}),
        (about("employees", 80), said("approve"), {}),
        (about("industry", "Software", source=PROVIDER), said("approve"), {}),
        (about("spam", True), said("approve"), {"flag": "spam"}),
        (about("spam", True), said("reject"), {"flag": "none"}),
        (about("spam", True), said("edit", False), {"flag": "none"}),
        (about("spam", True), said("block"), {}),
        (question("q", "identity"), said("keep_apart"), {}),
    ],
)
async def test_what_a_decision_teaches(asked: Question, given: dict[str, Any], labels: dict[str, str]) -> None:
    item = await item_of([asked], [given])
    assert labels_of(item) == labels
    assert (example_of(item) is None) == (not labels)


DISQUALIFIED = Route(destination="disqualified", suggested=True, rule="r", reason="r", confidence=0.9)
QUEUE = Route(destination="queue", queue="inbound", suggested=True, rule="r", reason="r", confidence=0.9)


@pytest.mark.parametrize(
    ("flags", "suggested", "given", "labels"),
    [
        (["vendor"], DISQUALIFIED, said("approve", name="q-route"), {"flag": "vendor"}),
        (["vendor"], DISQUALIFIED, said("route", "inbound", "q-route"), {"flag": "none"}),
        (["vendor"], DISQUALIFIED, said("reject", name="q-route"), {}),
        (["vendor"], QUEUE, said("approve", name="q-route"), {}),
        (["vendor", "spam"], DISQUALIFIED, said("approve", name="q-route"), {}),
        ([], DISQUALIFIED, said("approve", name="q-route"), {}),
    ],
)
async def test_what_a_route_says_of_a_flag(
    flags: list[str], suggested: Route, given: dict[str, Any], labels: dict[str, str]
) -> None:
    assert labels_of(await item_of([ROUTE], [given], flags=flags, suggested=suggested)) == labels


@pytest.mark.parametrize("turned", [False, True])
async def test_an_answer_about_the_flag_counts_more_than_the_route(turned: bool) -> None:
    questions = [ROUTE, about("spam", True)]
    given = [said("route", "inbound", "q-route"), said("approve")]
    item = await item_of(questions[::-1] if turned else questions, given, flags=["spam"], suggested=DISQUALIFIED)
    assert labels_of(item) == {"flag": "spam"}


async def test_an_example_says_what_was_stated_who_decided_and_when() -> None:
    item = await item_of([about("use_case", "voice_ai")], [said("approve")])
    row = example_of(item)
    assert row is not None
    assert row == example_of(item)
    assert (row["text"], row["language"], row["use_case"]) == (DUPLICATES, "en", "voice_ai")
    assert row["facts"] == {"kind": "demo_request", "title": "COO", "employees": "80"}, (
        "the model's own word is no fact"
    )
    assert (row["decided_by"], row["decided_at"]) == ("ana", item["closed_at"])
    assert example_of({**item, "version": 2})["decision"] != row["decision"]  # type: ignore[index]
    assert example_of(await item_of([about("use_case", "voice_ai")], [said("approve")], message=" ")) is None
    assert example_of({**item, "lead": None}) is None


def test_a_label_that_the_policy_does_not_have_is_not_learned() -> None:
    labels = {"use_case": "voice_ai", "industry": "Insurance broking", "flag": "none", "urgency": "soon"}
    assert within(Example("text", labels), TAXONOMY).labels == {"use_case": "voice_ai", "flag": "none"}
    assert within(Example("text", {"flag": "nuisance"}), TAXONOMY).labels == {}
    shipped = read_examples()
    assert [within(example, TAXONOMY) for example in shipped] == shipped


async def test_each_decision_is_gathered_once_and_is_read_as_an_example(kafka: str, tmp_path: Path) -> None:
    triage = Triage()
    for number in range(5):
        text = f"{DUPLICATES}\u2028Nr. {number}"
        await decide(triage, f"l{number}", [about("use_case", "voice_ai")], [said("approve")], message=text)
    await decide(triage, "l5", [about("use_case", "voice_ai")], [said("reject")])
    app = create_app(triage.store, Sender(triage), Reader(), TOKEN, Health(), TriageSettings(page_max=2))
    port = ports_for(["triage"])["triage"]
    stack_in(tmp_path, kafka, TRIAGE_PORT=port)
    serving = asyncio.ensure_future(serve_http(app, port, "127.0.0.1"))
    try:
        assert await asyncio.to_thread(gathered_decisions, tmp_path) == (5, 0)
        first = decisions_file(tmp_path).read_bytes()
        assert await asyncio.to_thread(gathered_decisions, tmp_path) == (0, 5)
        assert decisions_file(tmp_path).read_bytes() == first
        await decide(triage, "l6", [about("urgency", "high")], [said("edit", "low")])
        assert await asyncio.to_thread(gathered_decisions, tmp_path) == (1, 5)
    finally:
        serving.cancel()
        await asyncio.wait([serving])
    examples = labelled(decisions_file(tmp_path), 3.0)
    assert [dict(example.labels) for example in examples] == [{"use_case": "voice_ai"}] * 5 + [{"urgency": "low"}]
    assert {example.weight for example in examples} == {3.0}
    assert examples[0].text == f"{DUPLICATES}\u2028Nr. 0"

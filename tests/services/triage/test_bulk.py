"""Equal items decided together: which are equal, what a preview says, and that each is done or refused by itself."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import Question, TriageDecided
from libs.runtime import clock
from libs.runtime.health import Health
from services.triage.api import create_app
from services.triage.domain.answers import choices_of
from services.triage.domain.consequences import consequences
from services.triage.domain.equality import equality_of, slot_of
from services.triage.settings import TriageSettings
from tests.services.triage.test_api import TOKEN, Reader, Sender
from tests.services.triage.test_work import command
from tests.services.triage.world import (
    ANA,
    BO,
    CHANGE,
    CONFLICT,
    CRM_CHANGE,
    FAILURE,
    IDENTITY,
    ROUTE,
    UNMAPPED,
    Triage,
    decision,
    lead,
    proposal,
    question,
    request,
)

EVERY = (CHANGE, CRM_CHANGE, IDENTITY, ROUTE, UNMAPPED, CONFLICT, FAILURE)
SETS = st.lists(st.sampled_from(EVERY), min_size=1, max_size=4, unique_by=lambda one: one.question_id)
APPROVE = {"change:lead.industry": {"verdict": "approve"}}


def renamed(one: Question, name: str) -> Question:
    return one.model_copy(update={"question_id": name})


@given(SETS, st.randoms())
def test_equality_is_about_kind_field_and_choices_and_not_about_values_or_order(
    asked: list[Question], chance: Any
) -> None:
    other = [renamed(one, f"other-{one.question_id}") for one in asked]
    chance.shuffle(other)
    if len({slot_of(one) for one in asked}) == len(asked):
        assert equality_of(asked) == equality_of(other)
    else:
        assert equality_of(asked) != equality_of(other), "two questions of one slot can't be told apart by it"
    assert equality_of(asked) != equality_of([*asked, question("more", "missing")])


def test_other_fields_choices_and_records_are_not_equal() -> None:
    industry, size = question("a", about=proposal()), question("a", about=proposal(field="employees"))
    assert equality_of([industry]) == equality_of([question("b", about=proposal(new="Mining"))])
    assert equality_of([industry]) != equality_of([size])
    assert equality_of([industry]) != equality_of([question("a", about=proposal("company"))])
    links = [question("a", "identity", choices=(f"link:{one}", "keep_apart")) for one in ("c1", "c2")]
    assert equality_of(links[:1]) != equality_of(links[1:])


@pytest.fixture
def triage() -> Triage:
    return Triage()


@pytest.fixture
async def client(triage: Triage) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(triage.store, Sender(triage), Reader(), TOKEN, Health(), TriageSettings(bulk_max=5))
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ana"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def chosen(triage: Triage, **asked: tuple[Question, ...]) -> list[dict[str, str]]:
    """Items by lead with these questions, as somebody chose them."""
    for lead_id, questions in asked.items():
        await triage.take(request(1, *questions, lead_id=lead_id))
    return [{"lead_id": name, "seen_hash": triage.item(name).question_hash} for name in asked]


async def test_a_preview_says_how_many_and_what_differs_and_changes_nothing(
    client: httpx.AsyncClient, triage: Triage
) -> None:
    mining = question("q", about=proposal(new="Mining"))
    items = await chosen(triage, a=(CHANGE,), b=(mining,), c=(CHANGE,), d=(ROUTE,))
    triage.now = clock.now()
    await triage.take(command(1, "claim", BO, "c"))
    before = dict(triage.store.cases)
    told = (
        await client.post("/api/items/bulk/preview", json={"items": [*items, {"lead_id": "x", "seen_hash": ""}]})
    ).json()
    assert (told["ready"], [one["status"] for one in told["items"]]) == (
        2,
        ["ready", "ready", "claimed", "different", "not_found"],
    )
    assert told["questions"] == [{"slot": "change:lead.industry", "choices": ["approve", "edit", "reject", "block"]}]
    assert sorted(one["change"]["new"] for one in told["differs"]["change:lead.industry"]) == ["Mining", "Software"]
    assert triage.store.cases == before


async def test_each_is_decided_by_itself_and_the_same_request_again_does_nothing_twice(
    client: httpx.AsyncClient, triage: Triage
) -> None:
    items = await chosen(triage, a=(CHANGE,), b=(CHANGE,), c=(CHANGE,))
    items[1]["seen_hash"] = "stale"
    body, key = {"items": items, "answers": APPROVE}, {"Idempotency-Key": "k1"}
    first = (await client.post("/api/items/bulk", json=body, headers=key)).json()
    assert [one["status"] for one in first["items"]] == ["done", "changed", "done"]
    assert first["counts"] == {"done": 2, "changed": 1}
    assert [triage.item(one).status for one in "abc"] == ["decided", "open", "decided"]
    held = dict(triage.store.cases)
    again = (await client.post("/api/items/bulk", json=body, headers=key)).json()
    assert ([one["status"] for one in again["items"]], again["bulk_id"]) == (
        ["done", "changed", "done"],
        first["bulk_id"],
    )
    assert triage.store.cases == held
    other = (await client.post("/api/items/bulk", json=body, headers={"X-Signalbox-Actor": "bo"})).json()
    assert [(one["status"], one.get("by")) for one in other["items"]] == [
        ("not_open", "ana"),
        ("changed", None),
        ("not_open", "ana"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"items": []}, 422, "items"), ({"items": [{"lead_id": "a", "seen_hash": ""}] * 2}, 422, "each lead once"),
        ({"items": [{"lead_id": str(n), "seen_hash": ""} for n in range(6)]}, 422, "at most 5"), ([], 422, "bulk"),
        ({"items": [{"lead_id": "a", "seen_hash": "", "x": 1}]}, 422, "items.0"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused(client: httpx.AsyncClient, body: Any, status: int, told: str) -> None:
    answer = await client.post("/api/items/bulk", json=body)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


async def test_answers_that_do_not_fit_their_slot_are_told_by_item(client: httpx.AsyncClient, triage: Triage) -> None:
    items = await chosen(triage, a=(CHANGE,))
    for answers, told in (({}, "no answer for"), ({"change:lead.industry": {"verdict": "link"}}, "not a choice")):
        done = (await client.post("/api/items/bulk", json={"items": items, "answers": answers})).json()
        assert done["items"][0]["status"] == "invalid"
        assert told in done["items"][0]["problems"][0]
    assert triage.item("a").status == "open"


def test_each_choice_of_each_question_says_what_follows() -> None:
    company = question("q", "identity").review.model_copy(
        update={"detail": {"about": "company", "candidates": [{"id": "c9"}]}}
    )
    asked = [*EVERY, IDENTITY.model_copy(update={"review": company})]
    for one in asked:
        told = consequences(one, choices_of(one), lead(), None)
        assert set(told) == set(choices_of(one))
        assert all(len(text) > 20 and text[0].isupper() and text.endswith(".") for text in told.values()), told
    assert "parent:c9" in choices_of(asked[-1])
    assert "company.industry in the CRM" in consequences(CRM_CHANGE, choices_of(CRM_CHANGE), None, None)["approve"]


async def test_a_relation_is_kept_apart_and_names_a_company_that_was_found(triage: Triage) -> None:
    detail = {"about": "company", "rule": "similar_company", "candidates": [{"type": "company", "id": "c9"}]}
    asked = IDENTITY.model_copy(update={"review": IDENTITY.review.model_copy(update={"detail": detail})})
    await triage.take(request(1, asked))
    app = create_app(triage.store, Sender(triage), Reader(), TOKEN, Health(), TriageSettings())
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ana"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        seen = (await client.get("/api/items/l1")).json()["question_hash"]
        body: dict[str, Any] = {
            "seen_hash": seen,
            "answers": [{"question_id": "q-identity", "verdict": "parent", "value": "c1"}],
        }
        refused = await client.post("/api/items/l1/decision", json=body)
        assert (refused.status_code, "a company that was found" in refused.text) == (422, True)
        body["answers"][0]["value"] = "c9"
        assert (await client.post("/api/items/l1/decision", json=body)).status_code == 200
    answer = triage.item().answers[0]
    assert (answer.verdict, answer.relation, answer.value) == ("keep_apart", "parent", "c9")
    assert TriageDecided.model_fields["bulk_id"].default == ""
    assert ANA != BO


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("employees", True, "a number or a band"), ("do_not_mail", "yes", "true or false"),
        ("email", "nobody", "an e-mail address"),
        ("consent", "perhaps", "opted_in"), ("domain", "no host", "a host name"), ("industry", 7, "a text"),
    ],
)  # fmt: skip
async def test_an_edit_has_to_fit_its_field(triage: Triage, field: str, value: Any, told: str) -> None:
    await triage.take(request(1, question("q", about=proposal(field=field))))
    out = await triage.take(
        decision(1, triage.item().question_hash, {"question_id": "q", "verdict": "edit", "value": value})
    )
    assert out.answer["code"] == "invalid"
    assert told in out.answer["problems"][0]["message"]

"""The REST API over the real stages in memory: reads, writes as commands, and errors that say what to do."""

from typing import Any

import httpx
import pytest

from tests.services.crm.conftest import Sender
from tests.services.crm.world import Crm, change

PATH = "/api/records/company"


async def make(client: httpx.AsyncClient, record_id: str = "acme", **fields: Any) -> httpx.Response:
    records = [{"id": record_id, "fields": fields or {"name": "Acme", "domain": "acme.com"}}]
    return await client.post(PATH, json={"records": records})


async def test_create_read_edit_delete(client: httpx.AsyncClient) -> None:
    made = await make(client)
    assert made.status_code == 200
    assert made.json()["answer"]["records"] == [{"id": "acme", "status": "created", "version": 1}]
    read = await client.get(f"{PATH}/acme")
    assert read.headers["ETag"] == '"1"'
    assert read.json()["fields"] == {"name": "Acme", "domain": "acme.com"}
    assert read.json()["meta"]["name"]["actor"] == {"kind": "human", "id": "ana"}
    edited = await client.patch(f"{PATH}/acme", json={"fields": {"name": "Acme Inc"}}, headers={"If-Match": '"1"'})
    assert (edited.status_code, edited.json()["answer"]["version"]) == (200, 2)
    stale = await client.patch(f"{PATH}/acme", json={"fields": {"name": "B"}}, headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    assert (stale.json()["error"], stale.json()["changed"], stale.json()["version"]) == ("changed", ["name"], 2)
    assert (await client.delete(f"{PATH}/acme", params={"reason": "a test"})).status_code == 200
    assert (await client.get(f"{PATH}/acme")).status_code == 410
    assert (await client.patch(f"{PATH}/acme", json={"fields": {"name": "B"}})).status_code == 404


async def test_pages_and_filters(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await make(client, f"c{number}", name="N", domain=f"d{number}.com")
    first = (await client.get(PATH, params={"limit": 2})).json()
    assert ([item["id"] for item in first["items"]], first["next"]) == (["c0", "c1"], "c1")
    last = (await client.get(PATH, params={"limit": 2, "after": "c1"})).json()
    assert ([item["id"] for item in last["items"]], last["next"]) == (["c2"], None)
    assert [item["id"] for item in (await client.get(PATH, params={"domain": "D1.com"})).json()["items"]] == ["c1"]


async def test_an_edit_of_which_nothing_may_be_written_is_a_409_that_says_why(
    client: httpx.AsyncClient, crm: Crm
) -> None:
    await client.post("/api/records/contact", json={"records": [{"id": "p", "fields": {"do_not_mail": True}}]})
    refused = await client.patch("/api/records/contact/p", json={"fields": {"do_not_mail": False}})
    assert refused.status_code == 409
    assert "give a reason" in refused.json()["fields"]["do_not_mail"]["reason"]


async def test_a_command_under_way_is_a_202_with_a_link_that_answers(client: httpx.AsyncClient, sender: Sender) -> None:
    sender.waits = True
    accepted = await make(client)
    assert accepted.status_code == 202
    assert (await client.get(accepted.headers["Location"])).json()["answer"]["status"] == "done"


async def test_an_idempotency_key_makes_a_repeat_harmless(client: httpx.AsyncClient) -> None:
    body = {"records": [{"fields": {"name": "Acme"}}]}
    first, again = [await client.post(PATH, json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await client.get(PATH)).json()["items"]) == 1


async def test_no_personal_data_in_command_keys(client: httpx.AsyncClient, sender: Sender) -> None:
    await client.post("/api/records/contact", json={"records": [{"fields": {"email": "bo@acme.com"}}]})
    assert len(sender.keys) == 1
    assert "@" not in sender.keys[0]


async def test_without_the_token_nothing_is_told(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", PATH),
        ("GET", f"{PATH}/a"),
        ("POST", PATH),
        ("PATCH", f"{PATH}/a"),
        ("DELETE", f"{PATH}/a"),
    ):
        assert (await client.request(method, path, headers={"Authorization": "Bearer no"})).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", PATH, b"{", 400, "not acceptable JSON"),
        ("POST", PATH, b"[]", 400, "JSON object"),
        ("POST", PATH, b"\xff", 400, "not UTF-8"),
        ("POST", PATH, b'{"records": [{"fields": {"a": 1e400}}]}', 400, "too large"),
        ("POST", PATH, b"[" * 100_000, 400, "nested"),
        ("POST", PATH, b"{}", 422, "records: Field required"),
        ("POST", PATH, b'{"records": [{"id": "a@b.c", "fields": {"name": "x"}}]}', 422, "records.0.id"),
        ("PATCH", f"{PATH}/a", b'{"fields": {"Name": 1}}', 422, "not a field name"),
        ("PATCH", f"{PATH}/a%00", b'{"fields": {"name": 1}}', 404, "can't be the id"),
        ("PATCH", f"{PATH}/a@b.com", b'{"fields": {"name": 1}}', 404, "can't be the id"),
        ("GET", f"{PATH}/%00", b"", 404, "can't be the id"),
        ("GET", f"{PATH}?email=%00", b"", 422, "NUL"),
        ("GET", "/api/commands/%00", b"", 404, "not the id of a command"),
        ("GET", "/api/records/lead", b"", 422, "record_type"),
        ("POST", PATH, b'{"x": "' + b"y" * 1_100_000 + b'"}', 413, "fewer records"),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    client: httpx.AsyncClient, method: str, path: str, body: bytes, status: int, told: str
) -> None:
    answer = await client.request(method, path, content=body)
    assert answer.status_code == status
    assert told in answer.text


async def test_if_match_has_to_be_a_version(client: httpx.AsyncClient) -> None:
    await make(client)
    answer = await client.patch(f"{PATH}/acme", json={"fields": {"name": "B"}}, headers={"If-Match": "soon"})
    assert (answer.status_code, "ETag" in answer.text) == (422, True)


async def test_nul_and_surrogates_never_reach_the_store(client: httpx.AsyncClient, crm: Crm) -> None:
    body = b'{"records": [{"id": "n", "fields": {"name": "a\\u0000b\\ud800"}}]}'
    assert (await client.post(PATH, content=body)).status_code == 200
    assert (await client.get(f"{PATH}/n")).json()["fields"]["name"] == "a\ufffdb\ufffd"


async def test_what_a_machine_wrote_is_shown_with_its_source(client: httpx.AsyncClient, crm: Crm) -> None:
    await crm.apply(1, change("industry", "Software"))
    shown = (await client.get(f"{PATH}/company-1")).json()["meta"]["industry"]
    assert (shown["source"]["name"], shown["confidence"], shown["verified_by"]) == ("company_directory", 0.95, None)

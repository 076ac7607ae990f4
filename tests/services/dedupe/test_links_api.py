"""Links over HTTP: both are commands, refused or taken, and a repeated request is one command."""

import httpx
import pytest
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import new_app
from services.dedupe.links import add_link_routes

TOKEN = {"Authorization": "Bearer t", "X-Signalbox-Actor": "dana"}


class Sent:
    """Takes commands and answers like dedupe would."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str, str, Actor, JsonValue, str | None, str | None]] = []

    async def send(
        self, service: str, name: str, key: str, actor: Actor, arguments: JsonValue,
        seen_hash: str | None = None, command_id: str | None = None,
    ) -> CommandResult:  # fmt: skip
        self.commands.append((service, name, key, actor, arguments, seen_hash, command_id))
        refused = "the lead is not linked to nobody" if "nobody" in str(arguments) else None
        return CommandResult(command_id or "c", done="later" not in key, answer={"version": 2}, refused=refused)

    async def outcome(self, command_id: str) -> CommandResult:
        return CommandResult(command_id, done=True, answer={"version": 2})


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def client(sent: Sent) -> httpx.AsyncClient:
    app = new_app("t", "t", Health())
    add_link_routes(app, sent)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://dedupe", headers=TOKEN)


@pytest.mark.parametrize("name", ["link", "unlink"])
async def test_a_link_is_a_command_of_the_person(client: httpx.AsyncClient, sent: Sent, name: str) -> None:
    body = {"record_id": "ann", "reason": "called", "seen_hash": "h"}
    for _ in range(2):
        answer = await client.post(f"/api/leads/l1/{name}", json=body, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["answer"]) == (200, {"version": 2})
    first, second = sent.commands
    assert first == second
    assert first[:6] == (
        "dedupe",
        name,
        "l1",
        Actor(kind="human", id="dana"),
        {"record_id": "ann", "reason": "called"},
        "h",
    )


async def test_answers_that_say_what_is_wrong(client: httpx.AsyncClient, sent: Sent) -> None:
    assert (await client.post("/api/leads/l1/link", content=b"{")).status_code == 400
    assert (await client.post("/api/leads/l1/link", json={})).json()["problems"] == ["record_id: Field required"]
    assert (await client.post("/api/leads/l1/link", content=b" " * 70_000)).status_code == 413
    assert sent.commands == []
    assert (await client.post("/api/leads/l1/unlink", json={"record_id": "nobody"})).status_code == 409
    later = await client.post("/api/leads/later/link", json={"record_id": "ann"})
    assert later.status_code == 202
    assert (await client.get(later.headers["Location"])).json()["answer"] == {"version": 2}
    client.headers["Authorization"] = "Bearer x"
    assert (await client.post("/api/leads/l1/link", json={"record_id": "ann"})).status_code == 401

"""The API and the rollback command on a real Postgres; orders run through the stage as the runtime runs it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from libs.contracts.change import Actor, RecordRef, Source, Workflow
from libs.contracts.events import Command, CrmWrite
from libs.contracts.outcome import Outcome
from libs.contracts.topics import AUDIT_CHANGE, CRM_WRITE, LEAD_ROUTED, SUBMISSION_RECEIVED, Topic
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.commands import CommandResult
from libs.runtime.errors import Rejected
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.record import Record
from libs.runtime.stage import AnyStage
from libs.runtime.state import bind
from services.audit.answers import Answers
from services.audit.api import create_app
from services.audit.proof import Prover
from services.audit.questions_api import add_questions
from services.audit.settings import AuditSettings
from services.audit.sink import change_writer, event_writer
from services.audit.stage import commands_stage
from services.audit.store.rollbacks import Rollbacks
from services.audit.store.subjects import Erasures
from tests.policies import Plain
from tests.services.audit.conftest import batch
from tests.services.audit.made import ALICE, COMPANY, T0, at, change, change_record, record, scan
from tests.services.audit.test_ledger import World

TOKEN = "2" * 32
CRM = Workflow(name="crm.writes", version="1")
POLICY = load_policy(read_files(Path(__file__).resolve().parents[3] / "policy"))


class OnePolicy(Plain):
    """The shipped policy, published."""

    def by_hash(self, policy_hash: str) -> Policy:
        return POLICY

    def newest(self) -> Policy:
        return POLICY


@dataclass
class Loop:
    """Sends a command straight into the stage, in one database transaction, as the runtime would; keeps the outcomes."""

    pool: asyncpg.Pool
    stage: AnyStage
    outcomes: list[Outcome[Any]]

    async def send(
        self, service: str, name: str, key: str, actor: Actor, arguments: Any, seen_hash: str | None = None,
        command_id: str | None = None,
    ) -> CommandResult:  # fmt: skip
        assert service == "audit"
        number = command_id or f"command-{len(self.outcomes)}"
        event = Command(
            event_id=number, command_id=number, name=name, key=key, actor=actor,
            arguments=json.loads(json.dumps(arguments)), seen_hash=seen_hash,
        )  # fmt: skip
        async with batch(self.pool) as connection:
            with bind(connection):
                facts = await self.stage.gather([event])
                try:
                    outcome = self.stage.decide(event, facts, T0)
                except Rejected as error:
                    return CommandResult(number, done=True, refused=error.message)
                assert self.stage.save is not None
                await self.stage.save([outcome])
        self.outcomes.append(outcome)
        return CommandResult(number, done=True, answer=outcome.answer)

    async def outcome(self, command_id: str) -> CommandResult:
        return CommandResult(command_id, done=False)


@dataclass
class Api:
    """A client with the token, the topic as far as it was written, and the loop behind the orders."""

    client: httpx.AsyncClient
    pool: asyncpg.Pool
    loop: Loop
    topic: list[Record]

    async def log(self, *changes: Any) -> None:
        """Append changes to the topic and the log."""
        start = len(self.topic)
        new = [change_record(start + number, held) for number, held in enumerate(changes)]
        self.topic += new
        async with batch(self.pool) as connection:
            await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, new)

    async def event(self, topic: Topic[Any], offset: int, event: Any, raw: bytes | None = None) -> None:
        """Write an event of another topic."""
        async with batch(self.pool) as connection:
            await event_writer(NoKeys())(connection, topic.name, 0, [record(topic, offset, event, raw=raw)])

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of a 200."""
        response = await self.client.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
async def api(pool: asyncpg.Pool) -> AsyncIterator[Api]:
    topic: list[Record] = []

    loop = Loop(pool, commands_stage(Rollbacks(20, NoKeys()), Erasures(), OnePolicy(), max_fields=3), [])
    answers = Answers(pool, 20, NoKeys())
    app = create_app(answers, Prover(pool, partial(scan, topic), 100, NoKeys()), loop, TOKEN, Health(), AuditSettings())
    add_questions(app, answers, 100)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "alice"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://audit", headers=headers) as client:
        yield Api(client, pool, loop, topic)


async def test_a_timeline_is_paged_and_filtered(api: Api) -> None:
    await api.log(*[change(number, field="industry" if number % 2 else "city") for number in range(6)])
    first = await api.get("/api/records/company/company-1/timeline", limit=4)
    rest = await api.get("/api/records/company/company-1/timeline", limit=4, after=first["next"])
    assert [item["change"]["change_id"] for item in first["items"] + rest["items"]] == [f"change-{n}" for n in range(6)]
    assert rest["next"] is None
    cities = await api.get("/api/records/company/company-1/timeline", field="city")
    assert {item["change"]["field"] for item in cities["items"]} == {"city"}


async def test_the_state_is_told_as_of_a_time(api: Api) -> None:
    await api.log(change(1, new="Retail"), change(2, old="Retail", new="Robots"), change(3, field="city", new="Bonn"))
    now = await api.get("/api/records/company/company-1/state")
    assert now["fields"] == {"city": "Bonn", "industry": "Robots"}
    assert now["set_by"]["industry"]["change_id"] == "change-2"
    then = await api.get("/api/records/company/company-1/state", as_of=at(1).isoformat())
    assert then["fields"] == {"industry": "Retail"}
    naive = await api.get("/api/records/company/company-1/state", as_of="9999-12-31T23:59:59")
    assert naive["fields"] == now["fields"]


async def test_a_leads_journey_and_why_reach_the_raw_bytes(api: Api) -> None:
    world = World()
    submission, position = world.submit("s-1")
    lead = world.receive("s-1", 0, position)
    routed = world.route(lead, "owner").event
    await api.event(SUBMISSION_RECEIVED, position.offset, submission, raw=b"body")
    await api.event(LEAD_ROUTED, 0, routed)
    ref = RecordRef(type="lead", id=lead.lead_id)
    mapper = Workflow(name="mapper", version="1")
    await api.log(
        change(
            1, record=ref, lead_id=lead.lead_id, trigger_event_id=submission.event_id, workflow=mapper, new="Robots"
        ),
        change(2, lead_id=lead.lead_id, workflow=CRM, evidence=(), new="Robots"),
    )
    write = CrmWrite(event_id="w", write_id="w-1", lead_id=lead.lead_id, record=COMPANY, changes=(), policy_hash="p")
    await api.event(CRM_WRITE, 0, write)
    journey = await api.get(f"/api/leads/{lead.lead_id}")
    assert journey["submission"]["submission_id"] == "s-1"
    assert [held["change"]["change_id"] for held in journey["changes"]] == ["change-1", "change-2"]
    assert [held["route"]["destination"] for held in journey["routes"]] == ["owner"]
    assert [held["write_id"] for held in journey["writes"]] == ["w-1"]
    assert journey["received"][0]["size_bytes"] == 4
    why = await api.get("/api/why/company/company-1/industry")
    assert why["explained"]
    assert [step["kind"] for step in why["steps"]][-2:] == ["evidence", "raw"]
    assert why["steps"][-1]["detail"]["offset"] == position.offset


async def test_verify_streams_lines_to_the_result(api: Api) -> None:
    await api.log(change(1), change(2))
    response = await api.client.get("/api/verify")
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["kind"] for line in lines] == ["progress", "chain", "topic", "result"]
    assert lines[-1]["ok"]
    assert lines[-1]["rows"] == 2


async def planned(api: Api, **selection: Any) -> Any:
    response = await api.client.post("/api/rollbacks/plan", json={"selection": selection})
    assert response.status_code == 200, response.text
    return response.json()


async def order(api: Api, plan: Any, **more: Any) -> httpx.Response:
    body = {"selection": plan["selection"], "plan_hash": plan["plan_hash"], "reason": "bad provider", **more}
    return await api.client.post("/api/rollbacks", json=body)


async def test_a_rollback_is_planned_ordered_reported_and_rolled_back(api: Api) -> None:
    await api.log(
        change(1, new="Retail"), change(2, old="Retail", new="Robots", workflow=Workflow(name="enrich", version="4"))
    )
    plan = await planned(api, workflow="enrich", workflow_version="4")
    assert plan["counts"]["restore"] == 1
    response = await order(api, plan)
    assert response.status_code == 200, response.text
    rollback_id = response.json()["answer"]["rollback_id"]
    write, word = api.loop.outcomes[-1].emits
    assert isinstance(write, CrmWrite)
    assert (word.target, word.name, word.key, word.actor) == ("router", "rollback_told", "role:revops", ALICE)
    assert (write.rollback_id, write.approved_by, write.policy_hash) == (rollback_id, "alice", POLICY.hash)
    (proposed,) = write.changes
    assert (proposed.old, proposed.new, proposed.reverts) == ("Robots", "Retail", "change-2")
    again = await order(api, plan)
    assert again.json()["answer"]["repeated"]
    assert api.loop.outcomes[-1].emits == ()
    await api.log(change(3, **proposed.model_dump(exclude={"source", "actor", "evidence", "record", "effect"}), workflow=CRM,
                         source=proposed.source, actor=proposed.actor, evidence=proposed.evidence))  # fmt: skip
    found = await api.get(f"/api/rollbacks/{rollback_id}")
    assert list(found["item_status"].values()) == ["applied"]
    (told,) = (await api.get("/api/rollbacks"))["items"]
    assert (told["rollback_id"], told["reported"], told["reason"]) == (rollback_id, {"applied": 1}, "bad provider")
    assert (await api.get("/api/rollbacks", before=told["ordered_at"]))["items"] == []
    assert (found["reported"], found["counts"]["restore"], found["actor"]["id"]) == ({"applied": 1}, 1, "alice")
    back = await planned(api, rollback_id=rollback_id)
    assert [(item["action"], item["restored"]) for item in back["items"]] == [("restore", "Robots")]


async def test_an_order_is_refused_when_the_plan_changed_and_says_what(api: Api) -> None:
    await api.log(change(1, new="Retail"), change(2, field="city", new="Bonn"))
    plan = await planned(api, workflow="enrich")
    await api.log(change(3, old="Retail", new="Toys", actor=ALICE, source=Source(kind="human", name="alice")))
    response = await order(api, plan)
    assert response.status_code == 409
    told = response.json()
    assert told["error"] == "plan_changed"
    assert [(held["field"], held["was"]["action"], held["is"]["action"]) for held in told["changed"]] == [
        ("industry", "restore", "conflict")
    ]
    assert api.loop.outcomes[-1].emits == ()
    fresh = await order(api, {**plan, "plan_hash": told["plan_hash"]})
    assert fresh.status_code == 200
    (kept,) = api.loop.outcomes[-1].settled
    assert (kept.status, kept.field) == ("conflict", "industry")


async def test_more_than_one_rollback_may_hold_is_refused(api: Api) -> None:
    await api.log(*[change(number, field=f"field {number}") for number in range(4)])
    response = await order(api, await planned(api, workflow="enrich"))
    assert (response.status_code, response.json()["error"]) == (409, "too_large")


async def test_a_selection_that_touches_too_much_is_refused(api: Api) -> None:
    await api.log(*[change(number) for number in range(21)])
    response = await api.client.post("/api/rollbacks/plan", json={"selection": {"workflow": "enrich"}})
    assert (response.status_code, response.json()["error"]) == (422, "too_large")
    ordered = await order(api, {"selection": {"workflow": "enrich"}, "plan_hash": "x"})
    assert (ordered.status_code, ordered.json()["error"]) == (409, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/records/planet/x/timeline", None, 404),
        ("GET", "/api/records/company/nobody/state", None, 404),
        ("GET", "/api/records/company/company-1/timeline?after=x", None, 422),
        ("GET", "/api/records/company/company-1/timeline?limit=0", None, 422),
        ("GET", "/api/records/company/a%00b/state", None, 404),
        ("GET", "/api/why/company/company-1/nothing", None, 404),
        ("GET", "/api/leads/nobody", None, 404),
        ("GET", "/api/rollbacks/nothing", None, 404),
        ("GET", "/api/rollbacks?before=2026-11-01T09:00:00", None, 422),
        ("GET", "/api/commands/c-1", None, 202),
        ("POST", "/api/rollbacks/plan", b"{", 400),
        ("POST", "/api/rollbacks/plan", b'{"selection": {}}', 422),
        ("POST", "/api/rollbacks/plan", b'{"selection": {"workflow": "a", "since": "0001-01-01T00:00:00"}}', 200),
        ("POST", "/api/rollbacks", b'{"selection": {"workflow": "a"}, "plan_hash": "x"}', 422),
        ("POST", "/api/rollbacks", b'{"selection": {"workflow": "a"}, "plan_hash": "x", "reason": "y"}', 409),
        ("POST", "/api/rollbacks/plan", b" " * 1_000_001, 413),
    ],
)
async def test_bad_requests_are_told_what_is_wrong(
    api: Api, method: str, path: str, body: bytes | None, status: int
) -> None:
    response = await api.client.request(method, path, content=body)
    assert response.status_code == status, response.text


@pytest.mark.parametrize("path", ["/api/verify", "/api/leads/x", "/api/rollbacks/x", "/api/why/company/a/b"])
async def test_without_the_token_nothing_is_told(api: Api, path: str) -> None:
    response = await api.client.get(path, headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401


async def test_only_a_person_may_order_and_only_what_audit_knows(api: Api) -> None:
    machine = Actor(kind="ai", id="m")
    arguments = {"selection": {"workflow": "a"}, "plan_hash": "x", "reason": "y"}
    assert (await api.loop.send("audit", "rollback", "x", machine, arguments)).refused
    assert (await api.loop.send("audit", "erase", "x", ALICE, arguments)).refused
    assert (await api.loop.send("audit", "rollback", "x", ALICE, {"selection": {}})).refused

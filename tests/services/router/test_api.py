"""The router's API over the real stages in memory: members' leads, acts as commands, refusals that say who has it now."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.events import Command
from libs.contracts.lead import FieldValue
from libs.contracts.notices import NoticeGiven
from libs.runtime.commands import CommandResult
from libs.runtime.errors import Rejected
from libs.runtime.health import Health
from services.router.api import create_app
from services.router.domain.known import Known
from services.router.domain.records import DayException, LeadRow
from services.router.domain.shown import LeadState, state_of
from services.router.settings import RouterSettings
from tests.services.router.earning import KEY, answered, earning_router
from tests.services.router.fakes import changed, member
from tests.services.router.running import Router
from tests.services.router.test_offers import Desk, lead

TOKEN = "t" * 32
LEAD = ids.lead_id("s1", 0)


class Sender:
    """Decides commands at once by the real stage."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self.told: dict[str, CommandResult] = {}

    async def send(
        self, service: str, name: str, key: str, actor: Actor, arguments: JsonValue,
        seen_hash: str | None = None, command_id: str | None = None,
    ) -> CommandResult:  # fmt: skip
        assert command_id is not None
        assert service == "router"
        if command_id not in self.told:
            event = Command(
                event_id=command_id, command_id=command_id, name=name, key=key, actor=actor, arguments=arguments,
                decided_at=self.router.now,
            )  # fmt: skip
            try:
                self.told[command_id] = CommandResult(command_id, True, self.router.one(event).answer)
            except Rejected as refusal:
                self.told[command_id] = CommandResult(command_id, True, refused=refusal.message)
        return self.told[command_id]

    async def outcome(self, command_id: str) -> CommandResult:
        return self.told.get(command_id) or CommandResult(command_id, done=False)


class Leads:
    """The state in memory, listed."""

    def __init__(self, router: Router) -> None:
        self.router = router

    async def one(self, lead_id: str) -> LeadRow | None:
        return self.router.state.all.leads.get(lead_id)  # type: ignore[no-any-return]

    async def page(
        self, member: str | None, state: LeadState, limit: int, after: tuple[str, str], queues: Sequence[str] = ()
    ) -> list[LeadRow]:
        rows = sorted(self.router.state.all.leads.values(), key=lambda one: one.lead_id)
        rows = [one for one in rows if not queues or one.route.queue in queues]
        mine = [
            one for one in rows if state_of(one, member) not in ("gone", "with a person") and one.lead_id > after[1]
        ]
        return mine[:limit]

    async def members(self) -> dict[str, str]:
        return {one.record_id: one.name for one in self.router.state.all.members.values()}

    async def notices(self, member: str, unread: bool, limit: int, after: int) -> list[tuple[int, NoticeGiven]]:
        found: list[tuple[int, NoticeGiven]] = await self.router.state.heard(member, unread, limit, after)
        return found

    async def exceptions(self) -> list[DayException]:
        return list(self.router.state.all.exceptions.values())

    async def turns(self) -> Known:
        return self.router.state.all  # type: ignore[no-any-return]

    async def waiting(self) -> dict[str, int]:
        held = [one for one in self.router.state.all.leads.values() if not one.settled]
        return dict(Counter(one.route.queue or "" for one in held))


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    held = lead()
    company = FieldValue(value="Acme", source=held.source)
    desk.scored(held.model_copy(update={"fields": {"company": company}}))
    return desk


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Leads(desk.router), desk.policies, Sender(desk.router), TOKEN, Health(), RouterSettings())
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ann"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://router", headers=headers) as client:
        yield client


async def said(client: httpx.AsyncClient, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await client.post(f"/api/leads/{LEAD}/{path}", json=body)
    return answer.status_code, answer.json()


async def test_a_member_sees_their_leads_and_why(client: httpx.AsyncClient) -> None:
    for who in ("ann", "Ann"):
        page = (await client.get("/api/leads", params={"member": who})).json()
        (item,) = page["items"]
        assert (page["member"], item["lead_id"], item["company"], item["state"]) == ("ann", LEAD, "Acme", "offered")
        assert item["why"] == "Score 65 of at least 60"
        assert {one["clock"] for one in item["clocks"]} == {"accept", "first_touch"}
    assert (await client.get("/api/leads", params={"member": "bob"})).json()["items"] == []
    assert (await client.get("/api/leads", params={"member": "nobody"})).status_code == 422
    assert (await client.get("/api/leads", params={"after": "yesterday"})).status_code == 422
    assert (await client.get("/api/leads", params={"member": "ann", "limit": 1})).json()["next"].endswith(f"|{LEAD}")


async def test_acts_go_through_and_too_late_ones_say_who_has_it(client: httpx.AsyncClient, desk: Desk) -> None:
    assert (await said(client, "reject", reason=""))[0] >= 400
    assert (await said(client, "reject", reason="no"))[0] == 200
    status, told = await said(client, "accept")
    assert status in (409, 422)
    assert "Bob has this lead now" in str(told)
    assert (await said(client, "accept", member="Bob"))[1]["answer"] == {"accepted": LEAD, "owner": "bob"}
    assert (await said(client, "touch"))[0] == 200
    assert (await said(client, "follow-up"))[0] == 200
    assert (await said(client, "comment", text="too low"))[0] == 200
    assert (await said(client, "comment"))[0] == 422
    assert (await said(client, "reassign", owner="Eve", reason="knows them"))[0] == 200
    assert desk.owner() == "eve"
    assert (await said(client, "reassign", owner="eve"))[0] >= 400
    assert (await said(client, "accept", colour="red"))[0] == 422


async def test_who_is_named_as_people_call_them_acts_for_themselves(client: httpx.AsyncClient, desk: Desk) -> None:
    client.headers["X-Signalbox-Actor"] = "ANN"
    assert (await said(client, "accept"))[1]["answer"] == {"accepted": LEAD, "owner": "ann"}
    client.headers["X-Signalbox-Actor"] = "dana"
    assert "Ann has this lead now" in str(await said(client, "reject", reason="mine"))
    assert "no member has the id or name Zoe" in str(await said(client, "reassign", owner="Zoe", reason="r"))
    desk.hears(changed("member", "bob2", name="Bob", pools=["inbound"], active=True))
    assert "2 members are called BOB: say the id" in str(await said(client, "reassign", owner="BOB", reason="r"))
    client.headers["X-Signalbox-Actor"] = "Bob"
    assert (await said(client, "reject", reason="whose?"))[0] == 409, "of two with one name, nobody is meant"


async def test_one_idempotency_key_is_one_act(client: httpx.AsyncClient, desk: Desk) -> None:
    path, headers = f"/api/leads/{LEAD}/reject", {"Idempotency-Key": "k"}
    answers = [(await client.post(path, json={"reason": "no"}, headers=headers)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert desk.owner() == "bob"


async def test_a_route_is_told_with_its_offers(client: httpx.AsyncClient) -> None:
    await said(client, "reject", reason="a student")
    told = (await client.get(f"/api/leads/{LEAD}/route")).json()
    assert (told["offered_to"], told["accepted"], told["route"]["offer"]) == (["ann", "bob"], False, 2)
    assert told["route"]["tried"][0]["rule"] == "suppression"
    assert (await client.get("/api/leads/nobody/route")).status_code == 404


async def test_nobody_without_the_token_is_told_anything(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    paths = ["/api/leads", "/api/notices?member=ann", f"/api/leads/{LEAD}/route", "/api/commands/x"]
    assert {(await client.get(path)).status_code for path in paths} == {401}
    for act in ("accept", "reject", "touch", "follow-up", "comment"):
        assert (await said(client, act))[0] == 401
    assert (await said(client, "reassign", owner="bob"))[0] == 401
    for path in ("/api/autonomy/classify:company.industry/raise", "/api/notices/read"):
        assert (await client.post(path, json={"reason": "so", "member": "ann", "upto": 1})).status_code == 401


async def test_a_pool_says_who_is_next_and_why_others_are_not(client: httpx.AsyncClient, desk: Desk) -> None:
    away = {"on_hold": True}, {"absences": [{"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00+00:00"}]}
    desk.router.runs([member("bob", version=2, **away[0]), member("eve", version=2, **away[1])])
    told = (await client.get("/api/pools/inbound")).json()
    people = {one["member"]: one for one in told["members"]}
    assert people["bob"]["why_not"] == "on hold"
    assert (people["eve"]["why_not"], people["eve"]["until"]) == ("away", "2099-01-01T00:00:00+00:00")
    assert (people["ann"]["taken"], people["ann"]["untouched"], people["ann"]["share"]) == (1, 1, 1.0)
    assert told["next"] == "ann"
    assert told["free"] == 1
    names = [one["pool"] for one in (await client.get("/api/pools")).json()["items"]]
    assert "inbound" in names
    missing = await client.get("/api/pools/nowhere")
    assert missing.status_code == 404
    assert "inbound" in missing.json()["message"]


async def test_levels_rise_by_a_persons_yes_through_the_api() -> None:
    """What the router refuses is said; what it does is told with the level before."""
    router, policies = earning_router()
    for number in range(12):
        router.one(answered(number, "approve"))
    app = create_app(Leads(router), policies, Sender(router), TOKEN, Health(), RouterSettings())
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ana"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://r", headers=headers) as client:
        raised = await client.post(f"/api/autonomy/{KEY}/raise", json={"reason": "they are right"})
        assert raised.json()["answer"] == {"key": KEY, "level": "limited_autonomous", "before": "approved_writes"}
        lowered = await client.post(f"/api/autonomy/{KEY}/lower", json={"reason": "holiday", "to": "draft"})
        assert lowered.json()["answer"]["level"] == "draft"
        for path, body, why in (
            (f"{KEY}/raise", {"reason": " "}, "say why"),
            ("enrich:contact.phone/raise", {"reason": "so"}, "nothing is earned"),
            (f"{KEY}/lower", {"reason": "so", "to": "limited_autonomous"}, "the level is draft"),
        ):
            refused = await client.post(f"/api/autonomy/{path}", json=body)
            assert refused.status_code >= 400
            assert why in refused.text
        wrong = await client.post(f"/api/autonomy/{KEY}/raise", json={"reason": "so", "more": 1})
        assert wrong.status_code == 422


async def test_a_level_is_stepped_on_the_same_road(client: httpx.AsyncClient, desk: Desk) -> None:
    path = "/api/autonomy/classify:company.industry"
    refused = await client.post(f"{path}/raise", json={"reason": "they are right"})
    assert refused.status_code == 409
    assert "73 more accepted ones in a row would do" in refused.json()["message"]
    assert (await client.post(f"{path}/lower", json={})).status_code == 422, "without a reason"
    low = (await client.post(f"{path}/lower", json={"reason": "a bad week", "to": "read_only"})).json()
    assert low["answer"] == {"key": "classify:company.industry", "level": "read_only", "before": "approved_writes"}
    up = (await client.post(f"{path}/raise", json={"reason": "a better one"})).json()
    assert (up["answer"]["level"], desk.router.state.all.earned["classify:company.industry"].level) == (
        "draft",
        "draft",
    )
    nothing = await client.post("/api/autonomy/enrich:contact.title:demo_request/raise", json={"reason": "so"})
    assert "nothing is earned under enrich:contact.title:demo_request" in nothing.json()["message"]


async def test_a_member_reads_their_notices_once(client: httpx.AsyncClient) -> None:
    await said(client, "reject", reason="on the road")
    page = (await client.get("/api/notices", params={"member": "Ann"})).json()
    assert [one["kind"] for one in page["items"]] == ["offered", "moved"]
    assert "event_id" not in page["items"][0]
    first = (await client.get("/api/notices", params={"member": "ann", "limit": 1})).json()
    rest = (await client.get("/api/notices", params={"member": "ann", "after": first["next"]})).json()
    assert [first["items"][0]["kind"], rest["items"][0]["kind"]] == ["offered", "moved"]
    mark = {"member": "Ann", "upto": page["items"][-1]["number"]}
    assert (await client.post("/api/notices/read", json=mark)).json()["answer"] == {"read": mark["upto"]}
    assert (await client.get("/api/notices", params={"member": "ann"})).json()["items"] == []
    assert len((await client.get("/api/notices", params={"member": "ann", "unread": False})).json()["items"]) == 2
    assert (await client.get("/api/notices", params={"member": "nobody"})).status_code == 422
    assert (await client.post("/api/notices/read", json={"member": "ann", "upto": -1})).status_code == 422

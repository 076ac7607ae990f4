"""Notify as it is wired, on the real broker and database, with a real mail server and an HTTP server in Slack's place."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import (
    AccessGranted,
    Command,
    Event,
    RecordChanged,
    TriageDecided,
    Waiting,
)
from libs.contracts.ids import derived_id
from libs.contracts.notices import NoticeDelivered, NoticeGiven
from libs.contracts.topics import NOTICE_GIVEN, RECORD_CHANGED, TRIAGE_REQUESTED
from libs.runtime import clock
from libs.runtime.effects import run_due_effects
from libs.runtime.http import connect
from libs.runtime.people import Caller, People
from libs.runtime.settings import RuntimeSettings
from services.notify.service import build
from services.notify.store import PostgresBook
from services.triage.service import build as build_triage
from tests.libs.runtime.harness import POLICY_HASH, send, until
from tests.services.crm.running import Running, running_service
from tests.services.notify.outside import PASSWORD, Mailbox, World, mail_server, outside
from tests.services.notify.test_slack import press
from tests.services.notify.world import published
from tests.services.triage.world import CHANGE, lead, question, request

RULES = """
slack_users: {U0DANA: dana, U0RENO: reno}
rules:
  - {name: asks, kinds: [asked], channels: ["slack:managers"]}
  - {name: later, kinds: [moved], channels: [email], when: digest}
  - {name: ops, kinds: [rolled_back], channels: ["webhook:ops"]}
  - {name: rest, channels: [email]}
shared_role: manager
"""
SIGNING = "signing-secret"


@dataclass
class Log:
    """Who was shown whom."""

    shown: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    async def record(self, caller: Caller, service: str, route: str, records: Sequence[RecordRef]) -> None:
        self.shown.append((caller.actor.id, route, tuple(one.id for one in records)))


@dataclass
class Site:
    """Notify at work, with triage beside it, and what is around them."""

    notify: Running
    triage: Running
    box: Mailbox
    world: World
    log: Log
    settings: RuntimeSettings
    mine: str

    async def calls(self, count: int = 1) -> int:
        """Run the calls that are due, once there are so many open ones."""
        await self._there("select count(*) from effect where finished_at is null", count)
        await self.notify.pool.execute("update effect set next_at = $1 where finished_at is null", clock.now())
        return await run_due_effects(
            "notify", self.notify.pool, self.notify.producer, self.notify.service.effects, at_once=2
        )

    async def state(self, notice_id: str, state: str) -> dict[str, Any]:
        """The delivery of a notice, once it has a state."""
        async with asyncio.timeout(30):
            while True:
                row = await self.notify.pool.fetchrow("select * from delivery where notice_id = $1", notice_id)
                if row is not None and row["state"] == state:
                    return dict(row)
                await asyncio.sleep(0.05)

    async def _there(self, query: str, count: int) -> None:
        async with asyncio.timeout(30):
            while await self.notify.pool.fetchval(query) < count:  # noqa: ASYNC110 - a database tells nobody
                await asyncio.sleep(0.05)

    def given(self, number: int, **more: Any) -> NoticeGiven:
        told: dict[str, Any] = {
            "event_id": derived_id(self.mine, number), "notice_id": f"{self.mine}-n{number}",
            "to": {"type": "member", "id": self.mine}, "lead_id": f"{self.mine}-l{number}", "kind": "given",
            "at": clock.now(), "text": "yours now", "facts": {"name": "Bo Ek", "company": "Acme"},
        }  # fmt: skip
        return NoticeGiven(**{**told, **more})

    async def gives(self, *events: NoticeGiven) -> None:
        await send(self.settings.kafka, NOTICE_GIVEN, events)

    async def told(self, notice_id: str, count: int) -> list[str]:
        """The states that were told of a notice on its topic."""

        def wanted(event: Event) -> bool:
            return isinstance(event, NoticeDelivered) and event.notice_id == notice_id

        found = await until(self.settings.kafka, "notice.delivered.v1", wanted, count)
        return [one.state for one in found if isinstance(one, NoticeDelivered)]


def people(mine: str) -> People:
    """Dana decides, Reno is a rep and the member who is told."""
    known, now = People(), clock.now() - timedelta(days=1)
    ana = Actor(kind="human", id="ana")
    known.add(AccessGranted(person="dana", role="manager", valid_from=now, actor=ana))
    known.add(AccessGranted(person="reno", role="rep", member=mine, valid_from=now, actor=ana))
    return known


@asynccontextmanager
async def working(settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    mine = derived_id("notify service test", settings.env)
    monkeypatch.setenv("NOTIFY_LOOPBACK", "true")
    monkeypatch.setenv("NOTIFY_TRIAGE_URL", "http://triage")
    monkeypatch.setenv("CONSOLE_PUBLIC_URL", "https://console.example")
    async with AsyncExitStack() as ending:
        box = await ending.enter_async_context(mail_server(settings.data))
        world = await ending.enter_async_context(outside())
        accounts = {
            "email": {"host": "127.0.0.1", "port": box.port, "from": "Signalbox <n@acme.example>", "username": "signalbox",
                      "password": PASSWORD, "ca_file": box.ca_file},
            "slack": {"token": "xoxb-1", "signing_secret": SIGNING, "base_url": f"{world.url}/api",
                      "rooms": {"managers": {"channel": "C0MAN"}}},
            "webhooks": {"ops": {"url": f"{world.url}/ops"}},
        }  # fmt: skip
        settings.data.joinpath("notify.json").write_text(json.dumps(accounts))
        known, log = published(RULES), Log()
        notify = await ending.enter_async_context(running_service(settings, "notify", build, known))
        triage = await ending.enter_async_context(running_service(settings, "triage", build_triage))
        for running in (notify, triage):
            connect(running.service.app, people(mine), known, log)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(triage.service.app), base_url="http://triage")
        notify.service.effects["answer"].__self__._http = await ending.enter_async_context(http)  # type: ignore[attr-defined]
        site = Site(notify, triage, box, world, log, settings, mine)
        await _member(site)
        yield site


async def _member(site: Site) -> None:
    fields: dict[str, Any] = {"name": "Reno Rep", "email": "reno@acme.example", "roles": [f"{site.mine}-boss"]}
    event = RecordChanged(
        event_id=derived_id(site.mine, "member"), record=RecordRef(type="member", id=site.mine), version=1, fields=fields,
        actor=Actor(kind="human", id="ana"),
    )  # fmt: skip
    await send(site.settings.kafka, RECORD_CHANGED, [event])
    await site._there("select count(*) from member", 1)


@pytest.fixture
async def site(settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    async with working(settings, monkeypatch) as held:
        yield held


async def test_a_notice_is_a_mail_and_it_is_kept_who_was_told_and_shown_what(site: Site) -> None:
    await site.gives(site.given(1), site.given(1, event_id=derived_id(site.mine, "again")))
    assert await site.calls() == 1
    row = await site.state(f"{site.mine}-n1", "sent")
    (mail,) = site.box.mails
    assert mail["Message-ID"] == f"<{row['message_id']}@acme.example>"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Bo Ek" in text
    assert f"https://console.example/leads/{site.mine}-l1" in text
    assert site.log.shown == [("reno", "NOTICE email", (f"{site.mine}-l1",))]
    assert await site.told(f"{site.mine}-n1", 2) == ["queued", "sent"]
    page = (await site.notify.client.get("/api/deliveries", params={"lead": f"{site.mine}-l1"})).json()
    assert [(one["state"], one["attempts"], one["recipient"]) for one in page["items"]] == [("sent", 1, site.mine)]
    assert "Bo Ek" not in json.dumps(page)


async def test_a_crash_after_the_channel_took_it_sends_nothing_twice(site: Site) -> None:
    await site.gives(site.given(1))
    await site._there("select count(*) from effect where finished_at is null", 1)
    arguments = json.loads(await site.notify.pool.fetchval("select arguments from effect"))
    run = site.notify.service.effects["send"]
    assert await run(arguments, "effect") == {"state": "sent"}  # and then the process dies: the row is still open
    assert await site.calls() == 1
    await site.state(f"{site.mine}-n1", "sent")
    assert len(site.box.mails) == 1
    assert await site.told(f"{site.mine}-n1", 2) == ["queued", "sent"]


async def test_a_crash_before_it_was_noted_sends_the_same_message_again(site: Site) -> None:
    """At least once, as the channel allows: the receiver knows it by its id."""
    await site.gives(site.given(1), site.given(2, kind="rolled_back"))
    await site._there("select count(*) from effect where finished_at is null", 2)
    run = site.notify.service.effects["send"]
    for row in await site.notify.pool.fetch("select arguments from effect"):
        await run(json.loads(row["arguments"]), "effect")
    await site.notify.pool.execute("delete from sending")  # what the process had not written when it died
    assert await site.calls(2) == 2
    assert len({mail["Message-ID"] for mail in site.box.mails}) == 1
    assert len(site.box.mails) == 2
    assert len({call.headers["webhook-id"] for call in site.world.at("/ops")}) == 1


async def test_a_digest_is_one_mail_once_its_bell_rang(site: Site) -> None:
    await site.gives(*(site.given(number, kind="moved") for number in range(3)))
    await site._there("select count(*) from delivery where state = 'collected'", 3)
    assert await site.notify.tick("notify") == 0
    await site.notify.pool.execute("update timer set due_at = now() - interval '1 minute'")
    assert await site.notify.tick("notify") == 1
    assert await site.calls() == 1
    for number in range(3):
        await site.state(f"{site.mine}-n{number}", "sent")
    (mail,) = site.box.mails
    assert mail["Subject"] == "3 notices from Signalbox"


async def test_what_is_overdue_and_has_no_bell_gets_one(site: Site) -> None:
    """A rebuild makes rows and no timers."""
    await site.gives(site.given(1, kind="moved"))
    await site._there("select count(*) from delivery where state = 'collected'", 1)
    await site.notify.pool.execute("delete from timer")
    book, due = PostgresBook(site.notify.pool), await site.notify.pool.fetchval("select due_at from delivery")
    assert await book.hang_bells(due + timedelta(minutes=9)) == 0
    assert await book.hang_bells(due + timedelta(minutes=11)) == 1
    await site.notify.pool.execute("update timer set due_at = now() - interval '1 minute'")
    assert await site.notify.tick("notify") == 1
    assert await site.calls() == 1
    await site.state(f"{site.mine}-n1", "sent")


async def test_a_channel_that_fails_is_tried_again_and_one_that_fails_for_days_is_switched_off(site: Site) -> None:
    site.world.answers["/ops"] = [(500, {}, {})]
    await site.gives(site.given(1, kind="rolled_back"))
    assert await site.calls() == 1
    page = (await site.notify.client.get("/api/deliveries", params={"state": "queued"})).json()["items"]
    assert [(one["attempts"], one["error"]) for one in page] == [(1, "webhook ops answers 500")]
    await site.notify.pool.execute("update channel set failing_since = now() - interval '4 days'")
    assert await site.calls() == 1
    row = await site.state(f"{site.mine}-n1", "given_up")
    assert row["reason"] == "webhook ops answers 500"

    def off(event: Event) -> bool:
        return isinstance(event, Command) and event.name == "channel_told" and event.caused_by != ""

    found = await until(site.settings.kafka, "router.command.v1", off, 1)
    assert isinstance(found[-1], Command)
    assert (found[-1].key, found[-1].arguments) == (
        "webhook:ops",
        {"role": "revops", "reason": "webhook ops answers 500"},
    )
    (listed,) = [
        one
        for one in (await site.notify.client.get("/api/channels")).json()["items"]
        if one["channel"] == "webhook:ops"
    ]
    assert listed["disabled_at"] is not None
    failed = (await site.notify.client.post("/api/channels/webhook:ops/test", json={})).json()
    assert (failed["sent"], failed["message"]) == (False, "webhook ops answers 500")
    site.world.answers["/ops"] = [(200, {}, {})]
    assert (await site.notify.client.post("/api/channels/webhook:ops/test", json={})).json()["sent"] is True
    await site.gives(site.given(2, kind="rolled_back"))
    assert await site.calls() == 1
    await site.state(f"{site.mine}-n2", "sent")


def signed(body: bytes, stamp: int | None = None) -> dict[str, str]:
    at = str(int(clock.now().timestamp()) if stamp is None else stamp)
    digest = hmac.new(SIGNING.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}


async def asked(site: Site, *questions: Any) -> dict[str, Any]:
    """Triage asks; the message that Slack gets, and that triage has the item."""
    waiting = Waiting(
        since=clock.now(), remind_at=clock.now() + timedelta(hours=1), due_at=clock.now() + timedelta(hours=2),
        escalate_at=clock.now() + timedelta(hours=3), remind_to=f"{site.mine}-boss", queue="inbound_sales",
    )  # fmt: skip
    lead_id = f"{site.mine}-asked"
    about = lead(lead_id).model_copy(update={"policy_hash": POLICY_HASH})
    one = request(1, *questions, lead_id=lead_id, lead=about, waiting=waiting, decided_at=clock.now())
    await send(
        site.settings.kafka, TRIAGE_REQUESTED, [one.model_copy(update={"event_id": derived_id(site.mine, "asked")})]
    )
    assert await site.calls() == 1
    async with asyncio.timeout(20):
        while (await site.triage.client.get(f"/api/items/{lead_id}")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    (call,) = site.world.at("/api/chat.postMessage")
    message: dict[str, Any] = call.json
    return message


def pressed_by(message: dict[str, Any], user: str, site: Site, verdict: int = 0, stamp: str = "17.1") -> bytes:
    action = {**message["blocks"][1]["elements"][verdict]}
    body = press(action, user={"id": user}, response_url=f"{site.world.url}/respond")
    (payload,) = parse_qs(body.decode())["payload"]
    held = json.loads(payload)
    held["actions"][0]["action_ts"] = stamp
    return httpx.Request("POST", "http://x", data={"payload": json.dumps(held)}).read()


async def test_a_press_decides_as_the_person_who_pressed_once_and_the_message_says_so(site: Site) -> None:
    message = await asked(site)
    assert message["channel"] == "C0MAN"
    body = pressed_by(message, "U0DANA", site)
    headers = signed(body)
    began = clock.monotonic()
    answer = await site.notify.client.post("/slack/interactivity", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.content == b""
    assert clock.monotonic() - began < 3
    replayed = await site.notify.client.post("/slack/interactivity", content=body, headers=headers)
    assert replayed.status_code == 409
    await site.calls()
    (said,) = site.world.at("/respond")
    assert (said.json["text"], said.json["replace_original"]) == ("Approved by dana.", True)
    assert f"https://console.example/queue/{site.mine}-asked" in said.json["blocks"][0]["text"]["text"]

    def decided(event: Event) -> bool:
        return isinstance(event, TriageDecided) and event.lead_id == f"{site.mine}-asked"

    (event,) = await until(site.settings.kafka, "triage.decided.v1", decided, 1)
    assert isinstance(event, TriageDecided)
    assert (event.actor.kind, event.actor.id) == ("human", "dana")
    assert [one.verdict for one in event.answers] == ["approve"]
    late = pressed_by(message, "U0DANA", site, 1, "17.2")
    await site.notify.client.post("/slack/interactivity", content=late, headers=signed(late))
    await site.calls()
    assert site.world.at("/respond")[-1].json["text"] == "No longer open: it was decided by dana."
    await site._there("select count(*) from delivery where answer = 'approve by dana'", 1)


async def test_who_may_not_or_is_not_known_is_told_and_nothing_is_done(site: Site) -> None:
    message = await asked(site)
    for number, (user, said) in enumerate(
        (("U0NOBODY", "does not know who you are"), ("U0RENO", "A rep may not decide this"))
    ):
        body = pressed_by(message, user, site, stamp=f"18.{number}")
        assert (await site.notify.client.post("/slack/interactivity", content=body, headers=signed(body))).is_success
        await site.calls()
        told = site.world.at("/respond")[-1].json
        assert said in told["text"]
        assert (told["response_type"], told["replace_original"]) == ("ephemeral", False)
    for headers in ({}, signed(b"other"), signed(body, int(clock.now().timestamp()) - 400)):
        assert (await site.notify.client.post("/slack/interactivity", content=body, headers=headers)).status_code == 401
    item = (await site.triage.client.get(f"/api/items/{site.mine}-asked")).json()
    assert item["status"] == "open"


async def test_a_question_that_changed_since_is_not_decided(site: Site) -> None:
    message = await asked(site)
    lead_id = f"{site.mine}-asked"
    about = lead(lead_id, 2).model_copy(update={"policy_hash": POLICY_HASH})
    newer = request(2, CHANGE, question("q2", "identity"), lead_id=lead_id, lead=about)
    await send(
        site.settings.kafka, TRIAGE_REQUESTED, [newer.model_copy(update={"event_id": derived_id(site.mine, "newer")})]
    )
    async with asyncio.timeout(20):
        while (await site.triage.client.get(f"/api/items/{lead_id}")).json()["version"] != 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    body = pressed_by(message, "U0DANA", site)
    await site.notify.client.post("/slack/interactivity", content=body, headers=signed(body))
    await site.calls()
    assert site.world.at("/respond")[-1].json["text"].startswith("Changed since this was sent; open it")
    assert (await site.triage.client.get(f"/api/items/{lead_id}")).json()["status"] == "open"

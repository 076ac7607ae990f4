"""On the whole stack: a promise that is not kept is a mail, and a press of a button in Slack decides, as who pressed it."""

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.publish import publish
from drills.site import Site, limited_auto, site
from libs.runtime import clock
from tests.services.notify.outside import PASSWORD, Mailbox, World, mail_server, outside
from tests.services.notify.test_slack import press

MEMBERS = """name,email,pools,roles,slack,time_zone
Ann Lee,ann@acme.example,inbound;inbound_emea;enterprise,,U0ANN,Europe/Berlin
Dan Ruiz,dan@acme.example,,revops;sales_manager,U0DAN,America/New_York
"""
NOTICES = """
rules:
  - {name: asks, kinds: [asked], channels: [slack]}
  - {name: over, kinds: [breached], channels: [email], urgent: true}
"""
WEEK = ", ".join(
    f'{day}: [{{start: "00:00", end: "23:59"}}]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
ALWAYS = f"""
default_calendar: always
calendars: {{always: {{time_zone: UTC, hours: {{{WEEK}}}}}}}
default_first_touch_minutes: 1
queues: {{}}
triage: {{item_minutes: 60, remind_to: sales_manager, escalate_to: revops}}
remind_at: 0.5
"""
SIGNING = "signing-secret"


def policy() -> dict[str, str]:
    """Leads of one company wait for a person; all others are given at once, and are to be touched within a minute."""
    files = {name.rpartition("/")[2]: text for name, text in limited_auto().items()}
    ask = "when: lead.confidence == null || lead.confidence < 0.7"
    assert ask in files["routing.yaml"]
    files["routing.yaml"] = files["routing.yaml"].replace(ask, "when: lead.company == 'Waits Inc'")
    return {**files, "sla.yaml": ALWAYS, "notices.yaml": NOTICES}


def signalbox(at: Site, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--data", str(at.data)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


async def until(found: Any, seconds: float = 90) -> Any:
    """What `found` gives once it gives something."""
    async with asyncio.timeout(seconds):
        while not (held := await found()):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return held


def form(name: str, company: str) -> dict[str, str]:
    mail = f"{name.split(maxsplit=1)[0].lower()}@{company.split(maxsplit=1)[0].lower()}-corp.example"
    return {
        "name": name, "email": mail, "company": company, "country": "US", "job_title": "Head of Operations",
        "message": "We are 400 people and want a demo of your routing for our sales team this month. Please call me.",
    }  # fmt: skip


async def prepared(at: Site, box: Mailbox, world: World, folder: Path) -> None:
    accounts = {
        "email": {"host": "127.0.0.1", "port": box.port, "from": "Signalbox <n@acme.example>", "username": "signalbox",
                  "password": PASSWORD, "ca_file": box.ca_file},
        "slack": {"token": "xoxb-1", "signing_secret": SIGNING, "base_url": f"{world.url}/api"},
    }  # fmt: skip
    (at.data / "notify.json").write_text(json.dumps(accounts))
    await publish(at.kafka, policy(), "test", "short promises")
    members = folder / "members.csv"
    members.write_text(MEMBERS)
    await asyncio.to_thread(signalbox, at, "crm", "import", str(members), "--type", "member", "--yes")
    headers = {"Authorization": f"Bearer {at.token}"}
    async with httpx.AsyncClient(headers=headers) as http:

        async def known() -> Any:
            names = (await http.get(f"{at.url('router')}/api/leads")).json()["names"]
            return {name: one for one, name in names.items()} if len(names) == 2 else None

        dan = (await until(known))["Dan Ruiz"]
    grant = ("access", "grant", "dan", "--role", "manager", "--member", dan, "--reason", "leads the team")
    await asyncio.to_thread(signalbox, at, *grant)


def signed(body: bytes) -> dict[str, str]:
    stamp = str(int(clock.now().timestamp()))
    digest = hmac.new(SIGNING.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}


@pytest.mark.e2e
async def test_a_breach_is_a_mail_and_a_press_in_slack_is_a_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    env = {"NOTIFY_LOOPBACK": "true", "CONSOLE_PUBLIC_URL": "https://console.example"}
    said: list[str] = []
    async with mail_server(tmp_path) as box, outside() as world:  # noqa: SIM117 - they outlive the stack
        async with site(tmp_path / "data", said.append, env=env, separate=False, durable=False) as at:
            await prepared(at, box, world, tmp_path)
            headers = {"Authorization": f"Bearer {at.token}", "X-Signalbox-Actor": "ana"}
            async with httpx.AsyncClient(headers=headers, timeout=10) as http:
                for name, company in (("Grace Hopper", "Moves Inc"), ("Ada Byron", "Waits Inc")):
                    sent = await http.post(f"{at.url('intake')}/hooks/demo", json=form(name, company))
                    assert sent.is_success, sent.text
                await _pressed(at, world, http)
                await _mailed(at, box)
            told = await asyncio.to_thread(signalbox, at, "notices", "deliveries", "--json")
            states = {(one["kind"], one["channel"], one["state"]) for one in json.loads(told)["items"]}
            assert {("asked", "slack", "sent"), ("breached", "email", "sent")} <= states
            tried = await asyncio.to_thread(signalbox, at, "notices", "test", "email", "--to", "ann@acme.example")
            assert "sent by email" in tried
            assert box.mails[-1]["Subject"] == "A test from Signalbox"


async def _pressed(at: Site, world: World, http: httpx.AsyncClient) -> None:
    """Dan gets the question in Slack and approves; the lead goes on, decided by him."""

    async def asked() -> Any:
        return next(iter(world.at("/api/chat.postMessage")), None)

    call = await until(asked)
    assert call.json["channel"] == "U0DAN"
    approve = call.json["blocks"][1]["elements"][0]
    lead_id = json.loads(approve["value"])["lead"]
    (payload,) = parse_qs(press(approve, user={"id": "U0DAN"}, response_url=f"{world.url}/respond").decode())["payload"]
    body = httpx.Request("POST", "http://x", data={"payload": payload}).read()
    url = f"{at.url('notify')}/slack/interactivity"
    assert (await http.post(url, content=body, headers={**signed(body), "Authorization": ""})).status_code == 200

    async def answered() -> Any:
        return world.at("/respond")

    (said,) = await until(answered)
    assert said.json["text"] == "Approved by dan."
    item = (await http.get(f"{at.url('triage')}/api/items/{lead_id}")).json()
    assert (item["status"], item["decided_by"]) == ("decided", "dan")

    async def audited() -> Any:
        found = await http.get(f"{at.url('audit')}/api/changes", params={"actor_id": "dan"})
        assert found.is_success, found.text
        return [one for one in found.json()["items"] if one["change"]["actor"] == {"kind": "human", "id": "dan"}]

    changes = await until(audited)
    assert any(one["change"]["lead_id"] == lead_id for one in changes)


async def _mailed(at: Site, box: Mailbox) -> None:
    """Ann did not touch the lead within its minute."""

    async def breached() -> Any:
        return [mail for mail in box.mails if mail["Subject"] == "The time for a lead is over"]

    first, *_ = await until(breached, 150)
    assert first["To"].addresses[0].addr_spec == "ann@acme.example"
    text = first.get_body(("plain",)).get_content()
    assert "https://console.example/leads/" in text
    assert "Grace" not in text
    assert "Clock: first touch" in text

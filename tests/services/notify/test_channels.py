"""Each channel against a real socket: what it takes, what it refuses for now or for good, and what never leaks."""

import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from libs.runtime.errors import Rejected, Retryable
from libs.runtime.outbound import Outbound
from services.notify.connectors import Connectors
from services.notify.connectors.base import Busy, Gone
from services.notify.domain.account import Accounts, Hook, Mailer, Room, Slack, Target
from services.notify.domain.shown import Content, Reader, content_of, said_of
from services.notify.settings import AccountsFileError, read_accounts
from tests.services.notify.outside import PASSWORD, Mailbox, World, mail_server, outside
from tests.services.notify.test_shown import ASKED, PLAIN
from tests.services.notify.world import NOW, notice

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
ANN = Target("Ann Lee", "ann@acme.example")


def content(message_id: str = "m1") -> Content:
    said = said_of(notice(kind="asked"), ASKED, "d1", Reader("manager", ZoneInfo("UTC"), "https://c.example"), PLAIN)
    return content_of(message_id, [said], PLAIN)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Mailbox]:
    async with mail_server(tmp_path) as held:
        yield held


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with outside() as held:
        yield held


def mailer(box: Mailbox) -> Mailer:
    return Mailer("127.0.0.1", box.port, "Signalbox <n@acme.example>", "starttls", "signalbox", PASSWORD, box.ca_file)


def connectors(loopback: bool = True) -> Connectors:
    return Connectors(Outbound(loopback=loopback, ports=None), b"tenant", 3.0, loopback)


async def test_a_mail_arrives_encrypted_and_whole(box: Mailbox) -> None:
    await connectors().send("email", Accounts(mailer(box)), content(), ANN, NOW)
    (mail,) = box.mails
    assert box.recipients == ["ann@acme.example"]
    assert (mail["Message-ID"], mail["Subject"]) == ("<m1@acme.example>", "A lead waits for your decision")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "https://c.example/queue/l1" in text
    assert "Bo Ek" in text


@pytest.mark.parametrize(
    ("answer", "kind"), [("451 later", Busy), ("550 no", Rejected), ("554 5.7.1 ann@acme.example is bad", Rejected)]
)
async def test_a_refused_mail_is_tried_again_or_not_as_the_server_says(
    box: Mailbox, answer: str, kind: type[Exception]
) -> None:
    box.answers = [answer]
    with pytest.raises(kind) as found:
        await connectors().send("email", Accounts(mailer(box)), content(), ANN, NOW)
    box.answers, box.rcpt = ["250 fine"], answer
    with pytest.raises(kind) as refused:
        await connectors().send("email", Accounts(mailer(box)), content(), ANN, NOW)
    assert "ann@" not in f"{found.value}{refused.value}"
    assert box.mails == []


async def test_nothing_is_said_to_a_server_without_the_right_certificate_or_login(box: Mailbox) -> None:
    stranger = replace(mailer(box), ca_file="")
    for account, said in ((stranger, "certificate"), (replace(mailer(box), password="wrong"), "refuses our login")):
        with pytest.raises(Retryable, match=said) as found:
            await connectors().send("email", Accounts(account), content(), ANN, NOW)
        assert found.value.after_seconds == 300
        assert "wrong" not in str(found.value)
    plain = replace(mailer(box), security="none")
    with pytest.raises(Retryable):
        await connectors().send("email", Accounts(plain), content(), ANN, NOW)
    with pytest.raises(Retryable):
        await connectors().send("email", Accounts(replace(mailer(box), port=1)), content(), ANN, NOW)
    assert box.mails == []


def slack(world: World, **rooms: Room) -> Accounts:
    return Accounts(slack=Slack("xoxb-secret", "sign", f"{world.url}/api", rooms))


async def test_slack_gets_blocks_with_the_token_in_a_header(world: World) -> None:
    rooms = {"managers": Room("C0MAN"), "hook": Room(webhook_url=f"{world.url}/services/T/B/x")}
    for channel, target in (("slack", Target("", "U0ANN")), ("slack:managers", Target()), ("slack:hook", Target())):
        await connectors().send(channel, slack(world, **rooms), content(), target, NOW)
    first, second, third = world.calls
    assert [first.path, second.path, third.path] == ["/api/chat.postMessage"] * 2 + ["/services/T/B/x"]
    assert (first.json["channel"], second.json["channel"], "channel" in third.json) == ("U0ANN", "C0MAN", False)
    assert first.headers["authorization"] == "Bearer xoxb-secret"
    assert "authorization" not in third.headers
    assert [one["action_id"] for one in first.json["blocks"][1]["elements"]] == ["approve", "reject", "open"]


@pytest.mark.parametrize(
    ("answer", "kind", "after"),
    [
        ((429, {"Retry-After": "17"}, {"ok": False, "error": "ratelimited"}), Busy, 17.0),
        ((429, {}, {}), Busy, 30.0), ((200, {}, {"ok": False, "error": "ratelimited"}), Busy, 30.0),
        ((200, {}, {"ok": False, "error": "invalid_auth"}), Retryable, 300.0),
        ((200, {}, {"ok": False, "error": "internal_error"}), Retryable, None), ((503, {}, {}), Retryable, None),
        ((200, {}, []), Retryable, None), ((200, {}, {"ok": False, "error": "channel_not_found"}), Rejected, None),
        ((200, {}, {"ok": False, "error": "user_not_found"}), Rejected, None),
    ],
)  # fmt: skip
async def test_what_slack_says_is_understood(
    world: World, answer: tuple[int, dict[str, str], object], kind: type[Exception], after: float | None
) -> None:
    world.answers["/api/chat.postMessage"] = [answer]
    with pytest.raises(kind) as found:
        await connectors().send("slack", slack(world), content(), Target("", "U0ANN"), NOW)
    assert getattr(found.value, "after_seconds", None) == after
    assert "xoxb" not in str(found.value)


async def test_a_webhook_is_signed_as_the_standard_says_and_the_same_when_it_is_sent_again(world: World) -> None:
    accounts = Accounts(webhooks={"ops": Hook(f"{world.url}/in", SECRET), "own": Hook(f"{world.url}/own")})
    for channel in ("webhook:ops", "webhook:ops", "webhook:own"):
        await connectors().send(channel, accounts, content(), Target(), NOW)
    first, again, own = world.calls
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == "msg_m1"
    assert abs(int(first.headers["webhook-timestamp"]) - NOW.timestamp()) < 1
    for call, key in ((first, b"k" * 32), (own, hmac.new(b"tenant", b"notices to own", sha256).digest())):
        signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
        digest = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
        assert call.headers["webhook-signature"] == f"v1,{digest}"
    assert (first.json["type"], first.json["data"]["notice_id"], first.json["data"]["kind"]) == (
        "notice.given",
        "n1",
        "asked",
    )


@pytest.mark.parametrize(("status", "kind"), [(410, Gone), (500, Retryable), (404, Retryable), (302, Retryable)])
async def test_a_webhook_that_fails(world: World, status: int, kind: type[Exception]) -> None:
    world.answers["/in"] = [(status, {"Location": f"{world.url}/elsewhere"}, {})]
    accounts = Accounts(webhooks={"ops": Hook(f"{world.url}/in", SECRET)})
    with pytest.raises(kind):
        await connectors().send("webhook:ops", accounts, content(), Target(), NOW)
    assert [call.path for call in world.calls] == ["/in"]


async def test_this_machine_and_the_own_network_are_not_called(world: World) -> None:
    accounts = Accounts(
        slack=Slack("t", base_url=f"{world.url}/api", rooms={"hook": Room(webhook_url=f"{world.url}/x")}),
        webhooks={"ops": Hook(f"{world.url}/in", SECRET), "tls": Hook("https://127.0.0.1/in", SECRET)},
    )
    for channel in ("slack", "slack:hook", "webhook:ops", "webhook:tls", "webhook:nobody", "email", "slack:nobody"):
        with pytest.raises(Rejected):
            await connectors(loopback=False).send(channel, accounts, content(), Target("", "U0ANN"), NOW)
    assert world.calls == []


def test_a_settings_file_says_where_it_is_wrong_and_never_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "notify.json"
    assert read_accounts(path) == Accounts()
    email = {"host": "mail.example", "from": "Signalbox <n@acme.example>", "username": "u", "password": "hunter2"}
    path.write_text(json.dumps({"email": email, "slack": {"token": "xoxb-1", "rooms": {"m": {"channel": "C1"}}}}))
    held = read_accounts(path)
    assert held.channels() == ("email", "slack", "slack:m")
    assert held.email is not None
    assert held.email.domain == "acme.example"
    assert "hunter2" not in repr(held)
    assert "xoxb" not in repr(held)
    for wrong in (
        {"email": {**email, "security": "none"}}, {"email": {**email, "from": "x\r\nBcc: a@b.example"}},
        {"email": {**email, "pasword": "hunter2"}}, {"webhooks": {"a": {"url": "https://x.example", "secret": "hunter2"}}},
        {"slack": {"rooms": {"m": {"channel": "C1", "webhook_url": "hunter2"}}}},
    ):  # fmt: skip
        path.write_text(json.dumps(wrong))
        with pytest.raises(AccountsFileError) as found:
            read_accounts(path)
        assert "hunter2" not in str(found.value)

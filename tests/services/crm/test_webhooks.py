"""Who is told of changes, how calls are signed, and what becomes of them on a real database and real sockets."""

import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

import services.crm
from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import RecordChanged
from libs.contracts.signing import secret_problem, signature
from libs.runtime.database import migrate, open_pool
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from libs.runtime.settings import RuntimeSettings
from services.crm.api import create_app
from services.crm.api.webhooks import Webhooks
from services.crm.deliver import WebhookCalls
from services.crm.domain.record import RECORD_TYPES
from services.crm.domain.webhooks import (
    Subscriber,
    calls_of,
    derived_secret,
    webhook_problems,
)
from services.crm.settings import CrmSettings
from services.crm.store import PostgresWebhooks
from services.crm.store.webhooks import Call, save_webhooks
from tests.services.crm.conftest import TOKEN, Sender
from tests.services.crm.receiver import Receiver, receiving
from tests.services.crm.world import ANA, AT, CONTACT, Crm, command

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = Subscriber("hook-1", "https://example.com/in", ("contact", "company.created"))
LOCAL = CrmSettings(webhook_loopback=True)


def changed(version: int = 2, ref: RecordRef = CONTACT, gone: bool = False) -> RecordChanged:
    """A record's new state."""
    fields = None if gone else {"name": "Änn"}
    return RecordChanged(record=ref, version=version, fields=fields, changed=("name",), actor=ANA)


def test_the_signature_is_the_standard_s() -> None:
    """The example of the specification (standard-webhooks, spec and reference implementations)."""
    told = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_who_is_told_of_what() -> None:
    company = RecordRef(type="company", id="c")
    events = [changed(1), changed(2), changed(3, gone=True), changed(1, company), changed(2, company), None]
    calls = calls_of(events, [HOOK, replace(HOOK, webhook_id="off", active=False)], AT)
    bodies: list[Any] = [call.arguments["body"] for call in calls]  # type: ignore[index,call-overload]
    assert [body["type"] for body in bodies] == [
        "contact.created",
        "contact.changed",
        "contact.deleted",
        "company.created",
    ]
    assert [body["data"]["version"] for body in bodies] == [1, 2, 3, 1]
    assert calls_of(events, [HOOK], AT) == calls
    messages = {call.arguments["message_id"] for call in calls}  # type: ignore[index,call-overload]
    assert len(messages) == len(calls)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.com", "https"), ("https://", "no host"), ("ftp://example.com", "https"),
        ("https://u:p@example.com", "no login"), ("https://example.com:99999", "https"), ("https://exam ple.com", "no host"),
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str, told: str) -> None:
    problems = webhook_problems(url, ["contact"], RECORD_TYPES, plain_http=False)
    assert any(told in problem for problem in problems)
    assert webhook_problems("https://example.com/x", ["contact.created", "*"], RECORD_TYPES, plain_http=False) == []
    assert (
        "types.0: not one of" in webhook_problems("https://example.com", ["planet"], RECORD_TYPES, plain_http=False)[0]
    )


def test_secrets() -> None:
    assert secret_problem(derived_secret(b"tenant", "hook-1")) == ""
    assert derived_secret(b"tenant", "hook-1") != derived_secret(b"tenant", "hook-2")
    assert secret_problem(SECRET) == ""
    assert all(secret_problem(one) for one in ("", "abc", "whsec_", "whsec_!!!!", "whsec_YWJj"))


async def test_only_a_person_sets_one_up_and_the_log_keeps_it() -> None:
    crm = Crm()
    outcome = await crm.take(command(1, "webhook", "hook-1", url="https://example.com", types=["contact"]))
    (move,) = outcome.settled
    assert (move.record.key, move.new["url"]) == ("webhook:hook-1", "https://example.com")
    assert "secret" not in str(outcome)
    rule = Actor(kind="rule", id="x")
    assert (await crm.take(command(2, "webhook", "h2", rule, url="https://e.com"))).answer["status"] == "refused"
    assert [one.webhook_id for one in await crm.store.subscribers()] == ["hook-1"]
    await crm.take(command(3, "webhook", "hook-1", act="remove"))
    assert await crm.store.subscribers() == []


async def test_changes_call_webhooks_also_in_the_batch_that_set_them_up() -> None:
    events = [
        command(1, "webhook", "hook-1", url="https://example.com", types=["*"]),
        command(2, "create", "", type="contact", records=[{"id": "p", "fields": {"name": "A"}}]),
        command(3, "webhook", "hook-1", act="remove"),
        command(4, "edit", "p", type="contact", fields={"name": "B"}),
    ]
    single, batch = Crm(), Crm()
    one_by_one = [(await single.take(event)).effects for event in events]
    assert [outcome.effects for outcome in await batch.batch(events)] == one_by_one
    assert [len(effects) for effects in one_by_one] == [0, 1, 0, 0]


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "crm", Path(services.crm.__file__).parent / "migrations")
    opened = await open_pool(settings, "crm")
    yield opened
    await opened.close()


async def hooked(pool: asyncpg.Pool, receiver: Receiver, settings: CrmSettings = LOCAL) -> WebhookCalls:
    """Calls of a webhook at the receiver."""
    async with pool.acquire() as connection:
        await save_webhooks(connection, [replace(HOOK, url=receiver.url)])  # type: ignore[arg-type]
    book = PostgresWebhooks(pool)
    await book.keep_secret(HOOK.webhook_id, SECRET)
    return WebhookCalls(book, settings)


def call(version: int = 2) -> Any:
    """The arguments of one call."""
    return calls_of([changed(version)], [HOOK], AT)[0].arguments


async def test_a_call_is_signed_and_written_down(pool: asyncpg.Pool) -> None:
    async with receiving() as receiver:
        calls = await hooked(pool, receiver)
        assert await calls.run(call(), "e:0") == {"http_status": 200}
        ((headers, body),) = receiver.got
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, sha256).digest()
        assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
        assert (headers["host"], headers["request"]) == (f"127.0.0.1:{receiver.port}", "POST /hook?from=crm HTTP/1.1")
        told = json.loads(body)
        assert (told["type"], told["data"]["record"], told["data"]["fields"]) == (
            "contact.changed", {"type": "contact", "id": "contact-1"}, {"name": "Änn"},
        )  # fmt: skip
    (row,) = await PostgresWebhooks(pool).calls("hook-1", 10)
    assert (row["state"], row["attempts"], row["http_status"], row["version"]) == ("delivered", 1, 200, 2)


async def test_a_receiver_that_fails_is_left_alone_for_a_while(pool: asyncpg.Pool) -> None:
    async with receiving() as receiver:
        receiver.answers = [500, 302, 200]
        calls = await hooked(pool, receiver)
        with pytest.raises(Retryable, match="answered 500") as failed:
            await calls.run(call(), "e:0")
        assert failed.value.after_seconds == 1.0
        with pytest.raises(Retryable, match="just before"):
            await calls.run(call(3), "e:1")
        assert len(receiver.got) == 1
        calls._pauses["hook-1"] = (0.0, 1.0)
        with pytest.raises(Retryable, match="answered 302") as failed:
            await calls.run(call(), "e:0")
        assert failed.value.after_seconds == 2.0
        calls._pauses["hook-1"] = (0.0, 2.0)
        await calls.run(call(), "e:0")
    book = PostgresWebhooks(pool)
    (row,) = await book.calls("hook-1", 10)
    assert (row["state"], row["attempts"]) == ("delivered", 3)
    assert (await book.listed())[0]["failing_since"] is None


async def test_one_that_fails_for_days_is_switched_off_and_health_says_so(pool: asyncpg.Pool) -> None:
    async with receiving() as receiver:
        receiver.answers = [503]
        calls, book = await hooked(pool, receiver), PostgresWebhooks(pool)
        first = Call("m1", "hook-1", "contact.changed", "contact", "p", 1, "failing", AT, 503, "answered 503")
        assert not await book.log(first, timedelta(days=3))
        assert not await book.log(replace(first, message_id="m2", at=AT + timedelta(days=2)), timedelta(days=3))
        assert await book.log(replace(first, message_id="m3", at=AT + timedelta(days=3)), timedelta(days=3))
        assert await calls.run(call(), "e:0") == {"skipped": "the webhook is gone or off"}
        health = Health()
        await calls.told(health)
        assert "answered 503" in health.warnings()["webhook hook-1"]
        async with pool.acquire() as connection:
            await save_webhooks(connection, [replace(HOOK, url=receiver.url)])  # type: ignore[arg-type]
        await calls.told(health)
        assert health.warnings() == {}
        with pytest.raises(Retryable):
            await calls.run(call(), "e:0")


async def test_gone_means_no_more(pool: asyncpg.Pool) -> None:
    async with receiving() as receiver:
        receiver.answers = [410]
        calls = await hooked(pool, receiver)
        with pytest.raises(Rejected, match="answered 410"):
            await calls.run(call(), "e:0")
    assert (await PostgresWebhooks(pool).listed())[0]["disabled_at"] is not None


async def test_this_machine_is_not_called_unless_a_setting_says_so(pool: asyncpg.Pool) -> None:
    async with receiving() as receiver:
        calls = await hooked(pool, receiver, CrmSettings(webhook_ports=frozenset({receiver.port})))
        with pytest.raises(Rejected, match="no public address"):
            await calls.run(call(), "e:0")
        assert receiver.got == []


async def test_the_api_sets_up_shows_and_removes(pool: asyncpg.Pool) -> None:
    crm, book = Crm(), PostgresWebhooks(pool)
    app = create_app(crm.store, Sender(crm), TOKEN, Health(), CrmSettings(), b"tenant", Webhooks(book, b"tenant"))
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ana"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm", headers=headers) as client:

        async def settled() -> None:
            async with pool.acquire() as connection:
                await save_webhooks(connection, [*crm.store.webhooks.values()])  # type: ignore[arg-type]

        made = await client.post("/api/webhooks", json={"url": "https://example.com/in", "types": ["contact"]})
        assert made.status_code == 201
        webhook = made.json()["webhook_id"]
        assert made.json()["secret"] == derived_secret(b"tenant", webhook)
        await settled()
        (shown,) = (await client.get("/api/webhooks")).json()["items"]
        assert (shown["webhook_id"], shown["types"], "secret" in shown) == (webhook, ["contact"], False)
        assert (await client.get(f"/api/webhooks/{webhook}/deliveries")).json() == {"items": []}
        off = await client.put(f"/api/webhooks/{webhook}", json={"url": "https://example.com/in", "active": False})
        assert off.status_code == 200
        assert (await client.delete(f"/api/webhooks/{webhook}")).status_code == 200
        assert (await client.delete("/api/webhooks/nobody")).status_code == 404
        bad = await client.post("/api/webhooks", json={"url": "http://10.0.0.1", "types": ["x"], "secret": "s"})
        assert (bad.status_code, len(bad.json()["problems"])) == (422, 2)
        assert (await client.post("/api/webhooks", json={"url": "https://e.com", "secret": "s"})).status_code == 422
        assert (await client.get("/api/webhooks", headers={"Authorization": "x"})).status_code == 401

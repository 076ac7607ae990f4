"""The hot path over its ASGI interface: receipts, refusals that tell nothing, limits, spool and handshakes; then the API."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.codec import Encoded, decode
from libs.contracts.events import SubmissionReceived
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.commands import CommandResult
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from services.intake.api.app import IntakeApp, create_app
from services.intake.api.hooks import Hooks
from services.intake.api.receiver import Receiver
from services.intake.connectors import ADAPTERS
from services.intake.domain.budget import Budget, Rates
from services.intake.domain.request import Secret
from services.intake.domain.sources import Source, SourceSetting, source_of
from services.intake.domain.spooling import SpoolBrokenError, SpoolFullError
from services.intake.store import Spool, SubmissionLog
from tests.services.intake.samples import AT, POLICY

KEY = b"secret"
SETTINGS = {
    name: SourceSetting((Secret("old", b"outdated", None, AT), Secret("new", KEY)))
    for name in ("typeform", "calendly", "google_ads", "hubspot_forms", "jotform", "meta_lead_ads")
} | {
    "li": SourceSetting((Secret("s", KEY),), adapter="linkedin_lead_sync"),
    "sw": SourceSetting((Secret("s", b"whsec_" + base64.b64encode(KEY)),), adapter="standard_webhooks"),
}
API = {"Authorization": "Bearer " + "t" * 32}


class Kafka:
    """Keeps records by offset, unless told what goes wrong."""

    def __init__(self) -> None:
        self.held: list[Encoded] = []
        self.wrong: Exception | None = None

    async def send_and_wait(self, encoded: Encoded, timeout_seconds: float = 5.0) -> Position:
        if self.wrong is not None:
            raise self.wrong
        self.held.append(encoded)
        return Position(topic=encoded.topic, partition=0, offset=len(self.held) - 1)

    async def write(self, record: Encoded) -> Position | None:
        return await self.send_and_wait(record)

    def event(self, offset: int = -1) -> SubmissionReceived:
        record = self.held[offset]
        return decode(SUBMISSION_RECEIVED, record.value, record.headers)

    async def read(self, position: Position) -> SubmissionReceived:
        if position.offset >= len(self.held):
            raise LookupError
        return self.event(position.offset).model_copy(update={"body": self.held[position.offset].value})


class Sent:
    """Takes commands and decides none."""

    def __init__(self) -> None:
        self.commands: list[tuple[Any, ...]] = []

    async def send(self, service: str, name: str, key: str, actor: Actor, arguments: JsonValue) -> CommandResult:
        self.commands.append((service, name, key, actor, arguments))
        return CommandResult("c1", done=False)


class World:
    """The application with everything around it in reach."""

    def __init__(self, **limits: Any) -> None:
        self.kafka, self.sent, self.seconds = Kafka(), Sent(), 0.0
        self.policy, self.policy_known = POLICY, True
        self.now = AT
        self.budget = Budget(limits.get("requests", 100), limits.get("bytes", 1 << 30))
        self.hooks = Hooks(
            Receiver(self.source, limits.get("log") or self.kafka),
            self.budget,
            Rates(limits.get("rate", 0.0), limits.get("burst", 0.0)),
            base_url="https://leads.example.com",
            max_body_bytes=1 << 20,
            body_seconds=limits.get("body_seconds", 5.0),
            now=lambda: self.now,
            monotonic=lambda: self.seconds,
        )

    def source(self, name: str) -> Source | None:
        if not self.policy_known:
            raise Retryable("no policy yet")
        return source_of(name, self.policy, SETTINGS, ADAPTERS)

    def app(self) -> IntakeApp:
        names = ("typeform", "demo")
        listed = lambda: [found for found in map(self.source, names) if found]  # noqa: E731
        return create_app(
            self.hooks, listed, self.kafka.read, self.sent, "t" * 32, Health(ready=True), "https://leads.example.com"
        )

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app(), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            return await client.request(method, path, **more)

    async def post(
        self, source: str, body: Any, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        return await self.ask("POST", f"/hooks/{source}", content=content, headers=headers, **more)


def typeform(body: bytes, key: bytes = KEY) -> dict[str, str]:
    return {"Typeform-Signature": "sha256=" + base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()}


async def test_a_signed_submission_is_kept_byte_for_byte_with_a_receipt() -> None:
    world = World()
    body = b'{"form_response": {"token":"t1"},  "n":1}'
    answer = await world.post("typeform", body, typeform(body))
    event, record = world.kafka.event(), world.kafka.held[0]
    assert answer.status_code == 202
    assert answer.json() == {
        "submission_id": ids.submission_id("typeform", "t1"), "sha256": hashlib.sha256(body).hexdigest(),
        "topic": "submission.received.v1", "partition": 0, "offset": 0,
    }  # fmt: skip
    assert record.value == body
    assert record.key == event.submission_id.encode()
    assert (event.trust, event.verified_by, event.received_at, event.delivery_id) == ("signed", "new", AT, "t1")


async def test_the_same_delivery_has_the_same_ids_and_another_body_another_event() -> None:
    world = World()
    bodies = [
        b'{"submissionId":"s","a":1}',
        b'{"submissionId":"s","a":1}',
        b'{"submissionId":"s","a":2}',
        b"no id",
        b"no id",
    ]
    for body in bodies:
        assert (await world.post("demo", body)).status_code == 202
    events = [world.kafka.event(offset) for offset in range(5)]
    assert len({event.submission_id for event in events}) == 2
    assert events[0].event_id == events[1].event_id != events[2].event_id
    assert events[3].event_id == events[4].event_id


async def test_every_refusal_looks_alike() -> None:
    world = World()
    body = b"{}"
    answers = [
        await world.post("typeform", body), await world.post("typeform", body, typeform(body, b"wrong")),
        await world.post("typeform", body, typeform(body, b"outdated")), await world.post("nobody", body),
        await world.post("", body), await world.post("x" * 300, body), await world.post("jotform/wrong", body),
        await world.post("standard_webhooks", body), await world.ask("GET", "/hooks/typeform"),
    ]  # fmt: skip
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert world.kafka.held == []


async def test_no_secret_is_kept_with_the_submission() -> None:
    world = World()
    assert (await world.post("jotform/secret", b"a=1")).status_code == 202
    assert (await world.post("jotform?x=1&token=secret", b"a=2")).status_code == 202
    for record in world.kafka.held:
        assert not any(b"secret" in value for _, value in record.headers)
    assert (world.kafka.event().query, world.kafka.event().trust, world.kafka.event().verified_by) == (
        "x=1",
        "token",
        "new",
    )


async def test_senders_get_the_success_they_need() -> None:
    world = World()
    answer = await world.post("google_ads", {"google_key": "secret", "lead_id": "1"})
    assert (answer.status_code, answer.content) == (200, b"{}")


async def test_the_public_address_is_what_hubspot_signed() -> None:
    world = World()
    body, stamp = b"{}", str(int(AT.timestamp() * 1000))
    uri = "https://leads.example.com/hooks/hubspot_forms?a=1"
    signature = base64.b64encode(
        hmac.new(KEY, f"POST{uri}".encode() + body + stamp.encode(), hashlib.sha256).digest()
    ).decode()
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}
    assert (await world.post("hubspot_forms?a=1", body, headers)).status_code == 202
    assert (await world.post("hubspot_forms?a=2", body, headers)).status_code == 401


async def test_a_captured_request_is_refused_after_its_window() -> None:
    world = World()
    stamp, body = str(int(AT.timestamp())), b"{}"
    signature = base64.b64encode(hmac.new(KEY, f"m1.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    statuses = []
    for seconds in (0, 299, 301):
        world.now = AT + timedelta(seconds=seconds)
        statuses.append((await world.post("sw", body, headers)).status_code)
    assert statuses == [202, 202, 401]
    assert world.kafka.event(0).submission_id == world.kafka.event(1).submission_id


async def test_handshakes() -> None:
    world = World()
    meta = await world.ask("GET", "/hooks/meta_lead_ads?hub.mode=subscribe&hub.challenge=11&hub.verify_token=secret")
    assert (meta.status_code, meta.text) == (200, "11")
    wrong = await world.ask("GET", "/hooks/meta_lead_ads?hub.mode=subscribe&hub.challenge=11&hub.verify_token=no")
    assert wrong.status_code == 401
    linkedin = await world.ask("GET", "/hooks/li?challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0")
    assert (
        linkedin.json()["challengeResponse"]
        == hmac.new(KEY, b"890e4665-4dfe-4ab1-b689-ed553bceeed0", hashlib.sha256).hexdigest()
    )
    cloud = await world.ask("OPTIONS", "/hooks/demo", headers={"WebHook-Request-Origin": "events.example.com"})
    assert (cloud.status_code, cloud.headers["webhook-allowed-origin"]) == (200, "events.example.com")
    assert (await world.ask("PUT", "/hooks/demo")).status_code == 405


async def test_too_large_whether_it_says_so_or_not() -> None:
    world = World()

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    assert (await world.post("demo", b"x" * (1 << 20))).status_code == 202
    assert (await world.post("demo", b"x" * ((1 << 20) + 1))).status_code == 413
    assert (await world.ask("POST", "/hooks/demo", content=chunks())).status_code == 413
    assert (await world.post("demo", b"", {"Content-Length": "9" * 30})).status_code == 413
    assert (world.budget.requests, world.budget.bytes) == (0, 0)


async def test_a_body_that_does_not_come_is_given_up() -> None:
    world = World(body_seconds=0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    assert (await world.ask("POST", "/hooks/demo", content=slow())).status_code == 408
    assert (world.budget.requests, world.budget.bytes) == (0, 0)


async def test_a_full_house_and_a_sender_that_is_too_fast() -> None:
    full = World(requests=0)
    answer = await full.post("demo", b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    world = World(rate=1.0, burst=2.0)
    assert [(await world.post("demo", b"{}")).status_code for _ in range(3)] == [202, 202, 429]
    assert (await world.post("contact", b"a=1")).status_code == 202
    world.seconds = 1.0
    assert (await world.post("demo", b"{}")).status_code == 202
    assert int((await world.post("demo", b"{}")).headers["retry-after"]) >= 1


@pytest.mark.parametrize("wrong", [SpoolFullError(), SpoolBrokenError()])
async def test_no_success_without_safety(wrong: Exception) -> None:
    world = World()
    world.kafka.wrong = wrong
    answer = await world.post("demo", b"{}")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


async def test_before_any_policy_is_known_nobody_is_turned_away_for_good() -> None:
    world = World()
    world.policy_known = False
    assert (await world.post("typeform", b"{}")).status_code == 503
    assert (await world.ask("GET", "/hooks/typeform")).status_code == 503


async def test_while_the_broker_is_away_the_receipt_says_spooled(tmp_path: Path) -> None:
    kafka = Kafka()
    log = SubmissionLog(kafka, Spool(tmp_path, 1 << 20, KEY), 1.0, lambda: 1.0)
    world = World(log=log)
    kafka.wrong = Retryable("away")
    answer = await world.post("demo", b'{"submissionId":"s1"}')
    assert (answer.status_code, answer.json()["spooled"]) == (202, True)
    kafka.wrong = None
    assert await log.drain()
    assert kafka.event().submission_id == answer.json()["submission_id"]
    assert kafka.held[0].value == b'{"submissionId":"s1"}'


HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"[" * 5_000, b'{"submissionId":{"a":1}}', b'{"submissionId":NaN}', b"\x00"]),
)
SOURCES = [*POLICY.sources.sources, *SETTINGS, "nobody", "a/b/c", "%2e%2e", "%00", "é"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.sampled_from(SOURCES),
    body=HOSTILE,
    headers=st.dictionaries(
        st.sampled_from(["content-type", "content-encoding", "webhook-id", "webhook-signature", "authorization",
                         "idempotency-key",
                         "typeform-signature", "webhook-timestamp", "x-hubspot-signature-v3"]),
        st.binary(max_size=40).filter(lambda value: b"\n" not in value and b"\r" not in value and b"\x00" not in value),
        max_size=4,
    ),
    query=st.binary(max_size=30),
)  # fmt: skip
@example(source="demo", body=b"", headers={}, query=b"a=\x00")
async def test_never_a_500(source: str, body: bytes, headers: dict[str, bytes], query: bytes) -> None:
    world = World()
    statuses: list[int] = []
    pieces = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(pieces, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "method": "POST", "path": f"/hooks/{source}", "raw_path": f"/hooks/{source}".encode(),
        "query_string": query,
        "headers": [(name.encode(), value) for name, value in headers.items()],
    }  # fmt: skip
    await world.hooks(scope, receive, send)
    assert statuses in ([202], [200], [401])
    if source not in POLICY.sources.sources or POLICY.sources.sources[source].secret:
        assert statuses == [401]
    for record in world.kafka.held:
        assert decode(SUBMISSION_RECEIVED, record.value, record.headers).sha256 == hashlib.sha256(body).hexdigest()


async def test_the_api_asks_for_its_token() -> None:
    world = World()
    for method, path in (("GET", "/api/sources"), ("GET", "/api/submissions/x?partition=0&offset=0")):
        assert (await world.ask(method, path)).status_code == 401
    assert (
        await world.ask("POST", "/api/submissions/x/redrive", json={"partition": 0, "offset": 0})
    ).status_code == 401


async def test_sources_are_listed_without_their_secrets() -> None:
    answer = await World().ask("GET", "/api/sources", headers=API)
    assert [source["url"] for source in answer.json()] == [
        "https://leads.example.com/hooks/typeform",
        "https://leads.example.com/hooks/demo",
    ]
    assert "secret" not in answer.text.replace("secrets", "")


async def test_a_submission_can_be_seen_and_mapped_again() -> None:
    world = World()
    receipt = (await world.post("demo", b"\xff{}")).json()
    path = f"/api/submissions/{receipt['submission_id']}"
    shown = (await world.ask("GET", f"{path}?partition=0&offset=0", headers=API)).json()
    assert (shown["intact"], shown["body_base64"], shown["body_text"]) == (
        True,
        base64.b64encode(b"\xff{}").decode(),
        None,
    )
    assert (await world.ask("GET", "/api/submissions/other?partition=0&offset=0", headers=API)).status_code == 404
    assert (await world.ask("GET", f"{path}?partition=0&offset=9", headers=API)).status_code == 404
    asked = await world.ask(
        "POST", f"{path}/redrive", headers={**API, "X-Signalbox-Actor": "ana"}, json={"partition": 0, "offset": 0}
    )
    assert (asked.status_code, asked.json()["lead_id"]) == (202, ids.lead_id(receipt["submission_id"], 0))
    ((service, name, key, actor, arguments),) = world.sent.commands
    assert (service, name, key, actor.id) == ("intake", "redrive", receipt["submission_id"], "ana")
    assert arguments == {"position": {"topic": "submission.received.v1", "partition": 0, "offset": 0}}


async def test_a_source_has_limits_of_its_own() -> None:
    world = World()
    rules = POLICY.sources.sources["demo"].model_copy(update={"max_body_bytes": 200, "per_second": 1.0})
    sources = POLICY.sources.model_copy(update={"sources": {**POLICY.sources.sources, "demo": rules}})
    world.policy = POLICY.model_copy(update={"sources": sources})
    large = {"email": "ann@acme.example", "message": "x" * 300}
    assert [(await world.post("demo", {"email": "ann@acme.example"})).status_code for _ in range(3)] == [202, 202, 429]
    world.seconds += 60
    assert (await world.post("demo", large)).status_code == 413
    assert (await world.post("contact", large)).status_code == 202

"""Calls at providers that keep to their contracts: what is kept, what waits and for how long, what a person is told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from libs.contracts.codec import Encoded, decode
from libs.contracts.fetch import METHOD, FetchOrder
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from services.fetch.calls import Calls
from services.fetch.connectors import CONNECTORS
from services.fetch.domain.account import Account
from services.fetch.domain.answers import LIMIT_SECONDS, TOKEN_SECONDS
from tests.services.fetch.providers import CONTACT, LEAD, RESPONSE, Answer, Providers, providers

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OBJECTS = {"meta": "meta_lead_ads", "linkedin": "linkedin_lead_sync", "hubspot": "hubspot_events"}
NAMES = {"meta": "123", "linkedin": "urn:li:leadGenFormResponse:123", "hubspot": "62515/contact/123"}


@dataclass
class World:
    """Calls with a log in memory, a clock that is set, and tokens that can be changed."""

    held: Providers
    accounts: dict[str, Account] = field(default_factory=dict)
    kept: list[Encoded] = field(default_factory=list)
    health: Health = field(default_factory=Health)
    seconds: float = 0.0
    max_answer_bytes: int = 100_000

    def __post_init__(self) -> None:
        self.accounts = {name: Account(**account) for name, account in self.held.accounts().items()}  # type: ignore[arg-type]
        self.calls = Calls(
            CONNECTORS, lambda _: self.accounts, self, self.health, timeout_seconds=2.0,
            max_answer_bytes=self.max_answer_bytes, now=lambda: NOW, monotonic=lambda: self.seconds,
        )  # fmt: skip

    async def send_and_wait(self, encoded: Encoded, timeout_seconds: float = 5.0) -> Position:
        self.kept.append(encoded)
        return Position(topic=encoded.topic, partition=0, offset=len(self.kept) - 1)

    async def call(self, provider: str, object_id: str = "") -> Any:
        order = FetchOrder(
            source=OBJECTS[provider], provider=provider, object_id=object_id or NAMES[provider], trust="signed",
            verified_by="first",
        )  # fmt: skip
        return await self.calls.call(order.model_dump(mode="json"), "effect")


@pytest.fixture
def world() -> Iterator[World]:
    with providers() as held:
        yield World(held)


WHOLE: dict[str, dict[str, Any]] = {"meta": LEAD, "linkedin": RESPONSE, "hubspot": CONTACT}


@pytest.mark.parametrize("provider", OBJECTS)
async def test_an_answer_is_kept_byte_for_byte_as_a_submission(world: World, provider: str) -> None:
    assert await world.call(provider) == {"outcome": "fetched"}
    assert await world.call(provider) == {"outcome": "fetched"}
    first, second = (decode(SUBMISSION_RECEIVED, one.value, one.headers) for one in world.kept)
    assert (first.event_id, first.submission_id) == (second.event_id, second.submission_id)
    assert (first.method, first.trust, first.verified_by) == (METHOD, "signed", "first")
    assert first.delivery_id == f"{provider} {NAMES[provider]}"
    said = json.loads(world.kept[0].value)
    said = said["properties"] if provider == "hubspot" else said
    missing = {"secret_note"} if provider == "hubspot" else set()
    assert WHOLE[provider].keys() - said.keys() == missing
    assert said["id" if provider != "hubspot" else "email"]
    await world.calls.close()


BUSINESS_USE = json.dumps({"1": [{"type": "leadgen", "call_count": 100, "estimated_time_to_regain_access": 7}]})
LATER: list[tuple[str, Answer, float | None]] = [
    ("meta", (400, {"error": {"code": 80005}}, {"X-Business-Use-Case-Usage": BUSINESS_USE}), 7 * 60.0),
    ("meta", (400, {"error": {"code": 80005}}, {"X-Business-Use-Case-Usage": "{"}), LIMIT_SECONDS),
    ("meta", (403, {"error": {"code": 4}}, {}), LIMIT_SECONDS),
    ("meta", (500, {"error": {"code": 1}}, {}), None),
    ("meta", (400, {"error": {"code": 2}}, {}), None),
    ("meta", (502, b"<html>", {}), None),
    ("linkedin", (429, {}, {"Retry-After": "17"}), 17.0),
    ("linkedin", (429, {}, {"Retry-After": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}), 90.0),
    ("linkedin", (503, {}, {"Retry-After": "1e9"}), None),
    ("linkedin", (200, b"<html>", {}), None),
    ("hubspot", (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {}), 10.0),
    ("hubspot", (429, {"policyName": "DAILY"}, {}), 3600.0),
    ("hubspot", (429, {"policyName": "DAILY"}, {"Retry-After": "5"}), 5.0),
    ("hubspot", (504, {}, {"Retry-After": "30"}), 30.0),
]


@pytest.mark.parametrize(("provider", "answer", "after"), LATER)
async def test_what_passes_is_waited_for_as_long_as_the_provider_says(
    world: World, provider: str, answer: Answer, after: float | None
) -> None:
    world.held.first["123"] = [answer]
    with pytest.raises(Retryable) as told:
        await world.call(provider)
    assert told.value.after_seconds == after
    assert not world.kept
    world.seconds += (after or 0) + 1
    assert await world.call(provider) == {"outcome": "fetched"}
    await world.calls.close()


async def test_a_limited_source_is_left_alone_and_the_others_are_not(world: World) -> None:
    world.held.first["123"] = [(429, {}, {"Retry-After": "60"})]
    with pytest.raises(Retryable):
        await world.call("linkedin")
    world.seconds = 20
    with pytest.raises(Retryable) as told:
        await world.call("linkedin", "urn:li:leadGenFormResponse:124")
    assert told.value.after_seconds == 40
    assert await world.call("hubspot") == {"outcome": "fetched"}
    assert world.held.calls == ["123", "123"]
    await world.calls.close()


@pytest.mark.parametrize("provider", OBJECTS)
async def test_a_refused_token_is_told_and_a_new_one_counts_at_once(world: World, provider: str) -> None:
    world.held.token = "the new one"
    with pytest.raises(Retryable) as told:
        await world.call(provider)
    assert told.value.after_seconds == TOKEN_SECONDS
    assert "refuses the access token" in world.health.warnings()[OBJECTS[provider]]
    assert not world.health.problems()
    with pytest.raises(Retryable):
        await world.call(provider)
    assert len(world.held.calls) == 1
    world.accounts = {name: Account(**account) for name, account in world.held.accounts("the new one").items()}  # type: ignore[arg-type]
    assert await world.call(provider) == {"outcome": "fetched"}
    assert not world.health.warnings()
    await world.calls.close()


@pytest.mark.parametrize("provider", ["linkedin", "hubspot"])
async def test_what_was_deleted_is_gone(world: World, provider: str) -> None:
    world.held.deleted.add("123")
    told = await world.call(provider)
    assert (told["outcome"], "deleted" in told["reason"]) == ("gone", True)
    assert not world.kept
    await world.calls.close()


async def test_what_only_a_person_can_tell_is_refused_with_the_reason(world: World) -> None:
    world.held.deleted.add("123")
    with pytest.raises(Rejected, match="does not exist any more, or the token may not read it"):
        await world.call("meta")
    world.held.first["123"] = [(302, {}, {"Location": "http://127.0.0.1:1/"})]
    with pytest.raises(Rejected, match="302"):
        await world.call("hubspot")
    world.held.first["123"] = [(200, b'{"a":"' + b"x" * 200_000 + b'"}', {})]
    with pytest.raises(Rejected, match="too large"):
        await world.call("linkedin")
    world.accounts = {}
    with pytest.raises(Rejected, match="signalbox sources token meta_lead_ads"):
        await world.call("meta")
    assert not world.kept
    await world.calls.close()


async def test_a_provider_that_does_not_answer_is_asked_again(world: World) -> None:
    world.accounts = {"meta_lead_ads": Account("t", "http://127.0.0.1:1")}
    with pytest.raises(Retryable, match="does not answer") as told:
        await world.call("meta")
    assert told.value.after_seconds is None
    await world.calls.close()


async def test_ids_can_not_leave_their_place_in_the_address(world: World) -> None:
    for provider in OBJECTS:
        assert await world.call(provider, "../../me?x#y") == {"outcome": "fetched"}
    assert [path.partition("?")[0] for path in world.held.paths] == [
        "/graph/v23.0/..%2F..%2Fme%3Fx%23y",
        "/rest/leadFormResponses/..%2F..%2Fme%3Fx%23y",
        "/hubspot/crm/v3/objects/contacts/me%3Fx%23y",
    ]
    await world.calls.close()


def test_no_token_shows_in_what_is_printed() -> None:
    account = Account("tell nobody", app_secret="nor this")
    question = CONNECTORS["meta"].question("1", account)
    assert "tell nobody" not in repr(account) + repr(question) + question.url
    assert "nor this" not in repr(account) + repr(question)

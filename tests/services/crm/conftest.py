"""The REST API over the real stages in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.events import Command
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from services.crm.api import create_app
from services.crm.settings import CrmSettings
from tests.services.crm.world import Crm

TOKEN = "t" * 32


class Sender:
    """Decides commands at once by the real stage, or lets them wait."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.waits = False
        self.keys: list[str] = []
        self.told: dict[str, JsonValue] = {}

    async def send(
        self, service: str, name: str, key: str, actor: Actor, arguments: JsonValue,
        seen_hash: str | None = None, command_id: str | None = None,
    ) -> CommandResult:  # fmt: skip
        assert command_id is not None
        self.keys.append(key)
        event = Command(
            event_id=command_id,
            command_id=command_id,
            name=name,
            key=key,
            actor=actor,
            arguments=arguments,
            seen_hash=seen_hash,
        )
        if command_id not in self.told:
            self.told[command_id] = (await self.crm.take(event)).answer
        return CommandResult(command_id, done=False) if self.waits else await self.outcome(command_id)

    async def outcome(self, command_id: str) -> CommandResult:
        done = command_id in self.told
        return CommandResult(command_id, done, self.told.get(command_id))


@pytest.fixture
def crm() -> Crm:
    return Crm()


@pytest.fixture
def sender(crm: Crm) -> Sender:
    return Sender(crm)


@pytest.fixture
async def client(crm: Crm, sender: Sender) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(crm.store, sender, TOKEN, Health(), CrmSettings(), b"tenant")
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Signalbox-Actor": "ana"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm", headers=headers) as client:
        yield client

"""Crm as it is wired with a remote, on the real broker and database and a HubSpot on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from libs.contracts.change import Actor, FieldChange, ProposedChange, RecordRef, Source, Status
from libs.contracts.events import ChangeRecorded, Command, CrmWrite, Event
from libs.contracts.ids import derived_id
from libs.contracts.topics import CRM_WRITE
from libs.runtime.batches import run_due_batches
from libs.runtime.settings import RuntimeSettings
from services.crm.service import build
from tests.libs.runtime.harness import POLICY_HASH, send, until
from tests.services.crm.connectors.hubspot import APP_ID, TOKEN, FakeHubSpot, Object
from tests.services.crm.connectors.serving import serving
from tests.services.crm.running import Running, running_service

APPROVED = Actor(kind="human_approved_ai", id="ana")
PROVIDER = Source(kind="provider", name="company_directory", trust=0.8)


class Told:
    """Writes of one contact, and what came of them."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self.kafka = settings.kafka
        self.ref = RecordRef(type="contact", id=derived_id("remote test", settings.env))
        self.lead = derived_id("lead", settings.env)
        self._number = 0

    async def write(self, *changes: ProposedChange, **more: Any) -> None:
        self._number += 1
        name = derived_id("write", self.ref.id, self._number)
        event = CrmWrite(event_id=name, write_id=name, lead_id=self.lead, record=self.ref, changes=changes,
                         policy_hash=POLICY_HASH, **more)  # fmt: skip
        await send(self.kafka, CRM_WRITE, [event])

    def change(self, field: str, new: str, old: str | None = None, **more: Any) -> ProposedChange:
        told: dict[str, Any] = {
            "source": PROVIDER,
            "confidence": 0.95,
            "actor": APPROVED,
            "verified_by": "ana",
            "reason": "found",
        }
        return ProposedChange(record=self.ref, field=field, new=new, old=old, **{**told, **more})

    async def audited(self, wanted: Callable[[FieldChange], bool], count: int = 1) -> list[FieldChange]:
        def fits(event: Event) -> bool:
            return isinstance(event, ChangeRecorded) and event.change.record == self.ref and wanted(event.change)

        found = await until(self.kafka, "audit.change.v1", fits, count)
        return [event.change for event in found if isinstance(event, ChangeRecorded)]


@asynccontextmanager
async def at_work(crm: Running) -> AsyncIterator[None]:
    """The service's own loops: mirror effects, and polls."""
    batch = crm.service.batches["mirror.hubspot"]

    async def mirror() -> None:
        while True:
            await run_due_batches("crm", crm.pool, crm.producer, "mirror.hubspot", batch)
            await asyncio.sleep(0.05)

    tasks = [asyncio.ensure_future(mirror()), *(asyncio.ensure_future(one()) for one in crm.service.background)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if holds():
                return
            await asyncio.sleep(0.05)


def contact(fake: FakeHubSpot) -> Object:
    return next(iter(fake.objects["contacts"].values()))


async def test_a_leads_write_reaches_hubspot_and_people_there_are_heard(settings: RuntimeSettings) -> None:
    fake, told = FakeHubSpot(), Told(settings)
    async with serving(fake) as address:
        remote = {"kind": "hubspot", "token": TOKEN, "app_id": APP_ID, "base_url": address, "poll_seconds": 0.2}
        (settings.data / "crm.json").write_text(json.dumps({"hubspot": {**remote, "types": ["contact"]}}))
        (settings.data / "crm.json").chmod(0o600)
        async with running_service(settings, "crm", build) as crm, at_work(crm):
            await _told(crm, fake, told)


async def _told(crm: Running, fake: FakeHubSpot, told: Told) -> None:
    await told.write(*(told.change(*pair) for pair in (("email", "jane@acme.com"), ("title", "CTO"), ("city", "Bonn"))))
    await eventually(lambda: bool(fake.objects["contacts"]) and contact(fake).value("jobtitle") == "CTO")
    made = {one.field: one for one in await told.audited(lambda one: one.status is Status.APPLIED, 3)}
    await crm_polled(crm)
    fake.person("contacts", contact(fake).id, {"jobtitle": "Founder"})
    (came,) = await told.audited(lambda one: one.source.name == "hubspot" and one.status is Status.APPLIED)
    assert (came.field, came.old, came.new, came.actor.id) == ("title", "CTO", "Founder", "hubspot:77")
    await told.write(
        *(
            told.change(name, "", made[name].new, source=Source(kind="rollback", name="audit"), reverts=made[name].change_id,  # type: ignore[arg-type]
                        actor=Actor(kind="human", id="ana")).model_copy(update={"new": None})
            for name in ("title", "city")
        ),
        rollback_id="rb1",
    )  # fmt: skip
    await eventually(lambda: contact(fake).value("city") == "")
    (moved,) = await told.audited(lambda one: one.status is Status.CONFLICT and one.reverts is not None)
    assert (moved.field, contact(fake).value("jobtitle")) == ("title", "Founder")
    await _contested(fake, told)
    shown = (await crm.client.get("/api/remotes")).json()["items"][0]
    assert (shown["name"], shown["state"], shown["linked"]) == ("hubspot", "up", 1)
    assert TOKEN not in json.dumps(shown)


async def _contested(fake: FakeHubSpot, told: Told) -> None:
    """A person writes there in the moment before ours goes out."""
    found = contact(fake)

    def person() -> None:
        if fake.is_write(fake.asked[-1]):
            fake.between = lambda: None
            fake.person("contacts", found.id, {"phone": "+49 30 1"})

    fake.between = person
    await told.write(told.change("phone", "+49 30 999"))

    def asked(event: Event) -> bool:
        return isinstance(event, Command) and event.key == told.lead and event.name == "conflict"

    (question,) = await until(told.kafka, "router.command.v1", asked, 1)
    assert "+49 30 999" in json.dumps(question.model_dump(mode="json"))
    await told.audited(lambda one: one.field == "phone" and one.status is Status.APPLIED and one.new == "+49 30 1")
    assert found.value("phone") == "+49 30 1"


async def crm_polled(crm: Running) -> None:
    """Wait until the cursors stand: what people do from now on is seen."""
    async with asyncio.timeout(20):
        while True:
            if await crm.pool.fetchval("select count(*) from remote_cursor where cursor <> ''"):
                return
            await asyncio.sleep(0.05)

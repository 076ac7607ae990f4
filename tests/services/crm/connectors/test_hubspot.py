"""HubSpot's own ways: trace ids, history, batches of which one input is bad, automations, deletions that no list tells."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.change import RecordRef, Status
from libs.runtime import clock
from libs.runtime.batches import Done
from libs.runtime.errors import Retryable
from services.crm.connectors.poll import SWEEP_AGE
from tests.services.crm.connectors.hubspot import FakeHubSpot
from tests.services.crm.connectors.rig import Rig, far
from tests.services.crm.connectors.server import Said
from tests.services.crm.world import CONTACT

JANE = {"email": "jane@acme.com", "last_name": "Doe", "title": "CTO"}


@pytest.fixture
def rig() -> Rig:
    return Rig(far("hubspot"))


def account(rig: Rig) -> FakeHubSpot:
    server: Any = rig.remote.server
    assert isinstance(server, FakeHubSpot)
    return server


async def test_a_write_carries_the_id_of_the_audited_change(rig: Rig) -> None:
    changes = await rig.machine(**JANE)
    await rig.run()
    assert set(account(rig).traces) <= {one.change_id for one in changes}
    assert account(rig).objects["contacts"][rig.remote_id()].value("signalbox_id") == CONTACT.id


async def test_what_an_automation_wrote_is_no_persons_word(rig: Rig) -> None:
    await rig.poll()
    await rig.machine(**JANE)
    await rig.run()
    found = account(rig).objects["contacts"][rig.remote_id()]
    account(rig)._set(found, {"jobtitle": "Workflow says"}, {"sourceType": "AUTOMATION_PLATFORM", "sourceId": "w1"})
    await rig.poll()
    (change,) = [one for one in rig.told if one.source.name == "hubspot"]
    assert (change.actor.kind, change.actor.id) == ("rule", "hubspot:automation")
    assert change.status is not Status.APPLIED  # ana approved the title: a machine does not replace it
    assert rig.record().value("title") == "CTO"
    before = len(rig.told)
    await rig.poll()
    assert len(rig.told) == before


async def test_a_value_that_ours_stood_over_is_put_back_after_a_crash_too(rig: Rig) -> None:
    """The process dies after the write and before it looked at the history."""
    await rig.machine(**JANE)
    await rig.run()
    await rig.machine(title="CEO")
    server, remote_id = account(rig), rig.remote_id()

    def person() -> None:
        if server.asked[-1].path.endswith("/update"):
            server.between = lambda: None
            rig.remote.person(remote_id, title="Founder")
            server.faults.append(Said(503))  # the look at the history

    server.between = person
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    assert rig.remote.value(remote_id, "title") == "CEO"
    rig.connector.http.breaker.worked()
    await rig.settle()
    assert rig.remote.value(remote_id, "title") == "Founder"
    assert rig.record().value("title") == "Founder"
    assert [one.new for one in rig.conflicts()] == ["CEO"]


async def test_a_size_that_is_a_band_does_not_go_into_a_number(rig: Rig) -> None:
    ref = RecordRef(type="company", id="c1")
    await rig.machine(ref, name="Acme", domain="acme.com", employees="51-200")
    await rig.run()
    (found,) = account(rig).objects["companies"].values()
    assert (found.value("name"), found.value("numberofemployees")) == ("Acme", "")
    await rig.machine(ref, employees=120)
    await rig.run()
    assert found.value("numberofemployees") == "120"


async def test_tasks_and_deals_speak_hubspots_words(rig: Rig) -> None:
    task, deal = RecordRef(type="task", id="t1"), RecordRef(type="opportunity", id="o1")
    await rig.machine(task, title="Call", status="open", due_at="2026-11-30T10:00:00+01:00")
    await rig.machine(deal, name="Acme 2027", stage="qualified", amount=5000.0, close_date="2026-12-31")
    results = await rig.run()
    assert all(isinstance(one, Done) for one in results)
    (told,) = account(rig).objects["tasks"].values()
    assert (told.value("hs_task_status"), told.value("hs_timestamp")) == ("NOT_STARTED", "2026-11-30T09:00:00.000Z")
    (told,) = account(rig).objects["deals"].values()
    assert (told.value("amount"), told.value("closedate")) == ("5000", "2026-12-31")
    await rig.settle()
    assert rig.conflicts() == []


async def test_a_deletion_that_no_list_tells_is_found_by_looking(rig: Rig) -> None:
    await rig.poll()
    await rig.machine(**JANE)
    await rig.run()
    rig.remote.delete(rig.remote_id())
    assert await rig.poll() == 0
    rig.links.looked["hubspot", CONTACT] = clock.now() - SWEEP_AGE - timedelta(minutes=1)
    assert await rig.poll() == 1
    assert [one.field for one in rig.told if one.field == "deleted"] == ["deleted"]
    assert rig.links.rows["hubspot", CONTACT].gone


async def test_a_token_that_is_refused_waits_for_a_person(rig: Rig) -> None:
    await rig.machine(**JANE)
    account(rig).faults.append(Said(401, {"category": "INVALID_AUTHENTICATION", "message": "expired"}))
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    assert "refuses the token" in str(put_off)
    assert "pat-eu1" not in str(put_off)
    assert "refuses the token" in rig.health.warnings()["crm hubspot"]


async def test_a_property_that_is_missing_there_loses_nothing(rig: Rig) -> None:
    await rig.machine(**JANE)
    account(rig).faults.append(
        Said(400, {"category": "VALIDATION_ERROR", "message": "Property signalbox_id does not exist"})
    )
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    await rig.run()
    assert len(rig.remote.ids()) == 1


async def test_more_changes_than_a_page_are_all_read(rig: Rig) -> None:
    await rig.poll()
    made = [rig.remote.new(email=f"p{n}@x.com", last_name=f"P{n}") for n in range(130)]
    await rig.poll()
    assert len([ref for ref in rig.store.records if ref.id.startswith("hubspot.")]) == len(made)
    assert await rig.poll() == 0

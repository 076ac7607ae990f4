"""Salesforce's own ways: sessions, whole seconds, external ids, 300, duplicate rules, the daily limit."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.change import RecordRef
from libs.runtime.errors import Rejected, Retryable
from services.crm.connectors.base import Target
from services.crm.connectors.salesforce import soql_text
from services.crm.domain.remote import Again, Change
from services.crm.domain.remote_found import REMOTE_DUPLICATES
from tests.services.crm.connectors.rig import Rig, far
from tests.services.crm.connectors.salesforce import EXTERNAL, RITA, FakeSalesforce, failed
from tests.services.crm.world import CONTACT

JANE = {"email": "jane@acme.inc", "last_name": "Doe", "title": "CTO"}


@pytest.fixture
def rig() -> Rig:
    return Rig(far("salesforce"))


def org(rig: Rig) -> FakeSalesforce:
    server: Any = rig.remote.server
    assert isinstance(server, FakeSalesforce)
    return server


async def test_a_session_that_ended_is_renewed_once(rig: Rig) -> None:
    await rig.machine(**JANE)
    await rig.run()
    org(rig).expire()
    await rig.machine(title="CEO")
    await rig.run()
    assert rig.remote.value(rig.remote_id(), "title") == "CEO"
    assert org(rig).logins == 2


async def test_ids_are_encoded_in_the_address_and_stand_nowhere_else(rig: Rig) -> None:
    ref = RecordRef(type="contact", id="a.inc:b-c_1")
    await rig.machine(ref, **JANE)
    await rig.run()
    (row,) = org(rig).objects["Contact"].values()
    assert row.values[EXTERNAL] == ref.id
    assert not row.auto_assigned


async def test_an_edit_within_the_second_of_the_reading_is_waited_out(rig: Rig) -> None:
    """`If-Unmodified-Since` compares whole seconds: what changed in the very second of the reading proves nothing."""
    await rig.machine(**JANE)
    await rig.run()
    server, remote_id = org(rig), rig.remote_id()
    server.step = timedelta()
    rig.remote.person(remote_id, city="Rome")
    connector = rig.connector
    snapshot = (await connector.read([Target(CONTACT, remote_id)]))[CONTACT]
    rig.remote.person(remote_id, title="Founder")  # the same second
    (result,) = await connector.apply([connector.plan([Change(CONTACT, "title", "CTO", "CEO", 2)], snapshot)], "k")
    assert isinstance(result, Again)
    assert rig.remote.value(remote_id, "title") == "Founder"


async def test_several_records_with_our_id_are_a_question_not_a_retry(rig: Rig) -> None:
    for _ in range(2):
        remote_id = rig.remote.new(email="x@x.com", last_name="X")
        org(rig).objects["Contact"][remote_id].values[EXTERNAL] = "another"
    ref = RecordRef(type="contact", id="another")
    snapshot = None
    plan = rig.connector.plan([Change(ref, "title", None, "CTO", 1)], snapshot)
    (result,) = await rig.connector.apply([plan], "k")
    assert len(getattr(result, "duplicates", ())) == 2


async def test_duplicates_are_asked_about_and_a_yes_makes_the_record(rig: Rig) -> None:
    for _ in range(2):
        rig.remote.new(email=JANE["email"], last_name="Somebody")
    await rig.machine(**JANE)
    await rig.run()
    assert rig.dues == []
    (conflict,) = rig.conflicts()
    assert (conflict.field, conflict.new, conflict.rule) == ("email", JANE["email"], REMOTE_DUPLICATES)
    assert len(rig.remote.ids()) == 2
    assert rig.asked[-1].name == "conflict"
    await rig.machine(email=JANE["email"])  # the answer: written over what crm holds already
    await rig.settle()
    assert len(rig.remote.ids()) == 3


async def test_the_last_share_of_the_daily_calls_is_left_to_others(rig: Rig) -> None:
    org(rig).limit = (13_499, 15_000)
    await rig.machine(**JANE)
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    assert put_off.after_seconds is not None
    assert put_off.after_seconds > 600
    calls = len(org(rig).asked)
    await rig.run()
    assert len(org(rig).asked) == calls
    assert rig.health.warnings()


async def test_a_name_that_salesforce_asks_for_is_read_off_what_crm_holds(rig: Rig) -> None:
    await rig.machine(email="jane@acme.com", name="Jane van Doe")
    await rig.run()
    assert rig.remote.value(rig.remote_id(), "last_name") == "Doe"


async def test_a_deletion_in_the_list_of_changes_is_noticed(rig: Rig) -> None:
    await rig.poll()
    await rig.machine(**JANE)
    await rig.run()
    rig.remote.delete(rig.remote_id())
    await rig.poll()
    assert [one.field for one in rig.told if one.field == "deleted"] == ["deleted"]
    await rig.poll()
    assert [one.field for one in rig.told if one.field == "deleted"] == ["deleted"]


async def test_who_edited_is_told(rig: Rig) -> None:
    await rig.poll()
    await rig.machine(**JANE)
    await rig.run()
    rig.remote.person(rig.remote_id(), title="Founder")
    await rig.poll()
    assert rig.applied("salesforce")[-1].actor.id == f"salesforce:{RITA}"


def test_texts_are_quoted() -> None:
    assert soql_text("O'Neil\\x") == "'O\\'Neil\\\\x'"


async def test_a_type_that_is_not_set_up_there_holds_up_no_other(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks have no external id field in this org."""
    server = org(rig)

    def routed(asked: Any) -> Any:
        if " FROM Task" in asked.query.get("q", ""):
            raise failed(400, "INVALID_FIELD", f"No such column '{EXTERNAL}' on entity 'Task'")
        return FakeSalesforce._routed(server, asked)

    monkeypatch.setattr(server, "_routed", routed)
    await rig.machine(RecordRef(type="task", id="t1"), title="Call")
    await rig.machine(**JANE)
    first, second = await rig.run()
    assert isinstance(first, Retryable)
    assert not isinstance(second, Retryable)
    assert rig.remote.value(rig.remote_id(), "title") == "CTO"
    assert "INVALID_FIELD" in rig.health.warnings()["crm salesforce"]
    await rig.poll()  # the cursors stand now
    rig.remote.person(rig.remote_id(), title="Founder")
    with pytest.raises(Rejected):
        await rig.poll()
    await rig.take_commands()
    assert rig.record().value("title") == "Founder"

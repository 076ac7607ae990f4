"""What every remote CRM's connector promises, against a fake of each that enforces its contract."""

import asyncio
from collections.abc import Sequence

import pytest

from libs.contracts.change import RecordRef, Status
from libs.contracts.events import Command
from libs.runtime.batches import Done
from libs.runtime.errors import Retryable
from services.crm.connectors.base import Target, pull_all
from services.crm.domain.remote import Change, Moved, Written
from services.crm.domain.remote_found import REMOTE_DRIFT
from tests.services.crm.connectors.rig import Far, Rig, far
from tests.services.crm.connectors.server import Said
from tests.services.crm.world import ANA, CONTACT, revert

NAMES = ("hubspot", "salesforce", "webhook")
JANE = {"email": "jane+x@acme.inc", "first_name": "Jane", "last_name": "O'Neil", "title": "CTO"}


@pytest.fixture(params=NAMES)
def remote(request: pytest.FixtureRequest) -> Far:
    return far(request.param)


@pytest.fixture
async def rig(remote: Far) -> Rig:
    """A crm whose cursor stands at now, with one mirrored contact."""
    made = Rig(remote)
    await made.poll()
    await made.machine(**JANE)
    await made.run()
    return made


def values(rig: Rig, *names: str) -> dict[str, object]:
    return {name: rig.remote.value(rig.remote_id(), name) for name in names}


async def test_a_new_record_is_made_there_once_with_all_its_fields(rig: Rig) -> None:
    assert values(rig, *JANE) == JANE
    assert len(rig.remote.ids()) == 1
    assert rig.dues == []
    assert not getattr(rig.remote.server, "overwritten_unseen", 0)


async def test_only_what_changed_goes_out(rig: Rig) -> None:
    before = rig.remote.server.writes
    await rig.machine(title="CEO")
    await rig.run()
    assert values(rig, "title", "email") == {"title": "CEO", "email": JANE["email"]}
    assert rig.remote.server.writes == before + 1


async def test_own_writes_come_back_and_are_silent(rig: Rig) -> None:
    await rig.machine(title="CEO")
    await rig.run()
    audited = len(rig.told)
    assert await rig.poll() == 0
    assert await rig.poll() == 0
    assert len(rig.told) == audited


async def test_a_persons_edit_there_comes_in_audited_with_who(rig: Rig) -> None:
    rig.remote.person(rig.remote_id(), title="Founder")
    await rig.poll()
    (change,) = rig.applied(rig.connector.name)
    assert (change.field, change.old, change.new, change.source.kind) == ("title", "CTO", "Founder", "crm")
    assert change.actor.kind == "human"
    assert change.actor.id.startswith(f"{rig.connector.name}:")
    assert rig.record().value("title") == "Founder"
    before = rig.remote.server.writes
    await rig.settle()
    assert rig.remote.server.writes == before  # it does not go back to where it came from


async def test_a_persons_edit_is_not_overwritten_and_comes_in_with_a_question(rig: Rig) -> None:
    await rig.machine(title="CEO", city="Bonn")
    rig.remote.person(rig.remote_id(), title="Founder")
    await rig.run()
    assert values(rig, "title", "city") == {"title": "Founder", "city": "Bonn"}
    assert rig.record().value("title") == "Founder"
    (conflict,) = rig.conflicts()
    assert (conflict.field, conflict.old, conflict.new, conflict.rule) == ("title", "Founder", "CEO", REMOTE_DRIFT)
    (asked,) = rig.asked
    assert (asked.target, asked.key) == ("router", "lead-1")
    before = len(rig.told)
    await rig.settle()
    assert len(rig.told) == before


async def test_a_yes_writes_over_exactly_what_the_person_saw(rig: Rig) -> None:
    await rig.machine(title="CEO")
    rig.remote.person(rig.remote_id(), title="Founder")
    await rig.run()
    await rig.machine(title="CEO")  # old is what stands: Founder
    await rig.settle()
    assert values(rig, "title") == {"title": "CEO"}


async def test_a_persons_edit_between_reading_and_writing_stands(rig: Rig) -> None:
    await rig.machine(title="CEO")
    server, remote_id = rig.remote.server, rig.remote_id()
    reads = len(server.asked)

    def meanwhile() -> None:
        if len(server.asked) > reads:
            server.between = lambda: None
            later = iter([True])

            def after_read() -> None:
                if len(server.asked) > reads + 1 and next(later, False):
                    rig.remote.person(remote_id, title="Founder")

            server.between = after_read

    server.between = meanwhile
    await rig.run()
    server.between = lambda: None
    await rig.settle()
    assert values(rig, "title") == {"title": "Founder"}
    assert rig.record().value("title") == "Founder"
    assert [one.new for one in rig.conflicts()] == ["CEO"]


async def test_a_redelivered_effect_writes_once_and_never_over_a_later_edit(rig: Rig) -> None:
    await rig.machine(title="CEO")
    dues = list(rig.dues)
    await rig.run()
    before = rig.remote.server.writes
    rig.dues = list(dues)
    await rig.run()
    assert rig.remote.server.writes == before
    rig.remote.person(rig.remote_id(), title="CTO")  # the very value that the change replaced
    rig.dues = list(dues)
    await rig.run()
    assert values(rig, "title") == {"title": "CTO"}


async def test_a_lost_answer_is_no_conflict_with_oneself(rig: Rig) -> None:
    await rig.machine(title="CEO")
    rig.remote.server.lose_answers = 1
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    before = rig.remote.server.writes
    await rig.machine(title="Chair")
    rig.connector.http.breaker.worked()
    await rig.run()
    assert values(rig, "title") == {"title": "Chair"}
    assert rig.remote.server.writes <= before + 1
    assert rig.conflicts() == []


async def test_a_lost_answer_to_a_new_record_makes_no_second_one(remote: Far) -> None:
    rig = Rig(remote)
    await rig.machine(**JANE)
    remote.server.lose_answers = 1
    await rig.run()
    rig.connector.http.breaker.worked()
    await rig.run()
    assert len(remote.ids()) == 1
    assert rig.dues == []


async def test_effects_out_of_order_end_with_the_newest(rig: Rig) -> None:
    await rig.machine(title="CEO")
    await rig.machine(title="Chair")
    await rig.run(lambda dues: dues[-1:])
    await rig.run()
    assert values(rig, "title") == {"title": "Chair"}
    assert rig.conflicts() == []


async def test_a_rollback_goes_back_the_same_way(rig: Rig) -> None:
    (title, city) = await rig.machine(title="CEO", city="Bonn")
    await rig.run()
    rig.remote.person(rig.remote_id(), city="Rome")
    await rig.write(revert(title), revert(city), rollback_id="rb1")
    await rig.settle()
    assert values(rig, "title", "city") == {"title": "CTO", "city": "Rome"}
    assert (rig.record().value("title"), rig.record().value("city")) == ("CTO", "Rome")


async def test_compensate_plans_the_way_back_over_what_was_read(rig: Rig) -> None:
    connector, target = rig.connector, Target(CONTACT, rig.remote_id())
    change = Change(CONTACT, "title", "CEO", "CTO", 1, change_id="ch-7")
    snapshot = (await connector.read([target]))[CONTACT]
    plan = connector.compensate(change, snapshot, 2)
    assert (dict(plan.values), plan.expected["title"].value) == ({"title": "CEO"}, "CTO")
    (result,) = await connector.apply([plan], "k1")
    assert isinstance(result, Written)
    rig.remote.person(rig.remote_id(), title="Founder")
    (result,) = await connector.apply([connector.plan([change], snapshot)], "k2")
    assert isinstance(result, Moved)
    assert values(rig, "title") == {"title": "Founder"}


async def test_a_record_that_people_made_there_comes_in(rig: Rig) -> None:
    remote_id = rig.remote.new(email="max@acme.com", first_name="Max", last_name="Mo")
    await rig.poll()
    ref = RecordRef(type="contact", id=f"{rig.connector.name}.{remote_id}")
    assert rig.record(ref).fields["email"] == "max@acme.com"
    assert rig.remote_id(ref) == remote_id
    await rig.machine(ref, title="Buyer")
    await rig.settle()
    assert rig.remote.value(remote_id, "title") == "Buyer"
    assert len(rig.remote.ids()) == 2


async def test_the_contact_with_the_address_is_linked_and_nothing_in_it_replaced(remote: Far) -> None:
    remote_id = remote.new(email=JANE["email"], last_name="Known", city="Rome")
    rig = Rig(remote)
    await rig.machine(**JANE)
    await rig.settle()
    assert remote.ids() == [remote_id]
    assert rig.remote_id() == remote_id
    assert values(rig, "last_name", "first_name", "title") == {
        "last_name": "Known",
        "first_name": "Jane",
        "title": "CTO",
    }
    assert [one.field for one in rig.conflicts()] == ["last_name"]


async def test_a_deletion_there_is_noticed_and_only_proposed_here(rig: Rig) -> None:
    rig.remote.delete(rig.remote_id())
    await rig.machine(title="CEO")
    await rig.run()
    assert rig.record().exists
    (deleted,) = [one for one in rig.told if one.field == "deleted"]
    assert deleted.status is Status.QUEUED
    assert rig.asked[-1].name == "conflict"
    await rig.machine(title="Chair")
    await rig.settle()
    assert rig.remote.ids() == []


async def test_owners_are_members_here_and_owners_there(rig: Rig) -> None:
    member = RecordRef(type="member", id="rita")
    await rig.edit(CONTACT, title="Boss")
    told = {"type": "member", "records": [{"id": "rita", "fields": {"email": "rita@example.com", "name": "Rita"}}]}
    await rig.take(Command(event_id="m1", command_id="m1", name="create", key="m1", actor=ANA, arguments=told))
    assert rig.record(member).exists
    await rig.edit(CONTACT, owner="rita")
    await rig.settle()
    owner = {"hubspot": "77", "salesforce": "005RITA", "webhook": "u1"}[rig.connector.name]
    assert values(rig, "owner") == {"owner": owner}
    assert not any(one.field == "owner" and one.status is Status.CONFLICT for one in rig.told)


@pytest.mark.parametrize(
    "fault",
    [Said(429, {"message": "slow down"}, {"retry-after": "7"}), Said(503, None), Said(500, {"message": "x"})],
    ids=["429", "503", "500"],
)
async def test_a_remote_that_is_busy_or_away_is_asked_again_and_nothing_is_lost(rig: Rig, fault: Said) -> None:
    await rig.machine(title="CEO")
    rig.remote.server.faults.append(fault)
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    assert (put_off.after_seconds or 0) >= (7 if fault.status == 429 else 1)
    assert rig.health.warnings()
    assert rig.links.problems[rig.connector.name]
    rig.connector.http.breaker.worked()
    rig.connector.http.bucket.paused_until = 0.0
    await rig.run()
    assert values(rig, "title") == {"title": "CEO"}
    assert not rig.health.warnings()


async def test_a_bad_record_sinks_no_other(remote: Far) -> None:
    rig = Rig(remote)
    others = [RecordRef(type="contact", id=f"c{n}") for n in range(5)]
    for n, ref in enumerate(others):
        bad = {"email": "no-address"} if n == 2 and remote.name != "salesforce" else {"email": f"p{n}@x.com"}
        name = {} if n == 2 and remote.name == "salesforce" else {"last_name": f"P{n}"}
        if n == 2 and remote.name == "salesforce":
            bad = {"city": "Bonn"}
        await rig.machine(ref, **bad, **name)
    results = await rig.run()
    assert all(isinstance(one, Done) for one in results)
    assert len(remote.ids()) == 4
    assert rig.links._one(rig.connector.name, others[2]).note


async def test_many_records_go_out_in_few_calls(remote: Far) -> None:
    rig = Rig(remote)
    for n in range(100):
        await rig.machine(RecordRef(type="contact", id=f"c{n}"), email=f"p{n}@x.com", last_name=f"P{n}")
    await rig.run()
    assert len(remote.ids()) == 100
    assert len(remote.server.asked) <= 16


async def test_the_whole_base_can_be_pulled(remote: Far) -> None:
    rig = Rig(remote)
    for n in range(230):
        remote.new(email=f"p{n}@x.com", last_name=f"P{n}", title="T")
    pages = [page async for page in pull_all(rig.connector, "contact")]
    records = [record for page in pages for record in page.records]
    assert len({record["id"] for record in records}) == 230
    assert pages[0].total == 230
    assert records[0]["fields"]["email"].endswith("@x.com")
    assert all(record["id"].startswith(f"{rig.connector.name}.") for record in records)


async def test_what_was_pulled_is_known_and_a_later_edit_there_comes_in(rig: Rig) -> None:
    remote_id = rig.remote.new(email="max@acme.com", last_name="Mo", title="Buyer")
    page = await rig.connector.pull("contact")
    mine = next(one for one in page.records if one["id"].endswith(remote_id))
    told = {"type": "contact", "records": [mine], "source": rig.connector.name}
    await rig.take(Command(event_id="i1", command_id="i1", name="import", key="i1", actor=ANA, arguments=told))
    assert rig.dues == []  # not back to where it came from
    ref = RecordRef(type="contact", id=mine["id"])
    rig.remote.person(remote_id, title="Head of buying")
    await rig.poll()
    assert rig.record(ref).value("title") == "Head of buying"
    assert rig.conflicts() == []


async def test_looking_and_writing_take_turns(rig: Rig) -> None:
    """A look that began before a write and ended after it would take our own value's predecessor for somebody's edit."""
    await rig.machine(title="CEO")
    rig.remote.person(rig.remote_id(), city="Rome")  # so that the look finds the record
    by_remote, running = rig.links.by_remote, list[asyncio.Task[object]]()

    async def slow(connector: str, record_type: str, remote_ids: Sequence[str]) -> dict[str, RecordRef]:
        if not running:
            running.append(asyncio.ensure_future(rig.run()))
            await asyncio.sleep(0.1)
        return await by_remote(connector, record_type, remote_ids)

    rig.links.by_remote = slow  # type: ignore[method-assign]
    await rig.poll(take=False)
    await running[0]
    await rig.take_commands()
    await rig.settle()
    assert values(rig, "title", "city") == {"title": "CEO", "city": "Rome"}
    assert [one.field for one in rig.applied(rig.connector.name)] == ["city"]
    assert rig.conflicts() == []

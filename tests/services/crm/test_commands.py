"""People's commands: edits, new and imported records, deletions, and what they are told when refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.change import RecordRef, Status
from libs.contracts.events import Event
from libs.runtime.errors import Rejected
from services.crm.domain.commands import TEXT_LIMIT
from services.crm.domain.links import is_record_id
from tests.services.crm.world import ANA, COMPANY, Crm, change, command, edit, write


async def created(crm: Crm, number: int = 1, **more: Any) -> Any:
    """The outcome of creating the company."""
    records = [{"id": COMPANY.id, "fields": {"name": "Acme", "domain": "acme.com"}}]
    return await crm.take(command(number, "create", COMPANY.id, type="company", records=records, **more))


async def test_a_person_creates_and_edits() -> None:
    crm = Crm()
    made = await created(crm)
    assert made.answer == {"status": "done", "records": [{"id": COMPANY.id, "status": "created", "version": 1}]}
    outcome = await crm.take(edit(2, {"name": "Acme Inc", "domain": None}, if_version=1))
    assert outcome.next.fields == {"name": "Acme Inc"}
    assert outcome.next.version == 2
    assert outcome.next.actor == ANA
    assert crm.record().meta["name"].verified_by == "ana"
    assert all(one.status is Status.APPLIED and one.actor == ANA for one in outcome.settled)


async def test_an_edit_of_another_version_says_what_changed() -> None:
    crm = Crm()
    await created(crm)
    await crm.take(write(2, change("industry", "Software")))
    refused = await crm.take(edit(3, {"name": "Acme Inc"}, if_version=1))
    assert refused.answer["code"] == "changed"
    assert (refused.answer["version"], refused.answer["changed"]) == (2, ["industry"])
    assert refused.next is None
    assert refused.state is None


async def test_two_edits_of_one_version_in_a_batch() -> None:
    crm = Crm()
    await created(crm)
    first, second = await crm.batch([edit(2, {"name": "A"}, if_version=1), edit(3, {"name": "B"}, if_version=1)])
    assert first.answer["status"] == "done"
    assert second.answer["code"] == "changed"
    assert crm.record().fields["name"] == "A"


async def test_creating_again_leaves_the_record_alone() -> None:
    crm = Crm()
    await created(crm)
    again = await created(crm, 2)
    assert again.answer["records"] == [{"id": COMPANY.id, "status": "exists", "version": 1}]
    assert again.settled == ()


async def test_an_import_is_not_a_persons_word() -> None:
    crm = Crm()
    await created(crm, source="old-crm")
    meta = crm.record().meta["name"]
    assert (meta.source.kind, meta.source.name, meta.verified_by) == ("crm", "old-crm", None)


async def test_ids_of_new_records_derive_from_the_command() -> None:
    records = [{"fields": {"name": "A"}}, {"fields": {"name": "B"}}]
    told = [(await Crm().take(command(1, "create", "x", type="company", records=records))).answer for _ in range(2)]
    assert told[0] == told[1]
    assert len({one["id"] for one in told[0]["records"]}) == 2


async def test_a_lock_holds_machines_off_until_it_is_lifted() -> None:
    crm = Crm()
    await created(crm)
    await crm.take(edit(2, {}, lock=["industry"]))
    assert (await crm.apply(3, change("industry", "Software")))[0].rule == "human_verified"
    await crm.take(edit(4, {}, unlock=["industry"]))
    assert (await crm.apply(5, change("industry", "Software")))[0].status is Status.APPLIED


async def test_a_deleted_record_is_a_tombstone() -> None:
    crm = Crm()
    await created(crm)
    outcome = await crm.take(command(2, "delete", COMPANY.id, type="company", reason="a test"))
    assert outcome.next.fields is None
    assert outcome.next.changed == ("deleted",)
    assert (await crm.take(edit(3, {"name": "B"}))).answer["code"] == "not_found"
    assert (await created(crm, 4)).answer["records"][0]["status"] == "deleted"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("edit", {"type": "company", "fields": {}}, "fields:"),
    ("edit", {"type": "company", "fields": {"Not A Name": 1}}, "not a field name"),
    ("edit", {"type": "company", "fields": {"deleted": True}}, "delete the record instead"),
    ("edit", {"type": "company", "fields": {"name": "x" * (TEXT_LIMIT + 1)}}, "longer than"),
    ("edit", {"type": "lead", "fields": {"name": "x"}}, "type:"),
    ("edit", {"type": "company", "fields": {"name": "x"}, "surprise": 1}, "surprise:"),
    ("create", {"type": "company", "records": []}, "records:"),
    ("create", {"type": "company", "records": [{"id": "ana@acme.com", "fields": {"name": "A"}}]}, "records.0.id"),
    ("create", {"type": "company", "records": [{"id": "a", "fields": {"name": "A"}}] * 2}, "twice"),
    ("create", {"type": "suppression", "records": [{"fields": {"reason": "disliked", "domain": "a.com"}}]}, "one of"),
    ("create", {"type": "suppression", "records": [{"fields": {"reason": "competitor"}}]}, "whom it holds back"),
    ("delete", {"type": "company", "if_version": "soon"}, "if_version:"),
]


@pytest.mark.parametrize(("name", "arguments", "told"), WRONG)
async def test_a_wrong_command_says_where(name: str, arguments: dict[str, Any], told: str) -> None:
    refused = await Crm().take(command(1, name, COMPANY.id, **arguments))
    assert refused.answer["code"] == "invalid"
    assert any(told in problem for problem in refused.answer["problems"]), refused.answer
    assert refused.state is None


async def test_an_unknown_command_is_rejected() -> None:
    with pytest.raises(Rejected, match="no command 'merge'"):
        await Crm().take(command(1, "merge", COMPANY.id))


@given(st.text(max_size=20))
def test_an_id_is_never_an_address(text: str) -> None:
    if is_record_id(text):
        assert "@" not in text
        assert text.isascii()


def an_edit(value: str, seen: int | None) -> tuple[str, dict[str, Any]]:
    return "edit", {"fields": {"name": value}, "if_version": seen}


def a_creation(value: str) -> tuple[str, dict[str, Any]]:
    return "create", {"records": [{"id": COMPANY.id, "fields": {"name": value}}]}


COMMANDS = st.one_of(
    st.builds(an_edit, st.sampled_from("AB"), st.sampled_from([None, 1, 2])),
    st.builds(a_creation, st.sampled_from("AB")),
    st.sampled_from([("delete", {}), ("edit", {"lock": ["name"]}), ("edit", {"unlock": ["name"]})]),
)


@given(st.lists(COMMANDS, min_size=1, max_size=7))
@settings(max_examples=60, deadline=None)
async def test_a_batch_equals_its_singles(asked: list[tuple[str, dict[str, Any]]]) -> None:
    events: list[Event] = [
        command(number, name, COMPANY.id, type="company", **arguments) for number, (name, arguments) in enumerate(asked)
    ]
    together, single = Crm(), Crm()
    assert await together.batch(events) == [await single.take(one) for one in events]
    assert together.store.records == single.store.records
    assert together.store.locks == single.store.locks


async def test_the_suppression_entry_of_a_domain_holds_for_its_people() -> None:
    crm = Crm()
    person = RecordRef(type="contact", id="c9")
    await crm.take(
        command(1, "create", "c9", type="contact", records=[{"id": "c9", "fields": {"email": "Bo@Rival.com"}}])
    )
    await crm.take(
        command(
            2, "create", "s", type="suppression", records=[{"fields": {"reason": "never_route", "domain": "rival.com"}}]
        )
    )
    held = await crm.store.entries([crm.record(person)])
    assert [entry.reason for entry in held] == ["never_route"]

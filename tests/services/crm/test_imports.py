"""Many records at once: each made whole with one change in the log, or told why not."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import WHOLE, RecordRef, Status
from services.crm.domain.record import RecordState
from services.crm.store.meta import meta_json, meta_of
from tests.services.crm.world import AT, Crm, change, command, edit, revert

PERSON = RecordRef(type="contact", id="i1")
ROWS = [
    {"id": "i1", "fields": {"name": "Ann Lee", "email": "ann@acme.com", "city": "", "consent": "opted_in"}},
    {"id": "i2", "fields": {"name": "Bo", "email": "no address"}},
    {"id": "i3", "fields": {"name": "Cy", "company_id": "nobody"}},
]


def load(number: int, *records: dict[str, Any], kind: str = "contact") -> Any:
    """An import."""
    return command(number, "import", "", type=kind, records=list(records), source="old crm", reason="the move")


async def test_each_record_is_told_and_none_sinks_another() -> None:
    crm = Crm()
    outcome = await crm.take(load(1, *ROWS))
    told = outcome.answer["records"]
    assert [one["status"] for one in told] == ["created", "invalid", "invalid"]
    assert told[1]["problems"] == ["fields.email: has to be an e-mail address (name@domain)"]
    assert "no company nobody" in told[2]["problems"][0]
    again = await crm.take(load(2, *ROWS[:1]))
    assert ([one["status"] for one in again.answer["records"]], again.settled, again.emits) == (["exists"], (), ())


async def test_a_record_is_one_change_in_the_log_and_one_event() -> None:
    crm = Crm()
    outcome = await crm.take(load(1, *ROWS[:1]))
    (move,) = outcome.settled
    held = {"name": "Ann Lee", "email": "ann@acme.com", "consent": "opted_in"}
    assert (move.field, move.old, move.new, move.status) == (WHOLE, None, held, Status.APPLIED)
    assert (move.source.name, move.actor.id, move.reason, move.verified_by) == ("old crm", "ana", "the move", None)
    (event,) = outcome.emits
    assert (event.version, event.fields, event.changed) == (1, held, ("consent", "email", "name"))
    record = crm.record(PERSON)
    assert {meta.change_id for meta in record.meta.values()} == {move.change_id}
    assert record.fields == held


async def test_an_import_without_ids_is_refused_as_a_whole() -> None:
    refused = await Crm().take(load(1, {"fields": {"name": "A"}}, {"id": "a@b.c", "fields": {"name": "B"}}))
    assert refused.answer["status"] == "refused"
    assert len(refused.answer["problems"]) == 2


async def test_an_imported_value_gives_way_to_a_better_one_and_to_a_person() -> None:
    crm = Crm()
    await crm.take(load(1, {"id": "company-1", "fields": {"name": "Acme", "country": "DE"}}, kind="company"))
    await crm.take(edit(2, {"name": "Acme Inc"}))
    (machine,) = await crm.apply(3, change("name", "Acme Holding", old="Acme Inc"))
    assert machine.rule == "human_verified"


async def test_one_field_of_it_is_rolled_back_alone_and_never_over_a_later_edit() -> None:
    crm = Crm()
    company = {"id": "company-1", "fields": {"name": "Acme", "city": "Bonn"}}
    (made,) = (await crm.take(load(1, company, kind="company"))).settled
    await crm.take(edit(2, {"name": "Acme Inc"}))
    told = [
        made.model_copy(update={"field": name, "new": company["fields"][name]})  # type: ignore[index]
        for name in ("name", "city")
    ]
    name, city = [(await crm.apply(number, revert(one)))[0] for number, one in enumerate(told, start=3)]
    assert (name.status, city.status) == (Status.CONFLICT, Status.APPLIED)
    assert crm.record().fields == {"name": "Acme Inc"}


NAMES = st.sampled_from(["name", "city", "country", "consent", "do_not_mail", "email"])
VALUES = {"consent": st.sampled_from(["opted_in", "opted_out"]), "do_not_mail": st.booleans()}


@given(data=st.data())
async def test_an_import_ends_as_a_create_of_the_same_values_does(data: st.DataObject) -> None:
    names = data.draw(st.lists(NAMES, min_size=1, unique=True))
    fields = {
        name: data.draw(VALUES.get(name, st.sampled_from(["a@b.example"] if name == "email" else ["A", "B"])))
        for name in names
    }
    one, other = Crm(), Crm()
    await one.take(load(1, {"id": "i1", "fields": fields}))
    await other.take(
        command(1, "create", "", type="contact", source="old crm", records=[{"id": "i1", "fields": fields}])
    )
    mine, theirs = one.record(PERSON), other.record(PERSON)
    assert (mine.fields, mine.version) == (theirs.fields, theirs.version)
    assert {name: meta.source for name, meta in mine.meta.items()} == {n: m.source for n, m in theirs.meta.items()}


@given(st.dictionaries(NAMES, st.sampled_from(["A", "B"]), min_size=1), st.integers(0, 3), st.booleans())
async def test_meta_comes_back_from_the_store_as_it_was(fields: dict[str, str], own: int, cleared: bool) -> None:
    crm = Crm()
    await crm.take(load(1, {"id": "i1", "fields": {"name": "A"}}))
    shared = next(iter(crm.record(PERSON).meta.values()))
    record = RecordState(PERSON, 2, fields, dict.fromkeys(fields, shared))
    for number, name in enumerate([*fields][:own]):
        record = record.with_value(name, "C", shared.model_copy(update={"change_id": f"c{number}", "at": AT}))
    if cleared:
        record = record.with_value("phone", None, shared)
    assert meta_of(meta_json(record), record.fields) == record.meta

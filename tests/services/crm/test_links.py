"""What records may hold and name: refused with the place, and what to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import RecordRef
from services.crm.domain.links import LINKS, links_of, missing_links
from services.crm.domain.shapes import SHAPES, shape_problems_of
from tests.services.crm.world import Crm, command

DEAL = RecordRef(type="opportunity", id="deal-1")


async def create(crm: Crm, number: int, kind: str, *records: dict[str, Any], **more: Any) -> Any:
    """The answer to a create."""
    return (await crm.take(command(number, "create", "", type=kind, records=list(records), **more))).answer


async def test_an_opportunity_s_company_must_exist() -> None:
    crm = Crm()
    deal = {"id": "deal-1", "fields": {"name": "Renewal", "company_id": "company-1", "amount": 10}}
    refused = await create(crm, 1, "opportunity", deal)
    assert (refused["status"], refused["code"]) == ("refused", "invalid")
    assert refused["problems"] == [
        "records.0.fields.company_id: there is no company company-1: create it first, or leave the field out"
    ]
    await create(crm, 2, "company", {"id": "company-1", "fields": {"name": "Acme"}})
    assert (await create(crm, 3, "opportunity", deal))["records"][0]["status"] == "created"
    gone = await crm.take(command(4, "edit", "deal-1", type="opportunity", fields={"contact_id": "nobody"}))
    assert "fields.contact_id: there is no contact nobody" in gone.answer["problems"][0]
    await crm.take(command(5, "delete", "company-1", type="company"))
    again = await create(crm, 6, "opportunity", {"fields": {"name": "Other", "company_id": "company-1"}})
    assert again["status"] == "refused"


async def test_records_of_one_request_may_name_each_other() -> None:
    told = await create(
        Crm(), 1, "company",
        {"id": "child", "fields": {"name": "B", "parent_id": "parent"}}, {"id": "parent", "fields": {"name": "A"}},
    )  # fmt: skip
    assert [one["status"] for one in told["records"]] == ["created", "created"]


async def test_a_batch_decides_links_as_one_by_one() -> None:
    events = [
        command(1, "create", "", type="company", records=[{"id": "c", "fields": {"name": "A"}}]),
        command(2, "create", "", type="contact", records=[{"id": "p", "fields": {"name": "B", "company_id": "c"}}]),
        command(3, "delete", "c", type="company"),
        command(4, "create", "", type="contact", records=[{"id": "q", "fields": {"name": "D", "company_id": "c"}}]),
    ]
    single, batch = Crm(), Crm()
    one_by_one = [(await single.take(event)).answer for event in events]
    assert [outcome.answer for outcome in await batch.batch(events)] == one_by_one
    assert [answer["status"] for answer in one_by_one] == ["done", "done", "done", "refused"]


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("contact", {"email": "no address"}, "fields.email: has to be an e-mail address"),
        ("contact", {"do_not_mail": "yes"}, "fields.do_not_mail: has to be true or false"),
        ("company", {"domain": "acme"}, "fields.domain: has to be a host name"),
        ("company", {"employees": True}, "fields.employees: has to be a number or a band"),
        ("opportunity", {"name": "x", "amount": "much"}, "fields.amount: has to be a number"),
        ("opportunity", {"name": "x", "close_date": "soon"}, "fields.close_date: has to be a date"),
        ("opportunity", {"name": "x", "company_id": 7}, "fields.company_id: has to be the id of a record"),
        ("member", {"name": "Ann", "pools": "inbound"}, "fields.pools: has to be a list of texts"),
        ("task", {"title": "x", "status": "later"}, "fields.status: has to be one of open, done, cancelled"),
        ("activity", {"kind": "call", "contact_id": "p"}, "fields.at: is missing"),
        (
            "activity",
            {"kind": "dance", "at": "2026-11-02T10:00:00Z", "contact_id": "p"},
            "fields.kind: has to be one of",
        ),
        ("activity", {"kind": "call", "at": "2026-11-02T10:00:00Z"}, "an activity says which record it is about"),
    ],
)
async def test_values_that_do_not_fit_are_named(kind: str, fields: dict[str, Any], told: str) -> None:
    refused = await create(Crm(), 1, kind, {"id": "x", "fields": fields})
    assert refused["status"] == "refused"
    assert any(told in problem for problem in refused["problems"])


async def test_fields_of_the_user_s_own_hold_anything() -> None:
    told = await create(Crm(), 1, "contact", {"fields": {"name": "A", "favourite_colours": ["red", {"or": 1}]}})
    assert told["records"][0]["status"] == "created"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8), lambda one: st.lists(one, max_size=2)
)


@given(kind=st.sampled_from(sorted(SHAPES)), value=_JSON, data=st.data())
def test_every_json_value_is_answered_and_null_always_clears(kind: str, value: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted({*SHAPES[kind], *LINKS.get(kind, {})})))
    for problem in shape_problems_of(kind, {name: value}, "fields"):
        assert problem.startswith(f"fields.{name}: has to be ")
    assert [*shape_problems_of(kind, {name: None}, "fields")] == []
    assert [*missing_links(kind, {name: value}, "fields", lambda _: True)] == []


@given(kind=st.sampled_from(sorted(LINKS)), there=st.booleans())
def test_every_link_is_looked_up(kind: str, there: bool) -> None:
    fields = dict.fromkeys(LINKS[kind], "some-id")
    assert len([*links_of(kind, fields)]) == len(fields)
    assert len(missing_links(kind, fields, "", lambda _: there)) == (0 if there else len(fields))

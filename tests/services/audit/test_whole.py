"""One change that made a whole record is told, explained and rolled back as a change of each of its fields."""

from dataclasses import replace
from typing import Any

from libs.contracts.change import WHOLE
from libs.contracts.events import CrmWrite
from services.audit.domain.move import by_field
from services.audit.domain.timeline import once, state_of
from tests.services.audit.made import ALICE, change, move
from tests.services.audit.test_api import Api, api, order, planned  # noqa: F401 - fixtures

FIELDS = {"name": "Acme", "industry": "Retail", "city": "Bonn"}


def made_whole(number: int = 1) -> Any:
    """An import."""
    return change(number, field=WHOLE, old=None, new=FIELDS, evidence=(), lead_id=None)


async def test_it_is_a_move_of_each_field(api: Api) -> None:  # noqa: F811
    await api.log(made_whole(), change(2, old="Retail", new="Robots"))
    path = "/api/records/company/company-1"
    told = (await api.get(f"{path}/timeline"))["items"]
    assert [(one["change"]["field"], one["change"]["new"]) for one in told] == [
        ("city", "Bonn"), ("industry", "Retail"), ("name", "Acme"), ("industry", "Robots"),
    ]  # fmt: skip
    industry = (await api.get(f"{path}/timeline", field="industry"))["items"]
    assert [one["change"]["new"] for one in industry] == ["Retail", "Robots"]
    assert (await api.get(f"{path}/timeline", field="country"))["items"] == []
    state = await api.get(f"{path}/state")
    assert state["fields"] == {"name": "Acme", "industry": "Robots", "city": "Bonn"}
    why = await api.get("/api/why/company/company-1/city")
    assert (why["known"], why["value"]) == (True, "Bonn")


async def test_pages_lose_nothing(api: Api) -> None:  # noqa: F811
    await api.log(
        change(0, field="country", new="DE"), made_whole(1), *[change(n, field="industry") for n in range(2, 6)]
    )
    path, after, seen = "/api/records/company/company-1/timeline", "", []
    for _ in range(10):
        page = await api.get(path, limit=2, **({"after": after} if after else {}))
        seen += [one["change"]["field"] for one in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == ["country", "city", "industry", "name", "industry", "industry", "industry", "industry"]


async def test_a_rollback_takes_each_field_back_and_stops_at_a_person_s_edit(api: Api) -> None:  # noqa: F811
    await api.log(made_whole(), change(2, actor=ALICE, old="Retail", new="Robots"))
    plan = await planned(api, change_ids=["change-1"])
    assert {item["field"]: (item["action"], item["restored"]) for item in plan["items"]} == {
        "name": ("restore", None), "city": ("restore", None), "industry": ("conflict", None),
    }  # fmt: skip
    assert {item["reverts"] for item in plan["items"] if item["action"] == "restore"} == {"change-1"}
    assert (await order(api, plan)).status_code == 200
    writes = [one.changes for outcome in api.loop.outcomes for one in outcome.emits if isinstance(one, CrmWrite)]
    assert {each.field for changes in writes for each in changes} == {"name", "city"}


async def test_one_field_of_it_can_be_selected(api: Api) -> None:  # noqa: F811
    await api.log(made_whole())
    plan = await planned(api, change_ids=["change-1"], fields=["city"])
    assert [item["field"] for item in plan["items"]] == ["city"]


def test_a_redelivered_one_counts_once() -> None:
    told = [one for number in (1, 2) for one in by_field(move(number, field=WHOLE, new=FIELDS))]
    again = [replace(one, event_id="the same") for one in told]
    assert [one.change.field for one in once(again)] == ["city", "industry", "name"]
    assert (state_of(again).moves, state_of(again).values()) == (3, FIELDS)

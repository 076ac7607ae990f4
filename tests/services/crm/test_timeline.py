"""A lead on a contact's timeline becomes an activity; timelines and lists are read by the API."""

from typing import Any

import httpx
import pytest

from libs.contracts.change import WHOLE, Actor, RecordRef, Source, Status
from services.crm.domain.activity import activity_ref
from tests.services.crm.world import CONTACT, SUGGESTED, Crm, change, write

DEDUPE = Actor(kind="rule", id="dedupe")


def entry(lead: str = "lead-1", contact: RecordRef = CONTACT, **more: Any) -> Any:
    """What dedupe proposes for every lead of somebody who is known."""
    told = {
        "lead_id": lead,
        "version": 1,
        "kind": "demo_request",
        "source": "web_form",
        "at": "2026-11-02T09:00:00+00:00",
    }
    return change(
        "activity", {**told, **more}, record=contact, actor=DEDUPE, source=Source(kind="rule", name="dedupe"),
        confidence=1.0, evidence=(),
    )  # fmt: skip


async def test_a_lead_becomes_an_activity_of_the_contact() -> None:
    crm = Crm()
    outcome = await crm.take(write(1, entry()))
    activity = crm.record(activity_ref("lead-1"))
    assert activity.fields == {
        "kind": "form", "direction": "in", "at": "2026-11-02T09:00:00+00:00", "contact_id": "contact-1",
        "lead_id": "lead-1", "source": "web_form", "subject": "demo_request by web_form",
    }  # fmt: skip
    assert [(one.record.type, one.field, one.status) for one in outcome.settled] == [
        ("contact", "activity", Status.APPLIED), ("activity", WHOLE, Status.APPLIED),
    ]  # fmt: skip
    assert [event.record.type for event in (outcome.next, *outcome.emits)] == ["contact", "activity"]
    assert len({one.change_id for one in outcome.settled}) == 2


async def test_a_later_version_of_the_lead_moves_it_to_the_person_it_then_belongs_to() -> None:
    crm, other = Crm(), RecordRef(type="contact", id="contact-2")
    await crm.take(write(1, entry()))
    again = await crm.take(write(2, entry(version=2)))
    assert [one.record.type for one in again.settled] == ["contact"]
    await crm.take(write(3, entry(contact=other, version=3)))
    assert crm.record(activity_ref("lead-1")).value("contact_id") == "contact-2"


async def test_what_is_not_written_to_the_contact_is_no_activity() -> None:
    crm = Crm()
    outcome = await crm.take(write(1, entry(), policy=SUGGESTED))
    assert outcome.settled[0].status is not Status.APPLIED
    assert crm.record(activity_ref("lead-1")).version == 0
    assert (await crm.take(write(2, change("activity", "a text", record=CONTACT, actor=DEDUPE)))).emits == ()


async def test_a_batch_makes_one_activity_of_a_lead_that_comes_twice() -> None:
    single, batch = Crm(), Crm()
    events = [write(1, entry()), write(2, entry(version=2, kind="chat")), write(3, entry("lead-2"))]
    one_by_one = [(await single.take(event)).settled for event in events]
    assert [outcome.settled for outcome in await batch.batch(events)] == one_by_one
    assert batch.record(activity_ref("lead-1")).value("subject") == "chat by web_form"


async def fill(client: httpx.AsyncClient) -> None:
    """A company with a person, deals, tasks and what happened."""

    async def make(kind: str, *records: tuple[str, dict[str, Any]]) -> None:
        body = {"records": [{"id": one, "fields": fields} for one, fields in records]}
        made = await client.post(f"/api/records/{kind}", json=body)
        assert made.status_code == 200, made.text

    await make("member", ("rep", {"name": "Rosa"}))
    await make("company", ("acme", {"name": "Acme", "owner": "rep"}), ("other", {"name": "Acme South"}))
    await make("contact", ("ann", {"name": "Ann", "company_id": "acme"}), ("bo", {"name": "Bo"}))
    await make(
        "opportunity", ("d1", {"name": "New", "company_id": "acme", "stage": "Proposal"}),
        ("d2", {"name": "Old", "company_id": "acme", "stage": "closed won"}),
        ("d3", {"name": "Else", "company_id": "other", "closed": True}),
    )  # fmt: skip
    await make(
        "task",
        ("t1", {"title": "Call", "contact_id": "ann"}),
        ("t2", {"title": "x", "contact_id": "ann", "status": "done"}),
    )
    await make("activity", *(
        (f"a{day}", {"kind": "call", "at": f"2026-11-0{day}T10:00:00Z", "contact_id": "ann"}) for day in (1, 2, 3)
    ), ("b1", {"kind": "note", "at": "2026-11-02T12:00:00Z", "company_id": "acme"}))  # fmt: skip


async def test_timelines_show_what_happened_and_what_is_open(client: httpx.AsyncClient) -> None:
    await fill(client)
    ann = (await client.get("/api/contacts/ann/timeline", params={"limit": 2})).json()
    assert ([one["id"] for one in ann["items"]], ann["next"]) == (["a3", "a2"], "a2")
    assert [one["id"] for one in ann["open_tasks"]] == ["t1"]
    rest = (await client.get("/api/contacts/ann/timeline", params={"before": "a2"})).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == (["a1"], None)
    acme = (await client.get("/api/companies/acme/timeline")).json()
    assert [one["id"] for one in acme["items"]] == ["a3", "b1", "a2", "a1"]
    assert [one["id"] for one in acme["open_opportunities"]] == ["d1"]
    assert (await client.get("/api/contacts/nobody/timeline")).status_code == 404
    assert (await client.get("/api/planets/ann/timeline")).status_code == 422


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/api/opportunities?company=acme", ["d1", "d2"]),
        ("/api/opportunities?company=acme&open=true", ["d1"]),
        ("/api/opportunities?open=false", ["d2", "d3"]),
        ("/api/opportunities?stage=PROPOSAL", ["d1"]),
        ("/api/records/company?name=south", ["other"]),
        ("/api/records/company?owner=rep", ["acme"]),
        ("/api/records/contact?company=acme", ["ann"]),
        ("/api/records/activity?contact=ann&limit=2", ["a1", "a2"]),
        ("/api/records/contact?updated_since=2026-11-02T09:00:00Z", ["ann", "bo"]),
        ("/api/records/contact?updated_since=2027-01-01T00:00:00+01:00", []),
    ],
)
async def test_lists_with_filters(client: httpx.AsyncClient, path: str, found: list[str]) -> None:
    await fill(client)
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert [one["id"] for one in answer.json()["items"]] == found


async def test_a_time_that_is_none_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/records/contact", params={"updated_since": "yesterday"})
    assert (answer.status_code, "updated_since" in answer.text) == (422, True)

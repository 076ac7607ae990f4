"""Leads by queue and by owner: in the router's lists and acts, and in triage's queue."""

import httpx
import pytest

from tests.access.persons import become
from tests.services.router.test_api import LEAD, client, desk, said  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("desk")
MASK = {"masked": True}


async def test_a_viewer_sees_where_leads_are_and_not_who_they_are(client: httpx.AsyncClient) -> None:  # noqa: F811
    become(client, "viewer")
    (item,) = (await client.get("/api/leads")).json()["items"]
    assert (item["queue"], item["name"], item["why"], item["notes"]) == ("inbound_sales", MASK, "", [])
    assert (await client.get(f"/api/leads/{LEAD}/route")).status_code == 403


async def test_a_rep_sees_their_own_whatever_they_ask(client: httpx.AsyncClient) -> None:  # noqa: F811
    become(client, "rep", member="bob")
    assert (await client.get("/api/leads")).json()["items"] == []
    assert (await client.get("/api/leads", params={"member": "ann"})).status_code == 403
    assert (await client.get("/api/notices", params={"member": "ann"})).status_code == 403
    assert (await client.get(f"/api/leads/{LEAD}/route")).status_code == 403
    assert (await said(client, "accept"))[0] == 403
    assert (await said(client, "comment", text="mine?"))[0] == 403
    log = become(client, "rep", member="ann")
    assert [one["lead_id"] for one in (await client.get("/api/leads")).json()["items"]] == [LEAD]
    assert log.kept == [("rep", "router GET /api/leads", [f"lead:{LEAD}"])]
    assert (await said(client, "accept", member="bob"))[0] == 403
    assert (await said(client, "accept", member="ann"))[0] == 200
    become(client, "rep")
    assert (await client.get("/api/leads")).json()["error"] == "no_member"


async def test_a_manager_of_some_queues_sees_those(client: httpx.AsyncClient) -> None:  # noqa: F811
    become(client, "manager", queues=["named_accounts"])
    assert (await client.get("/api/leads")).json()["items"] == []
    assert (await client.get(f"/api/leads/{LEAD}/route")).status_code == 403
    assert (await said(client, "reassign", owner="eve"))[0] == 403
    become(client, "manager", queues=["inbound_sales", "named_accounts"])
    assert [one["lead_id"] for one in (await client.get("/api/leads")).json()["items"]] == [LEAD]
    assert (await said(client, "reassign", owner="eve", reason="knows them"))[0] == 200

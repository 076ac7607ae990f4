"""CRM records as roles are shown them: masked in answers, refused as a filter, and kept who saw whom."""

import httpx

from tests.access.persons import become, hiding
from tests.services.crm.conftest import client, crm, sender  # noqa: F401 - fixtures

CONTACTS = "/api/records/contact"
MASK = {"masked": True}


async def filled(client: httpx.AsyncClient) -> None:  # noqa: F811
    fields = {"email": "jane@acme.com", "name": "Jane Roe", "title": "CTO"}
    made = await client.post(CONTACTS, json={"records": [{"id": "p", "fields": fields}]})
    assert made.status_code == 200


async def test_a_viewer_is_shown_what_is_not_personal(client: httpx.AsyncClient) -> None:  # noqa: F811
    await filled(client)
    log = become(client, "viewer")
    one, listed = (await client.get(f"{CONTACTS}/p")).json(), (await client.get(CONTACTS)).json()["items"][0]
    for fields in (one["fields"], listed["fields"]):
        assert (fields["email"], fields["name"], fields["title"]) == (MASK, MASK, "CTO")
    assert "jane" not in str([one, listed]).lower()
    assert (await client.get("/api/contacts/p/timeline")).status_code == 403
    assert log.kept == [], "nothing personal was shown"


async def test_nobody_filters_by_what_they_are_not_shown(client: httpx.AsyncClient) -> None:  # noqa: F811
    await filled(client)
    become(client, "viewer")
    for name, value in {"email": "jane@acme.com", "name": "Jane Roe"}.items():
        for asked in (value, "nobody"):
            refused = await client.get(CONTACTS, params={name: asked})
            assert (refused.status_code, refused.json()["error"]) == (403, "hidden_field")
    assert (await client.get(CONTACTS, params={"domain": "acme.com"})).status_code == 200
    become(client, "manager", hiding("contact", "email", "manager"))
    assert (await client.get(CONTACTS, params={"email": "jane@acme.com"})).status_code == 403
    shown = (await client.get(f"{CONTACTS}/p")).json()["fields"]
    assert (shown["email"], shown["name"]) == (MASK, "Jane Roe")


async def test_who_is_shown_whom_is_kept_or_nothing_is_shown(client: httpx.AsyncClient) -> None:  # noqa: F811
    await filled(client)
    log = become(client, "manager")
    assert (await client.get(f"{CONTACTS}/p")).json()["fields"]["name"] == "Jane Roe"
    await client.get(CONTACTS)
    one, page = "crm GET /api/records/{record_type}/{record_id}", "crm GET /api/records/{record_type}"
    assert log.kept == [("manager", one, ["contact:p"]), ("manager", page, ["contact:p"])]
    log.away = True
    refused = await client.get(f"{CONTACTS}/p")
    assert refused.status_code == 503
    assert "Jane" not in refused.text


async def test_a_person_acts_as_nobody_else(client: httpx.AsyncClient) -> None:  # noqa: F811
    await filled(client)
    become(client, "manager")
    edit = {"fields": {"title": "CEO"}}
    refused = await client.patch(f"{CONTACTS}/p", json=edit, headers={"X-Signalbox-Actor": "ana"})
    assert (refused.status_code, refused.json()["error"]) == (403, "not_you")
    assert (await client.patch(f"{CONTACTS}/p", json=edit)).status_code == 200
    assert (await client.get(f"{CONTACTS}/p")).json()["meta"]["title"]["actor"]["id"] == "manager"

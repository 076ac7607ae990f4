"""The audit log as roles are shown it, on a real Postgres."""

from libs.contracts.change import RecordRef
from tests.access.persons import become, hiding
from tests.services.audit.conftest import owner, pool  # noqa: F401 - fixtures
from tests.services.audit.made import change
from tests.services.audit.test_api import Api, api  # noqa: F401 - fixtures

PERSON = RecordRef(type="contact", id="p")
MASK = {"masked": True}


async def test_values_quotes_and_reasons_are_masked_by_field(api: Api) -> None:  # noqa: F811
    await api.log(
        change(1, record=PERSON, field="email", new="jane@acme.com", reason="as Jane said"),
        change(2, record=PERSON, field="title", new="CTO", reason="as Jane said"),
        change(3, record=PERSON, field="*", old=None, new={"name": "Jane Roe", "city": "Bonn"}),
    )
    path = "/api/records/contact/p"
    become(api.client, "viewer")
    moves = (await api.get(f"{path}/timeline"))["items"]
    state = await api.get(f"{path}/state")
    assert "jane" not in str([moves, state]).lower()
    shown = {move["change"]["field"]: move["change"] for move in moves}
    assert (shown["email"]["new"], shown["email"]["old"], shown["email"]["reason"]) == (MASK, MASK, MASK)
    assert (shown["title"]["new"], shown["title"]["evidence"]) == ("CTO", [])
    assert (state["fields"]["title"], state["fields"]["name"], state["fields"]["city"]) == ("CTO", MASK, "Bonn")
    assert (await api.client.get("/api/why/contact/p/email")).status_code == 403

    log = become(api.client, "manager", hiding("contact", "email", "manager"))
    shown = {move["change"]["field"]: move["change"] for move in (await api.get(f"{path}/timeline"))["items"]}
    assert (shown["email"]["new"], shown["name"]["new"]) == (MASK, "Jane Roe")
    assert (await api.client.get("/api/why/contact/p/email")).json()["error"] == "hidden_field"
    assert (await api.client.get("/api/why/contact/p/title")).status_code == 200
    assert [records for _, _, records in log.kept] == [["contact:p"], ["contact:p"]]


async def test_who_sees_some_leads_sees_no_other_lead_and_no_record_beside_them(api: Api) -> None:  # noqa: F811
    await api.log(change(1, record=RecordRef(type="lead", id="l1"), lead_id="l1", field="company", new="Acme"))
    become(api.client, "manager")
    assert (await api.client.get("/api/records/lead/l1/timeline")).status_code == 200
    for limits in ({"role": "manager", "queues": ["inbound_sales"]}, {"role": "rep", "member": "ann"}):
        become(api.client, **limits)  # type: ignore[arg-type]
        for path in ("records/lead/l1/timeline", "records/lead/l1/state", "why/lead/l1/company", "leads/l1",
                     "records/submission/s1/timeline", "records/triage_item/l1/state"):  # fmt: skip
            answer = await api.client.get(f"/api/{path}")
            assert answer.status_code in (403, 404), path
            assert "Acme" not in answer.text

"""The audit log as roles are shown it, on a real Postgres."""

from libs.contracts.change import RecordRef
from tests.access.persons import become, hiding
from tests.services.audit.conftest import owner, pool  # noqa: F401 - fixtures
from tests.services.audit.made import at, change
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


async def test_a_hidden_field_is_not_told_by_filter_export_or_difference(api: Api) -> None:  # noqa: F811
    await api.log(
        change(1, record=PERSON, field="email", new="jane@acme.com", lead_id=None),
        change(2, record=PERSON, field="email", new="other@acme.com", lead_id=None),
        change(3, record=PERSON, field="email", new="jane@acme.com", lead_id=None),
        change(
            4, record=PERSON, field="*", old=None, new={"name": "Jane Roe", "email": "third@acme.com"}, lead_id=None
        ),
    )
    paths = ("changes", "changes?record_type=contact", "changes/export", "changes/export?format=csv")
    between = {"from": at(1).isoformat(), "to": at(3).isoformat()}
    for role in ("viewer", "manager", "revops"):
        log = become(api.client, role, hiding("contact", "email", role))
        for path in paths:
            answer = await api.client.get(f"/api/{path}")
            if role != "revops" and "export" in path:
                assert answer.status_code == 403
            else:
                assert answer.status_code == 200, answer.text
                assert "acme.com" not in answer.text, (role, path)
                assert ("Jane Roe" in answer.text) == (role != "viewer")
            for named in (f"{path}{'&' if '?' in path else '?'}field=email", "changes?field=email&record_type=contact"):
                asked = await api.client.get(f"/api/{named}")
                assert (asked.status_code, asked.json()["error"]) in ((403, "hidden_field"), (403, "forbidden")), named
        [told] = (await api.get("/api/records/contact/p/diff", **between))["fields"]
        assert (told["old"], told["new"], told["differs"]) == (MASK, MASK, None)
        assert "acme.com" not in str(told)
        shown = [records for _, route, records in log.kept if "export" in route]
        assert shown == ([["contact:p"]] * 2 if role == "revops" else [])
        assert bool(log.kept) == (role != "viewer")


async def test_an_export_that_can_not_be_noted_is_not_given(api: Api) -> None:  # noqa: F811
    await api.log(change(1, record=PERSON, field="title", new="CTO"))
    log = become(api.client, "admin")
    log.away = True
    answer = await api.client.get("/api/changes/export")
    assert answer.status_code == 503
    assert "CTO" not in answer.text


async def test_who_sees_some_leads_asks_for_changes_of_theirs_alone(api: Api) -> None:  # noqa: F811
    await api.log(change(1, record=RecordRef(type="lead", id="l1"), lead_id="l1", field="company", new="Acme"))
    for limits in ({"role": "manager", "queues": ["inbound_sales"]}, {"role": "rep", "member": "ann"}):
        become(api.client, **limits)  # type: ignore[arg-type]
        named = [f"?record_type={kind}&record_id=l1" for kind in ("lead", "submission", "triage_item")]
        for asked, status in [
            ("", 422),
            ("?record_type=lead", 422),
            ("?lead_id=l1", 403),
            *((one, 403) for one in named),
        ]:
            answer = await api.client.get(f"/api/changes{asked}")
            assert answer.status_code == status, asked
            assert "Acme" not in answer.text
        diff = await api.client.get("/api/records/lead/l1/diff", params={"from": at(0), "to": at(9)})
        assert diff.status_code == 403
        assert "Acme" not in diff.text

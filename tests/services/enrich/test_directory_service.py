"""The company directory over HTTP on the real broker and database: loaded rows fill leads, with the line they stand in."""

import httpx

from libs.contracts.events import LeadReceived
from libs.contracts.topics import LEAD_RECEIVED
from libs.runtime.settings import RuntimeSettings
from services.enrich.domain.provider import no_network
from tests.libs.runtime import harness
from tests.services.dedupe.fakes import a_lead
from tests.services.enrich.running import Running, running

LOAD = "ab" * 16


def client_of(at: Running) -> httpx.AsyncClient:
    """Ann, at enrich's API."""
    headers = {"Authorization": f"Bearer {at.settings.api_token}", "X-Signalbox-Actor": "ann"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(at.enrich.app), base_url="http://enrich", headers=headers)


async def test_what_people_load_fills_leads_and_can_be_taken_back(settings: RuntimeSettings) -> None:
    host = f"{settings.env.replace('_', '-')}.example"
    acme = {"company": "Acme GmbH", "employees": "51-200", "industry": "software"}
    rows = [
        {"line": 2, "domain": f"https://www.{host}/", "fields": acme},
        {"line": 3, "domain": "gmail.com", "fields": {"company": "Nobody's"}},
    ]  # fmt: skip
    async with running(settings, no_network) as at, client_of(at) as http:
        told = await http.post("/api/companies", json={"load_id": LOAD, "file": "companies.csv", "rows": rows})
        assert told.status_code == 200, told.text
        answer = told.json()["answer"]
        assert answer["loaded"] == 1
        assert answer["problems"][0].startswith("line 3: 'gmail.com' is no domain of a company")
        [shown] = (await http.get("/api/companies", params={"domain": host})).json()["rows"]
        assert (shown["line"], shown["fields"]["employees"]) == (2, "51-200")

        lead = a_lead(f"{settings.env} of acme", email=f"ann@{host}")
        await harness.send(settings.kafka, LEAD_RECEIVED, [LeadReceived(event_id=f"r {lead.lead_id}", lead=lead)])
        enriched = (await at.enriched(lead.lead_id, 1)).lead
        size = next(one for one in enriched.answers if (one.provider, one.field) == ("company_directory", "employees"))
        assert (size.value, size.evidence[0].quote) == (51, "51-200")
        assert size.evidence[0].where.startswith("directory:companies.csv, line 2, loaded ")
        assert enriched.value("employees") == 51
        assert any(one.text == "About 51 people" and one.evidence == size.evidence for one in enriched.summary)

        gone = await http.delete(f"/api/companies/{LOAD}")
        assert gone.json()["answer"] == {"removed": True}
        assert (await http.get("/api/companies", params={"domain": host})).json()["rows"] == []
        [load] = (await http.get("/api/companies")).json()["loads"]
        assert (load["rows"], load["removed_by"]) == (0, "ann")


async def test_what_does_not_fit_is_refused_in_words(settings: RuntimeSettings) -> None:
    async with running(settings, no_network) as at, client_of(at) as http:
        assert (await http.get("/api/companies", headers={"Authorization": "Bearer no"})).status_code == 401
        bad = await http.post("/api/companies", json={"load_id": "x", "file": "f", "rows": []})
        assert bad.status_code == 422
        assert {problem.split(":")[0] for problem in bad.json()["problems"]} == {"load_id", "rows"}
        assert (await http.post("/api/companies", content=b"{")).status_code == 400
        assert (await http.delete("/api/companies/../x")).status_code == 404

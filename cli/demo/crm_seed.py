"""What the CRM holds before the demo's first lead, written through its public API."""

from typing import Any

from cli.client import Api
from cli.demo.generator import Known
from cli.demo.world import Company, Person
from libs.contracts import ids

SOURCE = "demo import"
POOLS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Rosa Lindgren", "enterprise", ("en", "de")),
    ("Marc Oduya", "enterprise", ("en", "fr")),
    ("Tessa Wright", "inbound", ("en",)),
    ("Paulo Reyes", "inbound", ("en", "es")),
    ("Nora Albrecht", "inbound_emea", ("de", "en")),
    ("Luc Fabre", "inbound_emea", ("fr", "en")),
    ("Irene Soto", "inbound_emea", ("es", "en")),
)
"""Members: name, pool, languages."""
REVOPS = "Yara Benali"
"""Who owns the policy and is asked when nobody else is; takes no leads."""


def seed_crm(api: Api, seed: int, known: Known) -> dict[str, int]:
    """Write members, companies, contacts, an opportunity and a suppression entry; returns how many of each."""
    records = {
        "member": members(seed),
        "company": companies(seed, known),
        "contact": contacts(seed, known),
        "opportunity": [_opportunity(seed, known)],
        "suppression": [_entry(seed, "opted-out", reason="opt_out", email=known.opted_out.email)],
    }
    for kind, listed in records.items():
        api.post("crm", f"/api/records/{kind}", {"records": listed, "source": SOURCE, "reason": "the demo's CRM"})
    return {kind: len(listed) for kind, listed in records.items()}


def record_id(seed: int, kind: str, name: str) -> str:
    """The id of a seeded record; the same seed gives the same."""
    return ids.derived_id("demo", str(seed), kind, name)


def members(seed: int) -> list[dict[str, Any]]:
    """Everybody who can own a lead."""
    return [
        {
            "id": record_id(seed, "member", name),
            "fields": {"name": name, "pools": [pool], "languages": list(languages), "weight": 1, "active": True},
        }
        for name, pool, languages in POOLS
    ] + [{"id": record_id(seed, "member", REVOPS), "fields": {"name": REVOPS, "roles": ["revops"], "active": True}}]


def companies(seed: int, known: Known) -> list[dict[str, Any]]:
    """Customers, half of them with an owner, and one strategic account."""
    owner = record_id(seed, "member", POOLS[0][0])
    found = []
    for place, (company, _) in enumerate(known.customers):
        fields = {**_company(company), "customer_status": "customer", "lifecycle": "customer"}
        fields |= {"owner": owner} if place % 2 == 0 else {}
        found.append({"id": record_id(seed, "company", company.domain), "fields": fields})
    named = {**_company(known.strategic), "tier": "strategic", "strategic": True}
    return [*found, {"id": record_id(seed, "company", known.strategic.domain), "fields": named}]


def contacts(seed: int, known: Known) -> list[dict[str, Any]]:
    """The customers' contacts, three prospects whom we know, and the person who opted out."""
    found = [
        {
            "id": record_id(seed, "contact", person.email),
            "fields": {**_contact(person), "company_id": record_id(seed, "company", company.domain)},
        }
        for company, person in known.customers
    ]
    found += [{"id": record_id(seed, "contact", person.email), "fields": _contact(person)} for person in known.contacts]
    gone = {**_contact(known.opted_out), "do_not_mail": True, "consent": "opted_out"}
    return [*found, {"id": record_id(seed, "contact", known.opted_out.email), "fields": gone}]


def _company(company: Company) -> dict[str, Any]:
    return {
        "name": company.name, "domain": company.domain, "country": company.country, "city": company.city,
        "employees": company.employees, "industry": company.sector,
    }  # fmt: skip


def _contact(person: Person) -> dict[str, Any]:
    return {
        "email": person.email, "name": person.name, "first_name": person.first_name, "last_name": person.last_name,
        "title": person.title, "company": person.company.name, "domain": person.company.domain,
    }  # fmt: skip


def _opportunity(seed: int, known: Known) -> dict[str, Any]:
    company, _ = known.customers[1]
    fields = {
        "name": f"{company.name} renewal",
        "stage": "negotiation",
        "company_id": record_id(seed, "company", company.domain),
    }
    return {"id": record_id(seed, "opportunity", company.domain), "fields": fields}


def _entry(seed: int, name: str, **fields: str) -> dict[str, Any]:
    return {"id": record_id(seed, "suppression", name), "fields": fields}

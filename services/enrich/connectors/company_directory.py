"""Company directory: what the files of companies say that people loaded (`signalbox companies import`)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from libs.contracts.lead import Lead
from libs.identity.companies import company_key
from libs.identity.domains import company_domain, site_domain
from libs.policy.policy import Policy
from services.enrich.domain.directory import FIELDS, Listed, directory_findings
from services.enrich.domain.findings import Finding, Inputs


class Directory(Protocol):
    """Where rows are looked up."""

    async def rows(
        self, domains: Sequence[str], name_keys: Sequence[str]
    ) -> tuple[Mapping[str, Sequence[Listed]], Mapping[str, Sequence[Listed]]]:
        """The rows of these domains, and of these names. Raises Retryable when they can't be read."""
        ...


class CompanyDirectory:
    """Looks the company up by its domain, else by its name. Its answer belongs to the lead's version: directories grow, so
    a new version of the lead asks again, while a replay of the same one reuses the recorded answer."""

    name = "company_directory"
    version = "1"
    fields = FIELDS

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """The domain of the address, else of the website or what enrichment knows, and the name that was given."""
        shared = policy.matching.shared_domains
        texts = (company_domain(lead.text("email"), shared), site_domain(lead.text("website"), shared))
        domain = next((one for one in (*texts, company_domain(lead.text("domain"), shared)) if one), "")
        asked = {"domain": domain, "company": lead.text("company").strip()}
        told = {name: value for name, value in asked.items() if value}
        return {**told, "lead_version": str(lead.version)} if told else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """What the directory says about every company, by one look-up for the batch."""
        asked = [(one.get("domain", ""), one.get("company", "")) for one in questions]
        keys = {name: company_key(name) for _, name in asked if name}
        by_domain, by_name = await self._directory.rows(
            sorted({domain for domain, _ in asked if domain}), sorted({key for key in keys.values() if key})
        )
        return [
            directory_findings(domain, name, by_domain.get(domain, ()), by_name.get(keys.get(name, ""), ()))
            for domain, name in asked
        ]

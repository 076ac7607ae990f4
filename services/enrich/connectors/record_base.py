"""Record base: what the CRM already holds about the lead's contact and company, from enrich's own read model."""

from collections.abc import Sequence
from typing import Protocol

from libs.contracts.change import RecordRef
from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs
from services.enrich.domain.record_facts import FIELDS, record_findings
from services.enrich.domain.records import Known


class Records(Protocol):
    """Where known records are looked up."""

    async def known(self, refs: Sequence[RecordRef]) -> Known: ...


class RecordBase:
    """Looks the contact and the company up. Its answer belongs to the lead's version: records change, so a new version
    of the lead asks again, while a replay of the same one reuses the recorded answer."""

    name = "crm"
    version = "2"
    fields = FIELDS

    def __init__(self, records: Records) -> None:
        self._records = records

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The ids of contact and company, as far as dedupe knew them before this lead."""
        identity = lead.identity
        if identity is None:
            return {}
        asked = {} if identity.contact_is_new else {"contact": identity.contact.id}
        if identity.company is not None and not identity.company_is_new:
            asked["company"] = identity.company.id
        return {**asked, "lead_id": lead.lead_id, "lead_version": str(lead.version)} if asked else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """Status, owner, opportunities and interactions for every lead, by one look-up for the batch."""
        pairs = [(_ref("contact", question), _ref("company", question)) for question in questions]
        refs = list(dict.fromkeys(ref for pair in pairs for ref in pair if ref is not None))
        known = await self._records.known(refs)
        return [
            record_findings(contact, company, known, question["lead_id"])
            for (contact, company), question in zip(pairs, questions, strict=True)
        ]


def _ref(kind: str, question: Inputs) -> RecordRef | None:
    if kind not in question:
        return None
    return RecordRef(type="contact" if kind == "contact" else "company", id=question[kind])

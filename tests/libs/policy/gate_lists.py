"""What people who run CRMs ask of automation, line by line: each row names where it was asked, in our words."""

from dataclasses import dataclass
from typing import Any

from libs.contracts.change import Actor

RULE, MODEL = Actor(kind="rule", id="r"), Actor(kind="ai", id="classify")


@dataclass(frozen=True)
class Asked:
    """One line: the field it is about, the workflow that would write it, and a value."""

    line: str
    where: str
    stage: str
    new: Any = "b"


SAFE_EARLY = (
    Asked("guide to lead automation, safe early: summaries written by the model", "contact.summary", "classify"),
    Asked("guide to lead automation, safe early: the use case's category", "contact.use_case", "classify"),
    Asked("guide to lead automation, safe early: how far enrichment got", "contact.enrichment_status", "enrich"),
    Asked(
        "guide to lead automation, safe early: flags for missing fields", "contact.missing_fields", "classify", ["a"]
    ),
    Asked("guide to lead automation, safe early: a suggested score", "contact.suggested_score", "score", 70),
    Asked("guide to lead automation, safe early: a suggested queue", "contact.suggested_queue", "score"),
    Asked("guide to lead automation, safe early: internal notes", "contact.note", "classify"),
    Asked(
        "control model, field table: a company's domain fills an empty field", "company.domain", "enrich", "b.example"
    ),
    Asked("control model, field table: an industry that is sure enough", "company.industry", "enrich"),
    Asked("control model, safe writes: activity summaries on a company", "company.summary", "classify"),
)
"""Facts of low risk that may fill an empty field by themselves once the launch mode lets them."""

NEVER_SILENT = (
    Asked("guide to lead automation, needs review: the owner", "contact.owner", "router"),
    Asked("guide to lead automation, needs review: the deal's stage", "opportunity.stage", "router"),
    Asked("guide to lead automation, needs review: the lifecycle stage", "contact.lifecycle", "router"),
    Asked("guide to lead automation, needs review: the forecast category", "opportunity.forecast_category", "router"),
    Asked("guide to lead automation, needs review: the close date", "opportunity.close_date", "router"),
    Asked("guide to lead automation, needs review: revenue", "opportunity.amount", "router", 100),
    Asked(
        "guide to lead automation, needs review: why somebody was disqualified",
        "contact.disqualification_reason",
        "router",
    ),
    Asked("guide to lead automation, needs review: sending mail", "contact.sent", "router"),
    Asked("guide to lead automation, needs review: merging people", "contact.merged_into", "router"),
    Asked("guide to lead automation, needs review: merging companies", "company.merged_into", "router"),
    Asked("guide to lead automation, needs review: deleting people", "contact.deleted", "crm", True),
    Asked("guide to lead automation, needs review: deleting companies", "company.deleted", "crm", True),
    Asked("control model, no silent overwrites: the account's owner", "company.owner", "router"),
    Asked("control model, no silent overwrites: an open deal's stage", "opportunity.stage", "crm"),
    Asked("control model, no silent overwrites: the close date", "opportunity.close_date", "crm"),
    Asked("control model, no silent overwrites: the forecast category", "opportunity.forecast_category", "crm"),
    Asked("control model, no silent overwrites: legal notes", "opportunity.legal_notes", "router"),
    Asked("control model, no silent overwrites: procurement notes", "opportunity.procurement_notes", "router"),
    Asked("control model, no silent overwrites: what was said about prices", "opportunity.pricing", "router"),
    Asked("control model, no silent overwrites: a contact's customer flag", "contact.customer_status", "router"),
    Asked("control model, no silent overwrites: a company's customer flag", "company.customer_status", "router"),
    Asked("control model, no silent overwrites: a company's partner flag", "company.partner", "router", True),
    Asked("control model, people confirm: why a deal was lost", "opportunity.closed_lost_reason", "router"),
    Asked("control model, people confirm: a deal's owner", "opportunity.owner", "router"),
    Asked("control model, sensitive accounts: the strategic flag", "company.strategic", "router", True),
    Asked("CRM cleanup, stays human: deleting deals", "opportunity.deleted", "crm", True),
    Asked("CRM cleanup, stays human: the lifecycle of companies", "company.lifecycle", "router"),
    Asked("AI in a small sales team, not on autopilot: who is qualified", "contact.qualification", "router"),
)
"""What a machine never changes by itself, however sure; a person's yes does."""

CONSENT = (
    Asked("control model, no silent overwrites: opting out", "contact.consent", "crm", "opted_in"),
    Asked("control model, field table: an opt-out is never overridden", "contact.do_not_mail", "crm", False),
    Asked("CRM cleanup, stays human: consent as the lead said it", "lead.consent", "mapper", "opted_in"),
)
"""What only a person may loosen; anybody may tighten it."""
HELD = {"contact.consent": "opted_out", "lead.consent": "opted_out", "contact.do_not_mail": True}

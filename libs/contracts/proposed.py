"""What each stage proposes of its own accord, in one place: a policy is checked against it before it is published.

A policy that grants less than a stage proposes would hold changes back in silence; it says so with `withheld`. What
enrich proposes for a lead is what enrichment.yaml lists; what a form or a person says is theirs, not a stage's.
"""

from collections.abc import Mapping

from libs.contracts.change import RecordType
from libs.contracts.fields import COMPANY_FIELDS, ORIGIN_FIELDS, PERSON_FIELDS, REQUEST_FIELDS

Proposed = Mapping[RecordType, frozenset[str]]

PROPOSED: Mapping[str, Proposed] = {
    "mapper": {"lead": frozenset((*PERSON_FIELDS, *COMPANY_FIELDS, *REQUEST_FIELDS, *ORIGIN_FIELDS, "do_not_mail", "custom_id"))},
    "dedupe": {
        "contact": frozenset((
            "email", "name", "first_name", "last_name", "phone", "title", "country", "city", "language", "custom_id",
            "company", "company_id", "consent", "do_not_mail", "source", "activity", "last_activity_at", "last_lead_id",
        )),
        "company": frozenset(("domain", "name", "country", "city")),
    },
    "enrich": {
        "contact": frozenset((
            "first_name", "last_name", "seniority", "function", "language", "time_zone", "email_kind", "phone_country",
        )),
    },
    "classify": {
        "lead": frozenset((
            "use_case", "urgency", "company_fit", "buyer_role", "industry", "product_interest", "intent", "spam",
        )),
        "contact": frozenset(("use_case", "urgency", "buyer_role", "product_interest", "intent")),
    },
    "score": {
        "lead": frozenset(("fit_score", "engagement_score", "risk_score", "priority")),
        "contact": frozenset(("suggested_score",)),
    },
    "router": {
        "lead": frozenset(("queue", "owner")),
        "contact": frozenset(("owner", "handoff_note", "next_task")),
        "company": frozenset(("owner",)),
    },
}  # fmt: skip
"""By workflow, record type and field. crm applies what others propose, triage writes what people say."""

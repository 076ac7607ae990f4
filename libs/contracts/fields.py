"""The names of lead and record fields, in one place: mapping, policy contracts, scoring and the CRM all use these."""

PERSON_FIELDS = ("email", "name", "first_name", "last_name", "phone", "title", "seniority", "function", "consent")
COMPANY_FIELDS = (
    "company",
    "domain",
    "website",
    "industry",
    "employees",
    "revenue_band",
    "country",
    "city",
    "tech_stack",
    "description",
    "social_links",
)
REQUEST_FIELDS = ("message", "product", "timeline", "budget", "language", "seats")
ORIGIN_FIELDS = (
    "campaign", "page", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "channel",
)  # fmt: skip
DERIVED_FIELDS = (
    "email_kind", "phone_country", "phone_type", "phone_region", "time_zone", "customer_status",
    "use_case", "urgency", "company_fit", "buyer_role", "product_interest", "intent", "spam",
    "fit_score", "engagement_score", "risk_score", "priority",
    "owner", "queue", "lifecycle", "do_not_mail", "custom_id",
)  # fmt: skip

LEAD_FIELDS = PERSON_FIELDS + COMPANY_FIELDS + REQUEST_FIELDS + ORIGIN_FIELDS + DERIVED_FIELDS
"""Every field a lead may hold. `email_kind` is corporate, free, disposable, role or shared."""

"""The facts that conditions and reasons may name, with their types, and how they are read off a lead."""

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from libs.contracts.fields import LEAD_FIELDS
from libs.contracts.lead import Lead

FactType = Literal["text", "whole", "number", "flag", "texts", "counts"]
Facts = dict[str, JsonValue]

CLAIMS = ("use_case", "urgency", "company_fit", "buyer_role", "industry", "product_interest", "intent", "category")
FLAGS = ("spam", "vendor", "student", "job_seeker", "competitor")

_FIELD_TYPES: dict[str, FactType] = {
    "employees": "whole", "seats": "whole", "fit_score": "whole", "engagement_score": "whole", "risk_score": "whole",
    "priority": "whole", "spam": "flag", "do_not_mail": "flag", "tech_stack": "texts", "social_links": "texts",
}  # fmt: skip

_LEAD_FACTS: dict[str, FactType] = {
    "kind": "text", "source": "text", "form": "text", "version": "whole", "trust": "number",
    "confidence": "number", "route_to_sales": "flag", "flags": "texts", "risks": "texts",
    "identity.verdict": "text", "identity.rule": "text", "identity.contact_is_new": "flag",
    "identity.company_is_new": "flag", "identity.candidates": "whole",
    "score.priority": "whole", "score.fit": "whole", "score.engagement": "whole", "score.risk": "whole",
    "score.missing": "texts", "score.why": "texts", "score.needs_review": "texts", "reviews": "texts",
}  # fmt: skip

_RECORD_FACTS: dict[str, FactType] = {
    "owner": "text", "held_for": "texts", "customer_status": "text", "lifecycle": "text", "tier": "text",
    "open_opportunities": "whole", "days_since_activity": "whole", "last_activity_kind": "text",
    "owner_note": "text", "segment": "text", "partner": "flag",
}  # fmt: skip

ROUTING_FACTS: dict[str, FactType] = {"lead.territory": "text", "pools.free": "counts"}
"""What only routing knows: the lead's territory, and how many members of each pool could take a lead now."""

FACTS: dict[str, FactType] = {
    **{f"lead.{name}": _FIELD_TYPES.get(name, "text") for name in LEAD_FIELDS},
    **{f"lead.{name}": kind for name, kind in _LEAD_FACTS.items()},
    **{f"lead.classification.{name}": "text" for name in CLAIMS},
    **{f"lead.flag.{name}": "flag" for name in FLAGS},
    **{f"record.{name}": kind for name, kind in _RECORD_FACTS.items()},
    **ROUTING_FACTS,
}
"""`lead.*` stands on the lead; `record.*` is what the CRM holds about its contact and company, given by the router.

`record.held_for` are suppression reasons. A fact that is not known is null, a list is then empty.
"""

_FIELD_NAMES = tuple((name, f"lead.{name}") for name in LEAD_FIELDS)


def lead_facts(lead: Lead, extra: Mapping[str, JsonValue] | None = None) -> Facts:
    """The facts of a lead by their dotted names, null when not known; `extra` are the `record.*` facts."""
    held = lead.fields
    facts: Facts = {fact: held[name].value if name in held else None for name, fact in _FIELD_NAMES}
    facts["lead.kind"] = lead.kind
    facts["lead.source"] = lead.source.name
    facts["lead.form"] = lead.form
    facts["lead.version"] = lead.version
    facts["lead.trust"] = lead.source.trust
    facts["lead.reviews"] = list[JsonValue](review.kind for review in lead.reviews)
    facts.update(_identity_facts(lead))
    facts.update(_classification_facts(lead))
    facts.update(_score_facts(lead))
    facts.update(extra or {})
    return facts


def _identity_facts(lead: Lead) -> Facts:
    identity = lead.identity
    if identity is None:
        return {}
    return {
        "lead.identity.verdict": identity.verdict,
        "lead.identity.rule": identity.rule,
        "lead.identity.contact_is_new": identity.contact_is_new,
        "lead.identity.company_is_new": identity.company_is_new,
        "lead.identity.candidates": len(identity.candidates),
    }


def _classification_facts(lead: Lead) -> Facts:
    answer = lead.classification
    if answer is None:
        return {}
    facts: Facts = {f"lead.classification.{name}": claim.label for name, claim in answer.claims.items()}
    facts.update({f"lead.flag.{name}": name in answer.flags for name in FLAGS})
    facts["lead.flags"] = list[JsonValue](sorted(answer.flags))
    facts["lead.risks"] = list[JsonValue](sorted(answer.risks))
    facts["lead.confidence"] = answer.confidence
    facts["lead.route_to_sales"] = answer.should_route_to_sales
    return facts


def _score_facts(lead: Lead) -> Facts:
    score = lead.score
    if score is None:
        return {}
    return {
        "lead.score.priority": score.priority,
        "lead.score.fit": score.fit,
        "lead.score.engagement": score.engagement,
        "lead.score.risk": score.risk,
        "lead.score.why": list[JsonValue](part.reason for part in score.parts),
        "lead.score.missing": list[JsonValue](score.missing),
        "lead.score.needs_review": list[JsonValue](score.needs_review),
    }

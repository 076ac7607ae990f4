"""Enrich, classify and score one after the other through the gate, as the runtime runs them: facts become points."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.contracts.change import FieldChange, Status
from libs.contracts.events import LeadDeduped
from libs.contracts.lead import Lead
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.gate import gated
from libs.runtime.stage import AnyStage
from services.classify.stage import classify_stage
from services.classify.store import Models
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.title import Title
from services.enrich.stage.line import enrich_stage
from services.score.stage import score_stage
from tests.paths import ROOT
from tests.policies import Plain
from tests.services.score.test_points import a_lead

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILES = read_files(ROOT / "policy")


@dataclass
class OnePolicy(Plain):
    """Publishes one policy."""

    policy: Policy

    def by_hash(self, policy_hash: str) -> Policy:
        return self.policy

    def newest(self) -> Policy:
        return self.policy


def stages(policies: OnePolicy) -> list[AnyStage]:
    providers = (EmailDomain(), Phone(), PersonName(), Title(), Language(), Campaign())
    models = Models(ROOT / "no trained ones")
    return [enrich_stage(policies, providers, 2.0), classify_stage(policies, models), score_stage(policies)]


async def through(lead: Lead, policies: OnePolicy) -> tuple[Lead, list[FieldChange]]:
    event: Any = LeadDeduped(event_id="e0", lead=lead)
    changes: list[FieldChange] = []
    for stage in stages(policies):
        outcome = stage.decide(event, await stage.gather([event]), NOW)
        [event], made = gated(stage, event.event_id, outcome, policies, NOW, None)
        event = event.model_copy(update={"event_id": f"after {stage.name}"})
        changes += made
    found: Lead = event.lead
    return found, changes


DEMO = {
    "email": "ann@acme.de",
    "name": "Ann Lee",
    "title": "Head of Sales Operations",
    "phone": "+49 30 901820",
    "company": "Acme Software",
    "employees": 120,
    "message": "Our Salesforce is full of duplicates and nobody trusts the data. Please send a quote this week.",
    "utm_medium": "cpc",
    "utm_source": "google",
}


@pytest.fixture
def policies() -> OnePolicy:
    return OnePolicy(load_policy(FILES))


async def test_a_demo_request_becomes_a_scored_lead(policies: OnePolicy) -> None:
    lead, changes = await through(a_lead(DEMO, kind="demo_request", classification=None), policies)
    assert {change.status for change in changes if change.record.type == "lead"} == {Status.APPLIED}
    wanted = {
        "first_name": "Ann", "domain": "acme.de", "country": "DE", "channel": "paid_search", "language": "en",
        "seniority": "head",
        "use_case": "crm_cleanup", "urgency": "high", "intent": "high", "buyer_role": "ops", "company_fit": "strong",
    }  # fmt: skip
    assert {name: lead.value(name) for name in wanted} == wanted
    assert lead.score is not None
    assert lead.score.priority is not None
    assert lead.score.priority >= 80
    assert lead.value("priority") == lead.score.priority == lead.score.fit + lead.score.engagement - lead.score.risk
    assert lead.reviews == ()
    assert {change.record.type for change in lead.proposals} == {"contact"}


async def test_a_second_pass_changes_nothing(policies: OnePolicy) -> None:
    once, _ = await through(a_lead(DEMO, kind="demo_request", classification=None), policies)
    twice, changes = await through(once.model_copy(update={"proposals": ()}), policies)
    assert [change for change in changes if change.record.type == "lead"] == []
    assert twice.answers == once.answers
    assert twice.classification == once.classification
    assert twice.score == once.score


async def test_a_vendor_is_kept_from_sales(policies: OnePolicy) -> None:
    pitch = "We are an offshore agency and offer you our SEO services, shall I send our price list?"
    lead, _ = await through(
        a_lead({"email": "joe@agency.io", "company": "Agency", "message": pitch}, classification=None), policies
    )
    assert lead.classification is not None
    assert "vendor" in lead.classification.flags
    assert lead.score is not None
    assert lead.score.risk >= 50

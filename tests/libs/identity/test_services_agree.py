"""What is a corporate domain: the identity key, dedupe and enrich say the same of every address."""

import asyncio

from hypothesis import given

from services.dedupe.domain.person import person_of
from services.enrich.connectors.email_domain import EmailDomain
from services.intake.domain.facts import Fact, LeadFacts, identity_key
from services.intake.domain.values import email_of
from tests.libs.identity.spellings import addresses
from tests.services.enrich.makers import POLICY, a_lead

ENRICH = EmailDomain()
SHARED = POLICY.matching.shared_domains


@given(addresses)
def test_identity_key_dedupe_and_enrich_name_one_company_domain(typed: str) -> None:
    email = email_of(typed)
    assert email is not None
    lead = a_lead({"email": email})
    key = identity_key(LeadFacts({"email": Fact(email, typed, "email")}, "lead"), "s1", SHARED)
    person = person_of(lead, {}, frozenset(SHARED))
    (findings,) = asyncio.run(ENRICH.answer([ENRICH.inputs(lead, POLICY)]))
    said = {finding.field: finding.value for finding in findings if finding.outcome == "found"}
    assert said["email_kind"] == person.kind
    assert said.get("domain", "") == person.domain
    assert key == (f"domain:{person.domain}" if person.domain else f"email:{person.email}")

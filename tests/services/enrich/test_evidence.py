"""No value without evidence: whatever a provider returns, what is recorded and proposed has evidence that holds."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.change import Evidence
from libs.contracts.events import LeadEnriched
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from services.enrich.domain.findings import Finding
from services.enrich.domain.proof import LARGEST_EVIDENCE, LARGEST_VALUE
from services.enrich.domain.provider import Network, no_network
from services.enrich.stage.line import enrich_stage
from tests.services.enrich.makers import NOW, OnePolicy, Told, a_lead, deduped

FIELDS = ("industry", "employees", "country", "city", "tech_stack", "owner", "priority")
TITLE = "Head of Support"
HUGE = "x" * (LARGEST_VALUE + 1)
EVIDENCE = st.lists(
    st.builds(
        Evidence,
        quote=st.sampled_from(["", " ", "software", "Head  of SUPPORT", "head of sales", HUGE, "\ud800", "a\0"]),
        where=st.sampled_from(["directory:7", "lead.title", "lead.message", "lead.nothing", ""]),
    ),
    max_size=2,
)
VALUES: list[Any] = [
    *(None, "", [], "software", "DE", 7, -3, 0, True, 2.5, math.nan, math.inf, HUGE, [HUGE], ["a"], {"a": "b"}),
    *("\udfff", "a\0b", ["\ud83d"], {"a": ["\0"]}),
]
FINDINGS = st.lists(
    st.builds(
        Finding,
        field=st.sampled_from([*FIELDS, "lead_id", "__class__", ""]),
        outcome=st.sampled_from(["found", "found", "found", "nothing", "unavailable"]),
        value=st.sampled_from(VALUES),
        confidence=st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.01, -1.0, math.nan, math.inf, -math.inf, 1e308]),
        evidence=EVIDENCE.map(tuple),
        reason=st.sampled_from(["", " ", "not listed", "\ud800", "\0", HUGE]),
    ),
    max_size=6,
)


async def enriched(lead: Lead, offline: Sequence[Told], network: Network = no_network) -> Outcome[Any]:
    stage = enrich_stage(OnePolicy(), offline, 2.0, network)
    event = deduped(lead)
    return stage.decide(event, await stage.gather([event]), NOW)


def held_true(lead: Lead, outcome: Outcome[Any], said: dict[str, list[Finding]]) -> None:
    assert isinstance(outcome.next, LeadEnriched)
    answers = outcome.next.lead.answers
    assert b"\\u0000" not in outcome.next.model_dump_json().encode(), "all of it can be written"
    assert sorted((one.provider, one.field) for one in answers) == sorted(
        (name, field) for name in said for field in FIELDS
    )
    for one in answers:
        json.dumps(one.value, allow_nan=False)
        if one.outcome != "found":
            assert (one.value, one.confidence, one.evidence) == (None, 0.0, ())
            assert one.reason.strip(), "nothing is said without a reason"
            continue
        assert 0 < one.confidence <= 1
        assert one.evidence
        assert sum(len(evidence.quote) for evidence in one.evidence) <= LARGEST_EVIDENCE
        assert any(one.value == finding.value for finding in said[one.provider] if finding.field == one.field)
        for evidence in one.evidence:
            assert evidence.quote.strip()
            if evidence.where.startswith("lead."):
                assert evidence == Evidence(quote="Head  of SUPPORT", where="lead.title"), "only this one stands there"
    for change in outcome.changes:
        [proof] = [one for one in answers if (one.provider, one.field) == (change.source.name, change.field)]
        assert proof.outcome == "found"
        assert proof.evidence == change.evidence
        assert proof.value == change.new is not None
        assert change.field not in ("owner", "priority"), "not enrich's to propose"
    for review in outcome.reviews:
        assert review.evidence


@settings(max_examples=300)
@given(FINDINGS, FINDINGS)
async def test_hostile_providers_leave_no_value_without_evidence(first: list[Finding], second: list[Finding]) -> None:
    lead = a_lead({"domain": "acme.com", "title": TITLE})
    offline = Told("company_directory", fields=FIELDS, findings=first)
    online = Told("website", fields=FIELDS, findings=second)
    outcome = await enriched(lead, [offline], lambda policy: [online])
    held_true(lead, outcome, {"company_directory": first, "website": second})


@given(FINDINGS)
async def test_what_nobody_returned_stays_unknown(findings: list[Finding]) -> None:
    lead = a_lead({"domain": "acme.com"})
    outcome = await enriched(lead, [Told(fields=FIELDS, findings=findings)])
    returned = {finding.field for finding in findings if finding.outcome == "found"}
    assert {change.field for change in outcome.changes} <= returned
    assert isinstance(outcome.next, LeadEnriched)
    assert {one.field for one in outcome.next.lead.answers if one.value is not None} <= returned


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (Finding("employees", "found", 120, 0.9), "the provider gave no value or no evidence"),
        (Finding("employees", "found", 120, math.nan, (Evidence(quote="q", where="w"),)), "no usable confidence"),
        (Finding("employees", "found", "lots", 0.9, (Evidence(quote="q", where="w"),)), "not the shape of the field"),
        (Finding("employees", "found", math.inf, 0.9, (Evidence(quote="q", where="w"),)), "no JSON"),
        (Finding("city", "found", HUGE, 0.9, (Evidence(quote="q", where="w"),)), "larger than a value may be"),
        (
            Finding("city", "found", "Bonn", 0.9, (Evidence(quote="Bonn", where="lead.title"),)),
            "do not stand in the lead",
        ),
        (Finding("city", "found", "Bonn", 0.9, (Evidence(quote=" ", where="w"),)), "no value or no evidence"),
    ],
)
async def test_a_claim_that_does_not_hold_is_nothing_and_says_why(finding: Finding, reason: str) -> None:
    provider = Told(fields=(finding.field,), findings=[finding])
    outcome = await enriched(a_lead({"domain": "acme.com", "title": TITLE}), [provider])
    assert isinstance(outcome.next, LeadEnriched)
    [answer] = outcome.next.lead.answers
    assert (answer.outcome, answer.value) == ("nothing", None)
    assert reason in answer.reason
    assert outcome.changes == ()

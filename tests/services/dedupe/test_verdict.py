"""Who a lead is from: the decided verdicts, one case each."""

from typing import Any

import pytest

from libs.contracts.lead import Identity, Lead
from tests.services.dedupe.fakes import a_lead, changed
from tests.services.dedupe.running import Dedupe

ACME = changed("company", "acme", name="Acme Robotics Inc", domain="acme.com", country="US")
ALEX = changed(
    "contact", "alex", name="Alex Smith", email="alex@acme.com", phone="+14155550123", company="Acme Robotics", company_id="acme"
)  # fmt: skip
FREE = changed("contact", "free", name="Maria Rossi", email="maria.rossi@gmail.com", custom_id="C-77")
INFO = changed("contact", "info", name="Front Desk", email="info@beta.io")


def base() -> Dedupe:
    dedupe = Dedupe()
    dedupe.runs([ACME, ALEX, FREE, INFO])
    return dedupe


def identity(lead: Lead) -> Identity:
    assert lead.identity is not None
    return lead.identity


@pytest.mark.parametrize(
    ("fields", "verdict", "rule", "contact", "company"),
    [
        ({"email": "ALEX@acme.com"}, "duplicate", "exact_email", "alex", "acme"),
        ({"email": "alex@acme.com", "name": "Smith, Alexander"}, "duplicate", "exact_email", "alex", "acme"),
        ({"email": "mariarossi+x@googlemail.com"}, "duplicate", "exact_email", "free", None),
        ({"email": "other@nowhere.example", "custom_id": "C-77"}, "duplicate", "custom_id", "free", "new"),
        ({"email": "zoe@acme.com", "name": "Zoe Lang"}, "new", "company_domain", "new", "acme"),
        ({"email": "zoe@eu.acme.com", "company": "Umbrella"}, "new", "company_domain", "new", "acme"),
        ({"email": "zoe@gmail.com", "name": "Zoe"}, "new", "new", "new", None),
        ({"email": "zoe@gmail.com", "company": "Acme Robotics"}, "ambiguous", "similar_company", "new", None),
        ({"email": "zoe@akme.example", "company": "Acme Robotic GmbH"}, "ambiguous", "similar_company", "new", None),
        ({"email": "zoe@gmail.com", "website": "https://www.acme.com/x"}, "ambiguous", "typed_website", "new", None),
        ({"email": "zoe@acme.de"}, "ambiguous", "similar_company", "new", None),
        ({"email": "zoe@gamma.example", "company": "Gamma"}, "new", "new", "new", "new"),
        (
            {"email": "a@gmail.com", "name": "Alex Smith", "phone": "+1 415 555 0123"},
            "ambiguous",
            "similar_person",
            "new",
            None,
        ),
        ({"email": "a@gmail.com", "name": "Bo Wu", "phone": "+1 415 555 0123"}, "new", "new", "new", None),
        ({"email": "a@gmail.com", "name": "Alex Smith"}, "new", "new", "new", None),
        ({"email": "asmith@acme.com", "name": "Alex Smith"}, "ambiguous", "similar_person", "new", "acme"),
        ({"email": "alex@acme.com", "name": "Mary Smith"}, "ambiguous", "shared_mailbox", "alex", "acme"),
        ({"email": "info@beta.io", "name": "Bo Wu"}, "duplicate", "role_mailbox", "info", "new"),
        ({"email": "alex@acme.com", "custom_id": "C-77"}, "ambiguous", "ids_disagree", "new", "acme"),
        ({"company": "Gamma", "phone": "+14155550199"}, "new", "new", "new", "new"),
        ({}, "new", "new", "new", None),
    ],
)
def test_the_verdict(fields: dict[str, Any], verdict: str, rule: str, contact: str, company: str | None) -> None:
    lead = base().lead(a_lead("s9", **fields))
    found = identity(lead)
    assert (found.verdict, found.rule) == (verdict, rule)
    assert found.contact_is_new == (contact == "new")
    assert contact in ("new", found.contact.id)
    assert (found.company is None) == (company is None)
    assert found.company is None or company in ("new", found.company.id)


def test_every_question_shows_what_was_compared() -> None:
    outcome = base().runs([])
    assert outcome == []
    found = identity(base().lead(a_lead("s9", email="zoe@gmail.com", company="Acme Robotics", country="US")))
    (candidate,) = found.candidates
    assert candidate.record.id == "acme"
    assert [(one.name, one.weight) for one in candidate.comparisons] == [
        ("company_name: equal", 11.0),
        ("country: equal", 1.0),
    ]
    assert candidate.match_probability > 0.9


def test_a_free_mailbox_of_a_known_person_keeps_their_company() -> None:
    dedupe = base()
    dedupe.one(changed("contact", "free", 2, name="Maria Rossi", email="maria.rossi@gmail.com", company_id="acme"))
    assert (
        identity(dedupe.lead(a_lead("s9", email="maria.rossi@gmail.com"))).company
        == identity(dedupe.lead(a_lead("s8", email="zoe@acme.com", name="Zoe"))).company
    )
    moved = identity(dedupe.lead(a_lead("s7", email="maria.rossi@gmail.com", company="Gamma")))
    assert moved.company is not None
    assert moved.company.id != "acme"


def test_a_domain_of_two_companies_is_asked() -> None:
    dedupe = base()
    dedupe.one(changed("company", "acme2", name="Umbrella", domain="acme.com"))
    found = identity(dedupe.lead(a_lead("s9", email="zoe@acme.com", name="Zoe")))
    assert (found.verdict, found.rule) == ("ambiguous", "domain_of_several_companies")
    assert {one.record.id for one in found.candidates} == {"acme", "acme2"}


def test_a_domain_that_the_policy_calls_shared_tells_no_company() -> None:
    dedupe = base()
    dedupe.one(changed("company", "site", name="Siteful", domain="bakery.wixsite.com"))
    assert identity(dedupe.lead(a_lead("s9", email="me@wixsite.com"))).company is None


@pytest.mark.parametrize(("name", "learned"), [("Maria Rossi", True), ("Rossi, M.", True), ("", False)])
def test_an_address_is_learned_from_an_id_only_together_with_the_name(name: str, learned: bool) -> None:
    dedupe = base()
    first = dedupe.lead(a_lead("s1", email="new@other.example", custom_id="C-77", name=name or None))
    assert identity(first).contact.id == "free"
    later = identity(dedupe.lead(a_lead("s2", email="new@other.example")))
    assert (later.contact.id == "free") == learned

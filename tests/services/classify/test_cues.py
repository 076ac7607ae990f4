"""Cues for time and intent, and the labels that rules read off facts."""

import pytest

from services.classify.domain import rules
from services.classify.domain.cues import employees_cue, intent_cue, urgency_cue
from tests.services.classify.makers import TAXONOMY, asked


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("We need this asap", "high"),
        ("It has to be live within two weeks", "high"),
        ("Es ist dringend", "high"),
        ("C'est urgent", "high"),
        ("Lo necesitamos lo antes posible", "high"),
        ("There is no rush at all", "low"),
        ("It is not urgent", "low"),
        ("Es eilt nicht", "low"),
        ("Sans urgence", "low"),
        ("No es urgente", "low"),
        ("Maybe next year", "low"),
        ("We decide next quarter", "medium"),
        ("Bis Ende des Quartals", "medium"),
        ("bis zum Jahresende", "medium"),
        ("d'ici la fin du mois prochain", "medium"),
        ("antes de fin de trimestre", "medium"),
        ("We route tickets faster than ever", None),
        ("We are an insurgent brand", None),
        ("Our customers wait too long", None),
        ("", None),
    ],
)
def test_urgency(message: str, label: str | None) -> None:
    cue = urgency_cue(message)
    assert (cue.label if cue else None) == label
    if cue is not None:
        assert message[cue.start : cue.end].strip()


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("Please send me a quote", True),
        ("Could I get a demo next week?", True),
        ("Bitte um Rückruf", True),
        ("Pouvez-vous nous envoyer un devis ?", True),
        ("Envíen un presupuesto", True),
        ("Our phones ring all day", False),
        ("I read your blog", False),
    ],
)
def test_intent(message: str, asks: bool) -> None:
    assert (intent_cue(message) is not None) == asks


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("a 120 person company", 120),
        ("We have 1,200 employees", 1200),
        ("1.200 Mitarbeiter", 1200),
        ("300 salariés", 300),
        ("nearly 80 empleados", 80),
        ("we get 300 emails a day", None),
        ("version 2.0 people", None),
    ],
)
def test_employees(message: str, count: int | None) -> None:
    said = employees_cue(message)
    assert (said[0] if said else None) == count


@pytest.mark.parametrize(
    ("facts", "message", "label"),
    [
        ({"title": "CEO", "seniority": "c_level", "function": "general"}, "", "founder"),
        ({"title": "Co-Founder & CTO", "seniority": "founder", "function": "technical"}, "", "founder"),
        ({"title": "VP Sales", "seniority": "vp", "function": "sales"}, "", "sales"),
        ({"title": "CFO", "seniority": "c_level", "function": "finance"}, "", "unknown"),
        ({}, "I am the head of customer support at a bank", "support"),
        ({}, "Our support team is slow", "unknown"),
        ({}, "", "unknown"),
    ],
)
def test_buyer_role(facts: dict[str, str], message: str, label: str) -> None:
    claim = rules.buyer_role(asked(message, **facts), TAXONOMY.fields["buyer_role"])
    assert claim.label == label
    assert bool(claim.evidence) == (label != "unknown")


@pytest.mark.parametrize(
    ("facts", "message", "fit"),
    [
        ({"employees": "120", "industry": "software"}, "", "strong"),
        ({"employees": "120"}, "", "possible"),
        ({"industry": "software"}, "", "possible"),
        ({"employees": "2"}, "", "weak"),
        ({"employees": "90000"}, "", "weak"),
        ({}, "We are a logistics company with 120 employees", "strong"),
        ({}, "We ship 120 parcels", "unknown"),
        ({}, "", "unknown"),
    ],
)
def test_company_fit(facts: dict[str, str], message: str, fit: str) -> None:
    question = asked(message, **facts)
    industry = rules.industry(question, TAXONOMY.fields["industry"])
    claim = rules.company_fit(question, TAXONOMY.fields["company_fit"], industry)
    assert claim.label == fit
    assert bool(claim.evidence) == (fit != "unknown")


def test_industry_is_not_read_off_what_somebody_only_mentions() -> None:
    field = TAXONOMY.fields["industry"]
    assert rules.industry(asked("We are a dental clinic in Porto"), field).label == "healthcare"
    assert rules.industry(asked("We sell to hotels and banks"), field).label == "unknown"
    assert rules.industry(asked("", company="Nordwind Logistics"), field).label == "logistics"


def test_a_product_is_what_the_form_names() -> None:
    field = TAXONOMY.fields["product_interest"]
    assert rules.product_interest(asked("", product="Voice AI"), field).label == "voice_ai"
    assert rules.product_interest(asked("We want voice ai"), field).label == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "please do not contact me again",
        "Bitte rufen Sie mich nicht an",
        "We do not need a quote",
        "No quiero una demo",
        "Ik wil geen demo",
    ],
)
def test_a_request_that_is_turned_down_is_none(text: str) -> None:
    assert intent_cue(text) is None


@pytest.mark.parametrize(
    "text", ["We can't find the price, please send us a quote", "Not sure yet: can we have a demo?"]
)
def test_a_no_about_something_else_turns_nothing_down(text: str) -> None:
    assert intent_cue(text) is not None

"""Products, competitors, stated industries and sizes, titles, and labels that RevOps added."""

import pytest

from libs.policy.taxonomy import Competitor, Label, LabelledField
from services.classify.domain import rules
from services.classify.domain.industry_names import industry_named
from services.classify.domain.market import BY_WORDS, by_words, competitor_claim
from tests.services.classify.makers import TAXONOMY, asked

RIVALS = {"deskly": Competitor(name="Deskly", aliases=("Deskly GmbH",), domains=("deskly.example",))}
USE_CASES = LabelledField(
    question="?",
    labels={
        **TAXONOMY.fields["use_case"].labels,
        "contract_review": Label(
            definition="Contracts read by a machine.",
            words={"en": ("contract review", "clause*"), "de": ("vertragsprüfung*",)},
        ),
    },
)
LEARNED = frozenset(TAXONOMY.fields["use_case"].labels)


@pytest.mark.parametrize(
    ("message", "label", "quote"),
    [
        ("We need contract review for our legal team.", "contract_review", "contract review"),
        ("Wir suchen eine Vertragsprüfungssoftware.", "contract_review", "Vertragsprüfungssoftware"),
        ("Our support tickets pile up.", "unknown", None),
        ("", "unknown", None),
    ],
)
def test_a_label_that_was_added_is_recognised_by_its_words(message: str, label: str, quote: str | None) -> None:
    claim = by_words(asked(message), USE_CASES, LEARNED)
    assert (claim.label, claim.confidence) == (label, BY_WORDS)
    assert [proof.quote for proof in claim.evidence] == ([quote] if quote else [])


def test_two_labels_with_as_many_words_are_unknown() -> None:
    assert by_words(asked("tickets? a ticket, and a clause"), USE_CASES).label == "unknown"


@pytest.mark.parametrize(
    ("facts", "message", "raised"),
    [
        ({"domain": "deskly.example"}, "", True),
        ({"domain": "mail.deskly.example"}, "", True),
        ({"website": "https://www.deskly.example/about"}, "", True),
        ({"domain": "notdeskly.example"}, "", False),
        ({"company": "deskly gmbh"}, "", True),
        ({}, "I work at Deskly and want to look at it.", True),
        ({}, "How do you compare with Deskly?", False),
        ({}, "We use Deskly and want to move away.", False),
    ],
)
def test_a_competitor(facts: dict[str, str], message: str, raised: bool) -> None:
    claim = competitor_claim(asked(message, **facts), RIVALS)
    assert (claim is not None) == raised
    assert claim is None or claim.evidence


def test_a_product_is_named_as_the_policy_writes_it() -> None:
    field = TAXONOMY.fields["product_interest"]
    claim = rules.product_interest(asked("May I see Voice AI?"), field, TAXONOMY)
    assert (claim.label, claim.evidence[0].where) == ("voice_ai", "lead.message[10:18]")
    assert rules.product_interest(asked("We want voice ai"), field, TAXONOMY).label == "unknown"
    assert rules.product_interest(asked("", product="crm-cleanup plan"), field, TAXONOMY).label == "crm_cleanup"


@pytest.mark.parametrize(
    ("stated", "label"),
    [
        ("Hospital & Health Care", "healthcare"),
        ("Information Technology and Services", "software"),
        ("NAICS 5415", "professional_services"),
        ("517", "telecom"),
        ("SIC 7372", "software"),
        ("7011", "hospitality"),
        ("Farming", "other"),
        ("n/a", None),
        ("12", None),
    ],
)
def test_stated_industries(stated: str, label: str | None) -> None:
    assert industry_named(stated) == label


def test_every_name_of_the_table_is_a_label() -> None:
    labels = set(TAXONOMY.fields["industry"].labels)
    for name in ("Banking", "Retail", "Law Practice", "Utilities", "Government Administration", "Publishing"):
        assert industry_named(name) in labels


@pytest.mark.parametrize(
    ("stated", "count"),
    [("120", 120), ("1,200", 1200), ("51-200", 125), ("500+", 500), ("< 10", 10), ("many", None), ("", None)],
)
def test_stated_employees(stated: str, count: int | None) -> None:
    assert rules.stated_employees(stated) == count


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Leiterin Kundenservice", "support"),
        ("Directrice commerciale", "sales"),
        ("Head of Revenue Operations", "ops"),
        ("Kierownik działu obsługi klienta", "support"),
        ("Генеральный директор", "founder"),
        ("市场总监", "marketing"),
        ("Chief Financial Officer", "unknown"),
        ("Personalleiterin", "unknown"),
        ("IT-Leiter", "technical"),
    ],
)
def test_a_title_without_a_known_function_is_read_by_its_words(title: str, label: str) -> None:
    assert rules.buyer_role(asked("", title=title), TAXONOMY.fields["buyer_role"]).label == label

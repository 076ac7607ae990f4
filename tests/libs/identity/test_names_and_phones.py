"""Names, companies and numbers in one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.identity.companies import company_key
from libs.identity.names import name_key
from libs.identity.phones import normalised_phone, region_code


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+1 (415) 555-2671", None, "+14155552671"), ("0043 1 25350", "DE", "+43125350"),
        ("(415) 555-2671", "us", "+14155552671"),
        ("(415) 555-2671", None, ""), ("(415) 555-2671", "Germany", ""), ("+1 000 000 0000", None, ""), ("0000000000", "US", ""),
        ("12", "US", ""), ("call me", "US", ""), ("", None, ""), ("49", "DE", ""), ("490", "DE", ""), ("0490", "DE", ""),
    ],
)  # fmt: skip
def test_phone(text: str, region: str | None, number: str) -> None:
    assert normalised_phone(text, region) == number


@given(st.text(alphabet="+0123456789 ()-/x", max_size=24), st.sampled_from([None, "US", "DE", "de", "xx", ""]))
def test_a_number_is_its_own_spelling(text: str, region: str | None) -> None:
    number = normalised_phone(text, region)
    assert number == "" or number.startswith("+")
    assert normalised_phone(number) == number


def test_a_country_is_never_guessed() -> None:
    assert [region_code(text) for text in (" de", "Germany", "", "001", "UK")] == ["DE", None, None, None, None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme GmbH", "ACME"), ("The Acme Company, Inc.", "Acme Company Inc"), ("株式会社アクメ", "アクメ"),
        ("A.C.M.E. Ltd", "acme"), ("Müller & Söhne KG", "Muller and Sohne"),
    ],
)  # fmt: skip
def test_companies(one: str, other: str) -> None:
    assert company_key(one) == company_key(other) != ""


@pytest.mark.parametrize("text", ["n/a", "Self-employed", "none", "  ", "Privat"])
def test_no_company(text: str) -> None:
    assert company_key(text) == ""


@given(st.permutations(["Ann", "María", "O'Neil"]), st.sampled_from(["", "Dr. ", "Frau "]))
def test_a_name_has_no_order_titles_or_accents(words: list[str], title: str) -> None:
    assert name_key(title + " ".join(words)) == name_key("maria", "ann", "o neil")


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("491701234567", "DE", "+491701234567"),
        ("0170 1234567", "DE", "+491701234567"),
        ("+49 170 1234567", "FR", "+491701234567"),
        ("447911123456", "GB", "+447911123456"),
        ("30 901820", "DE", "+4930901820"),
        ("4155552671", "US", "+14155552671"),
        ("390612345678", "IT", "+390612345678"),
    ],
)
def test_a_number_that_lost_its_plus_keeps_its_country(typed: str, region: str, number: str) -> None:
    assert normalised_phone(typed, region) == number

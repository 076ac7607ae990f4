"""Values made comparable."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.intake.domain import values


@pytest.mark.parametrize(
    ("given_text", "email"),
    [
        (" Ana.Ruiz@Acme.COM ", "ana.ruiz@acme.com"),
        ("Ana <ana@acme.com>", "ana@acme.com"),
        ("mailto:ana@acme.com", "ana@acme.com"),
        ("ana@müller.de", "ana@xn--mller-kva.de"),
        ("ana+news@acme.com", "ana+news@acme.com"),
        ("ana@@acme.com", None), ("ana@", None), ("@acme.com", None), ("a b@acme.com", None), (7, None), (None, None),
    ],
)  # fmt: skip
def test_email(given_text: object, email: str | None) -> None:
    assert values.email_of(given_text) == email  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.shop.acme.co.uk/pricing?x=1", "acme.co.uk"), ("acme.com", "acme.com"), ("ana@mail.acme.com", "acme.com"),
        ("WWW.ACME.COM:8080", "acme.com"), ("co.uk", None), ("localhost", None), ("10.0.0.1", None),
        ("http://", None), ("not a domain", None), ("müller.de", "xn--mller-kva.de"),
    ],
)  # fmt: skip
def test_registrable_domain(text: str, domain: str | None) -> None:
    assert values.domain_of(text) == domain


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+1 (415) 555-2671", None, "+14155552671"), ("0043 1 25350", "DE", "+43125350"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("(415) 555-2671", None, None), ("12", "US", None), ("call me", "US", None),
    ],
)  # fmt: skip
def test_phone(text: str, region: str | None, number: str | None) -> None:
    assert values.phone_of(text, region) == number


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1,200", 1200), ("120", 120), ("51-200", 51), (42, 42), (True, "yes"), (-1, None), ("", None)],
)
def test_numbers(value: object, expected: object) -> None:
    assert values.number_of(value) == expected  # type: ignore[arg-type]


def test_times() -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    seconds = int(noon.timestamp())
    for said in (
        "2026-05-04T12:00:00Z",
        "2026-05-04T14:00:00+02:00",
        "2026-05-04 12:00:00",
        seconds,
        seconds * 1000,
        str(seconds),
    ):
        assert values.time_of(said) == noon
    nonsense: tuple[JsonValue, ...] = ("yesterday", -1, 10**30, True, None, [], "9" * 400)
    for nothing in nonsense:
        assert values.time_of(nothing) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        st.lists,
        max_leaves=5,
    )
)
def test_total(value: object) -> None:
    for made in (
        values.text_of, values.line_of, values.message_of, values.email_of, values.domain_of, values.number_of,
        values.yes_or_no, values.time_of, lambda one: values.phone_of(one, "US"),
    ):  # fmt: skip
        made(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("51-200", 51), ("1,001 – 5,000", 1001), ("501 to 1000 employees", 501), ("5000+", 5000), ("10.000+ Mitarbeiter", 10000),
        ("200", 200), ("1 200", 1200), (37, 37), ("a lot", "a lot"), ("50-", "50-"), ("Q3 2026", "Q3 2026"), ("2-3-4", "2-3-4"),
    ],
)  # fmt: skip
def test_a_size_list_says_at_least_so_many(said: object, number: object) -> None:
    assert values.number_of(said) == number  # type: ignore[arg-type]

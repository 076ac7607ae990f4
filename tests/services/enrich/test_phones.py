"""What a phone number says by itself, and what it refuses to say."""

import pytest

from services.enrich.connectors.phone import Phone


async def told(text: str, country: str = "") -> dict[str, tuple[object, str]]:
    """Value and reason by field."""
    [findings] = await Phone().answer([{"phone": text, **({"country": country} if country else {})}])
    return {finding.field: (finding.value, finding.reason) for finding in findings}


@pytest.mark.parametrize(
    ("text", "country", "kind", "area"),
    [
        ("+49 30 901820", "", "fixed", "Berlin"),
        ("030 901820", "DE", "fixed", "Berlin"),
        ("+49 170 1234567", "", "mobile", None),
        ("+1 415 555 2671", "", "fixed_or_mobile", "San Francisco, CA"),
        ("+1 800 555 0199", "", "toll_free", None),
        ("+44 20 7946 0958", "", "fixed", "London"),
        ("+44 56 0123 4567", "", "voip", None),
        ("+49 900 1 234567", "", None, None),
        ("+49 1", "", None, None),
    ],
)
async def test_type_and_area(text: str, country: str, kind: str | None, area: str | None) -> None:
    answers = await told(text, country)
    assert (answers["phone_type"][0], answers["phone_region"][0]) == (kind, area)


async def test_a_premium_number_is_explicitly_nothing() -> None:
    assert set((await told("+49 900 1 234567")).values()) == {(None, "a premium-rate number")}


async def test_a_placeless_number_has_no_time_zone() -> None:
    assert (await told("+1 800 555 0199"))["time_zone"] == (None, "a toll_free number belongs to no time zone")

"""Territories: the first that fits, nothing known fits nothing, and what is never reached is a problem with its line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.analysis import analysed
from libs.policy.load import PolicyError, load_policy, read_files
from libs.policy.territories import Territories, Territory
from tests.paths import ROOT

FILES = read_files(ROOT / "policy")
DACH = Territory(name="dach", title="DACH", countries=("DE", "AT"))


def territory(**criteria: Any) -> Territory:
    return Territory(name="t", title="T", **criteria)


@pytest.mark.parametrize(
    ("criteria", "facts", "fits"),
    [
        ({"countries": ("DE",)}, {"lead.country": "DE"}, True),
        ({"countries": ("DE",)}, {"lead.country": "FR"}, False),
        ({"countries": ("DE",)}, {}, False),
        ({"cities": ("Berlin",)}, {"lead.city": " berlin "}, True),
        ({"industries": ("software",), "languages": ("de", "fr")}, {"lead.industry": "software", "lead.language": "fr"}, True),
        ({"industries": ("software",), "languages": ("de",)}, {"lead.industry": "software"}, False),
        ({"domains": ("acme.example",)}, {"lead.domain": "ACME.example"}, True),
        ({"employees_from": 100}, {"lead.employees": 100}, True),
        ({"employees_from": 100}, {"lead.employees": 99}, False),
        ({"employees_below": 100}, {"lead.employees": 100}, False),
        ({"employees_below": 100}, {}, False),
        ({"employees_below": 100}, {"lead.employees": True}, False),
        ({"when": "lead.title.contains('VP')"}, {"lead.title": "VP Sales"}, True),
        ({"when": "lead.title.contains('VP')"}, {}, False),
    ],
)  # fmt: skip
def test_every_criterion_that_is_given_has_to_fit(criteria: dict[str, Any], facts: dict[str, Any], fits: bool) -> None:
    assert territory(**criteria).holds(facts) is fits


def test_the_first_that_fits_is_the_leads() -> None:
    held = Territories(territories=(DACH, territory(countries=("DE", "FR"))))
    assert [held.of({"lead.country": one}) for one in ("DE", "FR", "US")] == ["dach", "t", None]


SOME = st.lists(st.sampled_from(["DE", "FR", "US"]), unique=True, max_size=3).map(tuple)
SIZES = st.sampled_from([None, 10, 100])


@given(SOME, SOME, SIZES, SIZES)
def test_what_covers_another_takes_all_its_leads(wide: Any, narrow: Any, low: int | None, lower: int | None) -> None:
    held = Territories(
        territories=(
            territory(countries=wide, employees_from=lower, employees_below=1000),
            Territory(name="n", title="N", countries=narrow, employees_from=low, employees_below=500),
        )
    )
    taken = [
        held.of(facts) == "n"
        for country in ("DE", "FR", "US", None)
        for employees in (5, 10, 50, 100, 499, 500, None)
        if held.territories[1].holds(facts := {"lead.country": country, "lead.employees": employees})
    ]
    if held.covering(held.territories[1]):
        assert not any(taken)
    elif narrow:
        assert any(taken), "it is reached, and nothing says that it is not"


def test_criteria_that_say_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="says of no lead"):
        territory()
    with pytest.raises(ValueError, match="employees_from is below"):
        territory(employees_from=10, employees_below=10)


@pytest.mark.parametrize(
    ("file", "text", "new", "told"),
    [
        ("territories", "[DE, AT, CH, LI]", "[DE, AT, ZZ, LI]", "territories.yaml:12:25: no such country: ZZ"),
        (
            "territories",
            "[DE, AT, CH, LI]",
            "[DE, FR]\n  - name: dup\n    title: Twice\n    countries: [DE]",
            "dup is never reached: dach",
        ),
        ("territories", "name: emea", "name: dach", "territories.yaml:13:11: dach is given twice"),
        (
            "territories",
            "countries: [DE, AT, CH, LI]",
            "when: lead.territory == 'x'",
            "not known yet when territories are asked",
        ),
        (
            "pools",
            "when_empty: unassigned",
            "when_empty: unassigned\n  overflow: inbund",
            "pools.yaml:10:13: no such pool: inbund; did you mean inbound?",
        ),
        ("pools", "when_empty: unassigned", "when_empty: unassigned\n  overflow: enterprise", "overflows into itself"),
        (
            "pools",
            "when_empty: unassigned",
            "when_empty: unassigned\n  calendar: sales_uk",
            "no such calendar: sales_uk",
        ),
        (
            "routing",
            "lead.territory in ['dach', 'emea']",
            "pools.free['inbond'] > 0",
            "no such pool: inbond; did you mean inbound?",
        ),
        ("routing", "lead.territory in ['dach', 'emea']", "pools.free > 0", "no matching overload"),
        (
            "routing",
            "    queue: inbound_sales_emea\n",
            "    queue: inbound_sales_emea\n    pool_by_territory: {dahc: inbound}\n",
            "no such territory: dahc; did you mean dach?",
        ),
        (
            "routing",
            "    queue: inbound_sales_emea\n",
            "    queue: inbound_sales_emea\n    pool_by_territory: {dach: in}\n",
            "no such pool: in",
        ),
        ("scoring", "when: lead.employees < 5", "when: lead.territory == 'dach'", "known to routing alone"),
    ],
)
def test_a_mistake_is_named_with_its_place(file: str, text: str, new: str, told: str) -> None:
    name = f"{file}.yaml"
    assert text in FILES[name]
    with pytest.raises(PolicyError) as caught:
        load_policy({**FILES, name: FILES[name].replace(text, new, 1)})
    assert told in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        (
            [("territories", "FR, NL, BE", "FR, DE, BE")],
            "territories.yaml:17:13: warning: DE never counts here: dach before it takes all its leads",
        ),
        (
            [
                ("routing", "inbound_sales_emea: {title: Inbound sales EMEA, pool: inbound_emea}",
                 "inbound_sales_emea: {title: Inbound sales EMEA}"),
                ("routing", "    queue: inbound_sales_emea\n",
                 "    queue: inbound_sales_emea\n    pool_by_territory: {dach: inbound_emea}\n"),
            ],
            "leads of emea, americas, apac, no territory get nobody by turn",
        ),
    ],
)  # fmt: skip
def test_a_gap_is_a_warning_with_its_place(edits: list[tuple[str, str, str]], told: str) -> None:
    files = dict(FILES)
    for file, text, new in edits:
        assert text in files[f"{file}.yaml"]
        files[f"{file}.yaml"] = files[f"{file}.yaml"].replace(text, new, 1)
    found = [str(one) for one in analysed(files).of("warning")]
    assert any(told in one for one in found), found
    assert not any("never counts" in str(one) or "nobody by turn" in str(one) for one in analysed(FILES).problems)


def test_a_country_may_be_listed_again_where_the_first_asks_for_more() -> None:
    narrow = FILES["territories.yaml"].replace(
        "countries: [DE, AT, CH, LI]", "countries: [DE, AT, CH, LI, FR]\n    employees_from: 500"
    )
    found = analysed({**FILES, "territories.yaml": narrow})
    assert not any("never counts" in str(one) for one in found.problems)

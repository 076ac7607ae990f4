"""Leads in no territory and in two: what is said holds of the territories, and what a search of all leads finds is said."""

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from libs.identity.phones import REGIONS
from libs.policy.analysis import analysed
from libs.policy.conditions import Condition
from libs.policy.load import read_files
from libs.policy.meetings import in_two_territories
from libs.policy.policy import Policy
from libs.policy.territories import Territories, Territory
from libs.policy.uncovered import in_no_territory
from tests.libs.policy.shipped import POLICY
from tests.paths import ROOT

FILES = read_files(ROOT / "policy")
HERE = ("DE", "FR", "US")
SIZES = (None, 0, 9, 10, 99, 100, 500)
WORLD = tuple(sorted(REGIONS))
WHENS = (None, "lead.country == 'FR'", "lead.country != 'US' && lead.employees >= 10", "lead.employees == null", "true")


def of(*territories: Territory) -> Policy:
    return POLICY.model_copy(update={"territories": Territories(territories=territories)})


@st.composite
def territories(draw: st.DrawFn) -> tuple[Territory, ...]:
    """Of few countries, sizes and conditions, so that they meet, leave gaps and cover each other."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        criteria: dict[str, Any] = {}
        if countries := draw(st.lists(st.sampled_from(HERE), unique=True, max_size=3)):
            criteria["countries"] = tuple(countries)
        if (low := draw(st.sampled_from([None, 10, 100]))) is not None:
            criteria["employees_from"] = low
        if (high := draw(st.sampled_from([None, 100, 500]))) is not None and high > (low or 0):
            criteria["employees_below"] = high
        if (when := draw(st.sampled_from(WHENS))) is not None or not criteria:
            criteria["when"] = Condition(when or "lead.country == 'FR'")
        found.append(Territory(name=f"t{number}", title="T", **criteria))
    return tuple(found)


def leads() -> list[dict[str, Any]]:
    return [{"lead.country": one, "lead.employees": size} for one, size in product((*HERE, "JP", None), SIZES)]


@given(territories())
def test_a_territory_and_its_condition_hold_for_the_same_leads(some: tuple[Territory, ...]) -> None:
    for one, facts in product(some, leads()):
        assert (one.condition().holds(facts) is True) is one.holds(facts)


@settings(deadline=None, max_examples=60)
@given(territories())
@example((Territory(name="t", title="T", countries=HERE, employees_from=10),))
@example((Territory(name="t", title="T", when=Condition("lead.country == 'FR'")),))
@example((Territory(name="t", title="T", countries=("DE",)), Territory(name="u", title="U", employees_from=100)))
def test_what_no_territory_takes_is_said_and_nothing_else(some: tuple[Territory, ...]) -> None:
    """Against all leads that few facts make: a gap is said if and only if a lead is in it."""
    held, told = Territories(territories=some), [one.message for one in in_no_territory(of(*some))]
    everybody = held.of({}) is not None and all(held.of(facts) for facts in leads())
    asks_for_countries = any("lead.country" in one.names for one in some)
    outside = [one for one in leads() if held.of(one) is None and (one["lead.country"] or not asks_for_countries)]
    assert bool(told) == (bool(outside) and not everybody), (told, outside[:3])
    if asks_for_countries and not everybody:
        untaken = [one for one in WORLD if all(held.of({**size, "lead.country": one}) is None for size in sizes())]
        (listed,) = [one for one in told if one.startswith("no territory takes")] or [""]
        assert bool(untaken) == bool(listed)
        assert not untaken or f"leads of {', '.join(untaken[:12])}" in listed


def sizes() -> list[dict[str, Any]]:
    return [{"lead.employees": size} for size in SIZES]


@settings(deadline=None, max_examples=60)
@given(territories())
@example((Territory(name="a", title="A", countries=("DE",), employees_below=500),
          Territory(name="b", title="B", countries=("DE", "FR"), employees_from=100)))  # fmt: skip
def test_two_that_meet_without_one_being_the_narrow_one_are_said_with_a_lead(some: tuple[Territory, ...]) -> None:
    held, found = Territories(territories=some), list(in_two_territories(of(*some)))
    told = " ".join(one.message for one in found)
    for upper, lower in ((a, b) for at, a in enumerate(some) for b in some[at + 1 :]):
        plain = upper.when is None and lower.when is None and not (upper.names == {"lead.country"} and lower.countries)
        both = [one for one in leads() if held.of(one) == upper.name and lower.holds(one)]
        narrow = all(lower.holds(one) for one in leads() if upper.holds(one))
        if plain and both and not narrow:
            assert upper.name in told
            assert lower.name in told


def test_the_narrow_above_the_wide_is_meant_so() -> None:
    large = Territory(name="large", title="L", countries=("DE",), employees_from=500)
    wide = Territory(name="wide", title="W", countries=("DE", "FR"), employees_from=10)
    assert not list(
        in_two_territories(of(large, wide, Territory(name="rest", title="R", countries=("DE", "FR", "AT"))))
    )
    (one,) = in_two_territories(of(large.model_copy(update={"employees_from": 5}), wide))
    assert one.message.startswith(
        "wide and large above it both fit a lead such as: lead.country = 'DE', lead.employees = "
    )


@pytest.mark.parametrize(
    ("text", "new", "told"),
    [
        ("VG, VI,", "VG,", "territories.yaml:9:1: warning: no territory takes leads of VI: list them"),
        (
            "countries: [DE, AT, CH, LI]",
            "countries: [DE, AT, CH, LI]\n    employees_from: 500",
            "territories.yaml:12:5: warning: leads such as: lead.country = 'AT', lead.employees = 499 are in no territory",
        ),
        (
            "countries: [DE, AT, CH, LI]",
            "countries: [DE, AT, CH, LI]\n    employees_from: 500\n  - name: small\n    title: Small\n"
            "    countries: [DE, AT, CH, LI]\n    employees_below: 600",
            "territories.yaml:14:11: warning: small and dach above it both fit a lead such as: lead.country = 'DE', "
            "lead.employees = 599",
        ),
        (
            "countries: [DE, AT, CH, LI]",
            "countries: [DE, AT, CH, LI]\n    employees_from: 500\n  - name: small\n    title: Small\n"
            "    countries: [DE, AT, CH, LI]\n    employees_below: 500",
            "of which lead.employees is not known, are in no territory: dach and small ask for more",
        ),
        (
            "countries: [DE, AT, CH, LI]",
            "countries: [DE, AT, CH, LI]\n    when: lead.kind != 'demo'",
            "leads such as: lead.country = 'AT', lead.kind = 'demo' are in no territory: dach ask for more",
        ),
        (
            "territories:\n",
            "territories:\n  - name: accounts\n    title: Named\n    domains: [Acme.example]\n",
            "territories.yaml:10:11: hint: accounts takes leads that dach, emea, americas, apac would, such as: "
            "lead.country = 'DE', lead.domain = 'acme.example'",
        ),
    ],
)  # fmt: skip
def test_gaps_and_meetings_are_told_with_their_place(text: str, new: str, told: str) -> None:
    file = FILES["territories.yaml"]
    assert text in file
    found = [str(one) for one in analysed({**FILES, "territories.yaml": file.replace(text, new, 1)}).problems]
    assert any(told in one for one in found), found


def test_a_last_territory_for_the_rest_leaves_no_gap() -> None:
    file = FILES["territories.yaml"].replace("VG, VI,", "VG,") + "  - name: rest\n    title: R\n    when: 'true'\n"
    assert not any("no territory" in str(one) for one in analysed({**FILES, "territories.yaml": file}).problems)


def test_who_asks_for_leads_without_a_territory_is_only_reminded() -> None:
    """A rule for `lead.territory == null` is somebody's answer to the gap."""
    rule, *others = POLICY.routing.rules
    asking = rule.model_copy(update={"when": Condition("lead.territory == null")})
    told = POLICY.routing.model_copy(update={"rules": (asking, *others)})
    some = Territory(name="t", title="T", countries=("DE",))
    (one,) = in_no_territory(of(some).model_copy(update={"routing": told}))
    assert one.severity == "hint"
    (one,) = in_no_territory(of(some))
    assert one.severity == "warning"


def test_without_territories_nothing_is_said() -> None:
    assert not [*in_no_territory(of()), *in_two_territories(of())]

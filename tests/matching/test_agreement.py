"""The online comparison and Splink's agree: the same levels and the same probability for thousands of generated pairs.

The levels are written twice, in Python with rapidfuzz and in SQL for DuckDB, and neither calls the other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import duckdb
import pytest

from libs.policy.load import load_policy, read_files
from libs.policy.match_model import MatchModel, RecordModel, Terms
from matching import levels
from matching.base import COMPANY, CONTACT, Row, insert
from matching.levels import Conditions
from matching.scan import Pair, linker_of, pairs_of
from services.dedupe.domain.comparison import (
    CompanyFacts,
    PersonFacts,
    company_levels,
    company_weights,
    person_levels,
    person_weights,
    probability,
)
from tests.matching.pairs import firms, people
from tests.paths import ROOT

REVIEW_AT = 0.88
Facts = TypeVar("Facts")
PEOPLE, FIRMS = people(3000), firms(3000)


def model(with_terms: bool) -> MatchModel:
    """The shipped model; with terms, some of the names are common."""
    shipped = load_policy(read_files(ROOT / "policy")).matching.model
    if not with_terms:
        return shipped
    names = Counter(one.name_key for pair in PEOPLE for one in pair if one.name_key)
    companies = Counter(one.company_key for pair in PEOPLE for one in pair if one.company_key)
    firm_names = Counter(one.company_key for pair in FIRMS for one in pair if one.company_key)
    person = {"name": terms(names), "company_of_person": terms(companies)}
    return shipped.model_copy(
        update={
            "person": shipped.person.model_copy(update={"terms": person}),
            "company": shipped.company.model_copy(update={"terms": {"company_name": terms(firm_names)}}),
        }
    )


def terms(held: Counter[str]) -> Terms:
    shares = {name: count / held.total() for name, count in held.most_common(40)}
    return Terms(rest=0.6 / held.total(), shares=shares)


def test_every_level_of_every_comparison_is_among_the_pairs() -> None:
    seen = {item for ours, theirs in PEOPLE for item in person_levels(ours, theirs).items()}
    seen |= {item for ours, theirs in FIRMS for item in company_levels(ours, theirs, REVIEW_AT).items()}
    shipped = model(False)
    wanted = {**shipped.person.comparisons, **shipped.company.comparisons}
    assert seen == {(name, level) for name, held in wanted.items() for level in held}


@pytest.mark.parametrize("with_terms", [False, True])
def test_people_compare_alike(with_terms: bool) -> None:
    held = model(with_terms).person

    def online(ours: PersonFacts, theirs: PersonFacts) -> tuple[Mapping[str, str], Mapping[str, float]]:
        found = person_levels(ours, theirs)
        return found, person_weights(held, found, ours, theirs)

    rows = [
        _person_row(f"{side}{number:05}", number, one)
        for number, pair in enumerate(PEOPLE)
        for side, one in zip("ab", pair, strict=True)
    ]
    found = by_splink("contact", CONTACT, rows, levels.PERSON, held)
    assert_agree(PEOPLE, found, held, online)


@pytest.mark.parametrize("with_terms", [False, True])
def test_companies_compare_alike(with_terms: bool) -> None:
    held = model(with_terms).company

    def online(ours: CompanyFacts, theirs: CompanyFacts) -> tuple[Mapping[str, str], Mapping[str, float]]:
        found = company_levels(ours, theirs, REVIEW_AT)
        return found, company_weights(held, found, ours, theirs)

    rows = [
        _company_row(f"{side}{number:05}", number, one)
        for number, pair in enumerate(FIRMS)
        for side, one in zip("ab", pair, strict=True)
    ]
    found = by_splink("company", COMPANY, rows, levels.company(REVIEW_AT), held)
    assert_agree(FIRMS, found, held, online)


def by_splink(
    table: str, schema: object, rows: list[Row], conditions: Mapping[str, Conditions], held: RecordModel
) -> dict[int, Pair]:
    """What Splink on DuckDB says of every pair, by the pair's number."""
    connection = duckdb.connect()
    levels.define(connection)
    insert(connection, table, schema, rows)
    linker = linker_of(connection, table, conditions, held)
    predicted = linker.inference.predict()
    kind = "person" if table == "contact" else "company"
    return {int(pair.left[1:]): pair for pair in pairs_of(connection, kind, conditions, predicted.physical_name)}


def assert_agree(
    pairs: Sequence[tuple[Facts, Facts]],
    found: Mapping[int, Pair],
    held: RecordModel,
    online: Callable[[Facts, Facts], tuple[Mapping[str, str], Mapping[str, float]]],
) -> None:
    assert len(found) == len(pairs)
    for number, (ours, theirs) in enumerate(pairs):
        said, weights = online(ours, theirs)
        splink = found[number]
        assert sorted(f"{name}: {level}" for name, level in said.items()) == sorted(splink.weights), (ours, theirs)
        assert abs(probability(held, weights) - splink.probability) < 1e-6, (ours, theirs)


def _person_row(name: str, number: int, one: PersonFacts) -> Row:
    return (
        name, list(one.emails) or None, list(one.custom_ids) or None, one.name_key or None, one.phone or None,
        one.company_key or None, one.company_id or None, [str(number)],
    )  # fmt: skip


def _company_row(name: str, number: int, one: CompanyFacts) -> Row:
    return (
        name, one.company_key or None, list(one.domains) or None, list(one.typed_domains) or None, one.country or None,
        [str(number)],
    )  # fmt: skip

"""Training without labels: u from random pairs, m by expectation maximisation within blocks, the prior from sure rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from libs.policy.match_model import TERMS, Made, MatchModel, RecordModel, Terms
from matching import levels
from matching.base import Base, Say, load
from matching.levels import Conditions
from matching.model import TABLES, Kind, estimated_model, splink_settings

FEWEST_PAIRS = 10
"""A block with fewer pairs says nothing about how one compares with themselves."""
FEWEST_RECORDS = 100
"""A smaller base says nothing about how often strangers agree."""
SEED = 1
COMMON_FROM = 10
"""A value that so many records have is common, and no single person's."""
MOST_TERMS = 200


@dataclass(frozen=True)
class Plan:
    """How one type of record is trained.

    `sure`: rules that hardly ever bring strangers together, and find about `recall` (0-1) of all duplicates. `blocks`: one EM
    session each; a comparison is estimated in the sessions whose rule does not use its columns.
    """

    sure: Sequence[str]
    recall: float
    blocks: Sequence[str]


PLANS: Mapping[Kind, Plan] = {
    "person": Plan(
        sure=(
            "l.emails[1] = r.emails[1]",
            "l.phone = r.phone and l.name_key = r.name_key",
            "l.name_key = r.name_key and l.company_key = r.company_key",
        ),
        recall=0.7,
        blocks=("l.name_key = r.name_key", "l.phone = r.phone", "l.emails[1] = r.emails[1]"),
    ),
    "company": Plan(
        sure=("l.domains[1] = r.domains[1]", "l.company_key = r.company_key and l.country = r.country"),
        recall=0.7,
        blocks=("l.company_key = r.company_key", "l.domains[1] = r.domains[1]"),
    ),
}


def train(base: Base, before: MatchModel, review_at: float, today: date, say: Say, pairs: float = 1e6) -> MatchModel:
    """The model estimated from a base; `pairs`: how many random ones to draw. Raises ValueError when the base is too small.

    What the base cannot show (a type of record of which there are too few, a level that never occurs) keeps the weights of
    `before`, and `made.kept` names it.
    """
    counts = {"person": len(base.contacts), "company": len(base.companies)}
    if max(counts.values()) < FEWEST_RECORDS:
        raise ValueError(
            f"the base has {counts['person']} contacts and {counts['company']} companies: too few to learn from"
        )
    connection = duckdb.connect()
    levels.define(connection)
    load(connection, base, say)
    models: dict[Kind, RecordModel] = {"person": before.person, "company": before.company}
    kept: list[str] = []
    every: Mapping[Kind, Mapping[str, Conditions]] = {"person": levels.PERSON, "company": levels.company(review_at)}
    for kind, conditions in every.items():
        if counts[kind] < FEWEST_RECORDS:
            kept.append(kind)
            continue
        say(f"{kind}: estimating from {counts[kind]:,} records")
        models[kind], missed = _trained(connection, kind, conditions, models[kind], pairs, say)
        kept += [f"{kind}.{one}" for one in missed]
    made = Made(
        by="splink", on=today, version=version("splink"), contacts=counts["person"], companies=counts["company"],
        kept=tuple(kept),
    )  # fmt: skip
    return MatchModel(made=made, person=models["person"], company=models["company"])


def _trained(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    conditions: Mapping[str, Conditions],
    before: RecordModel,
    pairs: float,
    say: Say,
) -> tuple[RecordModel, list[str]]:
    api = DuckDBAPI(connection)
    settings = splink_settings(conditions, None, [])
    linker = Linker(api.register(TABLES[kind]), settings, log_level="ERROR")
    estimate(connection, TABLES[kind], linker, PLANS[kind], pairs, say)
    told = linker.misc.save_model_to_json()
    records = connection.execute(f"select count(*) from {TABLES[kind]}").fetchall()[0][0]  # noqa: S608 - ours
    told["probability_two_random_records_match"] = max(_prior(linker), 1.0 / (records * (records - 1)))  # half a pair
    return estimated_model(told, before, _terms(connection, kind, conditions), pairs)


def estimate(
    connection: duckdb.DuckDBPyConnection, table: str, linker: Linker, plan: Plan, pairs: float, say: Say
) -> None:
    """Estimate prior, u and m of the model of a linker over a table, saying each step.

    Rules that bring hardly any pairs together are told and passed over: Splink would drop comparisons after such a session.
    """
    linker.training.estimate_probability_two_random_records_match(list(plan.sure), recall=plan.recall)
    say(f"  one in {1 / max(_prior(linker), 1e-12):,.0f} pairs is a duplicate")
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=SEED, min_count_per_level=None, num_chunks=1)
    say(f"  how strangers compare: {pairs:,.0f} random pairs")
    for rule in plan.blocks:
        found = connection.execute(
            f"select count(*) from (select 1 from {table} l join {table} r on {rule} and l.unique_id < r.unique_id "  # noqa: S608
            f"limit {FEWEST_PAIRS})"
        ).fetchall()[0][0]
        if found < FEWEST_PAIRS:
            say(f"  {found} pairs share {rule}: too few")
            continue
        session: Any = linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
        say(f"  how one compares with themselves: {rule}, {len(session._core_model_settings_history)} iterations")


def _prior(linker: Linker) -> float:
    return float(linker._settings_obj._probability_two_random_records_match)


def _terms(connection: duckdb.DuckDBPyConnection, kind: Kind, conditions: Mapping[str, Conditions]) -> dict[str, Terms]:
    """The common values of the base, of every comparison that takes them."""
    found: dict[str, Terms] = {}
    for name in conditions:
        if (column := TERMS.get(name)) is None:
            continue
        rows = connection.execute(
            f"select {column}, count(*) / sum(count(*)) over () as share, count(*) as held from {TABLES[kind]} "  # noqa: S608
            f"where {column} is not null group by 1 order by share desc, 1"
        ).fetchall()
        listed = [row for row in rows[:MOST_TERMS] if row[2] >= COMMON_FROM]
        rest = [share for _, share, _ in rows[len(listed) :]]
        if listed and rest:
            shares = {term: _short(share) for term, share, _ in listed}
            found[name] = Terms(rest=_short(sum(share * share for share in rest) / sum(rest)), shares=shares)
    return found


def _short(value: float) -> float:
    return float(f"{value:.6g}")

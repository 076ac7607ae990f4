"""A scan of the whole base for duplicates: every pair that shares a telling key, with its probability, by Splink on DuckDB."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
from splink import DuckDBAPI, Linker, block_on

from libs.policy.match_model import TERMS, MatchModel, RecordModel
from matching import levels
from matching.base import Base, Say, load
from matching.levels import Conditions
from matching.model import TABLES, Kind, splink_settings

READ = 10_000
KEYS_IN_COMMON = block_on("keys", arrays_to_explode=["keys"])


@dataclass(frozen=True)
class Pair:
    """Two records that may be one. `weights` are the bits of each comparison, by `comparison: level`."""

    kind: Kind
    left: str
    right: str
    probability: float
    weights: Mapping[str, float]


def scan(base: Base, model: MatchModel, review_at: float, least: float, say: Say) -> Iterator[Pair]:
    """Every pair whose match probability is at least `least` (0-1), the surest first, people before companies."""
    connection = duckdb.connect()
    levels.define(connection)
    load(connection, base, say)
    every: Mapping[Kind, tuple[Mapping[str, Conditions], RecordModel]] = {
        "person": (levels.PERSON, model.person),
        "company": (levels.company(review_at), model.company),
    }
    for kind, (conditions, weights) in every.items():
        yield from _scanned(connection, kind, conditions, weights, least, say)


def _scanned(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    conditions: Mapping[str, Conditions],
    model: RecordModel,
    least: float,
    say: Say,
) -> Iterator[Pair]:
    if not connection.execute(f"select 1 from {TABLES[kind]} where keys is not null limit 1").fetchall():  # noqa: S608
        say(f"{kind}: no two records share a key")
        return
    linker = linker_of(connection, TABLES[kind], conditions, model)
    found = linker.inference.predict(threshold_match_probability=least)
    count = connection.execute(f"select count(*) from {found.physical_name}").fetchall()[0][0]  # noqa: S608
    say(f"{kind}: {count:,} pairs")
    yield from pairs_of(connection, kind, conditions, found.physical_name)


def linker_of(
    connection: duckdb.DuckDBPyConnection, table: str, conditions: Mapping[str, Conditions], model: RecordModel
) -> Linker:
    """A linker of one table with a model's weights, and with the model's own common values rather than the table's."""
    settings = splink_settings(
        conditions, model, [KEYS_IN_COMMON], retain_intermediate_calculation_columns=True,
        retain_matching_columns=True,
    )  # fmt: skip
    api = DuckDBAPI(connection)
    linker = Linker(api.register(table), settings, log_level="ERROR")
    columns = {TERMS[name]: name for name in model.terms if name in conditions}
    for column, name in columns.items():
        linker.table_management.register_term_frequency_lookup(
            api.register(_terms_table(connection, table, column, model, name)), column
        )
    return linker


def _terms_table(connection: duckdb.DuckDBPyConnection, table: str, column: str, model: RecordModel, name: str) -> str:
    """The model's share of every value that the table has: values that the model does not list have the rest's."""
    terms = model.terms[name]
    shares = f"sb_shares_{table}_{column}"
    connection.execute(f"create or replace table {shares} (value varchar, share double)")
    connection.executemany(f"insert into {shares} values (?, ?)", list(terms.shares.items()))  # noqa: S608 - ours
    lookup = f"sb_terms_{table}_{column}"
    connection.execute(
        f"create or replace table {lookup} as select d.{column}, coalesce(s.share, {terms.rest}) as tf_{column} "  # noqa: S608
        f"from (select distinct {column} from {table} where {column} is not null) d "
        f"left join {shares} s on s.value = d.{column}"
    )
    return lookup


def pairs_of(
    connection: duckdb.DuckDBPyConnection, kind: Kind, conditions: Mapping[str, Conditions], table: str
) -> Iterator[Pair]:
    """The pairs of a table of predictions, the surest first, with what each comparison weighed."""
    names = list(conditions)
    described = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    weighed = [f"mw_{name}" + (f" + mw_tf_adj_{name}" if f"mw_tf_adj_{name}" in described else "") for name in names]
    gammas = ", ".join(f"gamma_{name}" for name in names)
    rows = connection.execute(
        f"select unique_id_l, unique_id_r, match_probability, {gammas}, {', '.join(weighed)} from {table} "  # noqa: S608
        "order by match_probability desc, 1, 2"
    )
    while some := rows.fetchmany(READ):
        for left, right, likely, *rest in some:
            said, bits = rest[: len(names)], rest[len(names) :]
            weights = {
                f"{name}: {level_of(conditions[name], gamma)}": round(weight, 4)
                for name, gamma, weight in zip(names, said, bits, strict=True)
                if gamma >= 0
            }
            yield Pair(kind, left, right, likely, weights)


def level_of(conditions: Conditions, gamma: int) -> str:
    """The name of the level that Splink numbers `gamma`: the strongest has the highest number, -1 says nothing."""
    if gamma < 0:
        return ""
    names = levels.level_names(conditions)
    return names[len(names) - 1 - gamma]

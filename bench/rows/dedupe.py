"""Dedupe at the size of a large CRM: what one decision costs beside the same in a small base, and beside a trigram index."""

import gc
from collections.abc import Mapping
from itertools import count as counter
from random import Random

import asyncpg

from bench.record_base import RecordBase, asked_leads, loaded_base, named_leads
from bench.records import asked_name
from bench.result import Check, Row, Spread, percentile, ratios, spread, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from libs.contracts.events import LeadReceived
from libs.policy.autonomy import Levels
from libs.policy.policy import Policy
from libs.runtime import clock
from libs.runtime.stage import Stage
from libs.runtime.state import bind
from services.dedupe.domain.known import Known, Wanted
from services.dedupe.domain.person import person_of
from services.dedupe.stage.received import received_stage
from services.dedupe.store import PostgresIndex

TITLE = "one dedupe decision in a large base, against a small one; company names against a trigram (GIN) index"
SMALL = 10_000
FULL_SIZE = 1_000_000
TRIGRAM_AT_FULL_SIZE = (50.0, 100.0)
"""Budget and aim of the speed against pg_trgm at a million contacts; it reads in proportion to the base, so they scale."""
LOOKUPS = 100
"""Names looked up in one statement, as a batch of leads does."""
LOOKUP_ROUNDS = 5
TRIGRAM_LOOKUPS = 40
MOST_LEADS, WARM = 3_000, 100
"""Leads of a round at most, and those that warm connections and caches up before it is measured."""


class OnePolicy:
    """The published policy under its own hash."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def by_hash(self, policy_hash: str) -> Policy:  # noqa: ARG002
        """The policy, whatever is asked: the bench's leads have no other."""
        return self._policy

    def newest(self) -> Policy:
        """The policy."""
        return self._policy

    def levels(self) -> Levels:
        """Nothing was earned."""
        return {}

    def shadow(self) -> Policy | None:
        """Nothing is tried."""
        return None


class DedupeRow:
    """The row's variants over two bases."""

    def __init__(self, bench: Bench, small: RecordBase, large: RecordBase) -> None:
        self._bench, self._bases = bench, {"small": small, "large": large}
        self._policy = bench.site.policy
        self._fresh = counter(bench.pace.seed * 1_000)

    async def decisions(self) -> Mapping[str, float]:
        """One lead at a time, in turns in the small and the large base, so that whatever else runs hits both alike: gather
        and decide, for as long as a round lasts; nothing is kept."""
        stage = received_stage(PostgresIndex(), OnePolicy(self._policy))
        leads = {name: self._leads(base) for name, base in self._bases.items()}
        taken: dict[str, list[float]] = {name: [] for name in self._bases}
        gc.collect()
        gc.freeze()  # as a service does after its start
        begun = clock.monotonic()
        async with self._bases["small"].transaction() as small, self._bases["large"].transaction() as large:
            connections = {"small": small, "large": large}
            for number in range(MOST_LEADS):
                if number == WARM:
                    begun = clock.monotonic()
                    taken = {name: [] for name in self._bases}
                for name, connection in connections.items():
                    taken[name].append(await _decision(connection, stage, leads[name][number]))
                if number > WARM and clock.monotonic() > begun + self._bench.pace.seconds:
                    break
        gc.unfreeze()
        p50 = {f"{name}_p50_ms": percentile(some, 0.5) for name, some in taken.items()}
        p99 = {f"{name}_p99_ms": percentile(some, 0.99) for name, some in taken.items()}
        grown = {
            f"{which}_grown": held[f"large_{which}_ms"] / held[f"small_{which}_ms"]
            for which, held in (("p50", p50), ("p99", p99))
        }
        return {**p50, **p99, **grown, "decisions": float(len(taken["large"]))}

    def _leads(self, base: RecordBase) -> list[LeadReceived]:
        return asked_leads(base, MOST_LEADS, next(self._fresh), self._policy.hash)

    async def names(self) -> Mapping[str, float]:
        """Company names with slips in the large base, a hundred a statement, as the line asks: milliseconds a name with its keys,
        the share of true companies that a key finds, and that are alike enough to be read."""
        base, random = self._bases["large"], Random(next(self._fresh))
        asked = [(firm, asked_name(random, firm.name)) for firm in random.sample(base.firms, LOOKUPS * LOOKUP_ROUNDS)]
        people = [person_of(one.lead, {}) for one in named_leads([name for _, name in asked], self._policy.hash)]
        review_at = self._policy.matching.company_name_review_at
        found, read, seconds, index = 0, 0, 0.0, PostgresIndex()
        async with base.transaction():
            for at in range(0, len(asked), LOOKUPS):
                some = people[at : at + LOOKUPS]
                began = clock.monotonic()
                parts = [one.wanted(review_at=review_at) for one in some]
                wanted = Wanted.all_of(Wanted(blocks=part.blocks, companies=part.companies) for part in parts)
                known = await index.known(wanted)
                near = [{one.company_id for one in known.companies_by_block(person.blocks())} for person in some]
                seconds += clock.monotonic() - began
                for person, ids, (firm, _) in zip(some, near, asked[at : at + LOOKUPS], strict=True):
                    found += any(firm.id in known.few(block) for block in person.blocks())
                    read += firm.id in ids
        return {"ms": seconds * 1000 / len(asked), "recall": found / len(asked), "recall_read": read / len(asked)}

    async def trigrams(self) -> Mapping[str, float]:
        """The same names by pg_trgm's GIN index, threshold 0.3, the best five."""
        base, random = self._bases["large"], Random(next(self._fresh))
        asked = [asked_name(random, firm.name) for firm in random.sample(base.firms, TRIGRAM_LOOKUPS)]
        async with base.transaction() as connection:
            began = clock.monotonic()
            for name in asked:
                await connection.fetch(
                    "select company_id from company where name % $1 order by similarity(name, $1) desc limit 5", name
                )
            return {"ms": (clock.monotonic() - began) * 1000 / len(asked)}


async def _decision(connection: asyncpg.Connection, stage: Stage[LeadReceived, Known], lead: LeadReceived) -> float:
    """How many milliseconds gathering for one lead and deciding about it takes."""
    began = clock.monotonic()
    with bind(connection):
        async with connection.transaction():
            known = await stage.gather([lead])
        stage.decide(lead, known, clock.now())
    return (clock.monotonic() - began) * 1000


async def measure(bench: Bench) -> Row:
    """The row; `--size` says how many contacts the large base has."""
    url = bench.site.settings.database_url
    small = await loaded_base(url, SMALL, bench.pace.seed, bench.say)
    large = await loaded_base(url, bench.pace.size, bench.pace.seed, bench.say)
    connection = await asyncpg.connect(large.url)
    await connection.execute("create extension pg_trgm")
    await connection.execute("create index on company using gin (name gin_trgm_ops)")
    await connection.execute("vacuum analyze company")
    await connection.close()
    row = DedupeRow(bench, small, large)
    variants = {"decisions": row.decisions, "names": row.names, "trigrams": row.trigrams}
    rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    share = bench.pace.size / FULL_SIZE
    budget, aim = (figure * share for figure in TRIGRAM_AT_FULL_SIZE)
    recall = spread([one.figures["recall"] for one in rounds if one.variant == "names"])
    grown = spread([one.figures["p99_grown"] for one in rounds if one.variant == "decisions"])
    checks = [
        Check("p99 of a decision, large / small base", grown, 2.0, 1.5, "lower"),
        Check("a name by pg_trgm / by blocking keys", ratios(rounds, "ms", "trigrams", "names"), budget, aim, "higher"),
        Check("true company among the candidates", recall, 0.97, 0.99, "higher", "share"),
    ]
    figures = {**spreads(rounds), "load: seconds": Spread(*(large.load_seconds,) * 3)}
    return Row(
        "dedupe", TITLE, checks, figures, rounds, [f"{bench.pace.size:,} contacts, {len(large.firms):,} companies"]
    )

"""200 leads a second, open loop, through the fused line: from when a submission fell due to its `lead.routed`."""

from collections.abc import Mapping, Sequence
from itertools import islice
from statistics import median

from bench.arrivals import Arrivals, arrivals
from bench.load.posting import post
from bench.load.submissions import SOURCE, Submission, submissions
from bench.loops import COPIES, paced, transaction_seconds
from bench.result import Check, Round, Row, Spread, percentile, ratios, spread, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from cli.stack import service_specs
from libs.runtime import clock
from libs.runtime.broker import ensure_topics

PER_SECOND = 200.0
WARM_SECONDS = 6.0
CONNECTIONS = 16
PATIENCE_SECONDS = 60.0
TRANSACTIONS = 40
TITLE = "end to end at 200 leads a second, fused, from due time to lead.routed; beside it one tuned transaction"


class LoadRow:
    """The row's variants on a running stack."""

    def __init__(self, bench: Bench, watching: Arrivals) -> None:
        self._bench, self._watching = bench, watching
        self._made = submissions(bench.pace.seed, bench.site.secret(SOURCE), clock.now())

    async def posted(self, seconds: float) -> tuple[list[float], int]:
        """Latencies in milliseconds of leads that arrived, and how many did not."""
        batch: list[Submission] = list(islice(self._made, int(seconds * PER_SECOND)))
        seen = await post(
            [one.request for one in batch], self._bench.folder, self._bench.site.port("intake"),
            connections=CONNECTIONS, seconds=seconds, rate=PER_SECOND,
        )  # fmt: skip
        missing = await self._watching.until([one.submission_id for one in batch], PATIENCE_SECONDS)
        arrived = self._watching.at
        pairs = [(due, arrived.get(one.submission_id)) for due, one in zip(seen.due, batch, strict=True)]
        return [(at - due) * 1000 for due, at in pairs if at is not None], missing

    async def load(self) -> Mapping[str, float]:
        """One stretch at the row's rate. Raises RuntimeError when a lead is not routed in time."""
        latencies, missing = await self.posted(2 * self._bench.pace.seconds)
        if missing:
            raise RuntimeError(f"{missing} leads were not routed within {PATIENCE_SECONDS:g} s")
        return {"p50_ms": percentile(latencies, 0.5), "p99_ms": percentile(latencies, 0.99)}

    async def transaction(self) -> Mapping[str, float]:
        """Tuned transactions one at a time, with the stack at rest."""
        return await tuned_transaction(self._bench)


async def tuned_transaction(bench: Bench) -> Mapping[str, float]:
    """The median and p99 of transactions that hold one small record and one offset, 25 ms apart."""
    taken = await transaction_seconds(bench.site.settings, "bench-empty", TRANSACTIONS, paced(0.025))
    return {"p50_ms": median(taken) * 1000, "p99_ms": percentile(taken, 0.99) * 1000}


def against_median(rounds: Sequence[Round], ours: str, times: int = 1) -> Spread:
    """The p99 of `ours` by `times` the median transaction of the same round."""
    of = {one.number: one.figures["p50_ms"] for one in rounds if one.variant == "transaction"}
    return spread(one.figures["p99_ms"] / (times * of[one.number]) for one in rounds if one.variant == ours)


async def measure(bench: Bench) -> Row:
    """The row."""
    site = bench.site
    await site.services(service_specs(separate=False))
    await ensure_topics(site.settings, (COPIES,))
    async with arrivals(site.addresses.kafka, site.settings.partitions) as watching:
        row = LoadRow(bench, watching)
        bench.say("warming up")
        await row.posted(WARM_SECONDS)
        variants = {"load": row.load, "transaction": row.transaction}
        rounds = await interleaved(variants, bench.pace, site.own, bench.say)
    tails = spread(one.figures["p99_ms"] for one in rounds if one.variant == "load")
    return Row(
        "load",
        TITLE,
        [Check("p99 at 200 leads/s, fused", tails, 150.0, 50.0, "lower", "ms")],
        spreads(rounds)
        | {
            "p50 / transaction": ratios(rounds, "p50_ms", "load", "transaction"),
            "p99 / median transaction": against_median(rounds, "load"),
        },
        rounds,
    )

"""One lead at a time through six separate processes, against six tuned transactions of the same run."""

import asyncio
from collections.abc import Mapping
from itertools import islice

from bench.arrivals import Arrivals, arrivals
from bench.load.submissions import SOURCE, submissions
from bench.loops import COPIES
from bench.result import Check, Row, percentile, spreads
from bench.rounds import interleaved
from bench.rows.load import against_median, tuned_transaction
from bench.rows.row import Bench
from cli.stack import service_specs
from libs.runtime import clock
from libs.runtime.broker import ensure_topics

STAGES = 6
LEADS_PER_SECOND_OF_ROUND = 20
WARM = 40
GAP_SECONDS = 0.02
PATIENCE_SECONDS = 30.0
TITLE = "end to end at idle, one lead at a time through six separate stages, against 6 x one tuned transaction"


class IdleRow:
    """The row's variants on a stack of separate stages."""

    def __init__(self, bench: Bench, watching: Arrivals) -> None:
        self._bench, self._watching = bench, watching
        self._made = submissions(bench.pace.seed + 1, bench.site.secret(SOURCE), clock.now())

    async def leads(self, count: int) -> list[float]:
        """Latencies in milliseconds, from the first byte that is sent to `lead.routed`. Raises RuntimeError."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._bench.site.port("intake"))
        taken = []
        for one in islice(self._made, count):
            began = clock.monotonic()
            writer.write(one.request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
            if await self._watching.until([one.submission_id], PATIENCE_SECONDS):
                raise RuntimeError(f"a lead was not routed within {PATIENCE_SECONDS:g} s")
            taken.append((self._watching.at[one.submission_id] - began) * 1000)
            await asyncio.sleep(GAP_SECONDS)
        writer.close()
        return taken

    async def idle(self) -> Mapping[str, float]:
        """A round's leads."""
        taken = await self.leads(int(LEADS_PER_SECOND_OF_ROUND * self._bench.pace.seconds))
        return {"p50_ms": percentile(taken, 0.5), "p99_ms": percentile(taken, 0.99)}

    async def transaction(self) -> Mapping[str, float]:
        """Tuned transactions one at a time."""
        return await tuned_transaction(self._bench)


async def measure(bench: Bench) -> Row:
    """The row."""
    site = bench.site
    await site.services(service_specs(separate=True))
    await ensure_topics(site.settings, (COPIES,))
    async with arrivals(site.addresses.kafka, site.settings.partitions) as watching:
        row = IdleRow(bench, watching)
        bench.say("warming up")
        await row.leads(WARM)
        rounds = await interleaved({"idle": row.idle, "transaction": row.transaction}, bench.pace, site.own, bench.say)
    check = Check("p99 / 6 tuned transactions", against_median(rounds, "idle", STAGES), 3.0, 2.0, "lower")
    return Row("idle", TITLE, [check], spreads(rounds), rounds)

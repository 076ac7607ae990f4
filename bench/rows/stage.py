"""One stage at work, gate and audit changes and all, against a bare transactional copy loop with the same client settings."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bench.loops import COPIES, Copied, Outputs, copy_loop, copy_of
from bench.machine import tree_seconds
from bench.result import Check, Row, ratios, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from bench.samples import Samples, copies, fill, real_samples
from libs.contracts.codec import Encoded, decode
from libs.contracts.events import PolicyPublished
from libs.contracts.topics import LEAD_CLASSIFIED
from libs.runtime import clock
from libs.runtime.broker import ensure_topics
from libs.runtime.cluster import Cluster, keys_for
from libs.runtime.consumer import GroupConsumer
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import Keys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.policies import PublishedPolicies
from libs.runtime.stage import AnyStage
from libs.runtime.start import collect_seldom
from libs.runtime.telemetry import Meter
from services.score.stage import Policies, score_stage

BATCH = 500
INPUTS = 12_000
Work = Callable[[], Awaitable[Copied]]
TITLE = "one stage (score: gate, audit changes and all), 500 a transaction, against a bare transactional copy loop"


@dataclass
class Counting(Meter):
    """Counts committed records, and when; the first batch is the start."""

    count: int = 0
    batches: int = 0
    began: float = 0.0
    last: float = 0.0

    def batch(self, stage: str, count: int, seconds: float) -> None:  # noqa: ARG002
        """See Meter."""
        self.last = clock.monotonic()
        if self.began:
            self.count += count
            self.batches += 1
        self.began = self.began or self.last


class StageRow:
    """The row's variants on one prepared topic."""

    def __init__(self, bench: Bench, samples: Samples, keys: Keys) -> None:
        self._bench, self._keys = bench, keys
        self._settings = bench.site.settings
        self._policies = PublishedPolicies()
        self._policies.add(
            PolicyPublished(
                policy_hash=bench.site.policy.hash,
                files=bench.site.files,
                author="b",
                reason="b",
                published_at=clock.now(),
            )
        )
        self._emitter = Emitter(self._policies)
        self._samples = samples
        self._number = 0

    def _name(self) -> str:
        """A group of its own for every run: it begins at the topic's start."""
        self._number += 1
        return f"bench-{self._number}"

    async def stage(self) -> Mapping[str, float]:
        """The runtime's loop with the real stage."""
        stage: AnyStage = replace(score_stage(self._policies), service=self._name(), batch_max=BATCH)
        meter = Counting()
        line = Line(self._emitter, {}, {}, clock.now, self._keys)

        async def work() -> Copied:
            owners = {
                stage.consumes.name: lambda tp, consumer: Owner(
                    stage, tp, line, consumer, self._settings, Health(), meter
                )
            }
            consumer = GroupConsumer(self._settings, stage.service, owners, Health())
            await consumer.start()
            await self._until_done(meter)
            await consumer.stop()
            return Copied(meter.count, meter.last - meter.began, meter.batches)

        return await self._measured(work)

    async def _until_done(self, meter: Counting) -> None:
        """Until the time is over, or nothing is left to do."""
        while True:
            await asyncio.sleep(0.05)
            now = clock.monotonic()
            if meter.began and (now - meter.began > self._bench.pace.seconds or now - meter.last > 1.5):
                return

    async def copied(self) -> Mapping[str, float]:
        """A bare loop: one record out for one in."""
        return await self._measured(lambda: self._copy(copy_of))

    async def same_output(self) -> Mapping[str, float]:
        """The bare loop again, writing for each record what the stage writes: as many records, of the same bytes."""
        written = self.written()
        return await self._measured(lambda: self._copy(lambda record: written[record.offset % len(written)]))

    async def _copy(self, outputs: Outputs) -> Copied:
        seconds = self._bench.pace.seconds
        return await copy_loop(self._settings, LEAD_CLASSIFIED.name, self._name(), seconds, BATCH, outputs)

    def written(self) -> list[tuple[Encoded, ...]]:
        """What the stage writes for each of the samples."""
        stage, found = score_stage(self._policies), []
        for record in copies(self._samples.classified, len(self._samples.classified), "written"):
            event = decode(LEAD_CLASSIFIED, record.value, record.headers)
            facts = Policies({event.lead.policy_hash: self._policies.by_hash(event.lead.policy_hash)})
            outcome = stage.decide(event, facts, clock.now())
            emitted = self._emitter.emitted(stage, event, outcome, clock.now(), "")
            found.append(tuple(replace(one, topic=COPIES.name) for one in emitted.records))
        return found

    async def _measured(self, work: Work) -> Mapping[str, float]:
        broker = self._bench.site.pids("kafka")
        cpu, broker_cpu = time.process_time(), tree_seconds(broker)
        done = await work()
        used, broker_used = time.process_time() - cpu, tree_seconds(broker) - broker_cpu
        return {
            "per_second": done.records / done.seconds,
            "batch": done.records / max(1, done.transactions),
            "client_us": used * 1e6 / max(1, done.records + BATCH),
            "broker_us": broker_used * 1e6 / max(1, done.records + BATCH),
        }


def output_of(written: list[tuple[Encoded, ...]]) -> tuple[float, float]:
    """Records and bytes that the stage writes for one input, on average."""
    count = sum(map(len, written)) / len(written)
    return count, sum(len(one.value) for outs in written for one in outs) / len(written)


async def measure(bench: Bench) -> Row:
    """The row."""
    samples = await real_samples(bench)
    await ensure_topics(bench.site.settings, (COPIES,))
    async with keys_for(Cluster(bench.site.settings)) as keys:
        return await _measured(bench, samples, keys)


async def _measured(bench: Bench, samples: Samples, keys: Keys) -> Row:
    filled = await fill(bench.site.addresses.kafka, copies(samples.classified, INPUTS, "stage"), keys)
    row = StageRow(bench, samples, keys)
    records, size = output_of(row.written())
    bench.say(
        f"{filled} classified leads on the topic; the stage writes {records:.1f} records ({size:,.0f} bytes) for each"
    )
    variants = {"stage": row.stage, "copy": row.copied, "same output": row.same_output}
    collect_seldom()  # as the runtime does at its start
    rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    return Row(
        "stage",
        TITLE,
        [Check("msg/s, stage / copy loop", ratios(rounds, "per_second", "stage", "copy"), 0.4, 0.7, "higher")],
        spreads(rounds) | {"stage / same output": ratios(rounds, "per_second", "stage", "same output")},
        rounds,
        [
            f"The stage writes {records:.1f} records of {size:,.0f} bytes in all for one input; the copy loop writes one."
        ],
    )

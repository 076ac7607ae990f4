"""Signed, durable intake against a bare FastAPI route that answers 202 and keeps nothing; both served the same way."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import islice

from bench.load.posting import Posted, post
from bench.load.submissions import submissions
from bench.machine import tree_seconds
from bench.result import Check, Row, ratios, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from cli.stack import service_specs
from embedded.stack import ServiceSpec
from libs.runtime import clock

CONNECTIONS = 64
DISTINCT = 2_000
WARM_SECONDS = 1.0
TITLE = "signed, durable intake (acks=all), 1.5 kB, 64 connections, against a bare FastAPI route that answers 202"


def bare(kind: str) -> ServiceSpec:
    """A bare route as a process of the stack."""
    port = f"BARE_{kind.upper()}_PORT"
    return ServiceSpec(
        f"bare-{kind}",
        (sys.executable, "-m", "bench.load.bare", kind, "{" + port + "}"),
        ports={port: 0},
        ready_url=f"http://127.0.0.1:{{{port}}}/health/ready",
    )


def receiving_intake() -> ServiceSpec:
    """The real service without its mapper: at this load a process of its own maps, as deploy/ does it."""
    spec = next(spec for spec in service_specs(separate=True) if spec.name == "intake")
    limits = {"INTAKE_MAPS": "false", "INTAKE_SOURCE_RATE": "0"}
    return replace(spec, env={**spec.env, **limits})


class IntakeRow:
    """The row's variants; every one is given the same requests."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        made = islice(submissions(bench.pace.seed, bench.site.secret("typeform"), clock.now()), DISTINCT)
        self._requests = [one.request for one in made]

    def variant(self, process: str, port_name: str) -> Callable[[], Awaitable[Mapping[str, float]]]:
        """Load on one process for the row's time."""

        async def measure() -> Mapping[str, float]:
            await self._post(port_name, WARM_SECONDS)
            server, broker = self._bench.site.pids(process), self._bench.site.pids("kafka")
            before, broker_before = tree_seconds(server), tree_seconds(broker)
            seen = await self._post(port_name, self._bench.pace.seconds)
            wrong = {status: count for status, count in seen.statuses.items() if status not in ("200", "202")}
            if wrong:
                raise RuntimeError(f"{process} answered {wrong}")
            return {
                "per_second": seen.per_second,
                "p50_ms": seen.p50_ms,
                "p99_ms": seen.p99_ms,
                "server_us": (tree_seconds(server) - before) * 1e6 / seen.answered,
                "broker_us": (tree_seconds(broker) - broker_before) * 1e6 / seen.answered,
                "generator_cores": seen.generator_cores,
            }

        return measure

    async def _post(self, port_name: str, seconds: float) -> Posted:
        port = self._bench.site.port(port_name)
        return await post(self._requests, self._bench.folder, port, connections=CONNECTIONS, seconds=seconds)


async def measure(bench: Bench) -> Row:
    """The row."""
    await bench.site.services([receiving_intake(), bare("fastapi"), bare("asgi")])
    row = IntakeRow(bench)
    variants = {
        "intake": row.variant("intake", "intake"),
        "fastapi": row.variant("bare-fastapi", "bare_fastapi"),
        "asgi": row.variant("bare-asgi", "bare_asgi"),
    }
    rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    await bench.site.services([])
    cores = max(one.figures["generator_cores"] for one in rounds)
    return Row(
        "intake",
        TITLE,
        [
            Check(
                "req/s, intake / bare FastAPI", ratios(rounds, "per_second", "intake", "fastapi"), 1.0, 1.2, "higher"
            ),
            Check("p99, intake / bare FastAPI", ratios(rounds, "p99_ms", "intake", "fastapi"), 1.5, 1.2, "lower"),
        ],
        spreads(rounds) | {"intake / bare ASGI": ratios(rounds, "per_second", "intake", "asgi")},
        rounds,
        [f"The load generator used {cores:.2f} cores at most; it is no limit while that stays below 1."],
    )

"""Questions to a log of millions of changes: a record's timeline, everything by who, what and when, state and difference; each
beside a bare SELECT by an index in the same rounds."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import md5
from random import Random
from typing import Any

import asyncpg
import httpx

from bench.asked.store import DAYS, KINDS, PER_RECORD, START, Made, made_log
from bench.result import Check, Row, percentile, ratios, spread, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from cli.stack import service_specs
from embedded.stack import ServiceSpec
from libs.contracts.change import RecordRef
from libs.runtime import clock
from libs.runtime.database import open_pool
from libs.runtime.keys import NoKeys
from services.audit.answers import Answers
from services.audit.api import BEGINNING

TITLE = "a record's timeline and other questions to a large audit log, against a bare SELECT by an index"
PAGE = 100
WARM = 20
BARE = "select bytes from change where record_id = $1 and record_type = $2 order by chain, seq limit $3"
TIMELINE_MS, PAGE_MS, WHOLE_MS = (20.0, 10.0), (50.0, 25.0), (200.0, 100.0)
"""Budget and aim of p99: a timeline's first page; a page of any question; what reads all of a record, as state and diff do."""


@dataclass(frozen=True)
class Asker:
    """What is asked about: records as those who look at changes meet them, so the busiest most often, and times."""

    changes: int
    random: Random

    def record(self) -> RecordRef:
        """The record of a change that is drawn from all."""
        number = int(self.changes // PER_RECORD * self.random.random() ** 2)
        name = str(uuid.UUID(md5(f"r{number}".encode(), usedforsecurity=False).hexdigest()))
        return RecordRef.model_validate({"type": KINDS[number % len(KINDS)], "id": name})

    def moment(self) -> datetime:
        """A time that the log covers."""
        return START + timedelta(days=DAYS * self.random.random())

    def questions(self) -> dict[str, dict[str, Any]]:
        """One of every kind of question, with values of its own, as the parameters of `GET /api/changes`."""
        at, number = self.moment(), self.random.randrange(self.changes)
        within = {"since": at.isoformat(), "until": (at + timedelta(days=1)).isoformat()}
        policy = md5(f"p{number * 40 // self.changes}".encode(), usedforsecurity=False).hexdigest()[:16]
        record = self.record()
        return {
            "newest": {}, "of a day": within, "record in a month": {
                "record_type": record.type, "record_id": record.id, "since": at.isoformat(),
                "until": (at + timedelta(days=30)).isoformat(),
            },
            "lead": {"lead_id": f"l{number // 25}"}, "field": {"record_type": "contact", "field": "title", **within},
            "person": {"actor_id": f"person {number % 200}"}, "people of a day": {"actor_kind": "human", **within},
            "workflow version": {"workflow": "enrich", "workflow_version": "canary"},
            "model": {"model_version": f"offline-2-{number * 20 // self.changes}", "order": "oldest"},
            "policy": {"policy_version": policy},
            "source": {"source_name": "companies", "since": at.isoformat(), "order": "oldest"},
            "unsure": {"confidence_to": 0.52, "source_kind": "model", **within}, "rejected": {"status": "rejected", **within},
        }  # fmt: skip


class AskedRow:
    """The row's variants on one log; each round asks about records that no other did."""

    def __init__(self, bench: Bench, made: Made, pool: asyncpg.Pool, http: httpx.AsyncClient) -> None:
        self._seconds = bench.pace.seconds
        self._asker = Asker(made.changes, Random(bench.pace.seed))
        self._answers, self._pool, self._http = Answers(pool, made.changes, NoKeys()), pool, http

    async def bare(self) -> Mapping[str, float]:
        """The limit: the bytes of a record's first rows, and nothing made of them."""
        return await self._timed(lambda record: self._pool.fetch(BARE, record.id, record.type, PAGE))

    async def timeline(self) -> Mapping[str, float]:
        """A timeline's first page by the query layer."""
        return await self._timed(lambda record: self._answers.timeline(record, None, PAGE, BEGINNING))

    async def field(self) -> Mapping[str, float]:
        """The same of one field, of fifteen that change equally often."""
        return await self._timed(lambda record: self._answers.timeline(record, "phone", PAGE, BEGINNING))

    async def over_http(self) -> Mapping[str, float]:
        """The same page from the audit service."""
        return await self._timed(
            lambda record: self._get(f"/api/records/{record.type}/{record.id}/timeline", limit=PAGE)
        )

    async def state(self) -> Mapping[str, float]:
        """A record as of some time."""
        return await self._timed(lambda record: self._answers.state(record, self._asker.moment()))

    async def diff(self) -> Mapping[str, float]:
        """A record's difference between two times."""

        def between(record: RecordRef) -> Awaitable[object]:
            first, second = sorted((self._asker.moment(), self._asker.moment()))
            return self._answers.diff(record, first, second)

        return await self._timed(between)

    async def changes(self) -> Mapping[str, float]:
        """Every kind of question in turns, from the audit service: p50 and p99 of all, and p99 of each kind."""
        taken: dict[str, list[float]] = {}
        begun, found = clock.monotonic(), 0
        while clock.monotonic() < begun + self._seconds * 2:
            for name, asked in self._asker.questions().items():
                since = clock.monotonic()
                answer = await self._get("/api/changes", limit=PAGE, **asked)
                taken.setdefault(name, []).append((clock.monotonic() - since) * 1000)
                found += len(answer["items"])
        every = [one for some in taken.values() for one in some]
        each = {f"{name} p99_ms": percentile(some, 0.99) for name, some in taken.items()}
        return {
            "p50_ms": percentile(every, 0.5),
            "p99_ms": percentile(every, 0.99),
            "found": found / len(every),
            **each,
        }

    async def _get(self, path: str, **asked: Any) -> Any:
        answer = await self._http.get(path, params=asked)
        answer.raise_for_status()
        return answer.json()

    async def _timed(self, ask: Callable[[RecordRef], Awaitable[object]]) -> Mapping[str, float]:
        """One question at a time for as long as the row lasts; those that warm connections and plans up are not counted."""
        taken: list[float] = []
        begun = clock.monotonic()
        while len(taken) < WARM * 2 or clock.monotonic() < begun + self._seconds:
            record, since = self._asker.record(), clock.monotonic()
            await ask(record)
            taken.append((clock.monotonic() - since) * 1000)
        told = taken[WARM:]
        return {"p50_ms": percentile(told, 0.5), "p99_ms": percentile(told, 0.99), "asked": float(len(told))}


def service(made: Made) -> ServiceSpec:
    """The real audit service on the made log."""
    spec = next(spec for spec in service_specs(separate=True) if spec.name == "audit")
    return replace(spec, env={**spec.env, "SIGNALBOX_DATABASE_URL": made.settings.database_url})


async def measure(bench: Bench) -> Row:
    """The row; `--changes` says how many changes the log has."""
    made = await made_log(bench.site.settings, bench.pace.changes, bench.say)
    await bench.site.services([service(made)])
    settings = bench.site.settings
    headers = {"Authorization": f"Bearer {settings.api_token}", "X-Signalbox-Actor": "bench"}
    base = f"http://127.0.0.1:{bench.site.port('audit')}"
    pool = await open_pool(made.settings, "audit")
    try:
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, trust_env=False) as http:
            row = AskedRow(bench, made, pool, http)
            variants = {
                "bare": row.bare, "timeline": row.timeline, "field": row.field, "http": row.over_http, "state": row.state,
                "diff": row.diff, "changes": row.changes,
            }  # fmt: skip
            rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
        size = await pool.fetchval("select pg_database_size(current_database())")
    finally:
        await pool.close()
        await bench.site.services([])
    p99 = {name: spread([one.figures["p99_ms"] for one in rounds if one.variant == name]) for name in variants}
    checks = [
        Check("p99, first page of a timeline", p99["timeline"], *TIMELINE_MS, "lower", "ms"),
        Check("p99, the same over HTTP", p99["http"], *TIMELINE_MS, "lower", "ms"),
        Check("p99, a timeline / bare SELECT", ratios(rounds, "p99_ms", "timeline", "bare"), 10.0, 5.0, "lower"),
        Check("p99, one field's timeline", p99["field"], *PAGE_MS, "lower", "ms"),
        Check("p99, a page of any question over HTTP", p99["changes"], *PAGE_MS, "lower", "ms"),
        Check("p99, state as of a time", p99["state"], *WHOLE_MS, "lower", "ms"),
        Check("p99, difference between two times", p99["diff"], *WHOLE_MS, "lower", "ms"),
    ]
    note = f"{made.changes:,} changes of {made.changes // PER_RECORD:,} records in {DAYS} days, {size / 1e9:.1f} GB"
    return Row("asked", TITLE, checks, spreads(rounds), rounds, [f"{note}; made in {made.seconds:,.0f} s"])

"""Drill 40: canaries go through every path, good and bad; afterwards none stands where only codes and places may stand."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import httpx
import yaml

from cli.publish import publish
from drills.canaries import Canary, Search, made, secret
from drills.canary_calls import (
    SERVICES,
    Call,
    Heard,
    broken_policy,
    called,
    commands,
    decisions,
    edits,
    refused_calls,
    until,
)  # fmt: skip
from drills.canary_posts import accepted, refused, signed, unmapped, with_defect
from drills.collector import Asked, Loopback, Said, loopback
from drills.drill import Drill, Plan, Say
from drills.oracle import until_quiet
from drills.report import Report
from drills.senders import make_secrets, senders
from drills.site import Site, limited_auto, site
from drills.wire import Answered, Post, ask_all
from embedded.files import DataFolder, write_atomically
from embedded.stack import ServiceSpec
from libs.contracts import ids
from libs.contracts.codec import encode
from libs.contracts.events import PolicyPublished
from libs.contracts.topics import POLICY_PUBLISHED, TOPICS
from libs.runtime import clock
from libs.runtime.broker import Producer, read_topics

PROVIDER = "drill_api"
SETTLE_SECONDS = 12.0
"""Metrics are exported every 10 s."""
DEFECT_SECONDS = 60.0
KEPT: Mapping[tuple[str, str], str] = {
    ("submission.received.v1", "sb_facts"): "the submission's own facts (query, kept headers), kept for ever beside its bytes",
    ("intake.dead-letter.v1", "orig_sb_facts"): "the same facts, of a submission that was given up",
    ("audit.dead-letter.v1", "orig_sb_facts"): "the same facts, of a submission that the audit sink gave up",
}  # fmt: skip
"""The headers that may hold what a sender sent, and why."""
ALLOWED: Mapping[str, str] = {
    "keys: crm.command.v1: path": "a record's id as its caller named it; ids are keys, whose form crm checks"
}
"""Other places that may hold one kind of canary, and why."""


@dataclass
class Findings:
    """Where canaries were seen, and how much was searched."""

    search: Search
    seen: Counter[str] = field(default_factory=Counter)
    searched: Counter[str] = field(default_factory=Counter)

    def look(self, what: str, where: str, data: bytes) -> None:
        """Search one piece of what should hold none."""
        self.searched[what] += len(data)
        for kind in self.search.kinds_in(data):
            self.seen[f"{what}: {where}: {kind}"] += 1

    def heard(self, one: Heard) -> None:
        """Search an answer: of a refusal all of it."""
        if one.status == 0 or one.status >= 400:
            self.look("error bodies", f"{one.where} ({one.status})", one.text)


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """All paths with a canary in every place, then the search."""
    report, held = Report("log-canary", plan.seed), made(plan.seed)
    make_secrets(data)
    write_atomically(data / "enrich.json", json.dumps({PROVIDER: held["paid_key"].value}))
    (data / "enrich.json").chmod(0o600)
    async with AsyncExitStack() as stack:
        collector = await stack.enter_async_context(loopback(lambda _, __: Said()))
        model = await stack.enter_async_context(loopback(lambda asked, number: _model_says(held, asked, number)))
        outside = await stack.enter_async_context(loopback(lambda asked, number: _outside_says(held, asked, number)))
        env = _environment(held, collector, model, outside)
        running = await stack.enter_async_context(site(data, say, env=env, around=_with_defect))
        found = Findings(Search([*held.values(), *_own_secrets(data)]))
        await _all_paths(running, held, found, outside.port, say)
        await asyncio.sleep(SETTLE_SECONDS)
        await _search_topics(running.kafka, found)
        _search_processes(running, found)
        outages = [
            name for name in ("intake", "enrich", "classify", "crm", "triage", "audit") if running.restarts(name)
        ]
    _search_exports(collector, found)
    _search_logs(data, found)
    report.figures |= {
        f"searched_{what.replace(' ', '_')}_bytes": size for what, size in sorted(found.searched.items())
    }
    report.figures |= {"model_asked": len(model.asked), "providers_asked": len(outside.asked), "restarted": outages}
    report.figures |= {"canaries": len(held), "exports": dict(Counter(asked.path for asked in collector.asked))}
    report.problems += [
        f"{where} ({count} times)" for where, count in sorted(found.seen.items()) if where not in ALLOWED
    ]
    report.figures["allowed"] = sorted(where for where in found.seen if where in ALLOWED)
    _require_searched(report, found, collector, model, outside)
    return report


def _require_searched(report: Report, found: Findings, collector: Loopback, model: Loopback, outside: Loopback) -> None:
    """A search of nothing finds nothing: everything that is claimed was there to be searched."""
    for what in ("logs", "error bodies", "exports", "keys", "headers", "health", "processes"):
        report.require(found.searched[what] > 0, f"nothing was searched: {what}")
    for path in ("/v1/logs", "/v1/traces", "/v1/metrics"):
        report.require(any(one.path == path for one in collector.asked), f"nothing was exported to {path}")
    report.require(bool(model.asked), "the model endpoint was not asked")
    report.require(bool(outside.asked), "no provider was asked")
    report.require(found.searched["defects"] > 0, "no dead letter of the planted defect")


async def _all_paths(running: Site, held: Mapping[str, Canary], found: Findings, port: int, say: Say) -> None:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        own = list(senders(running.data, running.url("intake")))
        posts = [*refused(held), *unmapped(held), *signed(held, own)]
        await _post(running, posts, found)
        say(f"{len(posts)} posts that are refused or can't be mapped")
        await _publish(running.kafka, _policy(held, port), broken_policy(held["policy"]))
        await asyncio.sleep(2)  # every service reads the policies
        await _post(running, [*accepted(held), with_defect(held)], found)
        await until(lambda: _defects(running.kafka, found), DEFECT_SECONDS)
        async for heard in called(running, edits(held), http):
            found.heard(heard)
        async for heard in called(running, refused_calls(held), http, 16):
            found.heard(heard)
        async for heard in decisions(running, held, http):
            found.heard(heard)
        say("APIs called and items decided; now the commands, and a while without Postgres")
        async for heard in commands(running, held, running.data / "files"):
            found.look("commands", heard.where, heard.text)
        await _without_postgres(running, held, found, http)
        await until_quiet(running.kafka)


async def _without_postgres(
    running: Site, held: Mapping[str, Canary], found: Findings, http: httpx.AsyncClient
) -> None:
    """The same again while the database is killed; the supervisor starts it anew."""
    running.signal("postgres", signal.SIGKILL)
    reading = [call for call in refused_calls(held) if call.method == "GET"]
    await _post(running, [*accepted(held)], found)
    async for heard in called(running, chain(edits(held), reading), http, 16):
        found.heard(heard)
    calls = (Call(service, "GET", "/health/ready") for service in SERVICES)
    async for heard in called(running, calls, http):
        found.look("health", heard.where, heard.text)


async def _post(running: Site, posts: Iterable[Post], found: Findings) -> None:
    def told(post: Post, answer: Answered) -> None:
        found.heard(Heard(f"intake POST, {post.about}", answer.status, answer.body))

    await ask_all(running.ports["INTAKE_PORT"], list(posts), told, connections=2)


async def _defects(kafka: str, found: Findings) -> bool:
    async for record in read_topics(kafka, ["score.dead-letter.v1"]):
        found.searched["defects"] += len(record.value or b"")
    return found.searched["defects"] > 0


def _policy(held: Mapping[str, Canary], port: int) -> dict[str, str]:
    """The shipped policy with an API, whose secret is a canary, and with companies' sites being read."""
    files = limited_auto()
    rules = yaml.safe_load(files["enrichment.yaml"])
    rules["fields"]["industry"] = {"providers": [PROVIDER, "website"], "trust": {PROVIDER: 0.7}}
    rules["apis"] = {
        PROVIDER: {
            "url": f"http://127.0.0.1:{port}/people?email={{email}}&company={{company}}&phone={{phone}}",
            "auth": {"kind": "query", "name": "key", "secret": PROVIDER},
            "fields": {"industry": {"path": "company.industry", "confidence": 0.85}},
            "per_second": 50,
            "title": held["policy"].value,
        }
    }
    rules["website"] = {"enabled": True}
    return {**files, "enrichment.yaml": yaml.safe_dump(rules)}


async def _publish(kafka: str, good: dict[str, str], broken: dict[str, str]) -> None:
    """A policy that can't be used, as another version's tool might publish it, then one that can."""
    at = clock.now()
    event = PolicyPublished(
        event_id=ids.derived_id("policy-published", "broken"), decided_at=at, policy_hash="broken", files=broken,
        author="drill", reason="drill", published_at=at,
    )  # fmt: skip
    producer = Producer(kafka)
    await producer.start()
    try:
        await producer.send_and_wait(encode(POLICY_PUBLISHED, event, "broken", source="drill"))
    finally:
        await producer.stop()
    await publish(kafka, good, "drill", "drill")


def _environment(held: Mapping[str, Canary], collector: Loopback, model: Loopback, outside: Loopback) -> dict[str, str]:
    domain = held["domain"].value.rpartition("@")[2]
    here = f"127.0.0.1:{outside.port}"
    return {
        "SIGNALBOX_OTLP_ENDPOINT": collector.url,
        "SIGNALBOX_LOG_LEVEL": "DEBUG",
        "ENRICH_HTTP_LOOPBACK": "true",
        "ENRICH_HTTP_HOSTS": json.dumps({domain: here, f"www.{domain}": here, "acme-drill.example": here}),
        "CLASSIFY_OPENAI_BASE_URL": model.url,
        "CLASSIFY_OPENAI_MODEL": "drill",
        "CLASSIFY_OPENAI_KEY": held["model_key"].value,
        "CLASSIFY_OPENAI_RETRY_SECONDS": "0",
        "CLASSIFY_OPENAI_BREAKER_FAILURES": "1000",
    }


def _with_defect(spec: ServiceSpec) -> ServiceSpec:
    if spec.name != "score":
        return spec
    return replace(spec, argv=(spec.argv[0], "-m", "drills.planted_defect"))


def _outside_says(held: Mapping[str, Canary], asked: Asked, number: int) -> Said:
    """An API and a site that fail in turn, each time repeating what they were asked and told."""
    echo = json.dumps({"error": held["paid_answer"].value, "asked": asked.head.decode("latin-1")}).encode()
    if asked.path.startswith("/people"):
        told = held["paid_answer"].value
        return (
            Said("500 Sorry", echo), Said("401 No", echo), Said(f"418 {told}", echo), Said("200 OK", echo[:-5]),
            Said("200 OK", json.dumps({"company": {"industry": held["paid_key"].value, "x": told}}).encode()),
            Said("302 Found", echo, headers=(("Location", f"http://{held['path'].value}.example/?session={told}"),)),
            Said("200 OK", b"\xff\xfe" + echo, "text/" + told.replace(" ", "")),
        )[number % 7]  # fmt: skip
    page = f"<html><title>{held['site_answer'].value}</title><p>{asked.head.decode('latin-1')}".encode()
    return (
        Said("404 Not Found", b"", "text/plain"), Said("200 OK", page, "text/html"), Said("503 Sorry", page, "text/html"),
        Said("301 Moved", page, "text/html", (("Location", f"ftp://{held['path'].value}.example/"),)),
        Said("200 OK", page, f"text/html; charset={held['path'].value}"),
    )[number % 5]  # fmt: skip


def _model_says(held: Mapping[str, Canary], asked: Asked, number: int) -> Said:
    """An endpoint that repeats the lead and its own key, as content, as an error, as its name, and as garbage."""
    told = held["model_answer"].value
    echo = f"{told} {asked.head.decode('latin-1')} {asked.body.decode('utf-8', 'replace')}"
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": echo}}
    whole = {"id": told, "object": "chat.completion", "model": told[:90], "choices": [choice]}
    wrong = {**whole, "choices": [{**choice, "finish_reason": told}]}
    error = json.dumps({"error": {"message": echo, "type": told}}).encode()
    claimed = {
        **whole,
        "choices": [{**choice, "message": {"content": json.dumps({"claims": {told: echo}, "flags": [echo]})}}],
    }
    return (
        Said("200 OK", json.dumps(whole).encode()), Said("200 OK", json.dumps(claimed).encode()), Said("400 No", error),
        Said(f"418 {told}", error), Said("200 OK", json.dumps(wrong).encode()), Said("200 OK", echo.encode()),
        Said("401 No", error), Said("500 Sorry", error),
    )[number % 8]  # fmt: skip


def _own_secrets(data: Path) -> list[Canary]:
    """What the stack itself must not tell: its token, its keys, the secrets of its sources."""
    own = json.loads((data / "secrets.json").read_text())
    sources = json.loads((data / "sources.json").read_text())
    found = [
        secret(f"secret {name}", value) for name, value in own.items() if isinstance(value, str) and len(value) >= 16
    ]
    for name, held in sources.items():
        values = [held] if isinstance(held, str) else [one["value"] for one in held if isinstance(one, dict)]
        found += [secret(f"secret of {name}", value) for value in values if len(value) >= 12]
    return found


async def _search_topics(kafka: str, found: Findings) -> None:
    async for record in read_topics(kafka, [topic.name for topic in TOPICS]):
        found.look("keys", record.topic, record.key or b"")
        for name, value in record.headers:
            if (record.topic, name) not in KEPT:
                found.look("headers", f"{record.topic} {name}", name.encode() + b" " + (value or b""))


def _search_processes(running: Site, found: Findings) -> None:
    """What anybody on the machine may read of a process: its command line."""
    for spec in running.whole.processes:
        pid = running.pid(spec.name)
        line = Path(f"/proc/{pid}/cmdline")
        found.look("processes", spec.name, line.read_bytes() if line.exists() else os.fsencode(" ".join(spec.argv)))


def _search_exports(collector: Loopback, found: Findings) -> None:
    for asked in collector.asked:
        found.look("exports", asked.path, asked.head + asked.body)


def _search_logs(data: Path, found: Findings) -> None:
    for path in sorted(DataFolder(data).logs.iterdir()):
        for line in path.read_bytes().splitlines():
            found.look("logs", path.name, line)


DRILL = Drill(
    "log-canary", 40, "canaries through every path: none in logs, metrics, traces, error bodies, keys, headers", run,
    Plan(size=1),
)  # fmt: skip

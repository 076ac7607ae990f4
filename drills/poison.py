"""Drill 22: bodies that break parsers. Every one is kept as it came, none stops a stage, good ones behind them are not late."""

import asyncio
import base64
import json
import random
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.oracle import until_quiet, until_routed
from drills.report import Report
from drills.site import Site, site
from drills.traffic import SOURCE, body_of
from drills.wire import Answered, Connection, Post, Tally, ask_all
from libs.contracts.codec import decode
from libs.contracts.ids import content_hash
from libs.contracts.topics import LEAD_ROUTED, SUBMISSION_RECEIVED
from libs.runtime.cluster import read_opened

LATE_SECONDS = 2.0
DRAIN_SECONDS = 300.0
PROBE_EVERY_SECONDS = 3.0
TYPES = (
    b"application/json", b"application/json; charset=utf-16", b"text/plain", b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=b", b"multipart/form-data", b"application/xml", b"application/octet-stream", b"",
    b"application/cloudevents-batch+json", b"text/plain; charset=nonsense", b"\xff\xfe",
)  # fmt: skip


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Hostile bodies at several sources, and a good lead every 3 s to see how long it takes."""
    report, rng, tally = Report("poison", plan.seed), random.Random(plan.seed), Tally()
    posts = [_poison(number, rng) for number in range(plan.size)]
    async with site(data, say, separate=False) as running:
        port, kept, stop = running.ports["INTAKE_PORT"], set[str](), asyncio.Event()

        def told(post: Post, answer: Answered) -> None:
            tally.add(post, answer, lambda status: status == 202 or 400 <= status < 500)
            if answer.status == 202:
                kept.add(content_hash(post.body))

        probing = asyncio.create_task(_probe(running, stop))
        for start in range(0, len(posts), 500):
            await ask_all(port, posts[start : start + 500], told, connections=4)
            say(f"{start + 500} bodies: {dict(sorted(tally.codes.items()))}")
        stop.set()
        probes = await probing
        report.figures["drained_seconds"] = round(await until_routed(running.kafka, probes, DRAIN_SECONDS), 1)
        await until_quiet(running.kafka)
        late = await _late(running.kafka, probes)
        found = await _bodies(running.kafka)
        names = [spec.name for spec in running.whole.processes]
        ended = {name: running.restarts(name) for name in names if running.restarts(name)}
    report.figures |= {"bodies": len(posts), "codes": dict(sorted(tally.codes.items())), "kept": len(kept)}
    report.figures |= {"probes": len(late), "slowest_probe_seconds": round(max(late, default=0.0), 2)}
    report.problems += tally.wrong
    report.require(kept <= found, f"{len(kept - found)} bodies that were acknowledged are not kept byte for byte")
    report.require(not ended, f"services ended over a body: {ended}")
    report.require(bool(late) and max(late) < LATE_SECONDS, "a good lead behind the bad ones was late")
    return report


async def _probe(running: Site, stop: asyncio.Event) -> list[str]:
    """Post a good lead every few seconds; their submission ids."""
    found: list[str] = []
    while not stop.is_set():
        found.append(await _good(running, len(found)))
        await asyncio.sleep(PROBE_EVERY_SECONDS)
    return found


async def _late(kafka: str, submissions: list[str]) -> list[float]:
    """Seconds from each submission's record to the record of its routed lead, by the broker's times."""
    came: dict[str, int] = {}
    routed: dict[str, int] = {}
    async for record in read_opened(kafka, ["submission.received.v1"]):
        came.setdefault(decode(SUBMISSION_RECEIVED, record.value, record.headers).submission_id, record.timestamp)
    async for record in read_opened(kafka, ["lead.routed.v1"]):
        lead = decode(LEAD_ROUTED, record.value, record.headers).lead
        routed.setdefault(lead.submission.submission_id, record.timestamp)
    return [(routed[one] - came[one]) / 1000 for one in submissions]


async def _good(running: Site, number: int) -> str:
    """Post a good lead; its submission id."""
    connection = Connection(running.ports["INTAKE_PORT"])
    body = body_of(number, random.Random(number), 1_000, "probe")
    answer = await connection.ask(Post(f"/hooks/{SOURCE}", [(b"content-type", b"application/json")], body).raw())
    await connection.close()
    return str(json.loads(answer.body)["submission_id"])


async def _bodies(kafka: str) -> set[str]:
    """The hashes of every kept body, computed from its bytes; those that the record's own facts deny are left out."""
    found = set()
    async for record in read_opened(kafka, ["submission.received.v1"]):
        digest = content_hash(record.value or b"")
        if decode(SUBMISSION_RECEIVED, record.value, record.headers).sha256 == digest:
            found.add(digest)
    return found


def _poison(number: int, rng: random.Random) -> Post:
    source = rng.choice(["demo", "contact", "generic_json", "generic_form", "webinar", "jotform", "elementor"])
    name, body = rng.choice(FIXED) if rng.random() < 0.5 else _made(rng)
    body = body + b" " * (number % 7) if rng.random() < 0.5 else body
    return Post(f"/hooks/{source}", [(b"content-type", rng.choice(TYPES))], body, name)


def _with(value: str) -> bytes:
    return b'{"email":"poison@example.com","message":' + value.encode("utf-8", "surrogatepass") + b"}"


def _random_json(rng: random.Random) -> bytes:
    """A value of random shape under names that the mapper looks for."""

    def value(depth: int) -> object:
        kind = rng.randrange(9 if depth < 5 else 6)
        plain = [None, rng.random() * 1e300, rng.randrange(-(2**70), 2**70), "x\x00y", "\ud800", rng.random() < 0.5]
        if kind < len(plain):
            return plain[kind]
        if kind == 6:
            return [value(depth + 1) for _ in range(rng.randrange(4))]
        names = ["email", "name", "company", "phone", "label", "value", "fields", "data", "", "a.b", "answers"]
        return {rng.choice(names): value(depth + 1) for _ in range(rng.randrange(5))}

    return json.dumps({"id": rng.random(), "lead": value(0), "email": value(2)}).encode("utf-8", "surrogatepass")


FIXED: tuple[tuple[str, bytes], ...] = (
    ("nul", _with('"a\\u0000b"')),
    ("raw nul", b'{"email":"a\x00@example.com"}'),
    ("surrogate", _with('"\\ud800"')),
    ("nan", _with("NaN")),
    ("1e400", _with("1e400")),
    ("deep object", b'{"a":' * 20_000),
    ("deep list", b"[" * 20_000 + b"]" * 20_000),
    ("5,000 digits", _with("9" * 5_000)),
    ("double keys", b'{"email":"a@example.com","email":"b@example.com"}'),
    ("2^63", _with(str(2**63))),
    ("bidi", _with(json.dumps("\u202egnp.exe\u2066 \ufeff"))),
    ("empty", b""),
    ("wrong types", b'{"email":["a@example.com",{}],"name":{"first":[1]},"phone":true,"message":{"a":null}}'),
    ("latin-1", "email=a@example.com&name=J\xf6rg".encode("latin-1")),
    ("form", b"a[b][c]=1&a[b]=2&a=3&" + b"x[" * 200 + b"=1&email=%ff%fe@example.com&%00=%00"),
    ("multipart", b'--b\nContent-Disposition: form-data; name="email"\n\na@example.com\n--b--\n'),
    ("xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'),
)


def _made(rng: random.Random) -> tuple[str, bytes]:
    """A body from chance, and now and then one of nearly a megabyte."""
    match rng.randrange(6):
        case 0:
            return "random bytes", rng.randbytes(rng.randrange(1, 400))
        case 1:
            return "torn multipart", b'--b\r\nContent-Disposition: form-data; name="' + rng.randbytes(30)
        case 2:
            return "base64", base64.b64encode(rng.randbytes(200))
        case 3 if rng.random() < 0.1:
            return "1 MB", _with('"' + "a" * 1_000_000 + '"')
        case _:
            return "random json", _random_json(rng)


DRILL = Drill(
    "poison", 22, "bodies that break parsers: kept, told, and nobody behind them waits", run, Plan(size=3_000)
)

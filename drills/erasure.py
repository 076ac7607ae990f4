"""Drill 39: people are erased, and then everything that a stack holds is searched for what they had said."""

import asyncio
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from cli.erase import CHECKPOINTS
from cli.ledger import read_records
from drills.canaries import LENGTH, LETTERS
from drills.dealing import buyer, team_in_place
from drills.drill import DRAIN_SECONDS, Drill, Plan, Say
from drills.oracle import events_of, until_quiet, until_routed
from drills.report import Report
from drills.reps import people
from drills.site import Site, site
from drills.traffic import SOURCE
from embedded.files import DataFolder
from libs.contracts.events import LeadDeduped
from libs.contracts.topics import SUBJECT_ERASED, TOPICS
from libs.runtime import clock
from libs.runtime.broker import read_topics
from libs.runtime.cluster import read_opened
from libs.runtime.record import Record
from services.audit.domain.ledger import fold

AT_ONCE = 8
SECONDS = 60.0
"""So long may it take until nothing of the people who are erased is found."""
TOGETHER = 5
"""Every so manieth post holds two people: the other one stays, but for the raw bytes."""
_WORDS = re.compile(rb"[%s]{%d,}" % (LETTERS.encode(), LENGTH))
_DIGITS = re.compile(rb"1512[0-9]{7}")
_OTHERS = {
    "dedupe.contact": "contact_id", "dedupe.lead": "lead_id", "crm.record": "id", "enrich.record": "id",
    "router.lead": "lead_id", "router.party": "record_id", "triage.item": "lead_id",
}  # fmt: skip
"""Tables of people, and the column that says whose a row is."""


@dataclass
class Person:
    """Somebody who sent a lead, and what only they could have said."""

    submission_id: str
    canaries: frozenset[bytes]
    lead_id: str = ""
    alone: bool = True
    ids: set[str] = field(default_factory=set)
    """Of all that is theirs."""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Leads of people full of canaries are routed; `faults` of them are erased; then everything is searched."""
    report, rng = Report("erasure", plan.seed), random.Random(plan.seed)
    async with site(data, say, separate=False) as running, people(running) as http:
        await team_in_place(running, 100_000)
        crowd = await _posted(running, http, plan)
        say(f"{plan.size} people's leads are on their way")
        await until_routed(running.kafka, sorted({one.submission_id for one in crowd}), DRAIN_SECONDS + plan.size / 5)
        await until_quiet(running.kafka)
        await _name(running, crowd)
        gone = rng.sample([one for one in crowd if one.lead_id], plan.faults)
        wanted = {word: one for one in gone for word in one.canaries}
        before = await _found(running, data, wanted)
        report.require(before["tables"] > 0, "the search finds nothing in any table before: it proves nothing")
        report.require(
            before["topics, decrypted"] > 0, "the search finds nothing in any topic before: it proves nothing"
        )
        report.require(before["topics"] == 0, f"{before['topics']} records hold a person's words in the clear")
        others = await _rows_of_others(running, frozenset())
        say(f"before: {dict(before)}; erasing {len(gone)}")
        seconds = await _erased(running, http, gone, report)
        after = await _found(running, data, wanted)
        say(f"after {seconds:.1f} s: {dict(after)}")
        report.figures |= {
            "people": len(crowd),
            "erased": len(gone),
            "seconds": round(seconds, 1),
            "before": dict(before),
        }
        report.figures["after"] = dict(after)
        report.require(not after.total(), f"found of the erased: {dict(after)}")
        report.require(seconds <= SECONDS, f"it took {seconds:.0f} s and not {SECONDS:.0f}")
        await _others_are_as_they_were(running, others, gone, report)
        await _still_proves(running, http, report)
        await _exports(running, http, wanted, gone, report)
    return report


async def _posted(running: Site, http: httpx.AsyncClient, plan: Plan) -> list[Person]:
    rng, found = random.Random(f"erasure {plan.seed}"), list[Person]()
    gate = asyncio.Semaphore(AT_ONCE)

    async def post(numbers: Sequence[int]) -> None:
        bodies, canaries = zip(*(_body(number, rng, plan.size) for number in numbers), strict=True)
        async with gate:
            url = f"{running.url('intake')}/hooks/{SOURCE}"
            answer = await http.post(url, json=list(bodies) if len(bodies) > 1 else bodies[0])
        answer.raise_for_status()
        found.extend(Person(answer.json()["submission_id"], held, alone=len(numbers) == 1) for held in canaries)

    posts = list[list[int]]()
    for number in range(plan.size):
        if number % (2 * TOGETHER) == 1:
            posts[-1].append(number)
        else:
            posts.append([number])
    await asyncio.gather(*(post(numbers) for numbers in posts))
    return found


def _body(number: int, rng: random.Random, size: int) -> tuple[dict[str, Any], frozenset[bytes]]:
    body = json.loads(buyer(number, rng, size, "erasure"))
    words = ["".join(rng.choices(LETTERS, k=LENGTH)) for _ in range(3)]
    digits = "1512" + "".join(rng.choices("0123456789", k=7))
    body |= {"email": body["email"].replace("@", f".{words[0]}@"), "name": f"{body['name']} {words[1]}"}
    body |= {"phone": f"+49{digits}", "message": f'{body["message"]} "{words[2]}"'}
    return body, frozenset(one.encode() for one in (*words, digits))


async def _name(running: Site, crowd: Sequence[Person]) -> None:
    """Each person's lead: the one that holds their words."""
    by_word = {word: one for one in crowd for word in one.canaries}
    for _, event in await events_of(running.kafka, "lead.deduped.v1"):
        assert isinstance(event, LeadDeduped)
        for word in _words_in(event.lead.text("email").encode()):
            if word in by_word:
                by_word[word].lead_id = event.lead.lead_id


async def _erased(running: Site, http: httpx.AsyncClient, gone: Sequence[Person], report: Report) -> float:
    """Seconds from the first order until every service has forgotten everyone."""
    started, gate = clock.monotonic(), asyncio.Semaphore(AT_ONCE)
    orders = dict[str, str]()

    async def one(person: Person) -> None:
        async with gate:
            found = (
                await http.post(f"{running.url('audit')}/api/subjects", json={"subject": person.lead_id})
            ).raise_for_status()
            group = found.json()["group"]
            person.ids = {*group["lead_ids"], *group["submission_ids"], *(held["id"] for held in group["records"])}
            report.require(bool(group["shared"]) != person.alone, f"{person.lead_id}: shares with {group['shared']}")
            order = {"group": group, "reason": "drill"}
            (await http.post(f"{running.url('audit')}/api/erasures", json=order)).raise_for_status()
            orders[found.json()["erasure_id"]] = person.lead_id

    await asyncio.gather(*(one(person) for person in gone))
    left = set(orders)
    async with asyncio.timeout(SECONDS * 3):
        while left:
            for erasure_id in sorted(left):
                held = (await http.get(f"{running.url('audit')}/api/erasures/{erasure_id}")).json()
                left -= {erasure_id} if held.get("destroyed_at") else set()
            await asyncio.sleep(0.2)
        ends = max([record.offset async for record in read_topics(running.kafka, [SUBJECT_ERASED.name])])
        db = await asyncpg.connect(running.database_url)
        try:
            forgotten = False
            while not forgotten:
                await asyncio.sleep(0.2)
                forgotten = await _all_past(db, ends)
        finally:
            await db.close()
    return clock.monotonic() - started


async def _all_past(db: asyncpg.Connection, offset: int) -> bool:
    schemas = [row["nspname"] for row in await db.fetch(CHECKPOINTS)]
    rows = [
        await db.fetchval(f'select next_offset from "{one}".checkpoint where stage = $1', f"{one}.erasures")  # noqa: S608
        for one in schemas
    ]
    return all(held is None or held > offset for held in rows)


async def _found(running: Site, data: Path, wanted: dict[bytes, Person]) -> Counter[str]:
    """How often words of these people stand where."""
    found = Counter[str]()
    db = await asyncpg.connect(running.database_url)
    try:
        async for name, row in _rows(db):
            found["tables"] += (held := _any_in(wanted, *_texts(row.values())))
            found[f"table {name}"] += held
    finally:
        await db.close()
    names = [topic.name for topic in TOPICS]
    async for record in read_topics(running.kafka, names):
        found["topics"] += _any_in(wanted, *_bytes_of(record))
    async for record in read_opened(running.kafka, names):
        found["topics, decrypted"] += (held := _any_in(wanted, *_bytes_of(record)))
        found[f"topic {record.topic}"] += held
    folder = DataFolder(data)
    for path in sorted(folder.root.rglob("*")):
        if path.is_file() and not {"kafka", "postgres"} & set(path.relative_to(folder.root).parts):
            found["files"] += _any_in(wanted, path.read_bytes())
    for path in sorted((folder.root / "kafka").rglob("*.log")):
        found["kafka's files"] += _any_in(wanted, path.read_bytes())
    return +found + Counter({"tables": 0})


async def _rows(db: asyncpg.Connection) -> Any:
    tables = await db.fetch(
        "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
    )
    for schema, table in tables:
        for row in await db.fetch(f'select * from "{schema}"."{table}"'):  # noqa: S608 - names of tables that are there
            yield f"{schema}.{table}", row


def _texts(values: Iterable[Any]) -> Iterator[bytes]:
    for value in values:
        if isinstance(value, bytes):
            yield value
            with suppress(zlib.error):
                yield zlib.decompress(value)
        elif value is not None:
            yield str(value).encode("utf-8", "replace")


def _bytes_of(record: Record) -> Iterator[bytes]:
    yield record.key or b""
    yield record.value or b""
    for _, value in record.headers:
        yield value or b""


def _any_in(wanted: dict[bytes, Person], *texts: bytes) -> int:
    return int(any(word in wanted for text in texts for word in _words_in(text)))


def _words_in(text: bytes) -> Iterator[bytes]:
    """What may be a canary: every run of letters that is long enough, in all its windows, and every number."""
    small = text.lower()
    for match in _WORDS.finditer(small):
        run = match.group()
        yield from (run[at : at + LENGTH] for at in range(len(run) - LENGTH + 1))
    yield from _DIGITS.findall(small.replace(b" ", b"").replace(b"-", b""))


async def _rows_of_others(running: Site, without: frozenset[str]) -> dict[str, dict[str, list[str]]]:
    db = await asyncpg.connect(running.database_url)
    found: dict[str, dict[str, list[str]]] = {}
    try:
        for table, column in _OTHERS.items():
            query = f"select {column} as whose, md5(held::text) as digest from {table} held order by 1, 2"  # noqa: S608
            rows = await db.fetch(query)
            for whose, digest in rows:
                if whose not in without:
                    found.setdefault(table, {}).setdefault(whose, []).append(digest)
    finally:
        await db.close()
    return found


async def _others_are_as_they_were(
    running: Site, before: dict[str, dict[str, list[str]]], gone: Sequence[Person], report: Report
) -> None:
    ids = frozenset(name for one in gone for name in one.ids)
    after = await _rows_of_others(running, ids)
    kept = 0
    for table, rows in before.items():
        held = {whose: digests for whose, digests in rows.items() if whose not in ids}
        kept += len(held)
        changed = [whose for whose in held if after.get(table, {}).get(whose) != held[whose]]
        report.require(not changed, f"{table}: {len(changed)} rows of others changed, such as {changed[:2]}")
        left = [whose for whose in after.get(table, {}) if whose not in held]
        report.require(not left, f"{table}: {len(left)} rows are new, such as {left[:2]}")
    report.figures["rows_of_others_unchanged"] = kept


async def _still_proves(running: Site, http: httpx.AsyncClient, report: Report) -> None:
    answer = (await http.get(f"{running.url('audit')}/api/verify", timeout=120)).raise_for_status()
    result = json.loads(answer.text.strip().splitlines()[-1])
    report.figures["verified_rows"] = result["rows"]
    report.require(result["ok"], f"the log does not verify: {result['findings']}")
    ledger = fold((await read_records(running.kafka)).records)
    report.figures["ledger"] = {"erased": ledger.erased, "leads": ledger.leads, "balanced": ledger.balanced}
    report.require(ledger.balanced, f"the ledger does not balance: {ledger.in_no_place[:3]} {ledger.in_two_places[:3]}")


async def _exports(
    running: Site, http: httpx.AsyncClient, wanted: dict[bytes, Person], gone: Sequence[Person], report: Report
) -> None:
    """What the APIs still give: the exports of the whole log, and whatever is asked by a person's own ids."""
    url = running.url("audit")
    answers = [
        await http.get(f"{url}/api/changes/export", params={"format": kind}, timeout=300) for kind in ("jsonl", "csv")
    ]
    report.require(all(len(one.content) > 1000 for one in answers), "an export is empty")
    for person in gone[:20]:
        answers += [
            await http.get(f"{url}/api/leads/{person.lead_id}"),
            await http.get(f"{url}/api/why/lead/{person.lead_id}"),
        ]
        asked = {"subject": person.lead_id}
        answers.append(await http.post(f"{url}/api/subjects/export", json=asked))
    hits = sum(_any_in(wanted, one.content) for one in answers)
    report.figures["answers_searched"] = len(answers)
    report.require(hits == 0, f"{hits} of {len(answers)} answers hold words of the erased")


DRILL = Drill(
    "erasure", 39, "people are erased: nothing of theirs is left in tables, topics, files and answers, and all else is", run,
    Plan(size=1000, faults=100),
)  # fmt: skip

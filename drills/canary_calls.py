"""Calls of people and programs that carry canaries: every API of the stack refused in every way, edits, decisions, commands."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import yaml

from drills.canaries import Canary
from drills.canary_posts import Canaries, facts
from drills.site import ROOT, Site, limited_auto
from libs.runtime import clock

SERVICES = ("intake", "dedupe", "enrich", "router", "crm", "triage", "audit", "insights")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a service's API."""

    service: str
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer to somebody, with the place that a report names."""

    where: str
    status: int
    text: bytes


async def called(site: Site, calls: Iterable[Call], http: httpx.AsyncClient, at_once: int = 1) -> AsyncIterator[Heard]:
    """Every call's answer, head and body, so many calls at once; status 0 when there was none."""
    for some in batched(calls, at_once):
        for heard in await asyncio.gather(*(_answer(site, call, http) for call in some)):
            yield heard


async def _answer(site: Site, call: Call, http: httpx.AsyncClient) -> Heard:
    body = call.body
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "Authorization": f"Bearer {site.token}", **call.headers}
    shown = f"{call.service} {call.method} {call.path.partition('?')[0][:40]}"
    try:
        answer = await http.request(call.method, site.url(call.service) + call.path, content=content, headers=headers)
    except httpx.HTTPError:
        return Heard(shown, 0, b"")
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items()).encode()
    return Heard(shown, answer.status_code, head + answer.content)


def batched(calls: Iterable[Call], size: int) -> Iterator[list[Call]]:
    """The calls in their order, so many at a time."""
    waiting = iter(calls)
    while some := list(islice(waiting, size)):
        yield some


def refused_calls(held: Canaries) -> Iterator[Call]:
    """Requests that no service can take: wrong tokens, ids, queries, headers, bodies."""
    word, email, reason = held["path"].value, held["email"].value, held["reason"].value
    bodies: list[Any] = [
        facts(held), [email], email, f'{{"email": "{email}'.encode(), held["message"].value.encode("utf-16"),
        {"records": [{"id": email, "fields": facts(held)}], "source": "x"}, {held["json_key"].value: email},
        {"fields": {held["json_key"].value: email, "email": [email]}, "reason": reason, "if_version": email},
        {"seen_hash": email, "answers": [{"question_id": word, "verdict": email, "value": email, "reason": reason}]},
        {"selection": {"field": email, "since": email, "actor": email}, "plan_hash": email, "reason": reason},
        {"load_id": email, "file": email, "rows": [{"line": email, "fields": {held["json_key"].value: email}}]},
        {"partition": email, "offset": word}, {"body_base64": email, "headers": {"x": [email]}, "query": 7},
        {"url": f"http://{word}.example/?session={word}", "types": [email], "secret": held["webhook_secret"].value},
        {"type": email, "records": [{"email": {"not": email}}]},
    ]  # fmt: skip
    writes = [
        ("intake", f"/api/submissions/{word}/redrive"), ("intake", "/api/sources/demo/try"),
        ("dedupe", "/api/preview"), ("dedupe", f"/api/leads/{word}/links"), ("enrich", "/api/companies"),
        ("crm", "/api/records/contact"), ("crm", f"/api/records/{word}"), ("crm", "/api/import/contact"),
        ("crm", "/api/webhooks"),
        ("triage", f"/api/items/{word}/decision"), ("audit", "/api/rollbacks"), ("audit", "/api/rollbacks/plan"),
    ]  # fmt: skip
    for service, path in writes:
        for body in bodies:
            yield Call(service, "POST", path, body)
        yield Call(service, "POST", path, bodies[0], {"X-Signalbox-Actor": word * 20})
        yield Call(service, "POST", path, bodies[0], {"Idempotency-Key": word * 20})
        yield Call(service, "POST", path, bodies[0], {"Authorization": f"Bearer {held['bearer'].value}"})
    for body in bodies:
        # an id may not tell an e-mail, since it is a key of Kafka: this one is refused, and the other is nobody's
        yield Call("crm", "PATCH", f"/api/records/contact/{email}", body)
        yield Call("crm", "PATCH", "/api/records/contact/drill-nobody", body, {"If-Match": word})
        yield Call("crm", "PUT", f"/api/webhooks/{word}", body)
    yield from _refused_reads(held)


def _refused_reads(held: Canaries) -> Iterator[Call]:
    word, email = held["path"].value, held["email"].value
    paths = {
        "intake": [f"/api/submissions/{word}?partition=0&offset=0", f"/api/submissions/{word}?partition={email}&offset=x"],
        "dedupe": [f"/api/preview/{word}", f"/api/leads/{word}/links"],
        "enrich": [f"/api/companies?domain={word}", f"/api/commands/{word}"],
        "crm": [
            f"/api/records/contact/{word}", f"/api/records/{word}/x", f"/api/records/contact?limit={word}",
            f"/api/commands/{word}",
            f"/api/records/contact?updated_since={email}", f"/api/{word}/x/timeline", f"/api/opportunities?open={word}",
        ],
        "triage": [f"/api/items/{word}", f"/api/items?status={email}", f"/api/items?after={email}", f"/api/items/{word}/raw"],
        "audit": [
            f"/api/records/{word}/x/timeline", f"/api/records/contact/{word}/state", f"/api/why/contact/{word}/{word}",
            f"/api/leads/{word}", f"/api/rollbacks/{word}", f"/api/records/contact/{word}/state?as_of={email}",
            f"/api/records/contact/x/timeline?after={email}&limit={email}",
        ],
        "insights": [
            f"/api/metrics/{word}", f"/api/metrics/leads?by={word}", f"/api/metrics/leads/cases?after={email}&part={word}",
            f"/api/weekly/{word}", f"/api/insights?since={email}&queue={word}",
        ],
    }  # fmt: skip
    for service, wanted in paths.items():
        for path in [*wanted, f"/{word}?session={word}"]:
            yield Call(service, "GET", path)
            yield Call(service, "DELETE", path)
        yield Call(service, "GET", wanted[0], None, {"Authorization": f"Bearer {held['bearer'].value}"})


def edits(held: Canaries) -> Iterator[Call]:
    """A contact made, edited, edited against another version, imported twice, and deleted, with canaries as values."""
    edited, reason = held["crm_edit"].value, held["reason"].value
    fields = {"email": held["email"].value, "name": edited, "phone": held["phone"].value, "note": held["message"].value}
    actor = {"X-Signalbox-Actor": held["actor"].value}
    yield Call("crm", "POST", "/api/records/contact", {"records": [{"id": "drill-contact", "fields": fields}]}, actor)
    path = "/api/records/contact/drill-contact"
    yield Call(
        "crm", "PATCH", path, {"fields": {"name": edited, "title": edited}, "lock": ["name"], "reason": reason}, actor
    )
    yield Call("crm", "PATCH", path, {"fields": {"name": reason}, "reason": reason}, {"If-Match": '"1"', **actor})
    yield Call("crm", "PATCH", path, {"fields": {"email": edited, "company_id": "nobody"}, "reason": reason})
    rows = [
        {"id": f"drill-{number}", "fields": {"email": edited if number else fields["email"]}} for number in range(3)
    ]
    for _ in range(2):
        yield Call("crm", "POST", "/api/import/contact", {"records": rows, "source": "drill", "reason": reason})
    yield Call("crm", "DELETE", f"{path}?reason={reason}", None, {"If-Match": '"1"'})


async def decisions(site: Site, held: Canaries, http: httpx.AsyncClient) -> AsyncIterator[Heard]:
    """Every open item decided wrongly in several ways; the first ones also rightly, with a reason."""
    own = {"Authorization": f"Bearer {site.token}"}
    page = (await http.get(f"{site.url('triage')}/api/items", headers=own)).json()
    for place, item in enumerate(page["items"][:4]):
        path = f"/api/items/{item['lead_id']}"
        asked = (await http.get(site.url("triage") + path, headers=own)).json()["questions"]
        calls = [
            Call("triage", "POST", f"{path}/decision", body) for body in _answers(item, asked, held, last=place < 3)
        ]
        async for heard in called(site, iter(calls), http):
            yield heard


def _answers(item: Any, asked: list[Any], held: Canaries, *, last: bool) -> Iterator[Any]:
    reason, value = held["reason"].value, held["email"].value
    wrong = [("link", value), ("route", ""), ("edit", value), ("block", value)]
    for verdict, given in wrong:
        answers = [
            {"question_id": one["question_id"], "verdict": verdict, "value": given, "reason": reason} for one in asked
        ]
        yield {"seen_hash": held["path"].value, "answers": answers}
        yield {"seen_hash": item["question_hash"], "answers": [*answers, {**answers[0], "question_id": value}]}
    if last:
        answers = [{"question_id": one["question_id"], "verdict": "dismiss", "reason": reason} for one in asked]
        yield {"seen_hash": item["question_hash"], "answers": answers}
        answers = [{**one, "verdict": "approve"} for one in answers]
        yield {"seen_hash": item["question_hash"], "answers": answers}


async def commands(site: Site, held: Canaries, folder: Path) -> AsyncIterator[Heard]:
    """What commands print that fail over a file or a stack: status is their exit code."""
    files = _files(held, folder)
    data = ["--data", str(site.data)]
    for arguments in (
        ["import", files["list.csv"], *data, "--source", "nowhere"],
        ["import", files["broken.csv"], *data],
        ["crm", "import", files["broken.csv"], "--type", "contact", *data],
        ["companies", "import", files["broken.csv"], *data],
        ["policy", "check", "--policy", files["policy"]],
        ["policy", "publish", "--policy", files["policy"], *data],
        ["send", files["lead.json"], "--source", "nowhere", *data],
        ["send", files["broken.json"], "--source", "demo", *data],
        ["dead-letters", "list", *data],
        ["dead-letters", "redrive", "--all", *data],
        ["redrive", "nothing", *data],
        ["status", *data],
        ["ledger", *data],
        ["logs", "intake", *data],
    ):
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", *arguments, cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, errors = await running.communicate()
        yield Heard(
            f"signalbox {' '.join(arguments[:2])}".replace(str(folder), "FILE"), running.returncode or 0, told + errors
        )


def _files(held: Canaries, folder: Path) -> dict[str, str]:
    word, email = held["csv"].value, held["email"].value
    texts = {
        "list.csv": f"email,name,message\n{email},{word},{word}\n",
        "broken.csv": f'{word},domain,{email}\n"{word},{email}\n{word},{word},{email},{word}\n',
        "lead.json": json.dumps(facts(held, 70)),
        "broken.json": f'{{"email": "{email}',
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "policy").mkdir(exist_ok=True)
    for name, text in broken_policy(held["policy"]).items():
        (folder / "policy" / name).write_text(text)
    return {name: str(folder / name) for name in [*texts, "policy"]}


def broken_policy(canary: Canary) -> dict[str, str]:
    """The shipped policy with values that do not fit and text that is no YAML, each naming the canary."""
    files = limited_auto()
    enrichment = yaml.safe_load(files["enrichment.yaml"])
    enrichment["budget_seconds"] = canary.value
    enrichment["fields"][canary.value] = {"providers": [canary.value]}
    scoring = files["scoring.yaml"] + f"\n  {canary.value}: [{canary.value}\n"
    return {**files, "enrichment.yaml": yaml.safe_dump(enrichment), "scoring.yaml": scoring}


async def until(holds: Any, seconds: float) -> bool:
    """Whether something came to hold within the time; it is asked every half second."""
    deadline = clock.monotonic() + seconds
    while clock.monotonic() < deadline:
        if await holds():
            return True
        await asyncio.sleep(0.5)
    return False

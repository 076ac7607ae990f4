"""Drill 38: every route as every role, and answers searched for what the role is not shown, however it asks."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import httpx

from drills.canaries import LENGTH, LETTERS, Canary, Search
from drills.dealing import buyer, team_in_place
from drills.drill import DRAIN_SECONDS, Drill, Plan, Say
from drills.oracle import events_of, until_quiet, until_routed
from drills.report import Report
from drills.reps import people
from drills.site import ROOT, Site, site
from drills.traffic import SOURCE
from libs.contracts.keys import lead_of
from libs.policy.fields import Role
from libs.runtime import clock

TABLE = ROOT / "docs" / "access-matrix.txt"
FREE = {"GET /health/live", "GET /health/ready", "GET /openapi.json"}
REFUSED = {401, 403}
BY_LEAD = {"router", "triage"}
"""Services whose answers are of leads alone: who sees some leads finds no other's values there."""
OF_A_LEAD = ("email", "name", "message", "phone")
SAMPLES = 4
"""So many ids are tried in each place of a path."""
HEARD_SECONDS = 10.0


@dataclass(frozen=True)
class Route:
    """A route as the table has it, with what each role gets."""

    service: str
    method: str
    path: str
    open_to: frozenset[str]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


@dataclass(frozen=True)
class Person:
    """Somebody with a token. `sees`: the leads whose values may stand in answers about leads; None: everybody's."""

    name: str
    role: str
    token: str
    sees: frozenset[str] | None = None


@dataclass
class Known:
    """Ids that stand in this stack, by what a path calls them, and whose values the canaries are."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    canaries: dict[str, list[Canary]] = field(default_factory=dict)
    """By lead."""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Leads full of canaries are routed; then everybody asks everything."""
    report, table = Report("rbac", plan.seed), listed()
    async with site(data, say, separate=False) as running, people(running) as http:
        await team_in_place(running, 1000)
        posted = await _posted(running, http, plan)
        await until_routed(running.kafka, sorted(posted), DRAIN_SECONDS)
        await until_quiet(running.kafka)
        known = await _known(running, http, posted)
        unlisted = await _unlisted(running, http, table)
        asking = await _persons(running, http)
        say(f"{len(posted)} leads, {len(table)} routes, {len(asking)} people and nobody")
        requests, deviations = await _matrix(running, http, table, asking)
        say(f"{requests} requests with nothing in them: {len(deviations)} deviations")
        asked, leaks, found = await _leaks(running, http, table, asking, known)
    report.figures |= {
        "routes": len(table),
        "requests": requests,
        "answers_searched": asked,
        "values_found": dict(found),
    }
    report.problems += unlisted + deviations + leaks
    for role in ("manager", "admin"):
        report.require(found[role] > 0, f"a {role} was shown nobody's values: the search proves nothing")
    return report


def listed() -> list[Route]:
    """The checked-in table."""
    head, *rows = (re.split(r"\s{2,}", line.strip()) for line in TABLE.read_text().splitlines() if line.strip())
    routes = []
    for row in rows:
        service, method, path = row[0].split(" ", 2)
        said = zip(head[2:], row[2:], strict=True)
        routes.append(Route(service, method, path, frozenset(role for role, cell in said if cell == "yes")))
    return routes


async def _posted(running: Site, http: httpx.AsyncClient, plan: Plan) -> dict[str, list[Canary]]:
    """Submissions of buyers whose every value is a canary, by submission id."""
    rng, found = random.Random(plan.seed), {}
    for number in range(plan.size):
        body = json.loads(buyer(number, rng, plan.size, "rbac"))
        words = ["".join(rng.choices(LETTERS, k=LENGTH)) for _ in OF_A_LEAD[:3]]
        digits = "1512" + "".join(rng.choices("0123456789", k=7))
        body |= {"email": body["email"].replace("@", f".{words[0]}@"), "name": f"{body['name']} {words[1]}"}
        body |= {"phone": f"+49{digits}", "message": f'{body["message"]} "{words[2]}"'}
        answer = await http.post(f"{running.url('intake')}/hooks/{SOURCE}", json=body)
        answer.raise_for_status()
        values = zip(OF_A_LEAD, (*words, digits), strict=True)
        found[answer.json()["submission_id"]] = [Canary(kind, value, value) for kind, value in values]
    return found


async def _known(running: Site, http: httpx.AsyncClient, posted: Mapping[str, list[Canary]]) -> Known:
    """What everything is called here: leads with their canaries, and records of each type."""
    known = Known({"submission_id": list(posted), "lead_id": []})
    for _, event in await events_of(running.kafka, "lead.deduped.v1"):
        lead = lead_of(event)
        if lead is not None and lead.lead_id not in known.canaries:
            known.canaries[lead.lead_id] = posted[lead.submission.submission_id]
            known.ids["lead_id"].append(lead.lead_id)
    for kind in ("contact", "company", "activity", "task", "member"):
        listed_ = (await http.get(f"{running.url('crm')}/api/records/{kind}", params={"limit": 20})).json()
        known.ids[kind] = [one["id"] for one in listed_.get("items", ())]
    known.ids["lead"], known.ids["triage_item"] = known.ids["lead_id"], known.ids["lead_id"]
    return known


async def _json(http: httpx.AsyncClient, running: Site, service: str, path: str, **params: Any) -> dict[str, Any]:
    answer = await http.get(f"{running.url(service)}{path}", params=params)
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


async def _unlisted(running: Site, http: httpx.AsyncClient, table: Sequence[Route]) -> list[str]:
    """Routes that a running service offers and the table does not know."""
    known, told = {str(route) for route in table}, []
    for service in sorted({route.service for route in table}):
        paths = (await _json(http, running, service, "/openapi.json"))["paths"]
        offered = {f"{service} {method.upper()} {path}" for path, methods in paths.items() for method in methods}
        told += [f"{one}: the table does not list it" for one in sorted(offered - {_plain(name) for name in known})]
    return [one for one in told if not any(free in one for free in FREE) and "/hooks" not in one]


def _plain(name: str) -> str:
    return name.replace(":path}", "}")


async def _persons(running: Site, http: httpx.AsyncClient) -> list[Person]:
    """One of each role, a manager of one queue, and a rep with leads; each has been heard of by every service."""
    leads = (await _json(http, running, "router", "/api/leads", limit=1000))["items"]
    queue = Counter(one["queue"] for one in leads).most_common()[-1][0]
    owner = next((one["owner"] for one in leads if one["owner"]), "m1")
    wanted: list[tuple[str, str, dict[str, Any], frozenset[str] | None]] = [
        (role, role, {}, None) for role in get_args(Role) if role != "rep"
    ]
    mine = frozenset(one["lead_id"] for one in leads if one["owner"] == owner)
    wanted.append(("rep", "rep", {"member": owner}, mine))
    ours = frozenset(one["lead_id"] for one in leads if one["queue"] == queue)
    wanted.append((f"manager of {queue}", "manager", {"queues": [queue]}, ours))
    found = []
    for name, role, limits, sees in wanted:
        url = f"{running.url('audit')}/api/access/{name}/grant"
        answer = await http.post(url, json={"role": role, "reason": "drill", **limits})
        answer.raise_for_status()
        found.append(Person(name, role, answer.json()["token"], sees))
    await asyncio.gather(
        *(_heard(running, http, one, service) for one in found for service in ("router", "triage", "crm", "audit"))
    )
    return found


async def _heard(running: Site, http: httpx.AsyncClient, person: Person, service: str) -> None:
    """Return when the service knows the person: grants travel over a topic."""
    deadline = clock.monotonic() + HEARD_SECONDS
    while (await _asked(http, running, person, service, "GET", "/api/commands/none")).status_code == 401:
        if clock.monotonic() > deadline:
            raise TimeoutError(f"{service} does not know {person.name} after {HEARD_SECONDS:.0f} s")
        await asyncio.sleep(0.1)


async def _asked(
    http: httpx.AsyncClient,
    running: Site,
    person: Person | None,
    service: str,
    method: str,
    path: str,
    params: Mapping[str, str] | None = None,
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {person.token}" if person else "", "X-Signalbox-Actor": "api"}
    return await http.request(method, f"{running.url(service)}{path}", headers=headers, params=params)


async def _matrix(
    running: Site, http: httpx.AsyncClient, table: Sequence[Route], asking: Sequence[Person]
) -> tuple[int, list[str]]:
    """Every route as everybody, about things that are not there: what was opened, against the table."""
    requests, told = 0, []
    for route in table:
        path = re.sub(r"{(\w+)(:path)?}", "contact" if "record_type" in route.path else "nowhere", route.path)
        for person in (None, *asking):
            answer = await _asked(http, running, person, route.service, route.method, path)
            requests += 1
            opened = answer.status_code not in REFUSED or _error(answer) in ("not_yours", "no_member", "hidden_field")
            if person is None and answer.status_code != 401:
                told.append(f"{route}: nobody got {answer.status_code}")
            elif person is not None and opened != (person.role in route.open_to):
                told.append(f"{route}: {person.name} got {answer.status_code}")
    return requests, told


def _error(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("error", ""))
    except ValueError:
        return ""


async def _leaks(
    running: Site, http: httpx.AsyncClient, table: Sequence[Route], asking: Sequence[Person], known: Known
) -> tuple[int, list[str], Counter[str]]:
    """Everything that can be read is read as everybody, in every way that the route can be asked; and searched."""
    asked, told, found = 0, [], Counter[str]()
    searches = {lead: Search(canaries) for lead, canaries in known.canaries.items()}
    for route in table:
        if route.method != "GET":
            continue
        named = await _parameters(running, http, route)
        for person in asking:
            async for said, answer in _answers(running, http, route, person, known, named):
                asked += 1
                held = {owner for owner, search in searches.items() if search.kinds_in(answer.content)}
                echoed = {owner for owner in held if any(one.core in said for one in known.canaries[owner])}
                found[person.name] += bool(held)
                wrong = held - echoed
                if person.role == "viewer" and wrong:
                    told.append(f"{route}: a viewer is shown personal values ({said[:60]})")
                elif person.sees is not None and route.service in BY_LEAD and wrong - person.sees:
                    told.append(f"{route}: {person.name} is shown leads that are not theirs ({said[:60]})")
                if person.role == "viewer" and echoed and answer.status_code == 200 and _holds(answer):
                    told.append(f"{route}: a viewer learns by a filter that a value exists")
    return asked, sorted(set(told)), found


def _holds(answer: httpx.Response) -> bool:
    """Whether a list has anything in it."""
    try:
        return bool(answer.json().get("items"))
    except (ValueError, AttributeError):
        return bool(answer.content)


async def _parameters(running: Site, http: httpx.AsyncClient, route: Route) -> list[str]:
    """What a route can be asked by, as the service says itself."""
    paths = (await _json(http, running, route.service, "/openapi.json"))["paths"]
    told = paths.get(_plain(route.path), {}).get("get", {}).get("parameters", ())
    return [one["name"] for one in told if one["in"] == "query"]


async def _answers(
    running: Site, http: httpx.AsyncClient, route: Route, person: Person, known: Known, named: Sequence[str]
) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Answers about things that are there: as they come, and by each parameter with values and names of fields in it."""
    paths = _paths(route.path, known)
    for path in paths:
        answer = await _asked(http, running, person, route.service, "GET", path)
        yield path, answer
    lead = known.ids["lead_id"][0]
    values = [one.core for one in known.canaries[lead]]
    for name in named:
        for value in (*values, *OF_A_LEAD, "csv", "jsonl", "2026-01-01T00:00:00Z"):
            answer = await _asked(http, running, person, route.service, "GET", paths[0], {name: value})
            yield f"{paths[0]}?{name}={value}", answer


def _paths(path: str, known: Known) -> list[str]:
    """The path with things in its places that are there: any id in an id's place."""
    kinds = [kind for kind in ("contact", "company", "lead", "triage_item", "task", "activity") if known.ids.get(kind)]
    if "{record_id}" in path:
        of = kinds if "{record_type}" in path else ("contact", "company")
        found = [_filled(path, kind, one) for kind in of for one in known.ids[kind][:SAMPLES]]
        return [one.replace("{field}", name) for one in found for name in (OF_A_LEAD if "{field}" in one else ("",))]
    if "{record_type}" in path:
        return [path.format(record_type=kind) for kind in kinds]
    for place in ("lead_id", "submission_id"):
        if f"{{{place}}}" in path:
            return [path.replace(f"{{{place}}}", one) for one in known.ids[place][:SAMPLES]]
    return [re.sub(r"{(\w+)(:path)?}", "inbound", path)]


def _filled(path: str, kind: str, record_id: str) -> str:
    party = "contacts" if kind == "contact" else "companies"
    return path.replace("{record_type}", kind).replace("{record_id}", record_id).replace("{party}", party)


DRILL = Drill("rbac", 38, "every route as every role; masked values looked for in every answer", run, Plan(size=40))

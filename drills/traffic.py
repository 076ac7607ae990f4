"""Clients that post submissions and remember what they were told: acknowledged, refused, or nothing at all."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from drills.site import Site
from libs.runtime import clock

SOURCE = "demo"
RETRIES = 40
"""A client tries for about 20 s, as form tools do for hours."""


@dataclass
class Told:
    """What the clients saw. Acknowledged submissions by id; how often each delivery was posted."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    """submission id -> delivery."""
    unknown: set[str] = field(default_factory=set)
    """Deliveries that were never acknowledged, for all the retries."""
    posts: int = 0
    codes: dict[int, int] = field(default_factory=dict)
    spooled: set[str] = field(default_factory=set)
    """Submissions that were once acknowledged from the spool."""
    answered: list[tuple[float, float]] = field(default_factory=list)
    """When an answer came, by the monotonic clock, and after how many seconds."""

    def p99(self, since: float, until: float) -> float | None:
        """The 99th percentile, in seconds, of the answers between two times; None for fewer than 20."""
        found = sorted(took for when, took in self.answered if since <= when < until)
        return found[int(len(found) * 0.99)] if len(found) >= 20 else None


def body_of(number: int, rng: random.Random, people: int, prefix: str = "delivery") -> bytes:
    """A demo request; `people` distinct senders, so that some leads share a key and have an order."""
    person = rng.randrange(people)
    return json.dumps(
        {
            "id": f"{prefix}-{number}",
            "email": f"person{person}@company{person % 37}.example.com",
            "name": f"Person {person}",
            "company": f"Company {person % 37}",
            "message": f"We would like to route support tickets faster, request {number}.",
            "submittedAt": "2026-05-04T14:22:00Z",
        }
    ).encode()


Body = Callable[[int, random.Random, int, str], bytes]
"""The body of a delivery: its number, the chance, how many people there are, and what its id begins with."""


async def post_all(
    site: Site,
    count: int,
    seed: int,
    *,
    clients: int = 50,
    per_second: float = 200.0,
    prefix: str = "delivery",
    told: Told | None = None,
    body: Body = body_of,
) -> Told:
    """Post `count` submissions, each until it is acknowledged; every tenth is posted twice, as retrying tools do.

    What the clients see is added to `told`.
    """
    rng, told = random.Random(seed), Told() if told is None else told
    work: asyncio.Queue[bytes] = asyncio.Queue()
    for number in range(count):
        made = body(number, rng, max(5, count // 8), prefix)
        work.put_nowait(made)
        if number % 10 == 0:
            work.put_nowait(made)
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(timeout=10, limits=limits, trust_env=False) as http:
        pace = clients / per_second
        await asyncio.gather(*(_client(site, http, work, told, pace) for _ in range(clients)))
    return told


async def _client(site: Site, http: httpx.AsyncClient, work: "asyncio.Queue[bytes]", told: Told, pace: float) -> None:
    while not work.empty():
        body = work.get_nowait()
        await _until_acknowledged(site, http, body, told)
        await asyncio.sleep(pace)


async def _until_acknowledged(site: Site, http: httpx.AsyncClient, body: bytes, told: Told) -> None:
    delivery = json.loads(body)["id"]
    for attempt in range(RETRIES):
        told.posts += 1
        begun = clock.monotonic()
        try:
            answer = await http.post(
                f"{site.url('intake')}/hooks/{SOURCE}", content=body, headers={"content-type": "application/json"}
            )
        except httpx.HTTPError:
            answer = None
        if answer is not None:
            told.codes[answer.status_code] = told.codes.get(answer.status_code, 0) + 1
            told.answered.append((clock.monotonic(), clock.monotonic() - begun))
            if answer.status_code == httpx.codes.ACCEPTED:
                receipt = answer.json()
                told.acknowledged[receipt["submission_id"]] = delivery
                if receipt.get("spooled"):
                    told.spooled.add(receipt["submission_id"])
                told.unknown.discard(delivery)
                return
        await asyncio.sleep(min(0.5, 0.05 * (attempt + 1)))
    told.unknown.add(delivery)

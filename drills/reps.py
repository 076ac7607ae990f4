"""Reps who take and decline what they are offered, through the router's API, for as long as it takes to be heard."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from drills.site import Site

EVERY_SECONDS = 0.5
HEARD = (200, 202, 409)
"""Done, under way, and refused because the offer is over; anything else is said again."""


def people(running: Site) -> httpx.AsyncClient:
    """Whoever asks the stack's APIs as a person."""
    headers = {"Authorization": f"Bearer {running.token}", "X-Signalbox-Actor": "drill"}
    return httpx.AsyncClient(headers=headers, timeout=10, trust_env=False)


@dataclass
class Reps:
    """Each offer is answered once: taken, declined, or both at the same time, of which one may count.

    An answer keeps its idempotency key, so that one which was heard before the router died is not heard twice.
    """

    running: Site
    rng: random.Random
    heard: Counter[str] = field(default_factory=Counter)
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By lead and member, what is still to be heard."""

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until told to stop and no offer stands open."""
        async with people(self.running) as http:
            while await self._once(http) or not stop.is_set():
                pass

    async def _once(self, http: httpx.AsyncClient) -> bool:
        """Whether offers stood open, or may have; each was answered, if the router lives. Takes half a second at least."""
        await asyncio.sleep(EVERY_SECONDS)
        try:
            answer = await http.get(
                f"{self.running.url('router')}/api/leads", params={"state": "offered", "limit": 100}
            )
            answer.raise_for_status()
        except httpx.HTTPError:
            return True
        offered = answer.json()["items"]
        await asyncio.gather(*(self._answer(http, one) for one in offered))
        return bool(offered)

    async def _answer(self, http: httpx.AsyncClient, lead: dict[str, Any]) -> None:
        place = f"{lead['lead_id']}-{lead['owner']}"
        if place not in self.said:
            self.said[place] = self.rng.choice((("accept",), ("accept",), ("reject",), ("accept", "reject")))
        left = self.said[place]
        heard = await asyncio.gather(*(self._said(http, lead, verb, f"{place}-{verb}") for verb in left))
        self.said[place] = tuple(verb for verb, done in zip(left, heard, strict=True) if not done)

    async def _said(self, http: httpx.AsyncClient, lead: dict[str, Any], verb: str, key: str) -> bool:
        url = f"{self.running.url('router')}/api/leads/{lead['lead_id']}/{verb}"
        body = {"member": lead["owner"], "reason": "not mine" if verb == "reject" else ""}
        try:
            answer = await http.post(url, json=body, headers={"Idempotency-Key": key})
        except httpx.HTTPError:
            return False
        self.heard[f"{verb} {answer.status_code}"] += 1
        return answer.status_code in HEARD

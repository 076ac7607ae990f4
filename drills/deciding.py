"""People who work the triage queue through its API: each item is decided once, by chance and by every verdict that there is."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from drills.reps import people
from drills.site import Site

EVERY_SECONDS = 0.5
QUEUES = ("inbound_sales", "nurture", "enterprise_sales")


@dataclass
class Deciders:
    """Whoever decides; `heard` counts verdicts by what the API answered."""

    running: Site
    rng: random.Random
    heard: Counter[str] = field(default_factory=Counter)
    decided: set[str] = field(default_factory=set)
    """Question hashes: an item with other questions is another one to decide."""

    async def run(self, stop: asyncio.Event) -> None:
        """Decide until told to stop."""
        async with people(self.running) as http:
            while not stop.is_set():
                await asyncio.sleep(EVERY_SECONDS)
                try:
                    await self._once(http)
                except httpx.HTTPError:
                    self.heard["away"] += 1

    async def _once(self, http: httpx.AsyncClient) -> None:
        answer = await http.get(f"{self.running.url('triage')}/api/items", params={"limit": 100})
        answer.raise_for_status()
        fresh = [item for item in answer.json()["items"] if item["question_hash"] not in self.decided]
        for item in fresh:
            await self._decide(http, item["lead_id"], item["question_hash"])

    async def _decide(self, http: httpx.AsyncClient, lead_id: str, seen: str) -> None:
        path = f"{self.running.url('triage')}/api/items/{lead_id}"
        item = (await http.get(path)).raise_for_status().json()
        answers = [self._answered(question, item) for question in item["questions"]]
        told = await http.post(
            f"{path}/decision",
            json={"seen_hash": seen, "answers": answers},
            headers={"Idempotency-Key": f"{lead_id} {seen}"},
        )
        self.decided.add(seen)
        for one in answers:
            self.heard[f"{one['verdict']} {told.status_code}"] += 1

    def _answered(self, question: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
        verdict, _, value = self.rng.choice(question["choices"]).partition(":")
        given: dict[str, Any] = {
            "question_id": question["question_id"],
            "verdict": verdict,
            "reason": "as the drill says",
        }
        if value:
            return {**given, "value": value}
        if verdict == "edit":
            return {**given, "value": f"edited {self.rng.randrange(9)}"}
        if verdict == "route":
            return {**given, "value": self.rng.choice(QUEUES)}
        if verdict == "link":
            candidates = ((item["lead"] or {}).get("identity") or {}).get("candidates") or []
            if not candidates:
                return {**given, "verdict": "keep_apart"}
            return {**given, "value": self.rng.choice(candidates)["record"]["id"]}
        return given

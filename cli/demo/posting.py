"""Posting the plan to intake over HTTP, many at once, as form tools do: signed, and sent again when intake asks for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import httpx

from cli.demo.generator import Plan
from cli.demo.tools import Post
from cli.signing import Unsigned, signed
from libs.contracts import ids
from libs.runtime import clock

AT_ONCE = 24
TRIES = 40
"""A tool tries again for a long time; the demo for about a minute."""
WRONG = "bm90IHRoZSBzZWNyZXQgb2YgdGhpcyBzb3VyY2U="
"""Not any source's secret; forged posts are signed with it."""


@dataclass(frozen=True)
class Answer:
    """What intake answered to a post, and how long that took, in seconds."""

    post: Post
    status: int
    body: dict[str, Any]
    seconds: float
    tries: int
    sha256: str
    """Of the bytes that were sent: intake keeps it with them."""

    @property
    def as_expected(self) -> bool:
        """Whether it is what the post should get."""
        return self.status in self.post.expected


@dataclass(frozen=True)
class Sender:
    """Where posts go: intake's address, each source's secret, and the adapter that says how it signs."""

    address: str
    secrets: dict[str, str]
    adapters: dict[str, str]

    async def all(self, plan: Plan, on_answer: Callable[[Answer], None]) -> list[Answer]:
        """Every post's answer. Posts that follow up on others wait until those were taken."""
        answers: list[Answer] = []
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as client:
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(post: Post) -> None:
                async with gate:
                    answer = await self._post(client, post)
                answers.append(answer)
                on_answer(answer)

            for _, wave in groupby(plan.posts, key=lambda post: post.follows):
                await asyncio.gather(*(one(post) for post in wave))
        return answers

    async def _post(self, client: httpx.AsyncClient, post: Post) -> Answer:
        url = f"{self.address}/hooks/{post.source}"
        begun, tries = clock.monotonic(), 0
        while True:
            tries += 1
            headers, body = self._signed(post, url)
            try:
                answer = await client.post(url, content=body, headers=headers)
                if answer.status_code not in (429, 503) or tries == TRIES:
                    told = (
                        answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
                    )
                    seconds = clock.monotonic() - begun
                    return Answer(post, answer.status_code, told, seconds, tries, ids.content_hash(body))
                pause = float(answer.headers.get("retry-after", "1"))
            except httpx.TransportError:
                if tries == TRIES:
                    raise
                pause = 1.0
            await asyncio.sleep(min(pause, 2.0))

    def _signed(self, post: Post, url: str) -> tuple[dict[str, str], bytes]:
        secret = WRONG if post.forged else self.secrets.get(post.source, "")
        delivery = "msg_" + ids.content_hash(post.body)[:24]
        extra, body = signed(self.adapters[post.source], secret, Unsigned(url, post.body, delivery), clock.now())
        return {"content-type": post.content_type, **dict(post.headers), **extra}, body

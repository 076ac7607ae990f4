"""Calls to a remote CRM: its limits kept, and one answer for each way to fail."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from libs.contracts.reasons import RejectionReason
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.limits import Breaker, Bucket, retry_after

BODY_MAX_BYTES = 32 * 1024 * 1024
BUSY_SECONDS = 10.0
"""When a remote says 429 without saying for how long."""
LONGEST_WAIT_SECONDS = 20.0
"""A longer wait than this for the bucket is left to the effect's own schedule."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a remote answered: status, headers in small letters, the JSON body (None without one)."""

    status: int
    headers: Mapping[str, str]
    body: Any


class RemoteHttp:
    """One remote's HTTP. Raises Retryable with `after_seconds` when it is busy, away or left alone."""

    def __init__(
        self,
        name: str,
        bucket: Bucket,
        timeout_seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._sleep = sleep
        self.bucket = bucket
        self.breaker = Breaker()
        self._http = httpx.AsyncClient(
            transport=transport, timeout=timeout_seconds, follow_redirects=False, trust_env=False
        )

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        bucket: Bucket | None = None,
    ) -> Answer:
        """The answer, whatever its status below 500 and other than 429."""
        left = self.breaker.open_until - clock.monotonic()
        if left > 0:
            raise Retryable(f"{self._name} keeps failing ({self.breaker.reason})", after_seconds=left)
        for one in (self.bucket, bucket):
            if one is not None:
                await self._take(one)
        try:
            response = await self._http.request(method, url, headers=dict(headers), content=content)
        except httpx.HTTPError as error:
            wait = self.breaker.failed(clock.monotonic(), type(error).__name__)
            raise Retryable(f"{self._name}: {type(error).__name__}", after_seconds=wait) from None
        return self._checked(response, bucket)

    async def _take(self, bucket: Bucket) -> None:
        wait = bucket.wait(clock.monotonic())
        if wait > LONGEST_WAIT_SECONDS:
            bucket.give_back()
            raise Retryable(f"{self._name}: its limit of calls is used up", after_seconds=wait)
        if wait > 0:
            await self._sleep(wait)

    def _checked(self, response: httpx.Response, bucket: Bucket | None) -> Answer:
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait = retry_after(response.headers.get("retry-after", ""), clock.now()) or BUSY_SECONDS
            (bucket or self.bucket).paused_until = clock.monotonic() + wait
            raise Retryable(f"{self._name} asks to wait", after_seconds=wait)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            asked = retry_after(response.headers.get("retry-after", ""), clock.now())
            wait = max(asked, self.breaker.failed(clock.monotonic(), f"HTTP {status}"))
            raise Retryable(f"{self._name}: HTTP {status}", after_seconds=wait)
        self.breaker.worked()
        if len(response.content) > BODY_MAX_BYTES:
            raise Rejected(RejectionReason.INVALID, f"{self._name}: an answer of {len(response.content)} bytes")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status, headers, _json(response))

    async def close(self) -> None:
        """Let go of its connections."""
        await self._http.aclose()


def _json(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def refusal(answer: Answer) -> str:
    """What a remote says of a call that it refuses, in one line and without the values it was sent."""
    body = answer.body[0] if isinstance(answer.body, list) and answer.body else answer.body
    told = body if isinstance(body, dict) else {}
    words = [str(told[name])[:200] for name in ("category", "errorCode", "error", "message") if told.get(name)]
    return ": ".join([f"HTTP {answer.status}", *words])

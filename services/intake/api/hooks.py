"""`/hooks/NAME` as a bare ASGI application: FastAPI's own handling would cost more than the durable write."""

import asyncio
import math
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.intake.api.receiver import TOO_LARGE, UNAUTHORIZED, Receiver
from services.intake.domain.budget import Budget, Rates
from services.intake.domain.handshakes import cloudevents_permission
from services.intake.domain.request import Answer, Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/hooks/"
BUSY = Answer(503, b'{"error":"busy","message":"too much at once; send it again"}', headers=(("retry-after", "2"),))
SLOW = Answer(408, b'{"error":"timeout","message":"the body did not arrive in time"}')
NOT_ALLOWED = Answer(
    405, b'{"error":"method_not_allowed","message":"post here"}', headers=(("allow", "POST, GET, OPTIONS"),)
)
FORM = b"application/x-www-form-urlencoded"
MAX_NAME = 100
MAX_QUERY = 8_000


class Hooks:
    """Takes requests within the budget, reads bodies within their limits, and answers."""

    def __init__(
        self,
        receiver: Receiver,
        budget: Budget,
        rates: Rates,
        *,
        base_url: str,
        max_body_bytes: int,
        body_seconds: float,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._receiver = receiver
        self._budget = budget
        self._rates = rates
        self._base_url = base_url
        self._max_body_bytes = max_body_bytes
        self._body_seconds = body_seconds
        self._now = now
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        taken = [0]
        try:
            answer = await self._answer_to(scope, receive, taken)
        finally:
            self._budget.bytes -= taken[0]
        if answer is not None:
            await _answer(send, answer)

    async def _answer_to(self, scope: Scope, receive: Receive, taken: list[int]) -> Answer | None:
        """The answer; None when the sender went away. `taken` counts the bytes that were read."""
        method = scope["method"]
        name, _, token = scope["path"][len(PREFIX) :].partition("/")
        if method not in ("POST", "GET", "OPTIONS"):
            return NOT_ALLOWED
        limits = self._receiver.limits_of(name[:MAX_NAME])
        wait = self._rates.wait_seconds(name[:MAX_NAME], self._monotonic(), limits.per_second)
        if wait > 0:
            return _later(wait)
        if not self._budget.has_room:
            return BUSY
        headers = _headers(scope)
        max_bytes = min(self._max_body_bytes, limits.max_body_bytes or self._max_body_bytes)
        if _says_too_large(headers, max_bytes) or len(scope["query_string"]) > MAX_QUERY:
            return TOO_LARGE
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await self._body(receive, taken, max_bytes) if method == "POST" else b""
        except TimeoutError:
            return SLOW
        if body is None:
            return TOO_LARGE if taken[0] > max_bytes else None if self._budget.has_room else BUSY
        if not self._budget.enter():
            return BUSY
        try:
            return await self._answered(scope, headers, body, name, token)
        finally:
            self._budget.leave()

    async def _answered(self, scope: Scope, headers: dict[str, bytes], body: bytes, name: str, token: str) -> Answer:
        """The answer to a request that is all here."""
        method = scope["method"]
        request = self._request(scope, headers, body, token)
        if method == "OPTIONS":
            return cloudevents_permission(request) or NOT_ALLOWED
        if len(name) > MAX_NAME:
            return UNAUTHORIZED
        if method == "GET" and (values := _values_in(request.query)) and self._receiver.takes_get(name):
            request = replace(request, headers={**headers, "content-type": FORM}, body=values)
            return await self._receiver.received(name, request)
        return (
            await self._receiver.received(name, request) if method == "POST" else self._receiver.checked(name, request)
        )

    async def _body(self, receive: Receive, taken: list[int], max_bytes: int) -> bytes | None:
        """The body; None when it is larger than allowed, the sender went away, or there is no more room."""
        pieces: list[bytes] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece = message.get("body", b"")
            taken[0] += len(piece)
            self._budget.bytes += len(piece)
            if taken[0] > max_bytes or self._budget.bytes > self._budget.max_bytes:
                return None
            pieces.append(piece)
            if not message.get("more_body", False):
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _request(self, scope: Scope, headers: dict[str, bytes], body: bytes, token: str) -> Request:
        query = scope["query_string"].decode("latin-1").replace("\x00", "%00")  # no event and no database takes a NUL
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        uri = f"{self._base_url}{path}" + (f"?{query}" if query else "")
        return Request(scope["method"], uri, headers, body, self._now(), query, token)


def _headers(scope: Scope) -> dict[str, bytes]:
    headers: dict[str, bytes] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value)
    return headers


def _values_in(query: str) -> bytes:
    """The query as the body of a form; the secret that may stand in it is no part of what was submitted."""
    return "&".join(pair for pair in query.split("&") if pair and not pair.startswith("token=")).encode("latin-1")


def _says_too_large(headers: dict[str, bytes], limit: int) -> bool:
    said = headers.get("content-length", b"0")
    return said.isdigit() and (len(said) > 18 or int(said) > limit)


def _later(wait: float) -> Answer:
    body = b'{"error":"too_many_requests","message":"this source sends too fast; send it again"}'
    return Answer(429, body, headers=(("retry-after", str(max(1, math.ceil(wait)))),))


async def _answer(send: Send, answer: Answer) -> None:
    body = answer.body or b""
    headers = [(b"content-type", answer.content_type.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in answer.headers]
    if answer.status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""What the fake remotes share: a server in the process that reads requests, counts them, fails when told, and lets others in."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    """As it was sent, still percent-encoded."""
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that a contract demands."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.status)
        self.said = said


class Server:
    """An ASGI app. `between` runs before and after each request is handled: other people's doings."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: deque[Said] = deque()
        self.slow_seconds = 0.0
        self.between: Callable[[], None] = lambda: None
        self.lose_answers = 0
        """So many answers to writes get lost on the way back: the write happened."""

    def answer(self, asked: Asked) -> Said:
        """The remote's own behaviour."""
        raise NotImplementedError

    def is_write(self, asked: Asked) -> bool:
        """Whether a request changes something."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        path = scope["raw_path"].decode().partition("?")[0]
        asked = Asked(scope["method"], path, dict(parse_qsl(scope["query_string"].decode())), headers, body)
        said = await self._said(asked)
        content = b"" if said.body is None else json.dumps(said.body).encode()
        told = {"content-type": "application/json", **said.headers}
        start = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": said.status, "headers": start})
        await send({"type": "http.response.body", "body": content})

    async def _said(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if self.slow_seconds:
            await asyncio.sleep(self.slow_seconds)
        if self.faults:
            return self.faults.popleft()
        self.between()
        try:
            said = self.answer(asked)
        except Refusal as refusal:
            said = refusal.said
        self.between()
        if self.lose_answers and self.is_write(asked):
            self.lose_answers -= 1
            return Said(502, {"message": "the answer got lost"})
        return said

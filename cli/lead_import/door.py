"""The source that rows are posted to: what it takes, what it would make of a row, and its answer to one."""

import base64
import email.utils
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx

from cli.client import said
from cli.errors import CliError
from cli.signing import SIGNED, Unsigned, signed
from libs.runtime import clock

Item = Mapping[str, Any]
PATIENCE_SECONDS = 60.0
"""So long in a row intake may be away or out of order before the import stops; a wait that it asks for does not count."""
LONGEST_WAIT_SECONDS = 300.0
_AGAIN = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


class Services(Protocol):
    """The stack's APIs; `cli.client.Api` is one."""

    def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON that a service answers."""
        ...

    def find(self, service: str, path: str, **params: Any) -> Any | None:
        """As `get`; None when the service knows no such thing."""
        ...

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """The JSON answer to a write."""
        ...


Post = Callable[[str, bytes, dict[str, str]], httpx.Response]
"""Posts bytes to a path of intake. Raises httpx.TransportError when it is away."""
Wait = Callable[[float], bool]
"""Waits so many seconds; True as soon as the import is to stop."""


class StoppedError(Exception):
    """The import is to stop; the row was not taken."""


@dataclass(frozen=True)
class Door:
    """One source, with what proves us to it."""

    name: str
    adapter: str
    url: str
    secret: str = ""

    @classmethod
    def of(cls, api: Services, name: str, secrets: Mapping[str, str]) -> "Door":
        """The source of that name. Raises CliError when there is none."""
        sources: list[dict[str, Any]] = api.get("intake", "/api/sources")
        found = next((source for source in sources if source["name"] == name), None)
        if found is None:
            known = ", ".join(source["name"] for source in sources)
            raise CliError(f"there is no source {name!r}", "--source", f"choose from {known}")
        return cls(
            name, found["adapter"], found["url"], secrets.get(name) or secrets.get(found.get("secret") or "", "")
        )

    @property
    def token(self) -> str:
        """What stands in the address of a tool that does not sign."""
        return self.secret if self.adapter not in SIGNED else ""

    @property
    def path(self) -> str:
        """Where rows are posted."""
        return f"/hooks/{self.name}" + (f"/{self.token}" if self.token else "")

    def request(self, body: bytes, delivery: str) -> tuple[dict[str, str], bytes]:
        """Headers and bytes of one delivery, signed at this moment."""
        url = self.url + (f"/{self.token}" if self.token else "")
        headers, sent = signed(self.adapter, self.secret, Unsigned(url, body, delivery), clock.now())
        return {"Content-Type": "application/json", "Idempotency-Key": delivery, **headers}, sent

    def tried(self, api: Services, body: bytes, delivery: str) -> dict[str, Any]:
        """What intake would make of a delivery; nothing is kept."""
        headers, sent = self.request(body, delivery)
        encoded = base64.b64encode(sent).decode()
        asked = {"body_base64": encoded, "headers": headers, "token": self.token}
        told: dict[str, Any] = api.post("intake", f"/api/sources/{self.name}/try", asked)
        return told

    def mapped(self, api: Services, bodies: Sequence[tuple[str, Mapping[str, object]]]) -> list[Item]:
        """What each row would become, asked all at once; one by one where a list of them would be read as another shape."""
        listed = json.dumps({"leads": [value for _, value in bodies]}, ensure_ascii=False).encode("utf-8", "replace")
        items: list[Item] = self.tried(api, listed, "")["items"]
        if len(items) == len(bodies):
            return items
        return [self.only(api, value, delivery) for delivery, value in bodies]

    def only(self, api: Services, value: Mapping[str, object], delivery: str) -> Item:
        """What one row alone would become."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        items: list[Item] = self.tried(api, body, delivery)["items"]
        return items[0] if len(items) == 1 else {"item": "unmapped", "reason": f"it is read as {len(items)} items"}

    def checked(self, api: Services, body: bytes, delivery: str) -> None:
        """Raises CliError when the source would refuse the row, or would not know it again when it comes twice."""
        told = self.tried(api, body, delivery)
        where = f"source {self.name} ({self.adapter})"
        if not told["accepted"]:
            do = f"set its secret with `./signalbox sources rotate {self.name}`, or take another --source"
            raise CliError("the source refuses what is not signed, and there is no secret to sign with", where, do)
        if told["delivery_id"] != delivery:
            do = "take one whose adapter is generic_json, such as event_list"
            raise CliError("the source is for its own tool and does not know a row again that comes twice", where, do)

    def posted(self, post: Post, body: bytes, delivery: str, wait: Wait) -> httpx.Response:
        """Intake's last word on a row, asked again for as long as it says so. Raises StoppedError when the import is to stop,
        CliError when intake stays away or out of order."""
        away = 0.0
        pause = _FIRST_PAUSE_SECONDS
        while True:
            headers, sent = self.request(body, delivery)
            answer: httpx.Response | None = None
            try:
                answer = post(self.path, sent, headers)
            except httpx.TransportError as error:
                told = type(error).__name__
            else:
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR and answer.status_code not in _AGAIN:
                    return answer
                told = f"{answer.status_code} {said(answer)}"
            asked = None if answer is None else _asked_wait(answer, clock.now())
            if asked is None and (away := away + pause) > PATIENCE_SECONDS:
                raise CliError(f"intake does not take rows ({told})", self.url, "look at `./signalbox status`")
            if wait(pause if asked is None else asked):
                raise StoppedError
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _asked_wait(answer: httpx.Response, now: datetime) -> float | None:
    """For how many seconds intake asks to wait; None when it does not say."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)

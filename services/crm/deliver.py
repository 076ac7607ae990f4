"""Calling webhooks: the runner of the effect `webhook`, and what health says of those that were given up."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import JsonValue

from libs.contracts.reasons import RejectionReason
from libs.contracts.signing import signature
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from libs.runtime.outbound import Limits, Outbound, OutboundError, RefusedAddress
from libs.runtime.state import DATABASE_AWAY
from services.crm.domain.webhooks import Subscriber
from services.crm.settings import CrmSettings
from services.crm.store.webhooks import Call

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 600.0
GONE = 410
"""The answer by which a receiver says that it wants no more calls, as the standard has it."""
_LOOK_SECONDS = 60.0
_READ = 2_000
"""Bytes of an answer that are looked at."""


class WebhookBook(Protocol):
    """Where webhooks stand and their calls are written down."""

    async def target(self, webhook_id: str) -> tuple[Subscriber, str] | None:
        """Where to call and the secret; None for one that is gone or off."""
        ...

    async def log(self, call: Call, disable_after: timedelta) -> bool:
        """Write a call down; returns whether its webhook was disabled by it."""
        ...

    async def listed(self) -> list[dict[str, Any]]:
        """All webhooks with how they fare."""
        ...

    async def prune(self, now: datetime) -> None:
        """Forget old calls."""
        ...


@dataclass(slots=True)
class WebhookCalls:
    """Runs calls at least once each. A receiver that fails is left alone for a while, so that its calls hold up no others."""

    book: WebhookBook
    settings: CrmSettings
    client: Outbound = field(init=False)
    _pauses: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By webhook: when it may be called again, and how long the pause was."""
    _warned: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        loopback = self.settings.webhook_loopback
        self.client = Outbound(loopback=loopback, ports=None if loopback else self.settings.webhook_ports)

    async def run(self, arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG002 - the message's id is its own
        """Make one call. Raises Retryable when it did not get through, Rejected when it never will."""
        assert isinstance(arguments, dict)
        webhook_id, message_id, body = (arguments[name] for name in ("webhook_id", "message_id", "body"))
        assert isinstance(webhook_id, str) and isinstance(message_id, str) and isinstance(body, dict)  # noqa: PT018
        target = await self.book.target(webhook_id)
        if target is None:
            return {"skipped": "the webhook is gone or off"}
        left = self._pauses.get(webhook_id, (0.0, 0.0))[0] - clock.monotonic()
        if left > 0:
            raise Retryable("the receiver failed just before", after_seconds=left)
        status, error, final = await self._called(*target, message_id, body)
        pause = self._paused(webhook_id, failed=error is not None)
        call = _call(webhook_id, message_id, body, status, error, clock.now())
        after = timedelta(0) if status == GONE else timedelta(days=self.settings.webhook_disable_days)
        await self.book.log(call, after)
        if error is None:
            return {"http_status": status}
        if final or status == GONE:
            raise Rejected(RejectionReason.INVALID, error)
        raise Retryable(error, after_seconds=pause)

    async def _called(
        self, subscriber: Subscriber, secret: str, message_id: str, body: JsonValue
    ) -> tuple[int | None, str | None, bool]:
        """The status, the error if it did not get through, and whether trying again is useless."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = int(clock.now().timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "Signalbox",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, message_id, timestamp, text),
        }
        try:
            answer = await self.client.post(subscriber.url, text, headers, self._limits())
        except RefusedAddress as error:
            return None, str(error), True
        except TimeoutError:
            return None, f"no answer within {self.settings.webhook_timeout_seconds:g} s", False
        except OutboundError as error:
            return None, str(error)[:300], False
        fine = 200 <= answer.status < 300
        return answer.status, None if fine else f"answered {answer.status}", False

    def _limits(self) -> Limits:
        seconds = self.settings.webhook_timeout_seconds
        return Limits(connect_seconds=seconds, read_seconds=seconds, total_seconds=seconds, body_bytes=_READ)

    def _paused(self, webhook_id: str, *, failed: bool) -> float:
        """Seconds until the receiver is called again: double those of last time; none after a success."""
        if not failed:
            self._pauses.pop(webhook_id, None)
            return 0.0
        pause = min(LONGEST_PAUSE_SECONDS, 2 * self._pauses.get(webhook_id, (0.0, 0.5))[1])
        self._pauses[webhook_id] = (clock.monotonic() + pause, pause)
        return pause

    async def look(self, health: Health) -> None:
        """Keep health told of the webhooks that were switched off, and forget old calls; until it is cancelled."""
        while True:
            try:
                await self.told(health)
                await self.book.prune(clock.now())
            except DATABASE_AWAY as error:
                log.warning("webhooks can't be looked at: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)

    async def told(self, health: Health) -> None:
        """Warn of each webhook that was switched off, until somebody switches it on or removes it."""
        off = {
            f"webhook {one['webhook_id']}": f"off since {one['disabled_at'].isoformat()}: {one['disabled_for']}"
            for one in await self.book.listed()
            if one["disabled_at"] is not None
        }
        for name in self._warned - off.keys():
            health.mended(name)
        for name, message in off.items():
            health.warn(name, message)
        self._warned = set(off)


def _call(
    webhook_id: str, message_id: str, body: dict[str, JsonValue], status: int | None, error: str | None, at: datetime
) -> Call:
    data: Any = body["data"]
    return Call(
        message_id, webhook_id, str(body["type"]), data["record"]["type"], data["record"]["id"], data["version"],
        "failing" if error else "delivered", at, status, error,
    )  # fmt: skip

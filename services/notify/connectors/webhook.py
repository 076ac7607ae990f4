"""Any system: a POST for each notice, signed as Standard Webhooks (libs/contracts/signing.py). Its id stays the same when it is
sent again, so that the receiver can take it once."""

import json
from datetime import datetime

from libs.contracts.signing import signature
from libs.runtime.errors import Retryable
from libs.runtime.outbound import Outbound
from services.notify.connectors.base import gone, never, posted
from services.notify.domain.account import Hook
from services.notify.domain.shown import Content

TYPE = "notice.given"


async def send(
    name: str,
    hook: Hook,
    content: Content,
    client: Outbound,
    timeout_seconds: float,
    now: datetime,
    *,
    plain_http: bool,
) -> None:
    """Call it. Raises Retryable for anything but 2xx, Rejected for an address that may not be called."""
    who = f"webhook {name}"
    if not hook.url.startswith("https://") and not (plain_http and hook.url.startswith("http://")):
        raise never(f"{who}: its address has to start with https://")
    (said,) = content.said
    body = json.dumps(
        {"type": TYPE, "timestamp": now.isoformat(), "data": dict(said.data)}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    message, stamp = f"msg_{content.message_id}", int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "Signalbox",
        "webhook-id": message,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(hook.secret, message, stamp, body),
    }
    answer = await posted(client, who, hook.url, body, headers, timeout_seconds, now)
    if answer.status == 410:
        raise gone(f"{who} answers 410: it wants no more calls")
    if not 200 <= answer.status < 300:
        raise Retryable(f"{who} answers {answer.status}")

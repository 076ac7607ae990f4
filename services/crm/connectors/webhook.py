"""Any system by signed webhooks (docs/connectors.md): it compares and sets itself, and says accepted or conflict.

Every message is a POST with the Standard Webhooks headers; `webhook-id` of a write is the same when it is sent again.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from libs.contracts import ids
from libs.contracts.change import RecordRef
from libs.contracts.reasons import RejectionReason
from libs.contracts.signing import signature
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.limits import Bucket
from services.crm.connectors.base import Changes, Kept, Mapped, Pulled, Target, members_of, pulled_record
from services.crm.connectors.http import Answer, RemoteHttp, refusal
from services.crm.connectors.settings import WebhookSettings
from services.crm.domain.remote import (
    Again,
    Change,
    Missing,
    Moved,
    Plan,
    Refused,
    Result,
    Seen,
    Snapshot,
    Written,
    compensating,
    planned,
)
from services.crm.domain.remote_fields import RemoteField, RemoteType

BATCH = 100
PAGE = 200
MEND_SECONDS = 60.0
_NAMES = {
    "contact": "email name first_name last_name phone title company domain city country language lifecycle do_not_mail "
    "consent company_id",
    "company": "name domain website industry employees phone city country tier",
    "opportunity": "name stage amount currency close_date next_step contact_id company_id",
    "task": "title kind due_at status note contact_id company_id",
}
TYPES: Mapping[str, RemoteType] = {
    kind: RemoteType(
        kind,
        {
            **{name: RemoteField(name=name, kind="json") for name in names.split()},
            "owner": RemoteField(name="owner", kind="owner"),
        },
    )
    for kind, names in _NAMES.items()
}


class Webhook:
    """A receiver of our own protocol; see `Connector`."""

    kind = "webhook"

    def __init__(self, name: str, settings: WebhookSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.name = name
        self.settings: WebhookSettings = settings
        self.http = RemoteHttp(name, Bucket(settings.calls, settings.per_seconds), settings.timeout_seconds, transport)
        self._mapped = Mapped(TYPES, settings)
        self._owners = Kept()

    @property
    def types(self) -> Mapping[str, RemoteType]:
        """What is mirrored, by record type."""
        return self._mapped.types

    async def read(self, targets: Sequence[Target]) -> Mapping[RecordRef, Snapshot]:
        """The receiver finds them by our id or its own."""
        found: dict[RecordRef, Snapshot] = {}
        for at in range(0, len(targets), BATCH):
            chunk = targets[at : at + BATCH]
            asked = [
                {"type": one.ref.type, "id": one.ref.id, "remote_id": one.remote_id or None, "email": one.email or None}
                for one in chunk
            ]
            records = _list(await self._post("records.read", {"records": asked}), "records")
            for target, told in zip(chunk, records, strict=False):
                if isinstance(told, dict) and not told.get("deleted"):
                    found[target.ref] = self._snapshot(target.ref.type, told)
        return found

    def _snapshot(self, kind: str, told: Mapping[str, Any]) -> Snapshot:
        values, by = told.get("fields") or {}, str(told.get("by") or "")
        stamp = str(told.get("version") or "")
        fields = {name: Seen(values.get(field.name), stamp, by=by) for name, field in self.types[kind].fields.items()}
        return Snapshot(
            str(told.get("remote_id") or ""), fields, stamp, bool(told.get("deleted")), str(told.get("id") or "")
        )

    def plan(self, changes: Sequence[Change], snapshot: Snapshot | None) -> Plan:
        """See `Connector`."""
        return planned(changes, snapshot)

    def compensate(self, change: Change, snapshot: Snapshot | None, version: int) -> Plan:
        """See `Connector`."""
        return planned([compensating(change, version)], snapshot)

    async def apply(self, plans: Sequence[Plan], key: str) -> Sequence[Result]:
        """Each write with the values that it may replace; the receiver compares and sets in one go."""
        results: list[Result] = []
        for at in range(0, len(plans), BATCH):
            chunk = plans[at : at + BATCH]
            told = _list(
                await self._post("records.write", {"writes": [self._write(plan) for plan in chunk]}, f"{key}:{at}"),
                "results",
            )
            results += [_result(plan, told[n] if n < len(told) else None) for n, plan in enumerate(chunk)]
        return results

    def _write(self, plan: Plan) -> dict[str, Any]:
        names = {name: self.types[plan.ref.type].fields[name].name for name in plan.values}
        return {
            "type": plan.ref.type,
            "id": plan.ref.id,
            "remote_id": plan.remote_id or None,
            "expected": {names[name]: seen.value for name, seen in plan.expected.items() if name in names},
            "fields": {names[name]: value for name, value in plan.values.items()},
            "trace_id": plan.trace_id,
        }

    async def changes(self, record_type: str, cursor: str) -> Changes:
        """The receiver's own cursor; an empty one starts now."""
        told = await self._post("records.changes", {"type": record_type, "cursor": cursor, "limit": PAGE})
        records = [self._snapshot(record_type, one) for one in _list(told, "records")]
        return Changes(records, str(told.get("cursor") or cursor), bool(told.get("more")))

    async def pull(
        self, record_type: str, after: str | None = None, members: Mapping[str, str] | None = None
    ) -> Pulled:
        """See `Connector`."""
        owners = await members_of(self, members)
        told = await self._post("records.list", {"type": record_type, "after": after, "limit": PAGE})
        records = [pulled_record(self.name, self._snapshot(record_type, one), owners) for one in _list(told, "records")]
        following, total = told.get("next"), told.get("total")
        return Pulled(records, None if following is None else str(following), total)

    async def owners(self) -> Mapping[str, str]:
        """See `Connector`; asked again every ten minutes."""
        return await self._owners.get(self._all_owners)

    async def _all_owners(self) -> Mapping[str, str]:
        told = _list(await self._post("owners.list", {}), "owners")
        return {str(one["email"]).lower(): str(one["id"]) for one in told if one.get("email")}

    async def _post(self, kind: str, data: Mapping[str, Any], key: str = "") -> Mapping[str, Any]:
        """The receiver's answer, a JSON object. Raises Rejected for a message that it refuses as a whole."""
        now = clock.now()
        stamp = int(now.timestamp())
        body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data}).encode()
        message = "msg_" + (
            ids.derived_id("remote", self.name, key, json.dumps(data, sort_keys=True)) if key else clock.new_id()
        )
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature(self.settings.secret, message, stamp, body),
        }
        answer = await self.http.call("POST", self.settings.url, headers=headers, content=body)
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.GONE):
            raise Retryable(f"{self.name} takes nothing: {refusal(answer)}", after_seconds=MEND_SECONDS)
        if not httpx.codes.is_success(answer.status) or not isinstance(answer.body, dict):
            raise Rejected(RejectionReason.INVALID, f"{self.name} {kind}: {_said(answer)}")
        return answer.body


def _said(answer: Answer) -> str:
    return refusal(answer) if not httpx.codes.is_success(answer.status) else "its answer is no JSON object"


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []


def _result(plan: Plan, told: Any) -> Result:
    """What the receiver said of one write."""
    if not isinstance(told, dict):
        return Again("the receiver said nothing of this record")
    match told.get("status"):
        case "accepted":
            kept = told.get("fields") or {}
            values = {name: Seen(kept.get(name, value)) for name, value in plan.values.items()}
            return Written(str(told.get("remote_id") or plan.remote_id or plan.ref.id), values)
        case "conflict":
            return Moved()
        case "gone":
            return Missing()
        case "refused":
            return Refused(str(told.get("reason") or "refused")[:300], tuple(map(str, told.get("duplicates") or ())))
        case _:
            return Again("the receiver's answer is not accepted, conflict, gone or refused")

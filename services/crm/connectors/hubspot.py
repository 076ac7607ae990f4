"""HubSpot: batches of the CRM objects API, property history to see who wrote what, search for what changed.

HubSpot has no conditional write. What somebody writes in the moment between our reading and our writing is seen in the
history right after, and put back: see `apply`. Sources: HubSpot's API reference (objects, batch, search, owners).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from libs.contracts.change import RecordRef
from libs.contracts.reasons import RejectionReason
from libs.policy.admit import is_empty, same_value
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.limits import Bucket
from services.crm.connectors.base import Changes, Kept, Mapped, Pulled, Target, members_of, pulled_record
from services.crm.connectors.http import Answer, RemoteHttp, refusal
from services.crm.connectors.settings import HubSpotSettings
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
from services.crm.domain.remote_fields import RemoteField, RemoteType, as_text, fields_of, from_remote

BATCH = 100
HISTORY_BATCH = 50
"""Inputs of a batch read that asks for history."""
SEARCH_MAX = 10_000
"""A search pages through so many results; then it starts again from the newest seen."""
ROUNDS = 8
"""So often a value that was written over is put back while somebody keeps writing."""
MEND_SECONDS = 60.0
"""A token that HubSpot refuses is a person's to mend; it is tried again so often."""
_TASK_STATUS = {"open": "NOT_STARTED", "done": "COMPLETED", "cancelled": "DEFERRED"}
TYPES: Mapping[str, RemoteType] = {
    "contact": RemoteType("contacts", fields_of(
        "email first_name=firstname last_name=lastname phone title=jobtitle company city country",
        owner="hubspot_owner_id:owner",
    )),
    "company": RemoteType("companies", fields_of(
        "name domain website phone city country", employees="numberofemployees:number",
        owner="hubspot_owner_id:owner",
    )),
    "opportunity": RemoteType("deals", fields_of(
        "name=dealname stage=dealstage next_step=hs_next_step", amount="amount:number", close_date="closedate:date",
        owner="hubspot_owner_id:owner",
    )),
    "task": RemoteType("tasks", {
        **fields_of("title=hs_task_subject note=hs_task_body", due_at="hs_timestamp:time", owner="hubspot_owner_id:owner"),
        "status": RemoteField(name="hs_task_status", values=_TASK_STATUS),
    }),
}  # fmt: skip


class HubSpot:
    """A HubSpot account; see `Connector`."""

    kind = "hubspot"

    def __init__(self, name: str, settings: HubSpotSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.name = name
        self.settings: HubSpotSettings = settings
        self.http = RemoteHttp(name, Bucket(settings.calls, settings.per_seconds), settings.timeout_seconds, transport)
        self._searches = Bucket(max(1.0, settings.search_per_second), 1.0)
        self._mapped = Mapped(TYPES, settings)
        self._owners = Kept()
        self._headers = {"Authorization": f"Bearer {settings.token}", "Content-Type": "application/json"}

    @property
    def types(self) -> Mapping[str, RemoteType]:
        """What is mirrored, by record type."""
        return self._mapped.types

    async def read(self, targets: Sequence[Target]) -> Mapping[RecordRef, Snapshot]:
        """By HubSpot's id; else by our id property; else a contact by its address."""
        found: dict[RecordRef, Snapshot] = {}
        for kind in dict.fromkeys(target.ref.type for target in targets):
            mine = [target for target in targets if target.ref.type == kind]
            linked = {target.remote_id: target.ref for target in mine if target.remote_id}
            held = await self._read(kind, list(linked), "")
            found |= {linked[one.remote_id]: one for one in held if one.remote_id in linked}
            bare = {target.key: target.ref for target in mine if not target.remote_id}
            held = await self._read(kind, list(bare), self.settings.id_property)
            found |= {bare[one.key]: one for one in held if one.key in bare}
            if kind == "contact":
                found |= await self._by_address([one for one in mine if not one.remote_id and one.ref not in found])
        return found

    async def _by_address(self, targets: Sequence[Target]) -> dict[RecordRef, Snapshot]:
        wanted = {target.email.lower(): target.ref for target in targets if target.email}
        held = await self._read("contact", list(wanted), "email")
        addresses = [(str(one.fields.get("email", Seen()).value or "").lower(), one) for one in held]
        return {wanted[address]: one for address, one in addresses if address in wanted}

    async def _read(self, kind: str, ids: Sequence[str], id_property: str) -> list[Snapshot]:
        remote = self.types[kind]
        found = []
        for chunk in _chunks(ids, HISTORY_BATCH):
            body: dict[str, Any] = {
                "inputs": [{"id": one} for one in chunk],
                "properties": [self.settings.id_property, *remote.names],
                "propertiesWithHistory": list(remote.names),
            }
            if id_property:
                body["idProperty"] = id_property
            answer = await self._post(f"{remote.object}/batch/read", body)
            found += [self._snapshot(kind, one) for one in _results(answer)]
        return found

    def _snapshot(self, kind: str, told: Mapping[str, Any]) -> Snapshot:
        properties, histories = told.get("properties") or {}, told.get("propertiesWithHistory") or {}
        fields = {
            name: self._seen(field, properties.get(field.name), histories.get(field.name) or ())
            for name, field in self.types[kind].fields.items()
        }
        key = str(properties.get(self.settings.id_property) or "")
        return Snapshot(
            str(told["id"]), fields, str(told.get("updatedAt") or ""), deleted=bool(told.get("archived")), key=key
        )

    def _seen(self, field: RemoteField, value: Any, history: Sequence[Mapping[str, Any]]) -> Seen:
        entries = sorted(history, key=lambda one: str(one.get("timestamp") or ""), reverse=True)
        if not entries:
            return Seen(from_remote(value, field))
        seen = [self._entry(field, one) for one in entries]
        lost = next((one for one in seen if not one.own), None) if seen[0].own else None
        return replace(seen[0], lost=lost)

    def _entry(self, field: RemoteField, entry: Mapping[str, Any]) -> Seen:
        source, source_id = str(entry.get("sourceType") or ""), str(entry.get("sourceId") or "")
        user = str(entry.get("updatedByUserId") or "") or source_id.partition("userId:")[2]
        return Seen(
            from_remote(entry.get("value"), field),
            str(entry.get("timestamp") or ""),
            by=user,
            own=source == "INTEGRATION" and source_id == self.settings.app_id,
            by_machine=not user and source not in ("CRM_UI", "CRM_UI_BULK_ACTION", "MOBILE_IOS", "MOBILE_ANDROID"),
        )

    def plan(self, changes: Sequence[Change], snapshot: Snapshot | None) -> Plan:
        """See `Connector`."""
        return planned(changes, snapshot)

    def compensate(self, change: Change, snapshot: Snapshot | None, version: int) -> Plan:
        """See `Connector`."""
        return planned([compensating(change, version)], snapshot)

    async def apply(self, plans: Sequence[Plan], key: str) -> Sequence[Result]:
        """Write, then read the history: what somebody wrote between reading and writing is put back, and told.

        A repeat of the same plans writes the same values, which HubSpot takes for no change.
        """
        plans = [plan if plan.trace_id else replace(plan, trace_id=f"{key}:{at}") for at, plan in enumerate(plans)]
        results: dict[int, Result] = {}
        for kind in dict.fromkeys(plan.ref.type for plan in plans):
            mine = [place for place, plan in enumerate(plans) if plan.ref.type == kind]
            new = [place for place in mine if not plans[place].remote_id]
            old = [place for place in mine if plans[place].remote_id]
            for places, act in ((new, "upsert"), (old, "update")):
                for chunk in _chunks(places, BATCH):
                    told = await self._write(kind, act, [plans[place] for place in chunk])
                    results |= dict(zip(chunk, told, strict=True))
            written = {place: one for place in mine if isinstance(one := results[place], Written)}
            results |= await self._verified(kind, {place: plans[place] for place in written}, written)
        return [results[place] for place in range(len(plans))]

    async def _write(self, kind: str, act: str, plans: Sequence[Plan]) -> list[Result]:
        body = {"inputs": [self._input(kind, act, plan) for plan in plans]}
        answer = await self._post(f"{self.types[kind].object}/batch/{act}", body, refusals=True)
        if answer.status in (httpx.codes.BAD_REQUEST, httpx.codes.CONFLICT, httpx.codes.NOT_FOUND):
            if len(plans) == 1:
                return [_refused(answer.body if isinstance(answer.body, dict) else {}, answer)]
            half = len(plans) // 2  # one bad input fails a whole batch: halves, until it stands alone
            return [*await self._write(kind, act, plans[:half]), *await self._write(kind, act, plans[half:])]
        return _matched(plans, answer)

    def _input(self, kind: str, act: str, plan: Plan) -> dict[str, Any]:
        fields = self.types[kind].fields
        properties = {fields[name].name: as_text(value, fields[name]) for name, value in plan.values.items()}
        if act == "upsert":
            told: dict[str, Any] = {"idProperty": self.settings.id_property, "id": plan.ref.id}
        else:
            told = {"id": plan.remote_id}
            if plan.claims:
                properties[self.settings.id_property] = plan.ref.id
        return {**told, "properties": properties, "objectWriteTraceId": plan.trace_id}

    async def _verified(
        self, kind: str, plans: Mapping[int, Plan], written: Mapping[int, Written]
    ) -> dict[int, Result]:
        """What stands after the write. A person's value that ours replaced unseen is put back, as often as it takes."""
        stands: dict[int, dict[str, Seen]] = {place: {} for place in plans}
        found: dict[str, Snapshot] = {}
        for _ in range(ROUNDS):
            found = {
                one.remote_id: one for one in await self._read(kind, [one.remote_id for one in written.values()], "")
            }
            back = []
            for place, plan in plans.items():
                snapshot = found.get(written[place].remote_id)
                lost = {} if snapshot is None else _overwritten(plan, snapshot, stands[place])
                if lost:
                    stands[place] |= lost
                    values = {name: seen.value for name, seen in lost.items()}
                    back.append(replace(plan, remote_id=written[place].remote_id, values=values, claims=False))
            if not back:
                break
            for chunk in _chunks(back, BATCH):
                await self._write(kind, "update", chunk)
        return {place: _told(plans[place], written[place], found, stands[place]) for place in plans}

    async def changes(self, record_type: str, cursor: str) -> Changes:
        """By search over the time of the last change. The cursor is `since:after:newest`, times in milliseconds."""
        now = int(clock.now().timestamp() * 1000)
        if not cursor:
            return Changes((), f"{now}::")
        since, after, newest = cursor.split(":")
        remote = self.types[record_type]
        stamp = "lastmodifieddate" if remote.object == "contacts" else "hs_lastmodifieddate"
        overlap = 0 if after else int(self.settings.overlap_seconds * 1000)
        since = str(int(since) - overlap)
        body: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": stamp, "operator": "GTE", "value": since}]}],
            "sorts": [{"propertyName": stamp, "direction": "ASCENDING"}],
            "properties": [self.settings.id_property],
            "limit": BATCH,
        }
        if after:
            body["after"] = after
        answer = await self._post(f"{remote.object}/search", body, bucket=self._searches)
        results = _results(answer)
        snapshots = await self._read(record_type, [str(one["id"]) for one in results], "")
        newest = str(max([int(newest or since), *(_milliseconds(one.get("updatedAt")) for one in results)]))
        following = str((((answer.body or {}).get("paging") or {}).get("next") or {}).get("after") or "")
        if following and int(following) < SEARCH_MAX:
            return Changes(snapshots, f"{since}:{following}:{newest}", more=True)
        return Changes(snapshots, f"{newest}::", more=bool(following))

    async def pull(
        self, record_type: str, after: str | None = None, members: Mapping[str, str] | None = None
    ) -> Pulled:
        """A page of 100 by id; the first also asks how many there are."""
        remote = self.types[record_type]
        total = None
        if after is None:
            counted = await self._post(
                f"{remote.object}/search", {"limit": 1, "filterGroups": []}, bucket=self._searches
            )
            total = (counted.body or {}).get("total")
        owners = await members_of(self, members)
        names = ",".join([self.settings.id_property, *remote.names])
        query = {"limit": str(BATCH), "properties": names, **({"after": after} if after else {})}
        answer = await self._call("GET", f"{self.settings.objects_path}/{remote.object}?{urlencode(query)}")
        following = (((answer.body or {}).get("paging") or {}).get("next") or {}).get("after")
        records = [pulled_record(self.name, self._snapshot(record_type, one), owners) for one in _results(answer)]
        return Pulled(records, None if following is None else str(following), total)

    async def owners(self) -> Mapping[str, str]:
        """See `Connector`; asked again every ten minutes."""
        return await self._owners.get(self._all_owners)

    async def _all_owners(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        after = ""
        while True:
            query = urlencode({"limit": "100", **({"after": after} if after else {})})
            answer = await self._call("GET", f"/crm/v3/owners?{query}")
            found |= {str(one.get("email") or "").lower(): str(one["id"]) for one in _results(answer)}
            after = str((((answer.body or {}).get("paging") or {}).get("next") or {}).get("after") or "")
            if not after:
                return {address: remote_id for address, remote_id in found.items() if address}

    async def _post(
        self, path: str, body: Mapping[str, Any], *, bucket: Bucket | None = None, refusals: bool = False
    ) -> Answer:
        return await self._call("POST", f"{self.settings.objects_path}/{path}", body, bucket, refusals=refusals)

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        bucket: Bucket | None = None,
        *,
        refusals: bool = False,
    ) -> Answer:
        """A success (200, 201, 207). Raises Rejected for what HubSpot refuses, unless `refusals` are wanted as answers."""
        content = None if body is None else json.dumps(body).encode()
        url = self.settings.base_url.rstrip("/") + path
        answer = await self.http.call(method, url, headers=self._headers, content=content, bucket=bucket)
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise Retryable(f"{self.name} refuses the token: {refusal(answer)}", after_seconds=MEND_SECONDS)
        if answer.status not in (200, 201, 207) and not refusals:
            raise Rejected(RejectionReason.INVALID, f"{self.name} {path.partition('?')[0]}: {refusal(answer)}")
        return answer


def _overwritten(plan: Plan, snapshot: Snapshot, put_back: Mapping[str, Seen]) -> dict[str, Seen]:
    """Fields in which a write of ours stands over somebody's newer value than the one that was read, or put back."""
    found = {}
    for name in plan.values:
        seen, read = snapshot.fields[name], put_back.get(name) or plan.expected.get(name, Seen())
        lost = seen.lost
        if lost is None or same_value(lost.value, seen.value):
            continue
        newer = (
            lost.stamp > read.stamp if read.stamp else not (is_empty(lost.value) or same_value(lost.value, read.value))
        )
        if newer:
            found[name] = lost
    return found


def _told(plan: Plan, written: Written, found: Mapping[str, Snapshot], put_back: Mapping[str, Seen]) -> Result:
    """Written, or moved where somebody else's value stands in the end."""
    snapshot = found.get(written.remote_id)
    if snapshot is None:
        return Missing()
    seen = {name: snapshot.fields[name] for name in plan.values}
    stands = {
        name: replace(one, by=put_back[name].by, by_machine=put_back[name].by_machine) if one.own else one
        for name, one in seen.items()
        if not one.own or (name in put_back and not same_value(one.value, plan.values[name]))
    }
    stands = {name: one for name, one in stands.items() if not same_value(one.value, plan.values[name])}
    told = Written(written.remote_id, {name: one for name, one in seen.items() if name not in stands})
    return Moved(stands, told) if stands else told


def _matched(plans: Sequence[Plan], answer: Answer) -> list[Result]:
    """The results and the errors of a batch, each to its input: by trace id, else by id."""
    by_trace = {str(one.get("objectWriteTraceId") or ""): one for one in _results(answer)}
    by_id = {str(one["id"]): one for one in _results(answer)}
    errors: dict[str, Mapping[str, Any]] = {}
    for error in (answer.body or {}).get("errors") or ():
        context = error.get("context") or {}
        for named in (*(context.get("objectWriteTraceId") or ()), *(context.get("ids") or ())):
            errors[str(named)] = error
    told: list[Result] = []
    for plan in plans:
        result = by_trace.get(plan.trace_id) or by_id.get(plan.remote_id)
        error = errors.get(plan.trace_id) or errors.get(plan.remote_id or plan.ref.id)
        if result is not None:
            told.append(Written(str(result["id"]), {}))
        elif error is not None:
            told.append(_refused(error, answer))
        else:
            told.append(Again("HubSpot said nothing of this record"))
    return told


def _refused(error: Mapping[str, Any], answer: Answer) -> Result:
    """What an error means for one record."""
    category = str(error.get("category") or "")
    if category == "OBJECT_NOT_FOUND":
        return Missing()
    if category == "CONFLICT":
        return Again("somebody made the record meanwhile")
    message = str(error.get("message") or "")[:300]
    return Refused(": ".join(part for part in (category or refusal(answer), message) if part))


def _results(answer: Answer) -> list[Mapping[str, Any]]:
    return list((answer.body or {}).get("results") or ())


def _milliseconds(text: Any) -> int:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _chunks(items: Iterable[Any], size: int) -> list[list[Any]]:
    held = list(items)
    return [held[at : at + size] for at in range(0, len(held), size)]

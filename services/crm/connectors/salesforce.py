"""Salesforce: conditional updates in composite requests, upsert by an external id, SOQL for what changed and what was deleted.

Sources: the REST API Developer Guide (composite, conditional requests, upsert, queryAll, duplicate rule header) and the
OAuth token endpoint. A conditional request compares whole seconds, so a record that changed in this very second waits.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from libs.contracts import ids
from libs.contracts.change import RecordRef
from libs.contracts.reasons import RejectionReason
from libs.policy.admit import is_empty
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.limits import Bucket
from services.crm.connectors.base import Changes, Kept, Mapped, Pulled, Target, members_of, pulled_record
from services.crm.connectors.http import Answer, RemoteHttp, refusal
from services.crm.connectors.settings import SalesforceSettings
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
from services.crm.domain.remote_fields import RemoteField, RemoteType, as_text, fields_of, from_remote, spelled

COMPOSITE = 25
"""Sub-requests of one composite request."""
READ_BATCH = 200
QUERY_IDS = 50
"""Values of one SOQL list, so that the address stays short."""
PAGE = 200
PULL_PAGE = 2000
MEND_SECONDS = 60.0
LIMIT_SECONDS = 900.0
"""When the org's daily calls are nearly used up, it is asked again so often."""
FRESH = "~"
"""Marks the token of a record that changed in the very second in which it was read."""
OWN_FIELDS = ("Id", "LastModifiedDate", "SystemModstamp", "LastModifiedById", "IsDeleted")
TYPES: Mapping[str, RemoteType] = {
    "contact": RemoteType("Contact", fields_of(
        "email=Email first_name=FirstName last_name=LastName phone=Phone title=Title city=MailingCity "
        "country=MailingCountry",
        owner="OwnerId:owner",
    )),
    "company": RemoteType("Account", fields_of(
        "name=Name website=Website phone=Phone city=BillingCity country=BillingCountry",
        employees="NumberOfEmployees:number", owner="OwnerId:owner",
    )),
    "opportunity": RemoteType("Opportunity", fields_of(
        "name=Name stage=StageName next_step=NextStep", amount="Amount:number", close_date="CloseDate:date",
        owner="OwnerId:owner",
    )),
    "task": RemoteType("Task", {
        **fields_of("title=Subject note=Description", due_at="ActivityDate:date", owner="OwnerId:owner"),
        "status": RemoteField(
            name="Status", values={"open": "Not Started", "done": "Completed", "cancelled": "Deferred"}
        ),
    }),
}  # fmt: skip


class Salesforce:
    """A Salesforce org; see `Connector`."""

    kind = "salesforce"

    def __init__(
        self, name: str, settings: SalesforceSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self.settings: SalesforceSettings = settings
        self.http = RemoteHttp(name, Bucket(settings.calls, settings.per_seconds), settings.timeout_seconds, transport)
        self._mapped = Mapped(TYPES, settings)
        self._owners = Kept()
        self._token = ""
        self._instance = ""
        self._user = settings.user_id
        self.used = (0, 0)
        """Calls of the org in the last 24 hours, and how many it may make."""
        self._limited_until = 0.0

    @property
    def types(self) -> Mapping[str, RemoteType]:
        """What is mirrored, by record type."""
        return self._mapped.types

    @property
    def _base(self) -> str:
        return f"/services/data/v{self.settings.version}"

    async def read(self, targets: Sequence[Target]) -> Mapping[RecordRef, Snapshot]:
        """By Salesforce's id; else by our external id; else the one contact with the address."""
        found: dict[RecordRef, Snapshot] = {}
        for kind in dict.fromkeys(target.ref.type for target in targets):
            mine = [target for target in targets if target.ref.type == kind]
            linked = {target.remote_id: target.ref for target in mine if target.remote_id}
            found |= {linked[one.remote_id]: one for one in await self._by_ids(kind, list(linked))}
            bare = {target.key: target.ref for target in mine if not target.remote_id}
            held = await self._where_in(kind, self.settings.id_field, list(bare))
            found |= {bare[one.key]: one for one in held if one.key in bare}
            if kind == "contact":
                found |= await self._by_address([one for one in mine if not one.remote_id and one.ref not in found])
        return found

    async def _by_address(self, targets: Sequence[Target]) -> dict[RecordRef, Snapshot]:
        wanted = {target.email.lower(): target.ref for target in targets if target.email}
        held: dict[str, list[Snapshot]] = {}
        for one in await self._where_in("contact", self.types["contact"].fields["email"].name, list(wanted)):
            held.setdefault(str(one.fields["email"].value or "").lower(), []).append(one)
        return {ref: held[address][0] for address, ref in wanted.items() if len(held.get(address, ())) == 1}

    async def _by_ids(self, kind: str, ids: Sequence[str]) -> list[Snapshot]:
        remote, found = self.types[kind], []
        for chunk in _chunks(ids, READ_BATCH):
            body = {"ids": chunk, "fields": self._names(kind)}
            answer = await self._call("POST", f"{self._base}/composite/sobjects/{remote.object}", body)
            rows = [row for row in answer.body or () if isinstance(row, dict)]
            found += [self._snapshot(kind, row, answer) for row in rows if not row.get("IsDeleted")]
        return found

    async def _where_in(self, kind: str, name: str, values: Sequence[str]) -> list[Snapshot]:
        found = []
        for chunk in _chunks(values, QUERY_IDS):
            listed = ", ".join(map(soql_text, chunk))
            rows, answer = await self._query(f"{self._select(kind)} WHERE {name} IN ({listed})")
            found += [self._snapshot(kind, row, answer) for row in rows]
        return found

    def _names(self, kind: str) -> list[str]:
        return [*OWN_FIELDS, self.settings.id_field, *self.types[kind].names]

    def _select(self, kind: str) -> str:
        return f"SELECT {', '.join(self._names(kind))} FROM {self.types[kind].object}"  # noqa: S608 - names are ours

    async def _query(self, soql: str, every: bool = False) -> tuple[list[Mapping[str, Any]], Answer]:
        """All rows, over as many pages as there are; `every` includes deleted ones."""
        path = f"{self._base}/{'queryAll' if every else 'query'}?{urlencode({'q': soql})}"
        rows: list[Mapping[str, Any]] = []
        while True:
            answer = await self._call("GET", path)
            rows += answer.body.get("records") or ()
            following = answer.body.get("nextRecordsUrl")
            if not following:
                return rows, answer
            path = str(following)

    def _snapshot(self, kind: str, row: Mapping[str, Any], answer: Answer) -> Snapshot:
        modified, by = _moment(row.get("LastModifiedDate")), str(row.get("LastModifiedById") or "")
        stamp = modified.isoformat()
        own = by == self._user
        fields = {
            name: Seen(from_remote(row.get(field.name), field), stamp, by="" if own else by)
            for name, field in self.types[kind].fields.items()
        }
        fresh = FRESH if _server_time(answer) - modified < timedelta(seconds=1) else ""
        key = str(row.get(self.settings.id_field) or "")
        return Snapshot(str(row["Id"]), fields, stamp + fresh, deleted=bool(row.get("IsDeleted")), key=key)

    def plan(self, changes: Sequence[Change], snapshot: Snapshot | None) -> Plan:
        """See `Connector`."""
        return planned(changes, snapshot)

    def compensate(self, change: Change, snapshot: Snapshot | None, version: int) -> Plan:
        """See `Connector`."""
        return planned([compensating(change, version)], snapshot)

    async def apply(self, plans: Sequence[Plan], key: str) -> Sequence[Result]:
        """Updates only if the record was not modified since it was read (else 412); new ones by upsert on our id."""
        results: dict[int, Result] = {}
        ready = []
        for place, plan in enumerate(plans):
            if plan.token.endswith(FRESH):
                results[place] = Again("the record changed in this very second", 1.5)
            else:
                ready.append(place)
        for allowed in (False, True):
            mine = [place for place in ready if plans[place].allow_duplicates is allowed]
            for chunk in _chunks(mine, COMPOSITE):
                told = await self._composite([plans[place] for place in chunk], allowed, key)
                results |= dict(zip(chunk, told, strict=True))
        return [results[place] for place in range(len(plans))]

    async def _composite(self, plans: Sequence[Plan], allow_duplicates: bool, key: str) -> list[Result]:
        rule = f"allowSave={str(allow_duplicates).lower()}; includeRecordDetails=true; runAsCurrentUser=true"
        headers = {"Sforce-Auto-Assign": "false", "Sforce-Duplicate-Rule-Header": rule}
        names = [f"r{at}e{ids.derived_id(key).replace('-', '')}" for at in range(len(plans))]
        requests = [self._request(plan, name, headers) for name, plan in zip(names, plans, strict=True)]
        body = {"allOrNone": False, "compositeRequest": requests}
        answer = await self._call("POST", f"{self._base}/composite", body, headers)
        told = {str(one.get("referenceId")): one for one in answer.body.get("compositeResponse") or ()}
        return [_result(plan, told.get(name)) for name, plan in zip(names, plans, strict=True)]

    def _request(self, plan: Plan, reference: str, headers: Mapping[str, str]) -> dict[str, Any]:
        remote, more = self.types[plan.ref.type], {}
        body = {remote.fields[name].name: _typed(value, remote.fields[name]) for name, value in plan.values.items()}
        if plan.remote_id:
            url = f"{self._base}/sobjects/{remote.object}/{quote(plan.remote_id, safe='')}"
            more = {"If-Unmodified-Since": format_datetime(_moment(plan.token), usegmt=True)}
            if plan.claims:
                body[self.settings.id_field] = plan.ref.id
        else:  # the external id stands in the address alone: Salesforce refuses it in the body
            url = f"{self._base}/sobjects/{remote.object}/{self.settings.id_field}/{quote(plan.ref.id, safe='')}"
            body = {name: value for name, value in (_required(plan) | body).items() if value is not None}
        return {
            "method": "PATCH",
            "url": url,
            "referenceId": reference,
            "httpHeaders": {**headers, **more},
            "body": body,
        }

    async def changes(self, record_type: str, cursor: str) -> Changes:
        """By SystemModstamp, deleted ones too. The cursor is `time|last id of a page`, without an id between two polls."""
        if not cursor:
            return Changes((), f"{clock.now().isoformat()}|")
        text, _, last = cursor.partition("|")
        since = _moment(text) - (timedelta() if last else timedelta(seconds=self.settings.overlap_seconds))
        at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        where = f"SystemModstamp >= {at}"
        if last:
            where = f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {soql_text(last)}))"
        soql = f"{self._select(record_type)} WHERE {where} ORDER BY SystemModstamp ASC, Id ASC LIMIT {PAGE}"
        rows, answer = await self._query(soql, every=True)
        found = [self._snapshot(record_type, row, answer) for row in rows]
        newest = max([_moment(text), *(_moment(row.get("SystemModstamp")) for row in rows)])
        full = len(rows) >= PAGE
        return Changes(found, f"{newest.isoformat()}|{found[-1].remote_id if full else ''}", more=full)

    async def pull(
        self, record_type: str, after: str | None = None, members: Mapping[str, str] | None = None
    ) -> Pulled:
        """Pages of 2,000 by id; the first also counts."""
        owners = await members_of(self, members)
        total = None
        if after is None:
            path = urlencode({"q": f"SELECT COUNT() FROM {self.types[record_type].object}"})  # noqa: S608 - names are ours
            total = (await self._call("GET", f"{self._base}/query?{path}")).body.get("totalSize")
        where = f" WHERE Id > {soql_text(after)}" if after else ""
        rows, answer = await self._query(f"{self._select(record_type)}{where} ORDER BY Id ASC LIMIT {PULL_PAGE}")
        records = [pulled_record(self.name, self._snapshot(record_type, row, answer), owners) for row in rows]
        return Pulled(records, str(rows[-1]["Id"]) if len(rows) >= PULL_PAGE else None, total)

    async def owners(self) -> Mapping[str, str]:
        """See `Connector`; asked again every ten minutes."""
        return await self._owners.get(self._all_owners)

    async def _all_owners(self) -> Mapping[str, str]:
        rows, _ = await self._query("SELECT Id, Email FROM User WHERE IsActive = true ORDER BY Id ASC")
        return {str(row["Email"]).lower(): str(row["Id"]) for row in rows if row.get("Email")}

    async def _call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """A success. A session that ended is renewed once. Raises Rejected for what Salesforce refuses as a whole."""
        left = self._limited_until - clock.monotonic()
        if left > 0:
            told = f"{self.name}: {self.used[0]} of the org's {self.used[1]} daily calls are used"
            raise Retryable(told, after_seconds=left)
        content = None if body is None else json.dumps(body).encode()
        answer = await self._sent(method, path, content, headers or {})
        if answer.status == httpx.codes.UNAUTHORIZED:
            self._token = ""
            answer = await self._sent(method, path, content, headers or {})
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            if "REQUEST_LIMIT_EXCEEDED" in refusal(answer):
                self._limited_until = clock.monotonic() + LIMIT_SECONDS
            raise Retryable(f"{self.name} refuses us: {refusal(answer)}", after_seconds=MEND_SECONDS)
        if not httpx.codes.is_success(answer.status):
            raise Rejected(RejectionReason.INVALID, f"{self.name} {path.partition('?')[0]}: {refusal(answer)}")
        return answer

    async def _sent(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        if not self._token:
            await self._authorise()
        more = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers}
        answer = await self.http.call(method, self._instance + path, headers=more, content=content)
        self._note_limit(answer.headers.get("sforce-limit-info", ""))
        return answer

    def _note_limit(self, told: str) -> None:
        used, _, limit = told.partition("api-usage=")[2].partition(";")[0].partition("/")
        if used.isdecimal() and limit.strip().isdecimal():
            self.used = (int(used), int(limit))
            if self.used[0] >= self.used[1] * (1 - self.settings.daily_reserve):
                self._limited_until = clock.monotonic() + LIMIT_SECONDS

    async def _authorise(self) -> None:
        settings = self.settings
        form = {"client_id": settings.client_id, "client_secret": settings.client_secret}
        if settings.refresh_token:
            form |= {"grant_type": "refresh_token", "refresh_token": settings.refresh_token}
        else:
            form |= {"grant_type": "client_credentials"}
        answer = await self.http.call(
            "POST", settings.login_url.rstrip("/") + "/services/oauth2/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"}, content=urlencode(form).encode(),
        )  # fmt: skip
        body = answer.body if isinstance(answer.body, dict) else {}
        if not httpx.codes.is_success(answer.status) or not body.get("access_token") or not body.get("instance_url"):
            raise Retryable(f"{self.name} gives no token: {refusal(answer)}", after_seconds=MEND_SECONDS)
        self._token, self._instance = str(body["access_token"]), str(body["instance_url"]).rstrip("/")
        self._user = settings.user_id or str(body.get("id") or "").rpartition("/")[2]


def _typed(value: Any, field: RemoteField) -> Any:
    """A value as Salesforce's JSON has it; null clears."""
    if is_empty(value):
        return None
    if field.kind in ("number", "flag"):
        return spelled(value, field)
    return as_text(value, field)


def _required(plan: Plan) -> dict[str, Any]:
    """What Salesforce asks for of a new record, read off what crm holds."""
    held = {name: value for name, value in plan.whole.items() if isinstance(value, str) and value.strip()}
    if plan.ref.type == "contact" and "last_name" not in held:
        last = held.get("name", "").split()[-1:] or [held.get("email", "").partition("@")[0]]
        return {"LastName": last[0] or None}
    if plan.ref.type == "company" and "name" not in held:
        return {"Name": held.get("company") or held.get("domain")}
    return {}


def _result(plan: Plan, told: Mapping[str, Any] | None) -> Result:
    """What the answer to one sub-request means."""
    if told is None:
        return Again("Salesforce said nothing of this record")
    status, body = int(told.get("httpStatusCode") or 0), told.get("body")
    if status in (200, 201, 204):
        remote_id = str(body.get("id") or plan.remote_id) if isinstance(body, dict) else plan.remote_id
        return Written(remote_id, {name: Seen(value) for name, value in plan.values.items()})
    if status == httpx.codes.PRECONDITION_FAILED:
        return Moved()
    if status == httpx.codes.MULTIPLE_CHOICES:
        urls = [str(one) for one in body] if isinstance(body, list) else []
        return Refused("several records hold our id", tuple(url.rpartition("/")[2] for url in urls))
    errors = [one for one in body if isinstance(one, dict)] if isinstance(body, list) else []
    codes = [str(one.get("errorCode") or "") for one in errors]
    if status == httpx.codes.NOT_FOUND or "ENTITY_IS_DELETED" in codes:
        return Missing()
    if "UNABLE_TO_LOCK_ROW" in codes or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Again(codes[0] if codes else f"HTTP {status}", 5.0)
    if "DUPLICATES_DETECTED" in codes:
        return Refused("DUPLICATES_DETECTED", _duplicates(errors))
    message = str(errors[0].get("message") or "")[:300] if errors else ""
    return Refused(": ".join(part for part in (*codes, message) if part) or f"HTTP {status}")


def _duplicates(errors: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The records that a duplicate rule found."""
    found = []
    for error in errors:
        for match in (error.get("duplicateResult") or {}).get("matchResults") or ():
            found += [str((one.get("record") or {}).get("Id") or "") for one in match.get("matchRecords") or ()]
    return tuple(one for one in dict.fromkeys(found) if one)


def soql_text(text: str) -> str:
    """A text as SOQL quotes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def _moment(text: Any) -> datetime:
    """A time as Salesforce writes it (2026-11-22T10:00:00.000+0000), to the second."""
    moment = datetime.fromisoformat(str(text).rstrip(FRESH))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _server_time(answer: Answer) -> datetime:
    """The remote's own clock."""
    told = answer.headers.get("date", "")
    return parsedate_to_datetime(told).astimezone(UTC) if told else clock.now()


def _chunks(items: Iterable[Any], size: int) -> list[list[Any]]:
    held = list(items)
    return [held[at : at + size] for at in range(0, len(held), size)]

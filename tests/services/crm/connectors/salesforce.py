"""Salesforce's contract, enforced: OAuth sessions, SOQL, composite requests, external ids, 300, 412, duplicate rules, limits."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from libs.runtime import clock
from tests.services.crm.connectors.server import Asked, Refusal, Said, Server

BASE = "/services/data/v62.0"
LOGIN, INSTANCE = "https://login.fake", "https://org.fake"
ROBOT, RITA = "005ROBOT", "005RITA"
EXTERNAL = "Signalbox_Id__c"
FIELDS = {
    "Contact": "Email FirstName LastName Phone Title MailingCity MailingCountry OwnerId",
    "Account": "Name Website Phone BillingCity BillingCountry NumberOfEmployees OwnerId",
    "Opportunity": "Name StageName NextStep Amount CloseDate OwnerId",
    "Task": "Subject Description ActivityDate Status OwnerId",
}
REQUIRED = {
    "Contact": ("LastName",),
    "Account": ("Name",),
    "Opportunity": ("Name", "StageName", "CloseDate"),
    "Task": (),
}
SYSTEM = {"Id", "LastModifiedDate", "SystemModstamp", "LastModifiedById", "IsDeleted", EXTERNAL}
_SELECT = re.compile(r"SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY [\w ,]+)?(?: LIMIT (\d+))?")
_IN = re.compile(r"(\w+) IN \((.*)\)", re.S)
_AFTER = re.compile(r"\(SystemModstamp > (\S+) OR \(SystemModstamp = (\S+) AND Id > '(\w+)'\)\)")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")


@dataclass
class Row:
    """One record."""

    id: str
    values: dict[str, Any] = field(default_factory=dict)
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    by: str = RITA
    deleted: bool = False
    auto_assigned: bool = False


def failed(status: int, code: str, message: str = "no", **more: Any) -> Refusal:
    return Refusal(Said(status, [{"errorCode": code, "message": message, **more}]))


class FakeSalesforce(Server):
    """An org. Its clock goes on by `step` with each request; records keep whole seconds, as Salesforce's do."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, dict[str, Row]] = {name: {} for name in FIELDS}
        self.users = {RITA: "rita@example.com"}
        self.step = timedelta(seconds=3)
        self.now = clock.now()
        self.limit = (18, 15_000)
        self.duplicate_rule = True
        self.writes = self.logins = self.overwritten_unseen = 0
        self._session, self._next = "", 100

    def is_write(self, asked: Asked) -> bool:
        return asked.path == f"{BASE}/composite"

    def expire(self) -> None:
        """The session ends."""
        self._session = "ended"

    def person(self, kind: str, remote_id: str, values: dict[str, Any], user: str = RITA) -> None:
        """Somebody types values into Salesforce's pages."""
        self._set(self.objects[kind][remote_id], values, user)

    def new(self, kind: str, values: dict[str, Any]) -> str:
        """Somebody makes a record in Salesforce's pages."""
        self._next += 1
        row = self.objects[kind][f"003{self._next:05}"] = Row(f"003{self._next:05}")
        self._set(row, values, RITA)
        return row.id

    def delete(self, kind: str, remote_id: str) -> None:
        row = self.objects[kind][remote_id]
        row.deleted, row.at = True, self.now.replace(microsecond=0)

    def _set(self, row: Row, values: dict[str, Any], user: str) -> None:
        row.values |= values
        row.at, row.by = self.now.replace(microsecond=0), user

    def answer(self, asked: Asked) -> Said:
        self.now += self.step
        if asked.path == "/services/oauth2/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer {self._session}" or self._session in ("", "ended"):
            raise failed(401, "INVALID_SESSION_ID", "Session expired or invalid")
        said = self._routed(asked)
        self.limit = (self.limit[0] + 1, self.limit[1])
        told = {
            "sforce-limit-info": f"api-usage={self.limit[0]}/{self.limit[1]}",
            "date": format_datetime(self.now, usegmt=True),
        }
        return Said(said.status, said.body, {**said.headers, **told})

    def _token(self, asked: Asked) -> Said:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        wanted = {
            "grant_type": "refresh_token",
            "client_id": "cid",
            "client_secret": "csecret",
            "refresh_token": "rtoken",
        }
        if (
            asked.method != "POST"
            or form != wanted
            or asked.headers["content-type"] != "application/x-www-form-urlencoded"
        ):
            return Said(400, {"error": "invalid_grant", "error_description": "no"})
        self.logins += 1
        self._session = f"session-{self.logins}"
        return Said(200, {"access_token": self._session, "instance_url": INSTANCE, "id": f"{LOGIN}/id/00D/{ROBOT}"})

    def _routed(self, asked: Asked) -> Said:
        if asked.method == "GET" and asked.path in (f"{BASE}/query", f"{BASE}/queryAll"):
            return self._query(asked.query["q"], asked.path.endswith("All"))
        if asked.method == "POST" and asked.path == f"{BASE}/composite":
            return self._composite(asked)
        if asked.method == "POST" and asked.path.startswith(f"{BASE}/composite/sobjects/"):
            return self._retrieve(asked.path.rpartition("/")[2], asked.json())
        raise failed(404, "NOT_FOUND", "The requested resource does not exist")

    def _shown(self, kind: str, row: Row, names: list[str]) -> dict[str, Any]:
        if unknown := set(names) - SYSTEM - set(FIELDS[kind].split()):
            raise failed(400, "INVALID_FIELD", f"No such column '{sorted(unknown)[0]}' on entity '{kind}'")
        stamp = row.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        own = {
            "Id": row.id,
            "LastModifiedDate": stamp,
            "SystemModstamp": stamp,
            "LastModifiedById": row.by,
            "IsDeleted": row.deleted,
        }
        return {"attributes": {"type": kind}, **{name: own.get(name, row.values.get(name)) for name in names}}

    def _retrieve(self, kind: str, body: dict[str, Any]) -> Said:
        if set(body) != {"ids", "fields"} or not 1 <= len(body["ids"]) <= 2000:
            raise failed(400, "JSON_PARSER_ERROR")
        rows = [self.objects[kind].get(one) for one in body["ids"]]
        return Said(
            200, [None if row is None or row.deleted else self._shown(kind, row, body["fields"]) for row in rows]
        )

    def _query(self, soql: str, every: bool) -> Said:
        match = _SELECT.fullmatch(soql)
        if match is None or (match[2] != "User" and match[2] not in FIELDS):
            raise failed(400, "MALFORMED_QUERY", soql)
        names, kind, where, limit = match[1].split(", "), match[2], match[3] or "", int(match[4] or 2000)
        if kind == "User":
            return Said(
                200,
                {
                    "totalSize": 1,
                    "done": True,
                    "records": [{"Id": key, "Email": value} for key, value in self.users.items()],
                },
            )
        rows = [row for row in self.objects[kind].values() if (every or not row.deleted) and self._fits(row, where)]
        if names == ["COUNT()"]:
            return Said(200, {"totalSize": len(rows), "done": True, "records": []})
        rows.sort(key=lambda row: (row.at, row.id) if "ORDER BY SystemModstamp" in soql else row.id)
        return Said(
            200,
            {"totalSize": len(rows), "done": True, "records": [self._shown(kind, row, names) for row in rows[:limit]]},
        )

    def _fits(self, row: Row, where: str) -> bool:
        def moment(text: str) -> datetime:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

        if not where:
            return True
        if match := _IN.fullmatch(where):
            listed = {re.sub(r"\\(.)", r"\1", one).lower() for one in _TEXT.findall(match[2])}
            return str(row.values.get(match[1]) or "").lower() in listed
        if match := _AFTER.fullmatch(where):
            return row.at > moment(match[1]) or (row.at == moment(match[2]) and row.id > match[3])
        if where.startswith("SystemModstamp >= "):
            return row.at >= moment(where.rpartition(" ")[2])
        if match := re.fullmatch(r"Id > '(\w+)'", where):
            return row.id > match[1]
        raise failed(400, "MALFORMED_QUERY", where)

    def _composite(self, asked: Asked) -> Said:
        body = asked.json()
        if set(body) != {"allOrNone", "compositeRequest"} or not 1 <= len(body["compositeRequest"]) <= 25:
            raise failed(400, "LIMIT_EXCEEDED", "at most 25 subrequests")
        told = []
        for one in body["compositeRequest"]:
            if set(one) - {"method", "url", "referenceId", "httpHeaders", "body"} or one["method"] != "PATCH":
                raise failed(400, "JSON_PARSER_ERROR", "a subrequest has method, url, referenceId, httpHeaders, body")
            try:
                said = self._patched(one)
            except Refusal as refusal:
                said = refusal.said
            told.append(
                {"body": said.body, "httpHeaders": {}, "httpStatusCode": said.status, "referenceId": one["referenceId"]}
            )
        return Said(200, {"compositeResponse": told})

    def _patched(self, one: dict[str, Any]) -> Said:
        parts = one["url"].removeprefix(f"{BASE}/sobjects/").split("/")
        if not one["url"].startswith(f"{BASE}/sobjects/") or any(
            quote(unquote(part), safe="") != part for part in parts
        ):
            raise failed(404, "NOT_FOUND", "The requested resource does not exist")
        kind, headers = parts[0], one.get("httpHeaders", {})
        if unknown := set(one["body"]) - {EXTERNAL} - set(FIELDS[kind].split()):
            raise failed(400, "INVALID_FIELD", f"No such column {sorted(unknown)[0]}")
        if len(parts) == 2:
            row = self.objects[kind].get(parts[1])
            if row is None or row.deleted:
                raise failed(404, "NOT_FOUND" if row is None else "ENTITY_IS_DELETED")
            return self._updated(row, one["body"], headers)
        if len(parts) != 3 or parts[1] != EXTERNAL:
            raise failed(404, "NOT_FOUND")
        if EXTERNAL in one["body"]:
            raise failed(400, "INVALID_FIELD", "The external id field may not be in the request body")
        held = [
            row
            for row in self.objects[kind].values()
            if row.values.get(EXTERNAL) == unquote(parts[2]) and not row.deleted
        ]
        if len(held) > 1:
            return Said(300, [f"{BASE}/sobjects/{kind}/{row.id}" for row in held])
        if held:
            return self._updated(held[0], one["body"], headers)
        return self._inserted(kind, {**one["body"], EXTERNAL: unquote(parts[2])}, headers)

    def _updated(self, row: Row, values: dict[str, Any], headers: dict[str, str]) -> Said:
        asked = headers.get("If-Unmodified-Since")
        if asked is None:
            self.overwritten_unseen += 1
        elif row.at > parsedate_to_datetime(asked):
            return Said(412, [{"errorCode": "PRECONDITION_FAILED", "message": "the record was modified"}])
        if any(row.values.get(name) != value for name, value in values.items()):
            self.writes += 1
            self._set(row, values, ROBOT)
        row.auto_assigned |= headers.get("Sforce-Auto-Assign") != "false"
        return Said(204)

    def _inserted(self, kind: str, values: dict[str, Any], headers: dict[str, str]) -> Said:
        for name in REQUIRED[kind]:
            if not values.get(name):
                raise failed(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", fields=[name])
        same = [row.id for row in self.objects[kind].values() if kind == "Contact" and values.get("Email")
                and row.values.get("Email") == values["Email"] and not row.deleted]  # fmt: skip
        rule = dict(
            part.strip().split("=")
            for part in headers.get("Sforce-Duplicate-Rule-Header", "allowSave=false").split(";")
        )
        if self.duplicate_rule and same and rule["allowSave"] != "true":
            matches = [{"matchRecords": [{"record": {"Id": one}} for one in same]}]
            raise failed(
                400,
                "DUPLICATES_DETECTED",
                "You're creating a duplicate record",
                duplicateResult={"matchResults": matches},
            )
        self._next += 1
        row = self.objects[kind][f"003{self._next:05}"] = Row(f"003{self._next:05}")
        self._set(row, values, ROBOT)
        row.auto_assigned |= headers.get("Sforce-Auto-Assign") != "false"
        self.writes += 1
        return Said(201, {"id": row.id, "success": True, "errors": [], "created": True})

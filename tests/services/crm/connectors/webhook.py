"""A receiver of the webhook protocol of docs/connectors.md: checks the signature, compares and sets in one go."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from libs.runtime import clock
from tests.services.crm.connectors.server import Asked, Refusal, Said, Server

KEY = b"a-key-of-at-least-24-bytes-xx"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Row:
    """One record."""

    id: str
    type: str
    key: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    by: str = ""
    deleted: bool = False


class FakeReceiver(Server):
    """Somebody's own system."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Row] = {}
        self.owners = {"u1": "rita@example.com"}
        self.writes = 0
        self._answers: dict[str, Said] = {}
        self._version = 0

    def is_write(self, asked: Asked) -> bool:
        return asked.json()["type"] == "records.write"

    def person(self, remote_id: str, values: dict[str, Any], user: str = "rita") -> None:
        """Somebody types values in."""
        self._set(self.rows[remote_id], values, user)

    def new(self, kind: str, values: dict[str, Any]) -> str:
        """Somebody makes a record."""
        row = self._made(kind, "")
        self._set(row, values, "rita")
        return row.id

    def _made(self, kind: str, key: str) -> Row:
        row = Row(f"r{len(self.rows) + 1}", kind, key)
        self.rows[row.id] = row
        return row

    def _set(self, row: Row, values: dict[str, Any], by: str) -> None:
        self._version += 1
        row.fields |= values
        row.version, row.by = self._version, by

    def answer(self, asked: Asked) -> Said:
        self._check(asked)
        message = asked.headers["webhook-id"]
        if message not in self._answers:
            told = asked.json()
            handler = getattr(self, "_" + told["type"].replace(".", "_"), None)
            if handler is None:
                raise Refusal(Said(400, {"message": "no such type"}))
            self._answers[message] = Said(200, handler(told["data"]))
        return self._answers[message]

    def _check(self, asked: Asked) -> None:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        if asked.method != "POST" or asked.path != "/crm" or any(name not in asked.headers for name in names):
            raise Refusal(Said(400, {"message": "POST with the Standard Webhooks headers"}))
        message, stamp, given = (asked.headers[name] for name in names)
        if abs(clock.now().timestamp() - int(stamp)) > 300:
            raise Refusal(Said(401, {"message": "too old"}))
        made = hmac.new(KEY, f"{message}.{stamp}.".encode() + asked.body, hashlib.sha256).digest()
        if not hmac.compare_digest(given, "v1," + base64.b64encode(made).decode()):
            raise Refusal(Said(401, {"message": "bad signature"}))
        if set(json.loads(asked.body)) != {"type", "timestamp", "data"}:
            raise Refusal(Said(400, {"message": "type, timestamp, data"}))

    def _find(self, told: dict[str, Any]) -> Row | None:
        if told.get("remote_id"):
            return self.rows.get(told["remote_id"])
        found = next((row for row in self.rows.values() if row.key == told["id"] and row.type == told["type"]), None)
        email = told.get("email")
        if found is None and email:
            found = next(
                (row for row in self.rows.values() if row.fields.get("email") == email and row.type == told["type"]),
                None,
            )
        return found

    def _shown(self, row: Row) -> dict[str, Any]:
        return {
            "type": row.type, "id": row.key, "remote_id": row.id, "version": str(row.version), "by": row.by,
            "fields": dict(row.fields), "deleted": row.deleted,
        }  # fmt: skip

    def _records_read(self, data: dict[str, Any]) -> dict[str, Any]:
        if len(data["records"]) > 100:
            raise Refusal(Said(400, {"message": "at most 100"}))
        rows = [self._find(one) for one in data["records"]]
        return {"records": [None if row is None else self._shown(row) for row in rows]}

    def _records_write(self, data: dict[str, Any]) -> dict[str, Any]:
        if len(data["writes"]) > 100:
            raise Refusal(Said(400, {"message": "at most 100"}))
        return {"results": [self._written(one) for one in data["writes"]]}

    def _written(self, one: dict[str, Any]) -> dict[str, Any]:
        if set(one) != {"type", "id", "remote_id", "expected", "fields", "trace_id"} or set(one["expected"]) != set(
            one["fields"]
        ):
            return {"status": "refused", "reason": "each field comes with the value that it may replace"}
        row = self._find(one)
        if row is not None and row.deleted:
            return {"status": "gone"}
        if "@" not in str(one["fields"].get("email") or "@"):
            return {"status": "refused", "reason": "that is no address"}
        held = {} if row is None else row.fields
        if any(held.get(name) != value for name, value in one["expected"].items()):
            return {"status": "conflict"}
        if row is None:
            row = self._made(one["type"], one["id"])
        row.key = row.key or one["id"]
        if any(row.fields.get(name) != value for name, value in one["fields"].items()):
            self.writes += 1
            self._set(row, one["fields"], "")
        return {"status": "accepted", "remote_id": row.id}

    def _records_changes(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data["cursor"]:
            return {"records": [], "cursor": str(self._version), "more": False}
        found = sorted(
            (row for row in self.rows.values() if row.type == data["type"] and row.version > int(data["cursor"])),
            key=lambda r: r.version,
        )
        page = found[: data["limit"]]
        cursor = str(page[-1].version) if page else data["cursor"]
        return {"records": [self._shown(row) for row in page], "cursor": cursor, "more": len(found) > len(page)}

    def _records_list(self, data: dict[str, Any]) -> dict[str, Any]:
        found = [row for row in self.rows.values() if row.type == data["type"] and not row.deleted]
        start = int(data["after"] or 0)
        page = found[start : start + data["limit"]]
        following = start + len(page)
        return {
            "records": [self._shown(row) for row in page],
            "next": str(following) if following < len(found) else None,
            "total": len(found),
        }

    def _owners_list(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"owners": [{"id": key, "email": value} for key, value in self.owners.items()]}

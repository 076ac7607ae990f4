"""HubSpot's contract, enforced: paths, bodies, limits of batches, property history, 207 and 409."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from libs.runtime import clock
from tests.services.crm.connectors.server import Asked, Refusal, Said, Server

TOKEN, APP_ID = "pat-eu1-fake", "4711"
PROPERTIES = {
    "contacts": "email firstname lastname phone jobtitle company city country hubspot_owner_id signalbox_id",
    "companies": "name domain website phone city country numberofemployees hubspot_owner_id signalbox_id",
    "deals": "dealname dealstage hs_next_step amount closedate hubspot_owner_id signalbox_id",
    "tasks": "hs_task_subject hs_task_body hs_timestamp hs_task_status hubspot_owner_id signalbox_id",
}
NUMBERS = ("numberofemployees", "amount")
UNIQUE = {"signalbox_id", "email"}
_PATH = re.compile(r"/crm/v3/objects/([a-z]+)(?:/(batch/read|batch/upsert|batch/update|search))?")


@dataclass
class Object:
    """One CRM object with the history of its properties, newest first."""

    id: str
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    updated: int = 0
    archived: bool = False

    def value(self, name: str) -> str:
        return self.history[name][0]["value"] if self.history.get(name) else ""


def error(status: int, category: str, message: str) -> Refusal:
    return Refusal(Said(status, {"status": "error", "category": category, "message": message, "correlationId": "c"}))


class FakeHubSpot(Server):
    """An account."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, dict[str, Object]] = {name: {} for name in PROPERTIES}
        self.owners = {"77": "rita@example.com"}
        self.traces: list[str] = []
        self.writes = 0
        self._next, self._at = 100, 0

    def is_write(self, asked: Asked) -> bool:
        return asked.path.endswith(("/upsert", "/update"))

    def tick(self) -> int:
        """A time later than all before, in milliseconds."""
        self._at = max(self._at + 1, int(clock.now().timestamp() * 1000))
        return self._at

    def person(self, kind: str, remote_id: str, values: dict[str, str], user: str = "77") -> None:
        """Somebody types values into HubSpot's pages."""
        self._set(
            self.objects[kind][remote_id],
            values,
            {"sourceType": "CRM_UI", "sourceId": f"userId:{user}", "updatedByUserId": int(user)},
        )

    def new(self, kind: str, values: dict[str, str]) -> str:
        """Somebody makes an object in HubSpot's pages."""
        self._next += 1
        self.objects[kind][str(self._next)] = Object(str(self._next))
        self.person(kind, str(self._next), values)
        return str(self._next)

    def find(self, kind: str, name: str, value: str) -> Object | None:
        return next(
            (o for o in self.objects[kind].values() if not o.archived and o.value(name).lower() == value.lower()), None
        )

    def _set(self, found: Object, values: dict[str, str], source: dict[str, Any]) -> bool:
        changed = False
        for name, value in values.items():
            if found.value(name) != value:
                at = (
                    datetime.fromtimestamp(self.tick() / 1000, UTC)
                    .isoformat(timespec="milliseconds")
                    .replace("+00:00", "Z")
                )
                found.history.setdefault(name, []).insert(0, {"value": value, "timestamp": at, **source})
                changed = True
        if changed:
            found.updated = self._at
        return changed

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            raise error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if asked.path == "/crm/v3/owners" and asked.method == "GET":
            return Said(200, {"results": [{"id": key, "email": value} for key, value in self.owners.items()]})
        match = _PATH.fullmatch(asked.path)
        if match is None or match[1] not in PROPERTIES:
            raise error(404, "OBJECT_TYPE_NOT_FOUND", "no such path")
        kind, act = match[1], match[2]
        if act is None:
            if asked.method != "GET":
                raise error(405, "METHOD_NOT_ALLOWED", "list by GET")
            return self._list(kind, asked)
        if asked.method != "POST" or asked.headers.get("content-type") != "application/json":
            raise error(405 if asked.method != "POST" else 415, "WRONG", "POST JSON")
        body = asked.json()
        return {"batch/read": self._read, "search": self._search}.get(act, lambda k, b: self._write(k, act, b))(
            kind, body
        )

    def _known(self, kind: str, names: Any) -> None:
        if unknown := set(names) - set(PROPERTIES[kind].split()) - {"lastmodifieddate", "hs_lastmodifieddate"}:
            raise error(400, "VALIDATION_ERROR", f"Property {sorted(unknown)[0]} does not exist")

    def _inputs(self, body: dict[str, Any], limit: int, allowed: set[str]) -> list[dict[str, Any]]:
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not inputs or len(inputs) > limit:
            raise error(400, "VALIDATION_ERROR", f"inputs: between 1 and {limit}")
        for one in inputs:
            if set(one) - allowed or not isinstance(one.get("id"), str) or not one["id"]:
                raise error(400, "VALIDATION_ERROR", f"an input has {sorted(allowed)}")
        if len({one["id"] for one in inputs}) < len(inputs):
            raise error(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input")
        return inputs

    def _read(self, kind: str, body: dict[str, Any]) -> Said:
        if set(body) - {"inputs", "properties", "propertiesWithHistory", "idProperty"}:
            raise error(400, "VALIDATION_ERROR", "unknown field in the body")
        inputs = self._inputs(body, 50 if body.get("propertiesWithHistory") else 100, {"id"})
        self._known(kind, [*body.get("properties", ()), *body.get("propertiesWithHistory", ())])
        by = body.get("idProperty", "")
        if by and by not in UNIQUE:
            raise error(400, "VALIDATION_ERROR", f"{by} is not unique")
        results, missing = [], []
        for one in inputs:
            found = self.find(kind, by, one["id"]) if by else self.objects[kind].get(one["id"])
            if found is None or found.archived:
                missing.append(one["id"])
            else:
                results.append(self._shown(found, body.get("properties", ()), body.get("propertiesWithHistory", ())))
        if not missing:
            return Said(200, {"status": "COMPLETE", "results": results})
        errors = [
            {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "message": "Could not get some objects",
                "context": {"ids": missing},
            }
        ]
        return Said(207, {"status": "COMPLETE", "results": results, "numErrors": len(missing), "errors": errors})

    def _shown(self, found: Object, names: Any, with_history: Any = (), **more: Any) -> dict[str, Any]:
        updated = (
            datetime.fromtimestamp(found.updated / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
        shown = {
            "id": found.id,
            "properties": {name: found.value(name) or None for name in names},
            "updatedAt": updated,
            "archived": False,
        }
        if with_history:
            shown["propertiesWithHistory"] = {name: list(found.history.get(name, ())) for name in with_history}
        return {**shown, **more}

    def _write(self, kind: str, act: str, body: dict[str, Any]) -> Said:
        allowed = {"id", "properties", "objectWriteTraceId"} | ({"idProperty"} if act == "batch/upsert" else set())
        inputs = self._inputs(body, 100, allowed)
        for one in inputs:
            self._known(kind, one.get("properties") or {})
            for name, value in one["properties"].items():
                if not isinstance(value, str):
                    raise error(400, "VALIDATION_ERROR", f"{name} is not a string")
                if name in NUMBERS and value and not re.fullmatch(r"-?\d+(\.\d+)?", value):
                    raise error(400, "VALIDATION_ERROR", f"{value} was not a valid long")
                if name == "email" and value and "@" not in value:
                    raise error(400, "VALIDATION_ERROR", f"Email address {value} is invalid")
        results, errors = [], []
        for one in inputs:
            done = self._upserted(kind, one) if act == "batch/upsert" else self._updated(kind, one)
            (results if "id" in done else errors).append(done)
        if not errors:
            return Said(200 if act == "batch/update" else 201, {"status": "COMPLETE", "results": results})
        return Said(207, {"status": "COMPLETE", "results": results, "numErrors": len(errors), "errors": errors})

    def _own(self, found: Object, one: dict[str, Any]) -> None:
        trace = one.get("objectWriteTraceId")
        if not isinstance(trace, str) or not trace:
            raise error(400, "VALIDATION_ERROR", "objectWriteTraceId is missing")
        self.traces.append(trace)
        self.writes += self._set(found, one["properties"], {"sourceType": "INTEGRATION", "sourceId": APP_ID})

    def _upserted(self, kind: str, one: dict[str, Any]) -> dict[str, Any]:
        if one.get("idProperty") != "signalbox_id":
            raise error(400, "VALIDATION_ERROR", "upsert by a unique property of your own")
        trace = one.get("objectWriteTraceId")
        found = self.find(kind, "signalbox_id", one["id"])
        is_new = found is None
        if found is None:
            email = one["properties"].get("email", "")
            held = self.find(kind, "email", email) if email and kind == "contacts" else None
            if held is not None:
                return {"status": "error", "category": "CONFLICT", "message": f"Contact already exists. Existing ID: {held.id}",
                        "context": {"objectWriteTraceId": [trace]}}  # fmt: skip
            self._next += 1
            found = self.objects[kind][str(self._next)] = Object(str(self._next))
        self._own(found, {**one, "properties": {**one["properties"], "signalbox_id": one["id"]}})
        return self._shown(found, one["properties"], new=is_new, objectWriteTraceId=trace)

    def _updated(self, kind: str, one: dict[str, Any]) -> dict[str, Any]:
        found = self.objects[kind].get(one["id"])
        if found is None or found.archived:
            return {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "message": "resource not found",
                "context": {"ids": [one["id"]]},
            }
        self._own(found, one)
        return self._shown(found, one["properties"], objectWriteTraceId=one["objectWriteTraceId"])

    def _search(self, kind: str, body: dict[str, Any]) -> Said:
        groups = body.get("filterGroups")
        if not isinstance(groups, list) or not 1 <= body.get("limit", 10) <= 200:
            raise error(400, "VALIDATION_ERROR", "filterGroups and a limit up to 200")
        held = sorted((o for o in self.objects[kind].values() if not o.archived), key=lambda o: (o.updated, int(o.id)))
        for one in groups[0]["filters"] if groups else ():
            wanted = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
            if one["propertyName"] != wanted or one["operator"] != "GTE":
                raise error(400, "VALIDATION_ERROR", f"this fake searches by {wanted}")
            held = [o for o in held if o.updated >= int(one["value"])]
        start, limit = int(body.get("after", 0)), body.get("limit", 10)
        page = [self._shown(o, body.get("properties", ())) for o in held[start : start + limit]]
        told: dict[str, Any] = {"total": len(held), "results": page}
        if start + limit < len(held):
            told["paging"] = {"next": {"after": str(start + limit)}}
        return Said(200, told)

    def _list(self, kind: str, asked: Asked) -> Said:
        names, limit = asked.query.get("properties", "").split(","), int(asked.query.get("limit", 10))
        if limit > 100:
            raise error(400, "VALIDATION_ERROR", "limit: at most 100")
        self._known(kind, names)
        after = int(asked.query.get("after", 0))
        held = sorted((o for o in self.objects[kind].values() if not o.archived), key=lambda o: int(o.id))
        page = [o for o in held if int(o.id) > after][:limit]
        told: dict[str, Any] = {"results": [self._shown(o, names) for o in page]}
        if page and held[-1].id != page[-1].id:
            told["paging"] = {"next": {"after": page[-1].id}}
        return Said(200, told)

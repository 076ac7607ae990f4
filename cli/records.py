"""Records of the CRM that people change by a command: found by name, changed with what they were, said in a line."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import JsonValue

from cli.console import out, shown
from cli.errors import CliError

PAGE = 500
Record = Mapping[str, Any]


class Crm(Protocol):
    """The stack's APIs, as far as records need them; `cli.client.Api` is one."""

    def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON that a service answers."""
        ...

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """The JSON answer to a write, once it is decided."""
        ...


def all_records(api: Crm, record_type: str) -> list[dict[str, Any]]:
    """Every record of a type."""
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = api.get("crm", f"/api/records/{record_type}", after=after, limit=PAGE)
        found += page["items"]
        after = page["next"]
    return found


def member_named(api: Crm, text: str) -> Record:
    """The member of that id, name or e-mail. Raises CliError when there is none, or more than one."""
    members = all_records(api, "member")
    fitting = [one for one in members if text.casefold() in names_of(one)]
    if len(fitting) == 1:
        return fitting[0]
    told = ", ".join(sorted(str(one["fields"].get("name") or one["id"]) for one in members)[:20]) or "there is none"
    why = f"several members are called {text!r}" if fitting else f"there is no member {text!r}"
    raise CliError(why, "MEMBER", f"give the id, the name or the e-mail; members: {told}")


def names_of(member: Record) -> set[str]:
    """What a member is called, in small letters."""
    held = (member["id"], member["fields"].get("name"), member["fields"].get("email"))
    return {name.casefold() for name in held if isinstance(name, str) and name}


def set_fields(
    api: Crm, record_type: str, record: Record, fields: Mapping[str, JsonValue], why: str, *, dry_run: bool = False
) -> None:
    """Change a record as a person, and say what was and is. What was changed meanwhile by somebody else is refused."""
    changed = {name: value for name, value in fields.items() if record["fields"].get(name) != value}
    name = record["fields"].get("name") or record["id"]
    if not changed:
        out.print(f"{record_type} {name}: it is so already", markup=False)
        return
    if not dry_run:
        body = {"fields": changed, "reason": why, "if_version": record["version"]}
        api.post("crm", f"/api/records/{record_type}/{record['id']}", body, method="PATCH")
    for field, value in changed.items():
        line = f"{record_type} {name}: {field} {shown(record['fields'].get(field))} → {shown(value)}"
        out.print(line + (" (not written)" if dry_run else ""), markup=False)


def create(api: Crm, record_type: str, fields: Mapping[str, JsonValue], why: str, *, dry_run: bool = False) -> None:
    """Make a record as a person, and say so."""
    told = ", ".join(f"{name} {shown(value)}" for name, value in fields.items())
    if dry_run:
        out.print(f"{record_type}: {told} (not written)", markup=False)
        return
    answer = api.post("crm", f"/api/records/{record_type}", {"records": [{"fields": dict(fields)}], "reason": why})
    out.print(f"{record_type} {_made(answer)}: {told}", markup=False)


def aware(at: datetime | None) -> datetime | None:
    """A time as it was typed; without an offset it is UTC."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def _made(answer: Mapping[str, Any]) -> str:
    held = answer.get("answer") or {}
    records = held.get("records") if isinstance(held, Mapping) else None
    return str(records[0].get("id", "")) if isinstance(records, Sequence) and records else "made"

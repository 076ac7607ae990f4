"""What cells name, as ids: an owner by name or e-mail, a company by domain or name, a contact by e-mail."""

from typing import Any, Protocol

from cli.crm_import.values import Value, domain

LINKED = ("opportunity", "task", "activity")
"""Types whose columns `company` and `contact` name records; a contact's company is a text of its own."""


class Services(Protocol):
    """The stack's APIs; `cli.client.Api` is one."""

    def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON that a service answers."""
        ...

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """The JSON answer to a write, once it is decided."""
        ...


class Resolver:
    """Looks names up in the CRM, each once."""

    def __init__(self, api: Services) -> None:
        self._api = api
        self._seen: dict[tuple[str, str], str] = {}
        self._members: dict[str, str] | None = None
        self._empty: bool | None = None

    def base_is_empty(self) -> bool:
        """Whether the CRM had neither people nor companies when it was first asked: then nobody can be there already."""
        if self._empty is None:
            paths = ("/api/records/contact", "/api/records/company")
            self._empty = not any(self._api.get("crm", path, limit=1)["items"] for path in paths)
        return self._empty

    def resolved(self, record_type: str, fields: dict[str, Value]) -> tuple[dict[str, Value], list[str]]:
        """The fields with ids for names, and which names nobody bears."""
        told, problems = dict(fields), []
        if record_type in LINKED:
            for name in ("company", "contact"):
                text = str(told.pop(name, ""))
                found = self._found(name, text) if text else ""
                if found:
                    told[f"{name}_id"] = found
                elif text:
                    problems.append(f"{name}: the CRM has no {name} {text[:60]!r}: import those first")
        if owner := str(told.pop("owner", "")):
            member = self._member(owner)
            if member:
                told["owner"] = member
            else:
                problems.append(f"owner: the CRM has no member {owner[:60]!r}: import those first")
        return told, problems

    def _member(self, text: str) -> str:
        if self._members is None:
            self._members = {}
            for one in self._all("member"):
                names = (one["id"], one["fields"].get("name"), one["fields"].get("email"))
                self._members |= {name.casefold(): one["id"] for name in names if isinstance(name, str)}
        return self._members.get(text.casefold(), "")

    def _found(self, kind: str, text: str) -> str:
        key = (kind, text.casefold())
        if key not in self._seen:
            self._seen[key] = self._asked(kind, text)
        return self._seen[key]

    def _asked(self, kind: str, text: str) -> str:
        """The id of the one record that bears the name; empty when there is none, or more than one."""
        path = f"/api/records/{kind}"
        if kind == "contact":
            items = self._api.get("crm", path, email=text, limit=2)["items"]
        elif "." in text and " " not in text:
            items = self._api.get("crm", path, domain=str(domain(text)), limit=2)["items"]
        else:
            named = self._api.get("crm", path, name=text, limit=100)["items"]
            items = [one for one in named if str(one["fields"].get("name", "")).casefold() == text.casefold()]
        return str(items[0]["id"]) if len(items) == 1 else ""

    def _all(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = self._api.get("crm", f"/api/records/{kind}", after=after, limit=500)
            found += page["items"]
            after = page["next"]
        return found

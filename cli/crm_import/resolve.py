"""What cells name, as ids: an owner by name or e-mail, a company by domain or name, a contact by e-mail."""

from cli.crm_import.values import Value, domain, own_key
from cli.records import Crm, Record, all_records, names_of
from libs.policy.suppression import entry_holds
from libs.runtime import clock
from services.crm.domain.natural import SAID_ONCE

KNOWN_BY_KEY = (*SAID_ONCE, "member")
"""Types of which the CRM is asked for every record: the same entry, day or person twice is one."""
LINKED = ("opportunity", "task", "activity")
"""Types whose columns `company` and `contact` name records; a contact's company is a text of its own."""


class Resolver:
    """Looks names up in the CRM, each once."""

    def __init__(self, api: Crm) -> None:
        self._api = api
        self._seen: dict[tuple[str, str], str] = {}
        self._members: dict[str, str] | None = None
        self._empty: bool | None = None
        self._said: dict[str, dict[str, Record]] = {}

    def base_is_empty(self) -> bool:
        """Whether the CRM had neither people nor companies when it was first asked: then nobody can be there already."""
        if self._empty is None:
            paths = ("/api/records/contact", "/api/records/company")
            self._empty = not any(self._api.get("crm", path, limit=1)["items"] for path in paths)
        return self._empty

    def there_already(self, record_type: str, key: str) -> Record | None:
        """The record of a type that is asked for by its key, one that still holds first; None when there is none."""
        if record_type not in KNOWN_BY_KEY:
            return None
        if record_type not in self._said:
            held = sorted(all_records(self._api, record_type), key=has_ended, reverse=True)
            self._said[record_type] = {own_key(record_type, said(one)): one for one in held}
        return self._said[record_type].get(key)

    def company(self, text: str) -> str:
        """The id of the one company of that name or domain; empty when there is none, or more than one."""
        return self._found("company", text)

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
            for one in all_records(self._api, "member"):
                self._members |= dict.fromkeys(names_of(one), one["id"])
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


def said(record: Record) -> dict[str, Value]:
    """A record's fields without the empty ones, as a row's are compared."""
    return {name: told for name, told in record["fields"].items() if told not in (None, "")}


def has_ended(record: Record) -> bool:
    """Whether an entry or a day was taken back, or its time is over."""
    return not entry_holds(record["fields"], clock.now())

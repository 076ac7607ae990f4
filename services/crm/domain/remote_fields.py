"""How a record's fields are named and spelled in a remote CRM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.policy.admit import is_empty

Kind = Literal["text", "number", "flag", "list", "date", "time", "owner", "json"]


class RemoteField(Model):
    """A remote field: its name there, and what it holds."""

    name: str
    kind: Kind = "text"
    values: dict[str, str] = {}
    """Our values and theirs, where they have words of their own; what is not listed goes through as it is."""


@dataclass(frozen=True, slots=True)
class RemoteType:
    """A kind of record in a remote CRM: its object, and the remote field of each of ours."""

    object: str
    fields: Mapping[str, RemoteField]

    @property
    def names(self) -> tuple[str, ...]:
        """The remote's field names, each once."""
        return tuple(dict.fromkeys(one.name for one in self.fields.values()))


def fields_of(texts: str = "", **special: str) -> dict[str, RemoteField]:
    """A mapping from `ours=theirs` pairs in one text, and `ours="theirs:kind"` for what is no text."""
    found = {}
    for pair in texts.split():
        ours, _, theirs = pair.partition("=")
        found[ours] = RemoteField(name=theirs or ours)
    for ours, told in special.items():
        name, _, kind = told.partition(":")
        found[ours] = RemoteField.model_validate({"name": name, "kind": kind or "text"})
    return found


def as_text(value: JsonValue, field: RemoteField) -> str:
    """A value as a remote that knows only texts takes it; empty clears the field."""
    if is_empty(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(str(one) for one in value)
    if field.kind == "number" and isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if field.kind == "date":
        return text[:10]
    if field.kind == "time":
        return _utc(text)
    return field.values.get(text, text)


def from_remote(value: JsonValue, field: RemoteField) -> JsonValue:
    """A remote's value as crm spells it; what does not fit its kind is kept as it is."""
    if is_empty(value):
        return None
    if field.kind == "json":
        return value
    if field.kind == "number":
        return _number(value)
    if field.kind == "flag" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    if field.kind == "list" and isinstance(value, str):
        return [one for one in value.split(";") if one]
    if field.kind == "date" and isinstance(value, str):
        return value[:10]
    if field.kind == "time" and isinstance(value, str):
        return _utc(value)
    return {theirs: ours for ours, theirs in field.values.items()}.get(str(value), value)


def spelled(value: JsonValue, field: RemoteField) -> JsonValue:
    """Our value as it will come back: what is compared with a remote's."""
    if field.kind == "json":
        return None if is_empty(value) else value
    return from_remote(as_text(value, field), field)


def fits(value: JsonValue, field: RemoteField) -> bool:
    """Whether the remote field can hold the value; a size as a band ("51-200") is no number."""
    return field.kind != "number" or is_empty(value) or isinstance(spelled(value, field), int | float)


def _number(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

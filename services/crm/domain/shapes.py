"""What the fields of each kind of record may hold (`libs.contracts.shapes`), and those that name another record."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.shapes import SHAPES
from services.crm.domain.links import ABOUT, LINKS, is_record_id

__all__ = ["REQUIRED", "SHAPES", "missing_fields", "shape_problems_of"]


def _link(value: JsonValue) -> str:
    return "" if isinstance(value, str) and is_record_id(value) else "the id of a record"


REQUIRED: Mapping[str, tuple[str, ...]] = {"activity": ("kind", "at"), "calendar": ("day",)}
"""Fields without which a record of the type can't be told."""


def shape_problems_of(record_type: str, fields: Mapping[str, JsonValue], where: str) -> Iterator[str]:
    """What does not fit, by field; null fits everywhere, since it clears."""
    shapes, links = SHAPES.get(record_type, {}), LINKS.get(record_type, {})
    for name, value in fields.items():
        check = _link if name in links else shapes.get(name)
        if value is None or check is None:
            continue
        if wanted := check(value):
            yield f"{where}.{name}: has to be {wanted}"


def missing_fields(record_type: str, fields: Mapping[str, JsonValue], where: str) -> Iterator[str]:
    """Fields that a new record of the type lacks."""
    for name in REQUIRED.get(record_type, ()):
        if fields.get(name) in (None, ""):
            yield f"{where}.{name}: is missing; {record_type} records need {', '.join(REQUIRED[record_type])}"
    if record_type == "activity" and not any(fields.get(name) for name in ABOUT):
        yield f"{where}: an activity says which record it is about: {', '.join(ABOUT)}"
    if record_type == "calendar" and not (fields.get("calendar") or fields.get("country")):
        yield f"{where}: an exception says whose day it is: calendar or country"
    if record_type == "calendar" and fields.get("closed") is not True and not fields.get("shifts"):
        yield f"{where}: an exception is closed, or names its shifts"

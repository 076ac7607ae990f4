"""Which fields of a record name another one, and which of those do not exist."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.change import RecordRef

_RECORD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
LINKS: Mapping[str, Mapping[str, str]] = {
    "contact": {"company_id": "company", "owner": "member"},
    "company": {"parent_id": "company", "owner": "member"},
    "opportunity": {"company_id": "company", "contact_id": "contact", "owner": "member"},
    "task": {"contact_id": "contact", "company_id": "company", "opportunity_id": "opportunity", "owner": "member"},
    "activity": {"contact_id": "contact", "company_id": "company", "opportunity_id": "opportunity", "owner": "member"},
}
"""By record type: the field that names a record, and of which type that is."""
ABOUT = ("contact_id", "company_id", "opportunity_id")
"""The fields by which a task or an activity says what it is about."""


def is_record_id(text: str) -> bool:
    """Whether a text may be a record's id: it becomes a Kafka key, so nothing like an e-mail fits."""
    return _RECORD_ID.fullmatch(text) is not None


def links_of(record_type: str, fields: Mapping[str, JsonValue]) -> Iterator[tuple[str, RecordRef]]:
    """The fields that name a record, with what they name."""
    for name, target in LINKS.get(record_type, {}).items():
        value = fields.get(name)
        if isinstance(value, str) and is_record_id(value):
            yield name, RecordRef(type=target, id=value)


def missing_links(
    record_type: str, fields: Mapping[str, JsonValue], where: str, exists: Callable[[RecordRef], bool]
) -> list[str]:
    """What the links lack, in words that say what to do."""
    return [
        f"{where}.{name}: there is no {ref.type} {ref.id}: create it first, or leave the field out"
        for name, ref in links_of(record_type, fields)
        if not exists(ref)
    ]


def links_of_all(record_type: str, many: Iterable[Mapping[str, JsonValue]]) -> set[RecordRef]:
    """All records that several records name."""
    return {ref for fields in many for _, ref in links_of(record_type, fields)}

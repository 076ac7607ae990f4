"""What people may ask of crm, and what is wrong with a request, in words that say where and what to do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.base import Model, PersonalText, PersonalValue
from libs.contracts.change import Actor, Evidence, ProposedChange, RecordRef, Source
from libs.contracts.places import places
from libs.policy.suppression import Reason
from services.crm.domain.links import is_record_id, links_of_all
from services.crm.domain.record import DELETED, RecordState
from services.crm.domain.shapes import missing_fields, shape_problems_of
from services.crm.domain.suppression import MATCHED_BY

CrmRecordType = Literal["contact", "company", "opportunity", "member", "suppression", "calendar", "task", "activity"]
FIELDS_LIMIT = 200
RECORDS_LIMIT = 500
TEXT_LIMIT = 10_000
"""Characters of one field's text."""
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class _Arguments(Model):
    model_config = ConfigDict(extra="forbid")


class EditArguments(_Arguments):
    """Arguments of `edit`, whose key is the record's id: fields to set (null clears), fields to lock or unlock."""

    type: CrmRecordType
    fields: dict[str, PersonalValue] = {}
    lock: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()
    if_version: int | None = None
    """The version that the person saw; another one is refused with what changed."""
    reason: PersonalText = ""


class NewRecord(_Arguments):
    """One record to create. Without an id it gets one from the command; an id must not tell an e-mail or a name."""

    id: str | None = None
    fields: dict[str, PersonalValue]


class CreateArguments(_Arguments):
    """Arguments of `create`: records of one type. `source` says where an import came from; empty: a person typed them."""

    type: CrmRecordType
    records: tuple[NewRecord, ...] = Field(min_length=1, max_length=RECORDS_LIMIT)
    source: str = ""
    reason: PersonalText = ""


class ImportArguments(_Arguments):
    """Arguments of `import`: many records of one type from a file or another system, each with an id of its own that
    derives from where it came from. What does not fit is told by record and sinks nothing else."""

    type: CrmRecordType
    records: tuple[NewRecord, ...] = Field(min_length=1, max_length=RECORDS_LIMIT)
    source: str = Field(min_length=1, max_length=200)
    reason: PersonalText = ""


class DeleteArguments(_Arguments):
    """Arguments of `delete`, whose key is the record's id. The record stays as a tombstone and can be restored."""

    type: CrmRecordType
    if_version: int | None = None
    reason: PersonalText = ""


Arguments = EditArguments | CreateArguments | ImportArguments | DeleteArguments
ARGUMENTS: Mapping[str, type[EditArguments] | type[CreateArguments] | type[ImportArguments] | type[DeleteArguments]] = {
    "edit": EditArguments,
    "create": CreateArguments,
    "import": ImportArguments,
    "delete": DeleteArguments,
}
"""By command."""


def problems_of(arguments: Arguments) -> list[str]:
    """Everything that is wrong beyond the shape; each line names the place. Of an import only what sinks all of it."""
    match arguments:
        case EditArguments():
            return [*_edit_problems(arguments)]
        case CreateArguments():
            return [*_create_problems(arguments)]
        case ImportArguments():
            return [*_id_problems(arguments.records, required=True)]
        case _:
            return []


def shape_problems(error: ValidationError) -> list[str]:
    """A validation error in words, without the values."""
    return places(error.errors(include_url=False, include_input=False, include_context=False))


def refs_of_create(arguments: CreateArguments | ImportArguments, command_id: str) -> list[RecordRef]:
    """The records that a `create` makes, in order; ids that were not given derive from the command."""
    return [
        RecordRef(type=arguments.type, id=record.id or ids.derived_id("created", arguments.type, command_id, place))
        for place, record in enumerate(arguments.records)
    ]


def named_by(arguments: Arguments) -> set[RecordRef]:
    """The other records that the new values name."""
    match arguments:
        case EditArguments():
            return links_of_all(arguments.type, [arguments.fields])
        case CreateArguments() | ImportArguments():
            return links_of_all(arguments.type, [record.fields for record in arguments.records])
        case _:
            return set()


def proposed(
    ref: RecordRef, fields: Mapping[str, JsonValue], record: RecordState, actor: Actor, reason: str, source: str = ""
) -> list[ProposedChange]:
    """A person's values as changes against what the record holds. An imported value is not one that a person verified."""
    return [
        ProposedChange(
            record=ref,
            field=name,
            old=record.value(name),
            new=value,
            source=Source(kind="crm", name=source) if source else Source(kind="human", name="crm"),
            actor=actor,
            reason=reason or ("imported" if source else "edited by hand"),
            verified_by=None if source else actor.id,
            evidence=(Evidence(quote=reason, where=f"reason given by {actor.id}"),) if reason else (),
        )
        for name, value in fields.items()
    ]


def changed_since(record: RecordState, version: int) -> list[str]:
    """The fields that were written after a version."""
    return sorted(name for name, meta in record.meta.items() if meta.version > version)


def _edit_problems(arguments: EditArguments) -> Iterator[str]:
    if not arguments.fields and not arguments.lock and not arguments.unlock:
        yield "fields: name at least one field to set, lock or unlock"
    for name in (*arguments.lock, *arguments.unlock):
        if not _FIELD_NAME.fullmatch(name):
            yield "lock/unlock: one is not a field name (small letters, digits, underscores)"
    yield from _field_problems(arguments.fields, "fields")
    yield from shape_problems_of(arguments.type, arguments.fields, "fields")
    if arguments.type == "suppression" and "reason" in arguments.fields:
        yield from _reason_problems(arguments.fields, "fields")


def _create_problems(arguments: CreateArguments) -> Iterator[str]:
    yield from _id_problems(arguments.records, required=False)
    for place, record in enumerate(arguments.records):
        yield from record_problems(arguments.type, record, f"records.{place}")


def _id_problems(records: Sequence[NewRecord], *, required: bool) -> Iterator[str]:
    seen: set[str] = set()
    for place, record in enumerate(records):
        where = f"records.{place}.id"
        if record.id is None:
            if required:
                yield f"{where}: an import gives each record an id that derives from where it came from"
            continue
        if not is_record_id(record.id):
            yield f"{where}: letters, digits and . _ : - only, at most 128 (no e-mail: ids are Kafka keys)"
        if record.id in seen:
            yield f"{where}: that id stands twice in this request"
        seen.add(record.id)


def record_problems(record_type: CrmRecordType, record: NewRecord, where: str) -> Iterator[str]:
    """What is wrong with a new record's fields."""
    if not record.fields:
        yield f"{where}.fields: a record needs at least one field"
    yield from _field_problems(record.fields, f"{where}.fields")
    yield from shape_problems_of(record_type, record.fields, f"{where}.fields")
    yield from missing_fields(record_type, record.fields, f"{where}.fields")
    if record_type == "suppression":
        yield from _reason_problems(record.fields, f"{where}.fields")
        if not any(record.fields.get(name) for name in MATCHED_BY):
            yield f"{where}.fields: a suppression entry names whom it holds back: {', '.join(MATCHED_BY)}"


def _field_problems(fields: Mapping[str, JsonValue], where: str) -> Iterator[str]:
    if len(fields) > FIELDS_LIMIT:
        yield f"{where}: {len(fields)} fields; at most {FIELDS_LIMIT}"
    for name, value in fields.items():
        if not _FIELD_NAME.fullmatch(name):
            yield f"{where}: a key is not a field name (small letters, digits, underscores)"
        elif name == DELETED:
            yield f"{where}.{name}: delete the record instead of setting this"
        elif _size(value) > TEXT_LIMIT:
            yield f"{where}.{name}: longer than {TEXT_LIMIT} characters"


def _reason_problems(fields: Mapping[str, JsonValue], where: str) -> Iterator[str]:
    if fields.get("reason") not in {reason.value for reason in Reason}:
        yield f"{where}.reason: one of {', '.join(sorted(reason.value for reason in Reason))}"


def _size(value: JsonValue) -> int:
    if isinstance(value, dict):
        return sum(len(name) + _size(held) for name, held in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str) else len(str(value))

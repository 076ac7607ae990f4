"""One record's part of a batch on its way to a remote: what is wanted, what was found, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.policy.admit import is_empty
from libs.runtime.batches import Done
from libs.runtime.errors import Rejected, Retryable
from services.crm.connectors.base import Connector
from services.crm.domain.remote import Again, Change, Known, Link, Plan, Refused, Seen, Snapshot
from services.crm.domain.remote_commands import FoundArguments, FoundField, MirrorArguments
from services.crm.domain.remote_fields import fits, spelled


class RecordView(Protocol):
    """A record as it stands."""

    @property
    def version(self) -> int: ...
    @property
    def fields(self) -> Mapping[str, JsonValue]: ...
    @property
    def deleted(self) -> bool: ...


class Owners:
    """Members here and owners there."""

    def __init__(self, members: Mapping[str, str], remote: Mapping[str, str], told: Mapping[str, str]) -> None:
        by_address = {member: remote[address] for address, member in members.items() if address in remote}
        self._there = {**by_address, **told}
        self._here = {there: here for here, there in self._there.items()}

    def there(self, member: JsonValue) -> str | None:
        """The remote's id of a member; None when nobody is known to be the same."""
        return self._there.get(str(member)) if member else None

    def here(self, remote_id: JsonValue) -> str | None:
        """Our id of a remote's owner."""
        return self._here.get(str(remote_id)) if remote_id else None


@dataclass
class Work:
    """One record's part of a batch."""

    ref: RecordRef
    dues: list[int]
    told: list[MirrorArguments]
    link: Link
    record: RecordView | None
    changes: dict[str, Change] = field(default_factory=dict)
    snapshot: Snapshot | None = None
    plan: Plan | None = None
    wrote: dict[str, Known] = field(default_factory=dict)
    """What was stored as being written, by field."""
    says: dict[str, JsonValue] = field(default_factory=dict)
    """What became of each field, for the effect's row."""
    found: dict[str, FoundField] = field(default_factory=dict)
    deleted: bool = False
    refused: Refused | None = None
    done: bool = False
    again: Again | None = None

    @property
    def by_person(self) -> bool:
        """Whether a person stands behind one of the changes."""
        return any(change.by_person for change in self.changes.values())


def spelt(connector: Connector, change: Change, owners: Owners) -> Change | None:
    """The change in the remote's spelling; None when the remote can't hold the value or knows no such owner."""
    remote = connector.types[change.ref.type].fields.get(change.field)
    if remote is None or not fits(change.new, remote):
        return None
    if remote.kind == "owner":
        new = owners.there(change.new)
        return None if new is None else replace(change, old=owners.there(change.old), new=new)
    return replace(change, old=spelled(change.old, remote), new=spelled(change.new, remote))


def with_back(plan: Plan, writes: Sequence[Change], back: Mapping[str, Seen], snapshot: Snapshot) -> Plan:
    """The plan with values of people that a write of ours stands over, to be put back."""
    values = {one.field: one.new for one in writes} | {name: seen.value for name, seen in back.items()}
    return replace(plan, values=values, expected={name: snapshot.fields.get(name, Seen()) for name in values})


def found_field(name: str, seen: Seen, known: Known | None, owners: Owners) -> FoundField:
    """A value that stands against ours, as it is told; the owner as one of ours."""
    value = owners.here(seen.value) if name == "owner" else seen.value
    return FoundField.of(name, seen, value, 0 if known is None else known.seq)


def results_of(connector: Connector, work: Work) -> list[tuple[int, Done | Rejected | Retryable]]:
    """What each effect of the record is told: the last one what was found, for all of them."""
    if work.again is not None:
        waits = Retryable(f"{connector.name}: {work.again.reason}", after_seconds=work.again.after_seconds)
        return [(place, waits) for place in work.dues]
    says: JsonValue = {**work.says, **({"refused": work.refused.reason} if work.refused else {})}
    quiet = [(place, Done(says, told=False)) for place in work.dues]
    duplicates = work.refused.duplicates if work.refused is not None else ()
    found = [one for one in work.found.values() if one.field != "owner" or one.value or is_empty(one.theirs)]
    if not (found or work.deleted or duplicates):
        return [*quiet]
    told = FoundArguments(
        connector=connector.name,
        type=work.told[0].type,
        id=work.ref.id,
        remote_id=work.link.remote_id,
        lead_id=next((one.lead_id for one in reversed(work.told) if one.lead_id), None),
        fields=tuple(found),
        deleted=work.deleted,
        duplicates=duplicates,
        reason=work.refused.reason if work.refused is not None else "",
    )
    return [*quiet[:-1], (work.dues[-1], Done(told.model_dump(mode="json")))]

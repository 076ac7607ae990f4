"""What crm and a remote CRM know of each other: the last value both agreed on, field by field, and what may be written.

The rule is three-way: mine (the record), known (what the remote held when we last looked or wrote) and theirs (what it
holds now). A write goes out only over what was known. Anything else is a person's word, and stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.policy.admit import is_empty, same_value

Verdict = Literal["write", "agreed", "superseded", "conflict"]


@dataclass(frozen=True, slots=True)
class Known:
    """What was last known of one remote field."""

    value: JsonValue = None
    version: int = 0
    """The record's version whose value this is; 0: only read, never written."""
    seq: int = 0
    """Rises with every move of this row: who decided on an older one is late."""
    writing: JsonValue = None
    is_writing: bool = False
    """A write of `writing` went out and its answer was not stored yet."""
    stamp: str = ""
    """The remote's own time of the value, where it tells one."""
    theirs: JsonValue = None
    has_conflict: bool = False
    """The remote holds `theirs`, a person was asked, and crm does not follow it so far."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record's counterpart in one remote CRM."""

    connector: str
    ref: RecordRef
    remote_id: str = ""
    fields: Mapping[str, Known] = field(default_factory=dict)
    gone: bool = False
    """The remote record was deleted there."""
    note: str = ""
    """Why the last write was refused; empty when it was not."""
    duplicates: bool = False
    """The remote refused to make it, since it holds records that look the same."""
    whole: bool = False
    """One side made it from the other: a field of which nothing is known was empty on both when they were linked."""
    stale: bool = False
    """What was found of it came too late to count: the next poll looks at it again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A remote field as it was read."""

    value: JsonValue = None
    stamp: str = ""
    by: str = ""
    """The remote user who wrote it; empty when that is not known or it was no person."""
    own: bool = False
    """We wrote it ourselves."""
    by_machine: bool = False
    """Some automation of the remote wrote it."""
    lost: "Seen | None" = None
    """The newest value of somebody else that a write of ours replaced."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A remote record as it was read. `token` is the remote's version of it, where there is one."""

    remote_id: str
    fields: Mapping[str, Seen]
    token: str = ""
    deleted: bool = False
    key: str = ""
    """Our own id, when the remote holds it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one field that was applied in crm and has to reach the remote."""

    ref: RecordRef
    field: str
    old: JsonValue
    new: JsonValue
    version: int
    change_id: str = ""
    by_person: bool = False
    """A person made or approved it, and so saw what the remote held if there was a conflict."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One conditional write: the fields' new values, and for each what the remote must hold for it to happen."""

    ref: RecordRef
    remote_id: str
    """Empty: the record is to be made, unless the remote holds one of our id by then."""
    values: Mapping[str, JsonValue]
    expected: Mapping[str, Seen]
    token: str = ""
    trace_id: str = ""
    allow_duplicates: bool = False
    """A person saw that the remote holds records that look the same, and said: make it."""
    claims: bool = False
    """The remote record does not hold our id yet."""
    whole: Mapping[str, JsonValue] = field(default_factory=dict)
    """All that crm holds of a record that is to be made: remotes ask for some fields."""


@dataclass(frozen=True, slots=True)
class Written:
    """The plan was carried out. `fields` are the values as the remote keeps them."""

    remote_id: str
    fields: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody changed the remote record meanwhile. `stands` are fields whose value stands against ours; the rest of the
    plan was written when `remote_id` is set, and else has to be planned again."""

    stands: Mapping[str, Seen] = field(default_factory=dict)
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The remote will not take it, now or later. `duplicates` are the ids of records that it takes for the same."""

    reason: str
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """The remote record is gone."""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now; ask again after so many seconds."""

    reason: str
    after_seconds: float = 1.0


Result = Written | Moved | Refused | Missing | Again


def merged(changes: Iterable[Change]) -> dict[str, Change]:
    """One change for each field: from the oldest `old` to the newest `new`."""
    found: dict[str, Change] = {}
    for change in sorted(changes, key=lambda one: one.version):
        earlier = found.get(change.field)
        found[change.field] = change if earlier is None else replace(change, old=earlier.old)
    return found


def judged(change: Change, known: Known | None, theirs: Seen) -> Verdict:
    """What may become of a change, given what was known and what the remote holds now."""
    if known is not None and known.version >= change.version:
        return "superseded"
    if lost_of(change, known, theirs) is not None:
        return "conflict"
    if same_value(theirs.value, change.new):
        return "agreed"
    return "write" if _accepted(change, known, theirs.value) else "conflict"


def _accepted(change: Change, known: Known | None, theirs: JsonValue) -> bool:
    if known is None:
        return is_empty(theirs) or same_value(theirs, change.old)
    if same_value(theirs, known.value) or (known.is_writing and same_value(theirs, known.writing)):
        return True
    seen_by_person = known.has_conflict and change.by_person and same_value(theirs, known.theirs)
    return seen_by_person and same_value(change.old, theirs)


def lost_of(change: Change, known: Known | None, theirs: Seen) -> Seen | None:
    """A person's value that a write of ours replaced unseen, in the moment between reading and writing; None: no such."""
    lost = theirs.lost
    if lost is None or not theirs.own or same_value(lost.value, change.new):
        return None
    if known is None:
        return None if is_empty(lost.value) or same_value(lost.value, change.old) else lost
    return lost if _is_news(lost, known) else None


def _is_news(lost: Seen, known: Known) -> bool:
    """Whether a value that was written over came after what is known. What only stands as being written is not known."""
    return not same_value(lost.value, known.value) and not (known.stamp and lost.stamp <= known.stamp)


def foreign(snapshot: Snapshot, link: Link) -> dict[str, Seen]:
    """The fields that somebody else changed in the remote since we last looked: neither our own echo nor told before.

    What we wrote ourselves is somebody else's word too when it was put back, and its telling may have been lost."""
    found = {}
    for name, seen in snapshot.fields.items():
        known, lost = link.fields.get(name), seen.lost
        if known is None:
            if not is_empty(seen.value) and not seen.own:
                found[name] = seen
            continue
        echoed = same_value(seen.value, known.value) or (known.is_writing and same_value(seen.value, known.writing))
        told = known.has_conflict and same_value(seen.value, known.theirs)
        if not (echoed or told or seen.own):
            found[name] = seen
        elif lost is not None and same_value(lost.value, seen.value) and not told and _is_news(lost, known):
            found[name] = lost
    return found


def planned(changes: Sequence[Change], snapshot: Snapshot | None, trace_id: str = "") -> Plan:
    """The write of changes of one record over what was just read; None: the record is to be made."""
    ref = changes[0].ref
    expected = {one.field: Seen() if snapshot is None else snapshot.fields.get(one.field, Seen()) for one in changes}
    return Plan(
        ref=ref,
        remote_id="" if snapshot is None else snapshot.remote_id,
        values={one.field: one.new for one in changes},
        expected=expected,
        token="" if snapshot is None else snapshot.token,
        trace_id=trace_id or changes[0].change_id,
        claims=snapshot is not None and snapshot.key != ref.id,
    )


def compensating(change: Change, version: int) -> Change:
    """The change that takes an applied one back, at a newer version of the record; it is judged like any other."""
    return replace(change, old=change.new, new=change.old, version=version)

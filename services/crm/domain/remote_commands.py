"""What travels between crm's stages and its connectors: a change to be mirrored, and what was found in the remote."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.base import Model, PersonalValue
from libs.contracts.change import Actor, RecordRef
from services.crm.domain.commands import CrmRecordType
from services.crm.domain.remote import Change, Seen

REMOTE_CHANGED = "remote_changed"
"""The command that tells crm what was found in a remote."""
MIRRORED = ("contact", "company", "opportunity", "task")
"""Record types that a remote may mirror."""


def effect_of(kind: str) -> str:
    """The name of the effects that carry changes to the remotes of a kind; each kind has its own loop."""
    return f"mirror.{kind}"


@dataclass(frozen=True, slots=True)
class MirrorOf:
    """A remote CRM as the stages see it: its name, kind, and the fields that it mirrors by record type."""

    name: str
    kind: str
    fields: Mapping[str, frozenset[str]]


class MirroredField(Model):
    """One field of a change that was applied."""

    field: str
    old: PersonalValue = None
    new: PersonalValue = None
    change_id: str = ""
    by_person: bool = False


class MirrorArguments(Model):
    """Arguments of a mirror effect."""

    connector: str
    type: CrmRecordType
    id: str
    version: int
    lead_id: str | None = None
    fields: tuple[MirroredField, ...]

    @property
    def ref(self) -> RecordRef:
        """The record."""
        return RecordRef(type=self.type, id=self.id)

    def changes(self) -> list[Change]:
        """The fields as changes to be judged."""
        return [
            Change(self.ref, one.field, one.old, one.new, self.version, one.change_id, one.by_person)
            for one in self.fields
        ]


class FoundField(Model):
    """A remote field that somebody else wrote. `theirs` is the remote's own spelling, `value` ours; `seq` what was known."""

    field: str
    value: PersonalValue = None
    theirs: PersonalValue = None
    seq: int = 0
    stamp: str = ""
    by: str = ""
    by_machine: bool = False

    @classmethod
    def of(cls, name: str, seen: Seen, value: PersonalValue, seq: int) -> "FoundField":
        """A field as it was read."""
        return cls(
            field=name,
            value=value,
            theirs=seen.value,
            seq=seq,
            stamp=seen.stamp,
            by=seen.by,
            by_machine=seen.by_machine,
        )

    def actor(self, connector: str) -> Actor:
        """Who wrote it, as far as the remote says."""
        if self.by_machine:
            return Actor(kind="rule", id=f"{connector}:automation")
        return Actor(kind="human", id=f"{connector}:{self.by}" if self.by else connector)


class FoundArguments(Model):
    """Arguments of `remote_changed`, whose key is the record's id."""

    connector: str
    type: CrmRecordType
    id: str
    remote_id: str = ""
    lead_id: str | None = None
    fields: tuple[FoundField, ...] = ()
    deleted: bool = False
    duplicates: tuple[str, ...] = ()
    """The remote refuses to make the record, since it takes these for the same."""
    reason: str = ""

    @property
    def ref(self) -> RecordRef:
        """The record."""
        return RecordRef(type=self.type, id=self.id)

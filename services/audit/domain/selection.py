"""Which changes a rollback is about."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from libs.contracts.base import Model
from libs.contracts.change import FieldChange, RecordRef
from services.audit.domain.row import aware

Moment = Annotated[datetime, AfterValidator(aware)]
Some = Annotated[tuple[str, ...], Field(max_length=10_000)]


class SelectionTooLarge(ValueError):
    """The selection touches more of the log than one plan may read. The message says how much that is."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the selection touches more than {limit} changes: narrow it, by time for example")


class Selection(Model):
    """All conditions that are given must hold; at least one is. People's own changes are meant only when the selection
    names them: by change, by actor, or by the rollback that they ordered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change_ids: Some = ()
    records: Annotated[tuple[RecordRef, ...], Field(max_length=10_000)] = ()
    fields: Some = ()
    workflow: str | None = None
    workflow_version: str | None = None
    model_version: str | None = None
    policy_version: str | None = None
    source_kind: str | None = None
    source_name: str | None = None
    actor_kind: Literal["rule", "ai", "human_approved_ai", "human"] | None = None
    actor_id: str | None = None
    lead_id: str | None = None
    rollback_id: str | None = None
    """The changes that an earlier rollback made: this is how a rollback is rolled back."""
    people: bool = False
    """What people did is meant too, whoever they are."""
    since: Moment | None = None
    until: Moment | None = None
    """Both inclusive, of the recorded time of the decision."""

    @model_validator(mode="after")
    def _says_something(self) -> "Selection":
        if not self.model_fields_set or all(not getattr(self, name) for name in self.model_fields_set):
            raise ValueError("say which changes: at least one condition is needed")
        return self

    @property
    def names_people(self) -> bool:
        """Whether people's own changes are meant too."""
        return bool(self.people or self.change_ids or self.actor_kind or self.actor_id or self.rollback_id)

    def covers(self, change: FieldChange) -> bool:
        """Whether the change is in the records, fields, source, model, actor and time that are meant, whatever its status."""
        wanted: tuple[tuple[str | None, str | None], ...] = (
            (self.source_kind, change.source.kind), (self.source_name, change.source.name), (self.lead_id, change.lead_id),
            (self.actor_kind, change.actor.kind), (self.actor_id, change.actor.id),
            (self.model_version, change.model_version),
            (self.rollback_id, change.source.name if change.source.kind == "rollback" else ""),
        )  # fmt: skip
        return (
            all(asked is None or asked == has for asked, has in wanted)
            and (not self.change_ids or change.change_id in self.change_ids)
            and (not self.fields or change.field in self.fields)
            and (not self.records or change.record in self.records)
            and (self.since is None or aware(change.at) >= self.since)
            and (self.until is None or aware(change.at) <= self.until)
            and (self.names_people or change.actor.kind != "human")
        )

    def decided(self, change: FieldChange) -> bool:
        """Whether the change was decided by the workflow and policy that are meant."""
        wanted: tuple[tuple[str | None, str | None], ...] = (
            (self.workflow, change.workflow.name), (self.workflow_version, change.workflow.version),
            (self.policy_version, change.policy_version),
        )  # fmt: skip
        return all(asked is None or asked == has for asked, has in wanted)

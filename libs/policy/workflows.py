"""Workflow contracts: what starts a stage, which records it may touch, which fields, how sure it must be, and how to undo it."""

from pydantic import Field, model_validator

from libs.contracts.change import Permission, RecordType
from libs.policy.autonomy import LADDER, Autonomy
from libs.policy.conditions import Condition, always
from libs.policy.part import Name, Part, Share
from libs.policy.suppression import Reason


class WorkflowContract(Part):
    """The contract of one stage."""

    trigger: str
    eligible: Condition = Field(default_factory=always)
    """CEL: the leads that it may touch."""
    exclusions: tuple[Reason, ...] = ()
    """Suppression reasons for which it changes nothing."""
    permission: Permission
    """Its step on the permission ladder. `read_only` and `draft` never write, `approved_writes` and `restricted` ask first."""
    grants: dict[RecordType, tuple[Name, ...]] = {}
    """The fields that it may propose, by record type."""
    withheld: dict[RecordType, tuple[Name, ...]] = {}
    """Fields that the stage would propose and must not: a right that is taken away on purpose."""
    autonomy: Autonomy | None = None
    """Fields that are written without a person only after people have accepted enough suggestions; None: as granted."""
    threshold: Share = 0.0
    """Below this confidence a person is asked, whatever the field's bands say."""
    approval: str
    audit: str
    rollback: str
    success_metric: str

    def may_propose(self, record_type: str, field: str) -> bool:
        """True when the contract grants the field."""
        return field in self.grants.get(record_type, ())  # type: ignore[call-overload]

    def is_withheld(self, record_type: str, field: str) -> bool:
        """True when the contract takes the right to the field away on purpose."""
        return field in self.withheld.get(record_type, ())  # type: ignore[call-overload]

    @model_validator(mode="after")
    def _earns_what_it_has(self) -> "WorkflowContract":
        if self.autonomy is None:
            return self
        if LADDER.index(self.autonomy.starts_at) > LADDER.index(self.permission):
            raise ValueError(f"autonomy starts at {self.autonomy.starts_at}, above the permission {self.permission}")
        for record_type, names in self.autonomy.fields.items():
            if foreign := sorted(set(names) - set(self.grants.get(record_type, ()))):
                raise ValueError(f"autonomy names {record_type}.{foreign[0]}, which is not granted")
        return self


Workflows = dict[Name, WorkflowContract]
"""By stage name."""

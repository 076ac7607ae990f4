"""Which changes of a write become a question for a person, and the command that asks the router to put it."""

from collections.abc import Sequence

from libs.contracts.change import Actor, FieldChange, Status
from libs.contracts.conflict import CONFLICT, ConflictArguments
from libs.contracts.events import Command, CrmWrite
from services.crm.domain.judge import DRIFT

BY_RULE = Actor(kind="rule", id="crm")


def conflict_command(event: CrmWrite, settled: Sequence[FieldChange]) -> Command | None:
    """The command to the router about what drifted and what the gate queued; None when nothing did.

    Only for writes of a lead: a rollback reports its conflicts in its own plan. A change of a deleted record is not asked,
    since no answer could make it.
    """
    open_changes = tuple(change for change in settled if _needs_a_person(change))
    if event.lead_id is None or event.rollback_id is not None or not open_changes:
        return None
    arguments = ConflictArguments(write_id=event.write_id, changes=open_changes)
    return Command(
        target="router", name=CONFLICT, key=event.lead_id, actor=BY_RULE, arguments=arguments.model_dump(mode="json")
    )


def _needs_a_person(change: FieldChange) -> bool:
    if change.reverts is not None:
        return False
    return change.status is Status.QUEUED or (change.status is Status.CONFLICT and change.rule == DRIFT)

"""Which moves of the log a selection means, also those that crm wrote down for the stage that had decided them."""

from collections.abc import Iterable, Sequence

from libs.contracts.change import FieldChange
from services.audit.domain.move import Move, same_json
from services.audit.domain.row import aware
from services.audit.domain.selection import Selection
from services.audit.domain.timeline import once

REPORTER = "crm.writes"
"""The stage that reports what became of other stages' record changes: its own name and version say nothing of who decided."""
_STAGE_OF_SOURCE = {"provider": "enrich", "model": "classify"}
_LEAD_FIELD_OF = {("company", "name"): "company"}
"""The lead's name for a record's field where the two differ."""


def targets(moves: Iterable[Move], selection: Selection) -> Sequence[Move]:
    """The applied moves that the selection means, in order; `moves` hold those of the leads behind them too.

    A change that crm reports counts as decided by the stage that set the same value of the same lead, or, when the value
    is a record's alone, by the newest run of the stage that proposed it.
    """
    line = once(moves)
    by_lead: dict[str, list[Move]] = {}
    for move in line:
        if move.change.lead_id is not None and move.change.workflow.name != REPORTER:
            by_lead.setdefault(move.change.lead_id, []).append(move)
    return [move for move in line if move.applied and _meant(move.change, selection, by_lead)]


def _meant(change: FieldChange, selection: Selection, by_lead: dict[str, list[Move]]) -> bool:
    if not selection.covers(change):
        return False
    if selection.decided(change):
        return True
    if change.workflow.name != REPORTER or selection.policy_version not in (None, change.policy_version):
        return False
    before = [
        move.change for move in by_lead.get(change.lead_id or "", ()) if aware(move.change.at) <= aware(change.at)
    ]
    stage = stage_behind(change)
    runs = [held for held in before if held.workflow.name == stage]
    if not runs and selection.workflow_version is None and selection.workflow == stage:
        return True
    return any(selection.decided(held) for held in [*runs[-1:], *(held for held in before if _led_to(held, change))])


def stage_behind(change: FieldChange) -> str:
    """The stage that proposed a change that crm reports."""
    named = change.actor.id.replace(":", ".").partition(".")[0]
    return _STAGE_OF_SOURCE.get(change.source.kind, named)


def _led_to(lead_change: FieldChange, change: FieldChange) -> bool:
    """Whether a lead's value is where a record's value came from."""
    field = _LEAD_FIELD_OF.get((change.record.type, change.field), change.field)
    same_field = lead_change.field == field and lead_change.source == change.source
    return same_field and same_json(lead_change.new, change.new)

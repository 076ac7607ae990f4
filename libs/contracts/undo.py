"""What triage tells audit of a decision that a person took back: the arguments of the command `take_back`."""

from datetime import datetime

from libs.contracts.base import Model
from libs.contracts.change import Workflow

TAKE_BACK = "take_back"
UNDO = Workflow(name="triage.undo", version="1")
"""Who proposes the compensating changes of an undo. They say nothing against the evidence of what they take back."""


class TakeBackArguments(Model):
    """What was written for the command's lead between `since` and `until` (UTC) goes back to what was there before."""

    decision: str
    """The event id of the decision."""
    since: datetime
    until: datetime

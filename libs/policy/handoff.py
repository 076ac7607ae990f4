"""What a seller reads when a lead becomes theirs: lines of a note, and the next thing to do, by queue."""

from pydantic import Field

from libs.contracts.note import Section
from libs.policy.conditions import Condition, always
from libs.policy.part import Name, Part
from libs.policy.wording import Wording


class HandoffLine(Part):
    """One line, said when its condition holds."""

    name: Name
    about: Section = "request"
    """What it is about; of a next task always `next_step`."""
    when: Condition = Field(default_factory=always)
    say: Wording


class HandoffText(Part):
    """The note's lines in order; of the tasks, the first whose condition holds."""

    note: tuple[HandoffLine, ...] = ()
    next_task: tuple[HandoffLine, ...] = ()


class Handoff(Part):
    """`handoff.yaml`. A queue without its own text has the default one; empty, nothing is handed over in writing."""

    default: HandoffText = HandoffText()
    queues: dict[Name, HandoffText] = {}

    def text_of(self, queue: str | None) -> HandoffText:
        """The text of a queue; a list that the queue leaves out is the default's."""
        own = self.queues.get(queue or "")
        if own is None:
            return self.default
        return HandoffText(note=own.note or self.default.note, next_task=own.next_task or self.default.next_task)

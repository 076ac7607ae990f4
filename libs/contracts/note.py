"""What a seller reads when a lead becomes theirs, as data: every line with what it stands on."""

from typing import Literal

from libs.contracts.base import Model, PersonalText, PersonalValue

Section = Literal["who", "request", "size", "fit", "missing", "conflict", "history", "next_step"]
"""What a line of a note is about."""


class Ground(Model):
    """One thing that a sentence stands on, and where it can be looked up."""

    kind: Literal[
        "submission", "field", "claim", "score", "identity", "record", "suppression", "rule", "policy", "human"
    ]
    """`submission` the raw bytes, `field` a fact of the lead, `claim` a classified label, `score` a row of the points table,
    `identity` dedupe's verdict, `record` what the CRM holds, `suppression` why somebody is held back, `rule` the routing
    rule, `policy` a text that the policy gives, `human` what a person wrote."""
    name: str
    """The field, the label's field, the rule of the points table, the reason: whatever its kind calls by name."""
    value: PersonalValue = None
    source: str = ""
    """Who says so: a form, a provider, a model, a person."""
    quote: PersonalText = ""
    where: str = ""


class NoteLine(Model):
    """One line, with the policy's name for it."""

    about: Section
    name: str
    text: PersonalText
    grounds: tuple[Ground, ...]


class Note(Model):
    """The handoff note of one version of a lead. What the CRM gets is `text` and `next_task`, nothing else."""

    lines: tuple[NoteLine, ...] = ()

    @property
    def text(self) -> str:
        """The lines as a seller reads them, without the next step, which the CRM keeps as a task."""
        return "\n".join(line.text for line in self.lines if line.about != "next_step")

    @property
    def next_task(self) -> str:
        """The recommended next step; empty when the policy recommends none."""
        return next((line.text for line in self.lines if line.about == "next_step"), "")

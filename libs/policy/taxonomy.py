"""The taxonomy: the labels that classify may choose from, each with a definition and examples that the models learn from."""

from pydantic import Field, model_validator

from libs.policy.part import Name, Part, Share


class Label(Part):
    """One label."""

    definition: str
    examples: tuple[str, ...] = ()
    """Sentences as people write them in forms."""
    words: tuple[str, ...] = ()
    """Words and phrases that point to it."""


class LabelledField(Part):
    """A field to classify. `unknown` is always one of its labels, so that nothing has to be guessed."""

    question: str
    labels: dict[Name, Label]
    routes: bool = False
    """Routing depends on it: its confidence counts in the lead's."""

    @model_validator(mode="after")
    def _may_be_unknown(self) -> "LabelledField":
        if "unknown" not in self.labels:
            raise ValueError("labels must hold `unknown`")
        return self


class Taxonomy(Part):
    """`taxonomy.yaml`: fields with one label each, and flags that are raised or not."""

    fields: dict[Name, LabelledField] = Field(min_length=1)
    flags: dict[Name, Label] = Field(min_length=1)
    not_for_sales: tuple[Name, ...] = ()
    """Flags that keep a lead from sales."""
    flag_at: Share = 0.5
    """A flag is raised from this confidence on."""

"""Which built-in model decides, and which one is only tried beside it."""

from typing import Annotated

from pydantic import Field, model_validator

from libs.policy.part import Part

ModelVersion = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,63}$")]
"""As `signalbox classify train` prints it: `offline-2-` and ten characters of the hash of its weights."""


class Models(Part):
    """`classification.yaml`: a lead is read by the model that its policy names, so a replay is read by the same one."""

    model: ModelVersion
    """The version that decides. A version that is not there holds leads up: no other one answers for it."""
    shadow: ModelVersion | None = None
    """A version whose opinion is recorded beside each answer and decides nothing."""

    @model_validator(mode="after")
    def _two_models(self) -> "Models":
        if self.shadow == self.model:
            raise ValueError("shadow is the model that decides: name another version, or leave it out")
        return self

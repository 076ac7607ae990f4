"""The base of all policy models: immutable, and strict about names, since a misspelt key must not be a silent rule."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A piece of the policy as RevOps write it; unknown keys are problems."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Share = Annotated[float, Field(ge=0, le=1)]
"""A trust, confidence or probability, 0-1."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name that rules refer to: small letters, digits and underscores."""

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 366)]

"""The base of all contract models, and the mark for personal data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, JsonValue


class Personal:
    """Marks a field whose value is personal data: encrypted under the subject's key, masked by role, never a key or a label."""

    def __repr__(self) -> str:
        return "Personal()"


MASKED: Mapping[str, JsonValue] = MappingProxyType({"masked": True})
"""What stands in the place of a value that somebody is not shown: nothing that a value could be, and the same for all."""

PersonalText = Annotated[str, Personal()]
PersonalValue = Annotated[JsonValue, Personal()]


class Model(BaseModel):
    """An immutable contract; unknown fields are ignored so that producers may add optional ones first."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants", allow_inf_nan=False)

"""What is said of a value that does not fit repeats nothing of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from libs.contracts.places import places


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str
    fields: dict[str, int] = {}


def _told(given_: dict[str, Any]) -> list[str]:
    try:
        _Shape.model_validate(given_)
    except ValidationError as error:
        return places(error.errors())
    return []


def test_places_are_named_by_our_own_names() -> None:
    told = _told({"email": 7, "fields": {"employees": "many"}})
    assert [one.partition(":")[0] for one in told] == ["email", "fields.employees"]


@given(st.from_regex(r"[a-z]{3,9} [a-z]{3,9}|[a-z]{3,9}@[a-z]{3,9}\.example", fullmatch=True))
def test_neither_a_value_nor_a_key_that_is_no_name_comes_back(secret: str) -> None:
    told = _told({secret: secret, "email": [secret], "fields": {secret: secret}})
    assert len(told) == 3
    assert secret not in " ".join(told)

"""The JSON Schema for editors: current, and true of the shipped files."""

import jsonschema
import pytest

from libs.policy.documents import read_document
from libs.policy.schema import SCHEMA, policy_schema, schema_text
from tests.libs.policy.shipped import FILES

VALIDATOR = jsonschema.Draft202012Validator(policy_schema())


def test_the_stored_schema_is_current() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run: python -m libs.policy.schema"


@pytest.mark.parametrize("file", sorted(FILES))
def test_shipped_files_meet_it(file: str) -> None:
    VALIDATOR.validate(read_document(file, FILES[file]).value)
    assert "docs/policy.schema.json" in FILES[file].splitlines()[0]


def test_it_refuses_what_the_loader_refuses() -> None:
    value = read_document("launch.yaml", FILES["launch.yaml"]).value
    assert not VALIDATOR.is_valid({**value, "mod": "suggested"})
    assert not VALIDATOR.is_valid({**value, "mode": "sugested"})

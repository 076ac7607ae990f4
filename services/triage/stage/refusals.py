"""How a command is refused: an answer with a code, words for the person, and facts."""

from typing import Any

from pydantic import JsonValue, ValidationError

from libs.contracts.outcome import Outcome


def refused(code: str, message: str, **more: JsonValue) -> Outcome[Any]:
    """The outcome of a command that changes nothing, and says why."""
    return Outcome(answer={"status": "refused", "code": code, "message": message, **more})


def where(error: ValidationError) -> JsonValue:
    """What does not fit, by its place; never the value itself."""
    return [
        {"where": ".".join(map(str, found["loc"])), "message": found["msg"]}
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]

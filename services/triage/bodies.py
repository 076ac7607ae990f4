"""Bodies of triage's requests: read up to a limit, as strict JSON, with errors that say what is wrong and where."""

from typing import TypeVar

from fastapi import Request
from pydantic import JsonValue, ValidationError

from libs.contracts.base import Model
from libs.contracts.places import places
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime.http import BadRequest

M = TypeVar("M", bound=Model)


async def body_of(request: Request, limit: int) -> JsonValue:
    """The body; an empty one is an empty object. Raises BadRequest."""
    too_long = BadRequest(413, "too_large", f"a decision may have {limit} bytes")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise too_long
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_long
    try:
        return parse_strict(bytes(body)).value if body else {}
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None


def fitting(model: type[M], body: JsonValue, what: str) -> M:
    """The body as a model. Raises BadRequest that says where it does not fit, never with what was sent."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise BadRequest(422, "invalid", f"{what} does not fit", places(details)) from None

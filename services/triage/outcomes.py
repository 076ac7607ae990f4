"""Commands of triage as HTTP: their ids, and what became of them."""

from collections.abc import Mapping

from fastapi.responses import JSONResponse
from pydantic import JsonValue

from libs.contracts import ids
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.http import BadRequest, command_response

_STATUS_OF = {
    "not_found": 404,
    "not_open": 409,
    "changed": 409,
    "claimed": 409,
    "not_undoable": 409,
    "settling": 409,
    "invalid": 422,
}


def command_id_of(person: str, key: str, *parts: str) -> str:
    """The id of a command: the same for the same person's key, so that it may be sent again; without a key, a new one."""
    return ids.derived_id("command", "triage", person, key, *parts) if key else clock.new_id()


def refusal_in(result: CommandResult) -> Mapping[str, JsonValue] | None:
    """Why it was refused, with its `code`; None when it was done, or is not decided yet."""
    answer = result.answer
    refused = isinstance(answer, Mapping) and answer.get("status") == "refused"
    return answer if result.done and result.refused is None and refused and isinstance(answer, Mapping) else None


def answered(result: CommandResult) -> JSONResponse:
    """The outcome as HTTP: refusals by their kind, with what changed and by whom."""
    refusal = refusal_in(result)
    if refusal is None:
        return command_response(result)
    code = str(refusal.get("code"))
    told = {name: value for name, value in refusal.items() if name not in ("status", "code")}
    return JSONResponse({"command_id": result.command_id, "error": code, **told}, _STATUS_OF.get(code, 409))


def lead_id_of(text: str) -> str:
    """An id as it stands in a path. Raises BadRequest for one that can't be ours."""
    if not text.isascii() or not text.isprintable() or len(text) > 128:
        raise BadRequest(404, "not_found", "that can't be an id of ours")
    return text

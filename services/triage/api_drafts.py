"""Notes and drafts over HTTP: read, edited, approved, discarded; sent by nobody but a person, elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from libs.contracts import ids
from libs.contracts.base import MASKED, Model
from libs.contracts.change import Actor, RecordRef
from libs.contracts.note import Ground
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, View, command_response, may
from services.triage.domain.drafting import APPROVE, DISCARD, EDIT, LONGEST_TEXT
from services.triage.domain.handoff import Handoff

_STATUS_OF = {"not_found": 404, "not_open": 409, "changed": 409, "invalid": 422}
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]


class Handoffs(Protocol):
    """Where notes and drafts are read."""

    async def one(self, lead_id: str) -> Handoff | None:
        """What is kept of a lead's newest version."""
        ...


class DraftSaid(Model):
    """What a person does with the draft that they saw."""

    model_config = ConfigDict(extra="forbid")
    seen_hash: str = Field(max_length=128)
    reason: str = Field(default="", max_length=2_000)


class DraftEdited(DraftSaid):
    """The draft's text as it shall stand."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


def add_drafts(app: FastAPI, handoffs: Handoffs, commands: CommandSender) -> FastAPI:
    """The app with the routes for notes and drafts."""
    _add_reads(app, handoffs)
    _add_acts(app, handoffs, commands)
    return app


def _add_reads(app: FastAPI, handoffs: Handoffs) -> None:
    @app.get("/api/leads/{lead_id}/note", dependencies=[may("personal")])
    async def note(lead_id: str, view: Shows) -> JSONResponse:
        """The handoff note of the lead's newest version, each line with what it stands on."""
        held = await _opened(handoffs, lead_id, view)
        lines = [
            _line(view, {"about": line.about, "name": line.name, "text": line.text}, line.grounds)
            for line in held.note.lines
        ]
        return JSONResponse({**_head(held), "lines": lines})

    @app.get("/api/leads/{lead_id}/draft", dependencies=[may("personal")])
    async def draft(lead_id: str, view: Shows) -> JSONResponse:
        """The follow-up draft, each sentence with what it stands on; or why there is none."""
        held = await _opened(handoffs, lead_id, view)
        told = {**_head(held), "why_not": held.why_not, "reason": held.reason, "seen_hash": held.seen_hash}
        if held.draft is None:
            return JSONResponse({**told, "draft": None})
        made = held.draft
        sentences = [_line(view, {"role": one.role, "text": one.text}, one.grounds) for one in made.sentences]
        whole = any(isinstance(one["text"], Mapping) for one in sentences)
        shown: dict[str, Any] = {
            "language": made.language, "theirs": made.theirs, "engine": made.engine, "model": made.model,
            "text": dict(MASKED) if whole else made.text, "sentences": sentences,
            "refused": list(made.refused), "warnings": list(made.warnings),
        }  # fmt: skip
        return JSONResponse({**told, "draft": shown})


def _add_acts(app: FastAPI, handoffs: Handoffs, commands: CommandSender) -> None:
    @app.post("/api/leads/{lead_id}/draft/edit", dependencies=[may("work")])
    async def edit(lead_id: str, actor: Human, view: Shows, said: DraftEdited, key: Key = "") -> JSONResponse:
        """Another text in place of the draft's; the answer warns of what the checker would have refused."""
        await _reached(handoffs, lead_id, view)
        return await _sent(commands, EDIT, lead_id, actor, said, key)

    @app.post("/api/leads/{lead_id}/draft/approve", dependencies=[may("work")])
    async def approve(lead_id: str, actor: Human, view: Shows, said: DraftSaid, key: Key = "") -> JSONResponse:
        """The draft may be sent as it stands. Nothing is sent."""
        await _reached(handoffs, lead_id, view)
        return await _sent(commands, APPROVE, lead_id, actor, said, key)

    @app.post("/api/leads/{lead_id}/draft/discard", dependencies=[may("work")])
    async def discard(lead_id: str, actor: Human, view: Shows, said: DraftSaid, key: Key = "") -> JSONResponse:
        """The draft is of no use."""
        await _reached(handoffs, lead_id, view)
        return await _sent(commands, DISCARD, lead_id, actor, said, key)


def _head(held: Handoff) -> dict[str, Any]:
    return {
        "lead_id": held.lead_id, "version": held.version, "owner": held.owner, "queue": held.queue, "status": held.status,
        "created_at": held.created_at.isoformat(), "changed_at": held.changed_at.isoformat(), "changed_by": held.changed_by,
    }  # fmt: skip


def _line(view: View, told: dict[str, Any], grounds: Sequence[Ground]) -> dict[str, Any]:
    """A line with its grounds; without both where it says a field that the asker is not shown."""
    hidden = [one for one in grounds if one.kind in ("field", "claim") and view.hides("lead", one.name)]
    if hidden:
        return {**told, "text": dict(MASKED), "grounds": []}
    return {**told, "grounds": [ground.model_dump(mode="json") for ground in grounds]}


async def _reached(handoffs: Handoffs, lead_id: str, view: View) -> Handoff | None:
    """The handoff of a lead that is the asker's to deal with. What is not there the command itself refuses."""
    held = await handoffs.one(_id(lead_id))
    if held is not None:
        view.refuse_unreached(held.queue, held.owner)
    elif view.caller.role == "rep":
        raise BadRequest(404, "not_found", "no note or draft of that lead is yours")
    return held


async def _opened(handoffs: Handoffs, lead_id: str, view: View) -> Handoff:
    held = await _reached(handoffs, lead_id, view)
    if held is None:
        raise BadRequest(404, "not_found", "nobody has that lead yet: a note and a draft come with its owner")
    await view.shows([RecordRef(type="lead", id=held.lead_id)])
    return held


async def _sent(
    commands: CommandSender, name: str, lead_id: str, actor: Actor, said: DraftSaid, key: str
) -> JSONResponse:  # fmt: skip
    command_id = ids.derived_id("command", "triage", actor.id, key) if key else clock.new_id()
    arguments = said.model_dump(mode="json", exclude={"seen_hash"})
    return _answered(await commands.send("triage", name, lead_id, actor, arguments, said.seen_hash, command_id))


def _answered(result: CommandResult) -> JSONResponse:
    answer = result.answer
    refused = isinstance(answer, Mapping) and answer.get("status") == "refused"
    if not result.done or result.refused is not None or not refused or not isinstance(answer, Mapping):
        return command_response(result)
    code = str(answer.get("code"))
    told = {name: value for name, value in answer.items() if name not in ("status", "code")}
    return JSONResponse({"command_id": result.command_id, "error": code, **told}, _STATUS_OF.get(code, 409))


def _id(text: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > 128:
        raise BadRequest(404, "not_found", "that can't be an id of ours")
    return text

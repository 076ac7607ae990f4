"""Triage's REST API: the queue, one item, its raw submission, and a person's decision as a command."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import RecordRef
from libs.contracts.events import Answer
from libs.contracts.lead import Position
from libs.contracts.places import places
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, View, command_response, may, new_app
from services.triage.domain.answers import choices_of
from services.triage.domain.item import Item, Status
from services.triage.domain.page import Cursor, Page, Row
from services.triage.settings import TriageSettings

_STATUS_OF = {"not_found": 404, "not_open": 409, "changed": 409, "invalid": 422}


class Queue(Protocol):
    """Where the queue is read."""

    async def page(self, status: Status, limit: int, after: Cursor | None, queues: Sequence[str] = ()) -> Page:
        """The next rows of a status; `queues`: only what would go there, if any are given."""
        ...

    async def one(self, lead_id: str) -> Item | None:
        """The item of a lead."""
        ...


class KeptRecord(Protocol):
    """A record of a topic, as far as the API needs it."""

    @property
    def value(self) -> bytes | None:
        """The record's bytes."""
        ...


class RecordReader(Protocol):
    """Where raw submissions are read again."""

    async def read(self, position: Position) -> KeptRecord:
        """The record at a position. Raises Retryable when the broker is away, LookupError when it is gone."""
        ...


class Decision(Model):
    """A person's answers to all questions of an item, and the hash of the questions that they saw."""

    model_config = ConfigDict(extra="forbid")
    seen_hash: str
    answers: tuple[Answer, ...]


def create_app(
    queue: Queue,
    commands: CommandSender,
    reader: RecordReader,
    api_token: str,
    health: Health,
    settings: TriageSettings,
) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox triage", api_token, health)

    _add_reads(app, queue, settings)
    _add_raw(app, queue, reader)
    _add_decisions(app, queue, commands, settings)
    return app


def _add_reads(app: FastAPI, queue: Queue, settings: TriageSettings) -> None:
    @app.get("/api/items", dependencies=[may("queue")])
    async def page(
        view: Shows, status: Status = "open", limit: Annotated[int, Query(ge=1)] = 50, after: str = ""
    ) -> JSONResponse:
        """The queue: what is due first, then what is worth most; `next` is the `after` of the next page."""
        found = await queue.page(status, min(limit, settings.page_max), _cursor(after), view.caller.queues)
        await view.shows(RecordRef(type="lead", id=row.lead_id) for row in found.rows)
        return JSONResponse(
            {
                "items": [
                    {**_row(row), **view.fields("lead", {"name": row.name, "company": row.company})}
                    for row in found.rows
                ],
                "next": None if found.next is None else found.next.text(),
                "total": found.total,
            }
        )

    @app.get("/api/items/{lead_id}", dependencies=[may("personal")])
    async def one(lead_id: str, view: Shows) -> JSONResponse:
        """One item with its questions, their choices, the lead and the suggested route."""
        return JSONResponse(_shown(await _opened(queue, lead_id, view)))


def _add_raw(app: FastAPI, queue: Queue, reader: RecordReader) -> None:
    @app.get("/api/items/{lead_id}/raw", dependencies=[may("raw")])
    async def raw(lead_id: str, view: Shows) -> Response:
        """The submission byte for byte, as a file: whatever it holds, no browser may run it."""
        item = await _opened(queue, lead_id, view)
        try:
            record = await reader.read(item.submission.position)
        except LookupError:
            raise BadRequest(410, "gone", "the submission's bytes are no longer kept") from None
        name = f"submission-{item.submission.submission_id}.txt"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "X-Signalbox-Sha256": item.submission.sha256,
        }
        return Response(record.value or b"", media_type="text/plain", headers=headers)


def _add_decisions(app: FastAPI, queue: Queue, commands: CommandSender, settings: TriageSettings) -> None:
    @app.post("/api/items/{lead_id}/decision", dependencies=[may("decide")])
    async def decide(
        lead_id: str,
        request: Request,
        actor: Human,
        view: Shows,
        key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
    ) -> JSONResponse:
        """Decide an item: {"seen_hash", "answers": [{"question_id", "verdict", "value"?, "reason"?}]}, all questions."""
        if (item := await queue.one(_lead_id(lead_id))) is not None:
            _refuse_unreached(view, item)
        decision = await _decision(request, settings.body_max_bytes)
        command_id = ids.derived_id("command", "triage", actor.id, key) if key else clock.new_id()
        answers: JsonValue = {"answers": [answer.model_dump(mode="json") for answer in decision.answers]}
        result = await commands.send(
            "triage", "decide", _lead_id(lead_id), actor, answers, decision.seen_hash, command_id
        )
        return _answered(result)

    @app.get("/api/commands/{command_id}", dependencies=[may("decide")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a decision that was answered with 202."""
        return _answered(await commands.outcome(_lead_id(command_id)))


async def _opened(queue: Queue, lead_id: str, view: View) -> Item:
    """An item that is the asker's to see; it is kept that they saw it."""
    item = await _item_of(queue, lead_id)
    _refuse_unreached(view, item)
    await view.shows([RecordRef(type="lead", id=item.lead_id)])
    return item


def _refuse_unreached(view: View, item: Item) -> None:
    told = item.told
    view.refuse_unreached(item.queue, None if told is None else told.id)


async def _item_of(queue: Queue, lead_id: str) -> Item:
    item = await queue.one(_lead_id(lead_id))
    if item is None:
        raise BadRequest(404, "not_found", "no triage item of that lead: list the open ones at /api/items")
    return item


def _lead_id(text: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > 128:
        raise BadRequest(404, "not_found", "that can't be an id of ours")
    return text


def _cursor(after: str) -> Cursor | None:
    try:
        return Cursor.parse(after) if after else None
    except ValueError:
        raise BadRequest(422, "invalid", "after: take it from `next` of the page before") from None


async def _decision(request: Request, limit: int) -> Decision:
    """The body as a decision. Raises BadRequest that says what is wrong and where."""
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
        return Decision.model_validate(parse_strict(bytes(body)).value)
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        problems = places(details)
        raise BadRequest(422, "invalid", "the decision does not fit", problems) from None


def _answered(result: CommandResult) -> JSONResponse:
    """The outcome as HTTP: refusals by their kind, with the new question hash when the questions changed."""
    answer = result.answer
    refused = isinstance(answer, Mapping) and answer.get("status") == "refused"
    if not result.done or result.refused is not None or not refused or not isinstance(answer, Mapping):
        return command_response(result)
    code = str(answer.get("code"))
    told = {name: value for name, value in answer.items() if name not in ("status", "code")}
    return JSONResponse({"command_id": result.command_id, "error": code, **told}, _STATUS_OF.get(code, 409))


def _row(row: Row) -> dict[str, Any]:
    return {
        "lead_id": row.lead_id,
        "version": row.version,
        "question_hash": row.question_hash,
        "status": row.status,
        "created_at": row.created_at.isoformat(),
        "due_at": None if row.due_at is None else row.due_at.isoformat(),
        "overdue": row.overdue,
        "clock": row.clock,
        "waiting": None if row.waiting is None else row.waiting.model_dump(mode="json"),
        "worth": row.worth,
        "kinds": list(row.kinds),
        "company": row.company,
        "name": row.name,
        "suggested": row.suggested,
    }


def _shown(item: Item) -> dict[str, Any]:
    return {
        **_row(Row.of(item)),
        "questions": [
            {**question.model_dump(mode="json"), "choices": list(choices_of(question))} for question in item.questions
        ],
        "submission": item.submission.model_dump(mode="json"),
        "lead": None if item.lead is None else item.lead.model_dump(mode="json"),
        "suggested_route": None if item.suggested is None else item.suggested.model_dump(mode="json"),
        "closed_at": None if item.closed_at is None else item.closed_at.isoformat(),
        "decided_by": None if item.actor is None else item.actor.id,
        "answers": [answer.model_dump(mode="json") for answer in item.answers],
    }

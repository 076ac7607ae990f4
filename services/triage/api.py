"""Triage's REST API: the queue, one item, its raw submission, and a person's decision as a command."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, JsonValue, field_validator

from libs.contracts.base import Model
from libs.contracts.change import RecordRef
from libs.contracts.events import Answer, Question
from libs.contracts.lead import Position
from libs.runtime import clock
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, View, may, new_app
from services.triage.bodies import body_of, fitting
from services.triage.bulk_api import add_bulk_routes
from services.triage.domain.answers import choices_of, with_relation
from services.triage.domain.consequences import consequences
from services.triage.domain.decided import Blocked, Decided
from services.triage.domain.filters import Filters, Group, counts_of
from services.triage.domain.item import Item, Status
from services.triage.domain.page import Cursor, Page, Row
from services.triage.domain.work import Comment, work_shown
from services.triage.outcomes import answered, command_id_of, lead_id_of
from services.triage.settings import TriageSettings
from services.triage.work_api import add_work_routes, filters_of


class Queue(Protocol):
    """Where the queue is read."""

    async def page(self, status: Status, limit: int, after: Cursor | None, filters: Filters, now: datetime) -> Page:
        """The next rows of a status that pass the filters."""
        ...

    async def groups(self, status: Status, filters: Filters, now: datetime) -> Sequence[Group]:
        """How many rows of a status that pass the filters have which values."""
        ...

    async def one(self, lead_id: str) -> Item | None:
        """The item of a lead."""
        ...

    async def many(self, lead_ids: Sequence[str]) -> Sequence[Item]:
        """The items of these leads, as far as there are."""
        ...

    async def comments(self, lead_id: str) -> Sequence[Comment]:
        """What was said about a lead's item, oldest first."""
        ...

    async def memory(self, lead_id: str) -> tuple[Decided | None, tuple[Blocked, ...]]:
        """The newest decision about a lead, and the fields that people blocked."""
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
    """A person's answers to all questions of an item, and the hash of the questions that they saw. `take_over`: although
    somebody else works on it."""

    model_config = ConfigDict(extra="forbid")
    seen_hash: str
    answers: tuple[Answer, ...]
    take_over: bool = False

    @field_validator("answers", mode="before")
    @classmethod
    def _relations(cls, told: Any) -> Any:
        return [with_relation(one) for one in told] if isinstance(told, list) else told


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
    add_bulk_routes(app, queue, commands, settings)
    add_work_routes(app, queue, commands, settings)
    return app


def _add_reads(app: FastAPI, queue: Queue, settings: TriageSettings) -> None:
    @app.get("/api/items", dependencies=[may("queue")])
    async def page(
        view: Shows,
        filters: Annotated[Filters, Depends(filters_of)],
        status: Status = "open",
        limit: Annotated[int, Query(ge=1)] = 50,
        after: str = "",
    ) -> JSONResponse:
        """The queue: what is due first, then what is worth most; `next` is the `after` of the next page."""
        now = clock.now()
        found = await queue.page(status, min(limit, settings.page_max), _cursor(after), filters, now)
        await view.shows(RecordRef(type="lead", id=row.lead_id) for row in found.rows)
        return JSONResponse(
            {
                "items": [
                    {**_row(row, now), **view.fields("lead", {"name": row.name, "company": row.company})}
                    for row in found.rows
                ],
                "next": None if found.next is None else found.next.text(),
                "total": found.total,
            }
        )

    @app.get("/api/items/counts", dependencies=[may("queue")])
    async def counts(filters: Annotated[Filters, Depends(filters_of)], status: Status = "open") -> JSONResponse:
        """By filter and value, how many items the list would have; snoozed ones are counted unless `snoozed` is given."""
        found = await queue.groups(status, filters, clock.now())
        return JSONResponse({"total": sum(one.rows for one in found), "counts": counts_of(found, filters.person)})

    @app.get("/api/items/{lead_id}", dependencies=[may("personal")])
    async def one(lead_id: str, view: Shows) -> JSONResponse:
        """One item with its questions, their choices and what follows from each, the lead, the suggested route, who works on
        it, what was said, and until when its decision can be taken back."""
        item = await _opened(queue, lead_id, view)
        said, (decided, blocked) = await queue.comments(item.lead_id), await queue.memory(item.lead_id)
        now = clock.now()
        told = {
            "comments": [one.model_dump(mode="json") for one in said],
            "blocked": [_blocked(one) for one in blocked],
        }
        return JSONResponse({**_shown(item, now), **told, "undo": _undo(decided, settings, now)})


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
        if (item := await queue.one(lead_id_of(lead_id))) is not None:
            _refuse_unreached(view, item)
        decision = fitting(Decision, await body_of(request, settings.body_max_bytes), "the decision")
        arguments: JsonValue = {
            "answers": [answer.model_dump(mode="json") for answer in decision.answers], "take_over": decision.take_over,
        }  # fmt: skip
        command_id = command_id_of(actor.id, key)
        result = await commands.send(
            "triage", "decide", lead_id_of(lead_id), actor, arguments, decision.seen_hash, command_id
        )
        return answered(result)

    @app.get("/api/commands/{command_id}", dependencies=[may("decide")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a decision that was answered with 202."""
        return answered(await commands.outcome(lead_id_of(command_id)))


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
    item = await queue.one(lead_id_of(lead_id))
    if item is None:
        raise BadRequest(404, "not_found", "no triage item of that lead: list the open ones at /api/items")
    return item


def _cursor(after: str) -> Cursor | None:
    try:
        return Cursor.parse(after) if after else None
    except ValueError:
        raise BadRequest(422, "invalid", "after: take it from `next` of the page before") from None


def _blocked(one: Blocked) -> dict[str, Any]:
    """A blocked field: where, by whom, why; `question_id` unblocks it."""
    proposal = one.question.proposal
    return {
        "question_id": one.question.question_id,
        "record": None if proposal is None else proposal.record.model_dump(mode="json"),
        "field": None if proposal is None else proposal.field,
        "by": one.actor.id,
        "at": one.at.isoformat(),
        "reason": one.answer.reason,
    }


def _undo(decided: Decided | None, settings: TriageSettings, now: datetime) -> dict[str, Any] | None:
    """Until when, and by whom, the newest decision can be taken back; None when it can't any more."""
    until = None if decided is None or decided.undone else decided.at + settings.rules.undo
    if decided is None or until is None or until <= now:
        return None
    return {"by": decided.actor.id, "until": until.isoformat(), "version": decided.version}


def _row(row: Row, now: datetime) -> dict[str, Any]:
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
        "queue": row.queue,
        "source": row.source,
        "segment": row.segment,
        "equality": row.equality,
        **work_shown(row.work, now),
    }


def _question(item: Item, question: Question) -> dict[str, Any]:
    choices = choices_of(question)
    told = consequences(question, choices, item.lead, item.suggested)
    return {**question.model_dump(mode="json"), "choices": list(choices), "consequences": told}


def _shown(item: Item, now: datetime) -> dict[str, Any]:
    return {
        **_row(Row.of(item), now),
        "questions": [_question(item, question) for question in item.questions],
        "submission": item.submission.model_dump(mode="json"),
        "lead": None if item.lead is None else item.lead.model_dump(mode="json"),
        "suggested_route": None if item.suggested is None else item.suggested.model_dump(mode="json"),
        "closed_at": None if item.closed_at is None else item.closed_at.isoformat(),
        "decided_by": None if item.actor is None else item.actor.id,
        "answers": [answer.model_dump(mode="json") for answer in item.answers],
    }

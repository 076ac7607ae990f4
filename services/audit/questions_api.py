"""Questions to the whole log: /api/changes, the same as a file, and what became of a record between two times."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, get_args

from fastapi import FastAPI, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from libs.contracts.change import RecordRef, RecordType
from libs.runtime.http import BadRequest, Shows, View, json_response, may
from services.audit.api import Routes, move_shown, reached, ref_of, unheard_of
from services.audit.domain.diff import Difference
from services.audit.domain.export import csv_head, csv_lines, json_line
from services.audit.domain.journey import MoveView, view_of
from services.audit.domain.query import ChangeQuery, Place, cursor_of, place_of
from services.audit.domain.row import aware

MEDIA = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8; header=present"}


class Questions(Routes, Protocol):
    """Where changes are asked for."""

    async def changes(
        self, query: ChangeQuery, after: Place | None, limit: int
    ) -> tuple[Sequence[MoveView], Place | None]:
        """A page, and where the next one begins."""
        ...

    def all_changes(self, query: ChangeQuery) -> AsyncIterator[Sequence[MoveView]]:
        """The whole answer, page by page."""
        ...

    async def diff(self, record: RecordRef, since: datetime, until: datetime) -> list[Difference] | None:
        """The fields that were set between two times; None when nothing ever happened to the record."""
        ...


class PageAsked(ChangeQuery):
    """A question, and which page of its answer."""

    limit: int = Field(default=100, ge=1)
    after: str = Field(default="", max_length=200)


class FileAsked(ChangeQuery):
    """A question, and as what its whole answer is wanted."""

    format: Literal["jsonl", "csv"] = "jsonl"


def add_questions(app: FastAPI, questions: Questions, page_max: int) -> None:
    """The routes, on the service's app."""

    @app.get("/api/changes", dependencies=[may("read")])
    async def changes(asked: Annotated[PageAsked, Query()], view: Shows) -> Response:
        """Changes by who, what and when, sorted by time; `next` is the `after` of the next page. What made a whole record is
        told as a move of each field, so a page may hold more than `limit`."""
        await _refuse(asked, questions, view)
        found, following = await questions.changes(asked, _after(asked.after), min(asked.limit, page_max))
        following_cursor = None if following is None else cursor_of(following)
        async with view.showing(move.change.record for move in found):
            return json_response({"items": [move_shown(move, view) for move in found], "next": following_cursor})

    @app.get("/api/changes/export", dependencies=[may("operate")])
    async def export(asked: Annotated[FileAsked, Query()], view: Shows) -> StreamingResponse:
        """The whole answer as a file. A connection that breaks off is how it says that something is missing."""
        await _refuse(asked, questions, view)
        parts = _file(asked, questions, view)
        first = await anext(parts, b"")  # what goes wrong at once is still told by a status

        async def whole() -> AsyncIterator[bytes]:
            yield (csv_head() if asked.format == "csv" else b"") + first
            async for part in parts:
                yield part

        name = f"changes.{asked.format}"
        return StreamingResponse(
            whole(), media_type=MEDIA[asked.format],
            headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
        )  # fmt: skip

    @app.get("/api/records/{record_type}/{record_id}/diff", dependencies=[may("read")])
    async def diff(
        record_type: str,
        record_id: str,
        view: Shows,
        since: Annotated[datetime, Query(alias="from")],
        until: Annotated[datetime, Query(alias="to")],
    ) -> Response:
        """The fields that were set between two times: from what to what, and the moves that did it. `differs` is not told of
        a hidden field: that a value came back tells something of it."""
        ref = await reached(ref_of(record_type, record_id), questions, view)
        if aware(until) < aware(since):
            raise BadRequest(422, "invalid", "to: is before from")
        found = await questions.diff(ref, since, until)
        if found is None:
            raise unheard_of(ref)
        async with view.showing([ref] if found else []):
            return json_response({
                "record": ref.model_dump(), "from": since.isoformat(), "to": until.isoformat(),
                "fields": [_difference(ref, one, view) for one in found],
            })  # fmt: skip


async def _file(asked: FileAsked, questions: Questions, view: View) -> AsyncIterator[bytes]:
    """The file, page by page; each is noted as shown before it goes out."""
    async for page in questions.all_changes(asked):
        await view.shows(move.change.record for move in page)
        told = [move_shown(move, view) for move in page]
        yield csv_lines(told) if asked.format == "csv" else b"".join(map(json_line, told))


def _difference(ref: RecordRef, one: Difference, view: View) -> dict[str, Any]:
    shown = view.fields(ref.type, {one.field: one.old}), view.fields(ref.type, {one.field: one.new})
    return {
        "field": one.field, "old": shown[0][one.field], "new": shown[1][one.field],
        "differs": None if view.hides(ref.type, one.field) else one.differs,
        "moves": [move_shown(view_of(move), view) for move in one.moves],
    }  # fmt: skip


async def _refuse(asked: ChangeQuery, questions: Questions, view: View) -> None:
    """Refuse what would tell of hidden fields, or of leads that are not the asker's. Raises BadRequest."""
    if asked.field is not None:
        for kind in get_args(RecordType) if asked.record_type is None else (asked.record_type,):
            view.refuse_hidden(kind, [asked.field])
    if not view.caller.is_limited:
        return
    if asked.record is not None:
        await reached(asked.record, questions, view)
    elif asked.lead_id is not None:
        await reached(RecordRef(type="lead", id=asked.lead_id), questions, view)
    else:
        told = f"{view.caller.actor.id} sees some leads only: name a record, or a lead by lead_id"
        raise BadRequest(422, "invalid", told)


def _after(cursor: str) -> Place | None:
    try:
        return place_of(cursor) if cursor else None
    except ValueError as error:
        raise BadRequest(422, "invalid", f"after: {error}") from None

"""The one place where a question to the log becomes SQL: conditions on columns, every value an argument."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from libs.contracts.change import WHOLE, Status
from libs.runtime.keys import Keys
from services.audit.domain.move import Move
from services.audit.domain.query import ChangeQuery, Place
from services.audit.store.log import MOVE_COLUMNS, Database, moves_of, told_once

_EQUAL = {
    "record_type": "record_type", "record_id": "record_id", "lead_id": "lead_id", "workflow": "workflow_name",
    "workflow_version": "workflow_version", "model_version": "model_version", "policy_version": "policy_version",
    "actor_kind": "actor_kind", "actor_id": "actor_id", "source_kind": "source_kind", "source_name": "source_name",
    "status": "status",
}  # fmt: skip
_BOUNDS = {
    "confidence_from": "confidence >=", "confidence_to": "confidence <=", "since": "at >=", "until": "at <=",
}  # fmt: skip

_PEOPLE = ("human", "human_approved_ai")
"""Said in so many words beside the argument, as that of `status` is: what an index of some rows only holds has to be seen in
the statement itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """Moves of single fields in the order that was asked for, and where the next page begins; None: there is none."""

    moves: tuple[Move, ...]
    next: Place | None


def sql_of(query: ChangeQuery, after: Place | None, limit: int) -> tuple[str, list[Any]]:
    """The statement that finds at most `limit` rows of the log after a place, and its arguments."""
    arguments: list[Any] = []

    def given(value: Any) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    parts = ["readable"]
    parts += [
        f"{column} = {given(getattr(query, name))}" for name, column in _EQUAL.items() if getattr(query, name) is not None
    ]  # fmt: skip
    parts += [
        f"{side} {given(getattr(query, name))}" for name, side in _BOUNDS.items() if getattr(query, name) is not None
    ]
    if query.actor_kind in _PEOPLE:
        parts.append(f"actor_kind in {_PEOPLE}")
    if query.status not in (None, Status.APPLIED):
        parts.append(f"status <> '{Status.APPLIED}'")
    if query.rollback_id is not None:
        parts.append(f"source_kind = 'rollback' and source_name = {given(query.rollback_id)}")
    sign, direction = ("<", "desc") if query.order == "newest" else (">", "asc")
    if after is not None:
        parts.append(
            f"(at, chain, seq) {sign} ({given(after.at)}, {given(after.chain)}::int, {given(after.seq)}::bigint)"
        )
    end = f"order by at {direction}, chain {direction}, seq {direction} limit {given(limit)}"
    found = f"select {MOVE_COLUMNS}, at from change where {' and '.join(parts)}"  # noqa: S608 - names of ours, numbered arguments
    if query.field is None or query.field == WHOLE:
        whole = f" and field = '{WHOLE}'" if query.field else ""
        return f"{found}{whole} {end}", arguments
    # Either is sorted by its index; of both at once all rows would have to be sorted.
    either = [f"({found} and field = {name} {end})" for name in (given(query.field), f"'{WHOLE}'")]
    return f"{' union all '.join(either)} {end}", arguments


async def change_page(db: Database, query: ChangeQuery, after: Place | None, limit: int, keys: Keys) -> Page:
    """The page of a question that begins after a place: `limit` rows, of which one that made a whole record is told as a
    move of each field, so there may be more moves than that, or fewer when one field is asked for or an event came twice."""
    statement, arguments = sql_of(query, after, limit)
    rows = await db.fetch(statement, *arguments)
    made = [one for one in await moves_of(rows, keys) if query.covers(one.change)]
    moves = await told_once(db, made)
    last = rows[-1] if len(rows) >= limit else None
    return Page(tuple(moves), None if last is None else Place(last["at"], last["chain"], last["seq"]))


async def change_pages(db: Database, query: ChangeQuery, rows: int, keys: Keys) -> AsyncIterator[tuple[Move, ...]]:
    """The whole answer to a question, `rows` rows of the log at a time; each page is a query of its own."""
    after = None
    while True:
        page = await change_page(db, query, after, rows, keys)
        if page.moves:
            yield page.moves
        if page.next is None:
            return
        after = page.next

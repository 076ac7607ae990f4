"""Enrich's rows: missed questions and the company directory, as they are stored. The stores write them, `rebuild.py` reads
them back."""

import json
from collections.abc import Iterator

from pydantic import TypeAdapter

from libs.contracts.lead import ProviderAnswer
from libs.runtime.rows import Gone, Kept, Row, named
from services.enrich.domain.directory import DirectoryChange, Listed
from services.enrich.domain.late import Remembered

ANSWERS = TypeAdapter(tuple[ProviderAnswer, ...])
QUESTION = ("question_id", "lead_id", "provider", "asked", "state", "until", "order", "answers")
LISTED = ("load_id", "line", "domain", "name_key", "name", "fields")
LOADED = "loaded"
"""No table: a load of the directory, or (`taken`) that it was taken back. `directory_load` says when the one that counts began,
and who took it back (rebuild.py)."""


def rows_of(state: Remembered | DirectoryChange) -> list[Kept]:
    """The rows that an outcome of `enrich.commands` changes."""
    if isinstance(state, DirectoryChange):
        return list(_directory(state))
    return [named("question", QUESTION, question_values(state), state.lead_id)]


def _directory(change: DirectoryChange) -> Iterator[Kept]:
    load, at = change.load, change.at
    if load.removed:
        yield Gone("directory_company", {"load_id": load.load_id})
    told = {"load_id": load.load_id, "file": load.file, "actor": load.actor, "at": at, "taken": load.removed}
    yield Row(LOADED, told)
    for row in load.rows:
        yield named("directory_company", LISTED, listed_values(row))


def question_values(one: Remembered) -> tuple[object, ...]:
    """In the order of `QUESTION`."""
    return (
        *(one.question_id, one.lead_id, one.provider, one.asked, one.state, one.until),
        one.order.model_dump_json() if one.order else None,
        ANSWERS.dump_json(one.answers).decode(),
    )


def listed_values(row: Listed) -> tuple[object, ...]:
    """In the order of `LISTED`."""
    return row.load_id, row.line, row.domain or None, row.name_key or None, row.name, json.dumps(dict(row.fields))

"""The two passes over a table: what each row is, asked in batches; and making those that are to be made, each once."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cli.crm_import.columns import Column
from cli.crm_import.resolve import Resolver, has_ended
from cli.crm_import.state import Checked, ImportState, Verdict
from cli.crm_import.values import Value, completed, fields_of, lacking, own_key
from cli.records import Crm, Record
from cli.tables.table import Table
from libs.contracts import ids
from services.crm.domain.natural import SAID_ONCE

BATCH = 250
"""Rows in one request: far below the API's limits of 500 records and 1 MiB, and a fifth of a second's work."""
AT_ONCE = 3
"""Requests under way: crm decides one while the next ones are on their way."""
PREVIEWED = ("contact", "company")
_BODY = 700_000
OnRows = Callable[[int], None]


@dataclass(frozen=True)
class Import:
    """What is imported, and as what."""

    table: Table
    record_type: str
    columns: Sequence[Column]
    source: str
    api: Crm
    state: ImportState
    resolver: Resolver

    def record_id(self, row: int) -> str:
        """The id of the record that a row makes: the same file gives the same ids, whenever it is imported."""
        return ids.derived_id("import", self.table.sha256, self.record_type, row)

    def read(self, row: Sequence[str]) -> tuple[dict[str, Value], list[str]]:
        """A row's fields as the CRM holds them, and what is wrong with it."""
        fields, problems = fields_of(self.columns, row, self.record_type)
        fields = completed(self.record_type, fields)
        fields, unknown = self.resolver.resolved(self.record_type, fields)
        return fields, [*problems, *unknown, *lacking(self.record_type, fields)]


def check(job: Import, on_rows: OnRows) -> None:
    """Say of every row what it is; goes on after the last row that was looked at."""
    after = job.state.last_checked()
    rows = ((number, row) for number, row in job.table.rows() if number > after)
    while batch := list(islice(rows, BATCH)):
        job.state.keep(_checked(job, batch))
        on_rows(len(batch))


def _checked(job: Import, batch: Sequence[tuple[int, list[str]]]) -> list[Checked]:
    found: list[Checked] = []
    asked: list[tuple[int, dict[str, Value], str | None]] = []
    keys: dict[str, int] = {}
    for number, row in batch:
        fields, problems = job.read(row)
        key = own_key(job.record_type, fields)
        first = (keys.get(key) or job.state.row_with(key)) if key else None
        if problems:
            found.append(Checked(number, "invalid", "; ".join(problems)))
        elif first is not None:
            found.append(Checked(number, "duplicate_in_file", f"same as row {first}"))
        elif there := job.resolver.there_already(job.record_type, key):
            found.append(_said_already(job, number, key, there))
        else:
            keys |= {key: number} if key else {}
            asked.append((number, fields, key or None))
    return [*found, *_previewed(job, asked)]


def _said_already(job: Import, number: int, key: str, there: Record) -> Checked:
    """A person took it back for a reason, or gave it an end: a file alone does not bring it back."""
    named = f"{job.record_type}:{there['id']}"
    if job.record_type in SAID_ONCE and has_ended(there):
        return Checked(number, "possible", f"said by {named}, which has ended: made, it holds again", own_key=key)
    return Checked(number, "duplicate", f"said already by {named}", own_key=key)


def _previewed(job: Import, asked: Sequence[tuple[int, dict[str, Value], str | None]]) -> Iterator[Checked]:
    if job.record_type not in PREVIEWED or job.resolver.base_is_empty():
        yield from (Checked(number, "new", own_key=key) for number, _, key in asked)
        return
    own = {job.record_id(number): number for number, _, _ in asked}
    for piece in _by_size(asked, lambda one: one[1]):
        body = {"type": job.record_type, "records": [fields for _, fields, _ in piece]}
        answers = job.api.post("dedupe", "/api/preview", body)["records"]
        for (number, _, key), answer in zip(piece, answers, strict=True):
            others = [one for one in answer["candidates"] if one["record"]["id"] not in own]
            mine = len(others) < len(answer["candidates"])
            verdict = _VERDICT_OF[answer["verdict"]] if others or not mine else "new"
            yield Checked(number, verdict, _why(answer["rule"], others), answer.get("company_id"), key)


_VERDICT_OF: Mapping[str, Verdict] = {"new": "new", "duplicate": "duplicate", "ambiguous": "possible"}


def _why(rule: str, candidates: Sequence[Mapping[str, Any]]) -> str:
    named = [
        f"{one['record']['type']}:{one['record']['id']} ({one['match_probability']:.2f})" for one in candidates[:3]
    ]
    return f"{rule}: {', '.join(named)}" if named else rule


def _by_size(rows: Sequence[Any], fields: Callable[[Any], Any]) -> Iterator[Sequence[Any]]:
    """The rows in pieces whose bodies the API takes."""
    piece: list[Any] = []
    size = 0
    for row in rows:
        own = len(json.dumps(fields(row), ensure_ascii=False).encode())
        if piece and size + own > _BODY:
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += own
    if piece:
        yield piece


def make(job: Import, verdicts: Sequence[Verdict], on_rows: OnRows) -> None:
    """Make the rows of these verdicts that are not made yet. An interrupt lets the requests under way end."""
    wanted = job.state.open_rows(verdicts)
    rows = ((number, row) for number, row in job.table.rows() if number in wanted)
    under_way: set[Future[list[tuple[int, str, str]]]] = set()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        try:
            while batch := list(islice(rows, BATCH)):
                for piece in _by_size([_new(job, number, row, wanted) for number, row in batch], lambda one: one[1]):
                    under_way.add(threads.submit(_made, job, piece))
                if len(under_way) >= AT_ONCE:
                    under_way = _finished(job, under_way, on_rows, all_of_them=False)
        finally:
            _finished(job, under_way, on_rows, all_of_them=True)


def _new(job: Import, number: int, row: Sequence[str], wanted: Mapping[int, str | None]) -> tuple[int, dict[str, Any]]:
    fields: dict[str, Any] = dict(job.read(row)[0])
    company = wanted[number]
    if job.record_type == "contact" and company:
        fields.setdefault("company_id", company)
    return number, {"id": None if job.record_type in SAID_ONCE else job.record_id(number), "fields": fields}


def _made(job: Import, piece: Sequence[tuple[int, dict[str, Any]]]) -> list[tuple[int, str, str]]:
    ended = {number: there for number, record in piece if (there := _ended(job, record["fields"])) is not None}
    again = [(number, _held_again(job, ended[number], record), "") for number, record in piece if number in ended]
    piece = [(number, record) for number, record in piece if number not in ended]
    if not piece:
        return again
    body = {"records": [record for _, record in piece], "source": job.source, "reason": _reason(job)}
    answer = job.api.post("crm", f"/api/import/{job.record_type}", body)["answer"]
    made = [
        (number, told["status"], "; ".join(told.get("problems", ())))
        for (number, _), told in zip(piece, answer["records"], strict=True)
    ]
    return [*made, *again]


def _ended(job: Import, fields: Mapping[str, Any]) -> Record | None:
    """The entry or day that says what these fields say and has ended."""
    if job.record_type not in SAID_ONCE:
        return None
    there = job.resolver.there_already(job.record_type, own_key(job.record_type, fields))
    return there if there is not None and has_ended(there) else None


def _held_again(job: Import, there: Record, record: Mapping[str, Any]) -> str:
    """What became of an entry or a day that holds again, from now on as the file says."""
    left_out = dict.fromkeys(("until", "shifts") if job.record_type == "calendar" else ("until",))
    fields = {
        name: value for name, value in {**left_out, **record["fields"]}.items() if there["fields"].get(name) != value
    }
    body = {"fields": {**fields, "active": True}, "reason": _reason(job), "if_version": there["version"]}
    job.api.post("crm", f"/api/records/{job.record_type}/{there['id']}", body, method="PATCH")
    return "held again"


def _reason(job: Import) -> str:
    return f"imported from {job.table.path.name}"


def _finished(
    job: Import, under_way: set[Future[list[tuple[int, str, str]]]], on_rows: OnRows, *, all_of_them: bool
) -> set[Future[list[tuple[int, str, str]]]]:
    """Store what finished requests say; those that are left."""
    done, left = wait(under_way, return_when="ALL_COMPLETED" if all_of_them else FIRST_COMPLETED)
    failed: BaseException | None = None
    for one in done:
        if (error := one.exception()) is not None:
            failed = failed or error
            continue
        rows = one.result()
        job.state.finish(rows)
        on_rows(len(rows))
    if failed is not None:
        raise failed
    return set(left)

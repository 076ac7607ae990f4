"""Drill 36: every column of the audit log full of formulas, exported from a real stack and opened in a spreadsheet."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx

from drills.drill import DRAIN_SECONDS, Drill, NotHereError, Plan, Say
from drills.hostile_cells import HOSTILE, PLAIN, SEPARATORS, formula_like, office, opened, plain_csv
from drills.report import Report
from drills.site import Site, site
from libs.contracts import ids
from libs.contracts.change import Actor, Evidence, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.codec import encode
from libs.contracts.events import ChangeRecorded
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.broker import Producer
from services.audit.domain.export import COLUMNS

ASKED = {"workflow": "drill"}
NUL = "\x00"
AT = datetime(2026, 11, 1, tzinfo=UTC)


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Hostile changes onto the topic, through the audit service, out as both kinds of file. Raises NotHereError."""
    program = office()
    if program is None:
        raise NotHereError(
            "csv-injection opens its file in LibreOffice, which is not here (apt install libreoffice-calc)"
        )
    report = Report("csv-injection", plan.seed)
    events = [_event(number, text) for number, text in enumerate(HOSTILE)]
    told = [event for event in events if NUL not in str(event.change.new)]
    async with site(data, say, separate=False) as running:
        producer = Producer(running.kafka)
        await producer.start()
        try:
            for event in events:
                await producer.send_and_wait(encode(AUDIT_CHANGE, event, event.change.record.key, source="drill"))
        finally:
            await producer.stop()
        unread = await _unread(running, len(events))
        lines = (await _export(running, "jsonl")).splitlines(keepends=True)
        sheet = await _export(running, "csv")
    say(f"{len(lines)} lines and {len(sheet):,} bytes of CSV were exported")
    report.figures["kept_unread"] = unread
    report.require(
        unread == len(events) - len(told), f"{unread} records were kept unread, not {len(events) - len(told)}"
    )
    _exact(lines, told, report)
    await _evaluated(program, data, sheet, told, report)
    return report


def _event(number: int, text: str) -> ChangeRecorded:
    """A change with the text in every column that takes text; ids take it without NUL, which Postgres has no room for."""
    word = text.replace(NUL, "")
    change = FieldChange(
        record=RecordRef(type="contact", id=f"{word}{number}"), field=word, new=text, old=[text, {"held": text}],
        source=Source(kind="human", name=word), confidence=0.5, actor=Actor(kind="human", id=word),
        evidence=(Evidence(quote=text, where=text),), reason=word, change_id=f"{word}{number}",
        workflow=Workflow(name="drill", version=word), policy_version=word, model_version=word, trigger_event_id=word,
        lead_id=word, trace_id=word, status=Status.APPLIED, rule=word, verified_by=word, reverts=word,
        at=AT + timedelta(seconds=number),
    )  # fmt: skip
    return ChangeRecorded(event_id=ids.derived_id("csv-injection", number), decided_at=change.at, change=change)


async def _unread(running: Site, wanted: int) -> int:
    """How many of the records were kept without being read, once all are in the log or the time is over: what holds a NUL
    is no event, and the log keeps its bytes alone."""
    deadline = asyncio.get_running_loop().time() + DRAIN_SECONDS
    connection = await asyncpg.connect(running.database_url)
    try:
        while True:
            rows = await connection.fetch("select readable from audit.change")
            if len(rows) >= wanted or asyncio.get_running_loop().time() > deadline:
                return sum(not row["readable"] for row in rows)
            await asyncio.sleep(0.5)
    finally:
        await connection.close()


async def _export(running: Site, form: str) -> bytes:
    headers = {"Authorization": f"Bearer {running.token}", "X-Signalbox-Actor": "drill"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=60) as http:
        asked = {**ASKED, "order": "oldest", "format": form}
        answer = await http.get(f"{running.url('audit')}/api/changes/export", params=asked)
        answer.raise_for_status()
        return answer.content


def _exact(lines: list[bytes], events: list[ChangeRecorded], report: Report) -> None:
    """Each line holds the change that was sent, byte for byte once it is written again."""
    report.figures["json_lines"] = len(lines)
    report.require(len(lines) == len(events), f"{len(events)} changes were sent and {len(lines)} exported")
    told = {change.at: change for change in (FieldChange.model_validate(json.loads(line)["change"]) for line in lines)}
    wrong = [
        f"{event.change.new!r} came back as {told[event.change.at].new!r}"
        if event.change.at in told
        else f"{event.change.new!r} is missing"
        for event in events
        if event.change.at not in told or told[event.change.at].model_dump_json() != event.change.model_dump_json()
    ]
    report.require(not wrong, f"{len(wrong)} changes did not come back as they were: {wrong[:5]}")


async def _evaluated(program: str, data: Path, sheet: bytes, events: list[ChangeRecorded], report: Report) -> None:
    """No cell is a formula, for a strict reading by every separator and for LibreOffice; a careless file of the same texts
    shows that both see formulas where they are."""
    rows = list(csv.reader(io.StringIO(sheet.decode(), newline=""), strict=True))
    found, careless = formula_like(sheet), formula_like(plain_csv(HOSTILE))
    report.figures |= {
        "rows": len(rows) - 1, "cells": sum(map(len, rows)), "formula_like": len(found),
        "formula_like_in_a_careless_file": len(careless),
    }  # fmt: skip
    report.require(len(rows) == len(events) + 1, f"{len(events)} changes became {len(rows) - 1} rows")
    report.require({len(row) for row in rows} == {len(COLUMNS)}, "the rows have not one cell for each column")
    report.require(not found, f"cells that may be taken for formulas: {found[:5]}")
    report.require(len(careless) >= len(HOSTILE), "the search misses formulas in a careless file: it shows nothing")
    folder = data / "sheets"
    folder.mkdir()
    (folder / "changes.csv").write_bytes(sheet)
    for separator, name in SEPARATORS.items():
        (folder / "careless.csv").write_bytes(plain_csv(PLAIN, separator))
        control = await opened(program, folder / "careless.csv", folder, separator)
        report.require(
            len(control.formulas) == len(PLAIN),
            f"LibreOffice finds {len(control.formulas)} of {len(PLAIN)} formulas in a careless file by {name}: it shows nothing",
        )
        seen = await opened(program, folder / "changes.csv", folder, separator)
        report.figures[f"libreoffice_formulas_by_{name}"] = f"{len(seen.formulas)} in {seen.cells} cells"
        report.require(not seen.formulas, f"LibreOffice evaluates by {name}: {seen.formulas[:5]}")
        if separator == ",":
            held = sum(1 for row in rows for cell in row if cell)
            report.require(seen.cells == held, f"LibreOffice read {seen.cells} cells of {held}")


DRILL = Drill("csv-injection", 36, "an export full of formulas, opened in a spreadsheet: 0 cells evaluated", run)

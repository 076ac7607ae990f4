"""Moves as files: JSON lines that say exactly what the log says, and CSV for spreadsheets, which evaluate no cell of it.

JSON lines are for programs: a value read back is the value that was stored. CSV is for eyes: a text that a spreadsheet might
take for a formula gets an apostrophe before the character that would make it one (OWASP, "CSV Injection"), also where
another separator would begin a cell, and control characters become U+FFFD.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json

from libs.contracts.base import MASKED

HIDDEN = "(hidden)"
"""What stands for a value that the reader is not shown."""
COLUMNS = (
    "at", "record_type", "record_id", "field", "old", "new", "status", "rule", "policy_version", "workflow",
    "workflow_version", "model_version", "actor_kind", "actor_id", "source_kind", "source_name", "source_trust", "confidence",
    "evidence", "reason", "effect", "reverts", "verified_by", "lead_id", "trigger_event_id", "trace_id", "change_id",
    "event_id", "place", "kafka_offset", "sha256",
)  # fmt: skip
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c\u208a\u208b\u208c"
"""What begins a formula, and what some programs fold into it: fullwidth, small, mathematical, raised and lowered forms."""
_UNSEEN = "\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_FORMULA = re.compile(f"(^|[,;|:\"'\\t\\r\\n])(?=[{_UNSEEN}]*[{_SIGNS}])")
_LEADING = re.compile(f"^(?=[{_UNSEEN}])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def json_line(move: Mapping[str, Any]) -> bytes:
    """A move as the API tells it, as one line of JSON."""
    return to_json(dict(move)) + b"\n"


def csv_head() -> bytes:
    """The first line of a CSV file."""
    return _csv([COLUMNS])


def csv_lines(moves: Iterable[Mapping[str, Any]]) -> bytes:
    """Moves as the API tells them, a line each; every cell is quoted."""
    return _csv(_cells(move) for move in moves)


def safe_cell(value: Any) -> str:
    """A value as text that no spreadsheet evaluates, whichever separator it was told; nothing is an empty cell."""
    text = _CONTROL.sub("\ufffd", _text(value))
    return _LEADING.sub("'", _FORMULA.sub(r"\1'", text))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if value == MASKED:
        return HIDDEN
    return value if isinstance(value, str) else to_json(value).decode()


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cells(move: Mapping[str, Any]) -> list[str]:
    change = move["change"]
    told = {
        **change, **{name: move[name] for name in ("event_id", "place", "kafka_offset", "sha256")},
        "record_type": change["record"]["type"], "record_id": change["record"]["id"],
        "workflow": change["workflow"]["name"], "workflow_version": change["workflow"]["version"],
        "actor_kind": change["actor"]["kind"], "actor_id": change["actor"]["id"],
        "source_kind": change["source"]["kind"], "source_name": change["source"]["name"],
        "source_trust": change["source"]["trust"],
        "evidence": "; ".join(f"{held['where']}: {held['quote']}" for held in change["evidence"]),
    }  # fmt: skip
    return [safe_cell(told[name]) for name in COLUMNS]

"""Where commands print: results to standard output, everything else to standard error."""

import json
import sys
from typing import Any

from pydantic import JsonValue
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from libs.contracts.base import MASKED

WIDTH = 128
"""Columns when nobody's terminal says how many there are: in a log or a file."""
ID_WIDTH = 36
"""Columns of an id: it is copied, so it is never cut."""
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """A progress line on standard error."""
    err.print(f"  {line}", markup=False)


class PlainTable(Table):
    """A table whose cells are text and never markup: what people wrote in brackets is not a colour."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row; a cell that is to have a style is a `Text`."""
        super().add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), **options)


def print_json(value: Any) -> None:
    """Print a value as indented JSON, without colours: it is for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def shown(value: JsonValue, width: int = 60) -> str:
    """A field's value as a person reads it in one line; `hidden` for what their role is not shown."""
    if value is None:
        return "–"
    if value == MASKED:
        return "hidden"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def megabytes(size: int) -> str:
    """Bytes as whole megabytes."""
    return f"{size / 1_000_000:,.0f} MB"

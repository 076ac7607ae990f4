"""A table's rows, with what goes wrong in reading them said by row."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from cli.crm_import.table import Table
from cli.errors import CliError

_PIECE = 1 << 20


def rows_of(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Every row with something in it, with its number as a spreadsheet shows it. Raises CliError where it can't be read."""
    row = 1
    try:
        for row, cells in table.rows():
            yield row, cells
    except (csv.Error, UnicodeError, OSError) as error:
        raise CliError(f"the file can't be read: {error}", f"{table.path}, after row {row}", "mend it there") from None


def unchanged(table: Table) -> bool:
    """Whether the file still holds the bytes that it held when it was opened."""
    return sha256_of(table.path) == table.sha256


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()

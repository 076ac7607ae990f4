"""Reading a table, CSV or XLSX, row by row: encodings and separators are found out, and nothing is held in memory."""

import csv
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from cli.errors import CliError

csv.field_size_limit(10_000_000)
_PIECE = 1 << 20
_SEPARATORS = ",;\t|"
_END = "\x00end\x00"
"""Read after the last line: it stands in a row of its own, unless a quote is still open."""
_UNREADABLE = (csv.Error, UnicodeError, OSError, BadZipFile, ParseError, zlib.error)
"""What reading on in a damaged file raises."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file. Rows are numbered as a spreadsheet shows them: the headings stand in row 1."""

    path: Path
    headings: tuple[str, ...]
    sha256: str
    encoding: str = ""
    separator: str = ","

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row with something in it, with its number. Raises CliError, with the last row that was read, where the file
        can't be read on."""
        number = 0
        try:
            for number, row in enumerate(self._all(), start=1):
                if number > 1 and any(cell.strip() for cell in row):
                    yield number, row
        except _UNREADABLE as error:
            raise _unreadable(error, f"{self.path}, after row {number}") from None

    def first(self, count: int) -> list[list[str]]:
        """The first rows."""
        return [row for _, row in zip(range(count), (row for _, row in self.rows()), strict=False)]

    def count(self) -> int:
        """How many rows there are."""
        return sum(1 for _ in self.rows())

    def is_unchanged(self) -> bool:
        """Whether the file still holds the bytes that it held when it was opened."""
        return _sha256(self.path) == self.sha256

    def _all(self) -> Iterator[list[str]]:
        return _sheet(self.path) if self.encoding == "xlsx" else _lines(self.path, self.encoding, self.separator)


def opened(path: Path) -> Table:
    """The table in a file. Raises CliError when it is none."""
    try:
        digest = _sha256(path)
        encoding = "xlsx" if path.suffix.lower() in (".xlsx", ".xlsm") else _encoding(path)
        separator = "," if encoding == "xlsx" else _separator(path, encoding)
        all_rows = _sheet(path) if encoding == "xlsx" else _lines(path, encoding, separator)
        headings = next(all_rows, [])
    except OSError as error:
        raise CliError(f"the file can't be read: {error.strerror}", str(path), "name a readable file") from None
    except _UNREADABLE as error:
        raise _unreadable(error, f"{path}, row 1") from None
    if not any(heading.strip() for heading in headings):
        raise CliError("the file has no headings", f"{path}, row 1", "put the names of the columns into the first row")
    return Table(path, tuple(heading.strip() for heading in headings), digest, encoding, separator)


def _unreadable(error: Exception, where: str) -> CliError:
    return CliError(f"the file can't be read: {error}", where, "mend it there, or save it anew as CSV or XLSX")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, UTF-16 by its mark, else Windows-1252: what Excel writes."""
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(_PIECE):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _separator(path: Path, encoding: str) -> str:
    """The one of comma, semicolon, tab and bar that the headings hold most of."""
    with path.open(encoding=encoding, errors="replace") as text:
        line = text.readline(_PIECE)
    return max(_SEPARATORS, key=lambda one: (line.count(one), -_SEPARATORS.index(one)))


def _lines(path: Path, encoding: str, separator: str) -> Iterator[list[str]]:
    """The rows. Raises CliError when the last one's quote is never closed: it would swallow all that follow."""
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        for number, row in enumerate(csv.reader(chain(text, [_END]), delimiter=separator), start=1):
            if row == [_END]:
                return
            if row and row[-1].endswith(_END):
                do = "close it, or write the quote twice"
                raise CliError(f"a quote that row {number} opens is never closed", str(path), do)
            yield row


def _sheet(path: Path) -> Iterator[list[str]]:
    """The rows of the first sheet, as text."""
    from openpyxl import load_workbook  # noqa: PLC0415 - only for this kind of file: it takes half a second to load
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, ParseError, KeyError, ValueError) as error:
        raise CliError(f"that is no XLSX file ({type(error).__name__})", str(path), "save it as XLSX or CSV") from None
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a size that is not the sheet's: rows would be cut off
        for row in sheet.iter_rows():
            yield [_text(cell.value, cell.number_format or "") for cell in row]
    finally:
        book.close()


def _text(cell: Any, number_format: str = "") -> str:
    """A cell as a person reads it: whole numbers without a point, with the plus and the leading zeros that its format
    shows; times in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int):
        return _as_shown(cell, number_format)
    if isinstance(cell, datetime):
        whole = cell.time().isoformat() == "00:00:00"
        return cell.date().isoformat() if whole else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _as_shown(number: int, number_format: str) -> str:
    """A whole number with what a format such as `00000`, `"+"0` or `00 00 00 00 00` puts before its digits: they are part of a
    phone number or a postal code."""
    shown = re.sub(r'["\\]', "", number_format.partition(";")[0])
    if number < 0 or not re.fullmatch(r"\+?[0# ()-]+", shown):
        return str(number)
    return ("+" if shown[0] == "+" else "") + str(number).zfill(shown.count("0"))

"""Texts that spreadsheets take for formulas, however they are led in, and the sheet programs' view of a CSV file."""

import asyncio
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from xml.etree import ElementTree

STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "=-+@", "\ufe66", "\u2212")
BODIES = (
    "1+1",
    "cmd|'/C calc'!A0",
    'HYPERLINK("http://127.0.0.1/?"&A1,"x")',
    "SUM(1,1)",
    'WEBSERVICE("http://127.0.0.1/")',
)
BEFORE = (
    "", " ", "\t", "\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\u00a0", "\u200b", "\ufeff", "\u202e", "\u3000", '"', '""', "'",
    ",", ";", "|", ":", ",\t ", '",', '";', '"\r\n', ";\u200b", "x\n", "x;", "x\t", "  \t", "\x1b", "\ud7ff\u0085",
)  # fmt: skip
HOSTILE = tuple(f"{before}{start}{BODIES[(at + place) % len(BODIES)]}"
                for at, before in enumerate(BEFORE) for place, start in enumerate(STARTS))  # fmt: skip
"""Every way in with every first sign."""
PLAIN = tuple(f"={body}" for body in BODIES)
"""What every spreadsheet takes for a formula."""
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BEGINS = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\u2212]"
)
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
OFFICE_SECONDS = 180.0


def formula_like(file: bytes) -> list[str]:
    """The cells of a CSV file that a spreadsheet may take for a formula, whichever separator it reads the file by, with
    quotes and without."""
    text, found = file.decode(), []
    csv.field_size_limit(1 << 30)
    for separator in SEPARATORS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
            cells = (cell.strip('"') if quoting == csv.QUOTE_NONE else cell for row in rows for cell in row)
            found += [cell[:80] for cell in cells if _BEGINS.match(cell)]
    return found


def plain_csv(texts: Iterable[str], separator: str = ",") -> bytes:
    """The texts as an export writes them that trusts in quotes, a line each: what a search has to find something in."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [one] for one in texts
    )
    return text.getvalue().encode()


def office() -> str | None:
    """LibreOffice's program, if it is here."""
    return which("soffice") or which("libreoffice")


@dataclass(frozen=True)
class Opened:
    """A sheet as LibreOffice holds it: how many cells hold something, and the formulas that some are."""

    cells: int
    formulas: tuple[str, ...]


async def opened(program: str, file: Path, folder: Path, separator: str) -> Opened:
    """A CSV file in LibreOffice, told to evaluate formulas. Raises RuntimeError when it can't read it."""
    made = folder / f"{file.stem}.fods"
    made.unlink(missing_ok=True)
    # separator, quote, UTF-8, from line 1; quoted cells are no text by themselves; formulas are evaluated
    told = f"CSV:{ord(separator)},34,76,1,,0,false,true,false,false,false,0,true"
    process = await asyncio.create_subprocess_exec(
        program, f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless", "--norestore", f"--infilter={told}",
        "--convert-to", "fods", "--outdir", str(folder), str(file),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), OFFICE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise RuntimeError(f"LibreOffice did not read {file.name} in {OFFICE_SECONDS:.0f} s") from None
    if not made.exists():
        raise RuntimeError(f"LibreOffice did not read {file.name}: {said.decode(errors='replace')[:300]}")
    return _held(made)


def _held(sheet: Path) -> Opened:
    """What a flat OpenDocument sheet holds; equal cells and rows beside each other are written once, with their number."""
    cells, formulas, in_row = 0, list[str](), 0
    for _, element in ElementTree.iterparse(sheet):  # noqa: S314 - LibreOffice has just written it
        if element.tag == f"{_TABLE}table-cell" and (f"{_OFFICE}value-type" in element.attrib):
            in_row += int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            formulas += [element.attrib[name] for name in (f"{_TABLE}formula",) if name in element.attrib]
        elif element.tag == f"{_TABLE}table-row":
            cells += in_row * int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            in_row = 0
            element.clear()
    return Opened(cells, tuple(formulas))

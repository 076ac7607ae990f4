"""`logs`: the end of a process's log."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CliError
from cli.options import Data
from embedded.files import DataFolder

BLOCK_BYTES = 64 * 1024
LOOK_SECONDS = 0.2


def logs(
    service: Annotated[str, typer.Argument(help="A part as `status` names it: kafka, intake, line, crm …")],
    data: Data,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0)] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing what is added.")] = False,
) -> None:
    """Print the end of a process's log."""
    folder = DataFolder(data.absolute())
    log = folder.log(service)
    if not log.exists():
        known = ", ".join(sorted(path.stem for path in folder.logs.glob("*.log"))) or "none yet: `./signalbox up` first"
        raise CliError(f"there is no log of {service!r}", str(folder.logs), f"choose from {known}")
    place = log.stat().st_size
    print("\n".join(tail(log, lines)))
    while follow:
        time.sleep(LOOK_SECONDS)
        place = _print_added(log, place)


def tail(log: Path, count: int) -> list[str]:
    """The last `count` lines, read from the end of the file."""
    size, text = log.stat().st_size, b""
    with log.open("rb") as file:
        while count and size and text.count(b"\n") <= count:
            step = min(BLOCK_BYTES, size)
            size -= step
            file.seek(size)
            text = file.read(step) + text
    return text.decode(errors="replace").splitlines()[-count:] if count else []


def _print_added(log: Path, place: int) -> int:
    """Print what was added since `place`; a log that shrank was rotated and is read from its start."""
    size = log.stat().st_size
    if size != place:
        with log.open("rb") as file:
            file.seek(place if size > place else 0)
            print(file.read().decode(errors="replace"), end="", flush=True)
    return size

"""Files that a command was asked for."""

from pathlib import Path

from cli.console import err
from cli.errors import CliError


def written(path: Path, text: str) -> None:
    """Write a file and say so. Raises CliError when it can't be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CliError(f"the file can't be written: {error.strerror}", str(path), "choose another folder") from None
    err.print(f"  {path}: open it in a browser", markup=False)

"""Where models and examples lie, and labelled files as a person names them."""

from pathlib import Path

from cli.errors import CliError
from services.classify.labelled import Example, ExampleError, read_file
from services.classify.store import Models

FORM = "one JSON object a line, as docs/labelling.md describes it"


def models_of(data: Path) -> Models:
    """The shipped model and those trained into a data folder."""
    return Models(models_folder(data))


def models_folder(data: Path) -> Path:
    """Where the service looks for trained models."""
    return data / "classify" / "models"


def decisions_file(data: Path) -> Path:
    """People's triage decisions as examples."""
    return data / "classify" / "examples_from_decisions.jsonl"


def labelled(path: Path, weight: float = 1.0) -> list[Example]:
    """The labelled messages of a file. Raises CliError that names the line."""
    try:
        found = read_file(path, weight)
    except OSError as error:
        raise CliError(f"there is nothing to read ({error.strerror})", str(path), f"name a file with {FORM}") from None
    except ExampleError as error:
        raise CliError(str(error), str(path), f"write {FORM}") from None
    if not found:
        raise CliError("there is no message in it", str(path), f"name a file with {FORM}")
    return found

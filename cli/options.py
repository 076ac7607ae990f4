"""Options and arguments that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli.errors import CliError
from cli.settings import CliSettings
from libs.contracts.change import RecordRef

Data = Annotated[
    Path, typer.Option("--data", help="Data folder of the stack.", default_factory=lambda: CliSettings().data)
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="As of this time (UTC), a day as of its end; left out: now."),
]
PolicyFolder = Annotated[
    Path, typer.Option("--policy", help="Folder with the policy.", default_factory=lambda: CliSettings().policy)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Actor = Annotated[str, typer.Option("--actor", help="Who acts, as the audit log will say.")]


def record_of(text: str) -> RecordRef:
    """The record that TYPE:ID names. Raises CliError when it names none."""
    kind, colon, name = text.partition(":")
    try:
        if colon and name:
            return RecordRef.model_validate({"type": kind, "id": name})
    except ValueError:
        pass
    types = "lead, contact, company, opportunity, member, suppression, calendar, task, activity, submission, triage_item, policy"
    raise CliError(f"{text!r} is not a record", "argument RECORD", f"write TYPE:ID, with TYPE one of {types}")


def path_of(record: RecordRef) -> str:
    """The record as a part of an API's path, whatever its id is made of."""
    return f"{record.type}/{quote(record.id, safe='')}"

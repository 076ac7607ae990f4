"""Which changes a rollback is about, as options of a command; and plans in files."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import CliError
from cli.options import record_of

Change = Annotated[list[str] | None, typer.Option("--change", help="A change's id; repeatable.")]
Record = Annotated[list[str] | None, typer.Option("--record", metavar="TYPE:ID", help="A record; repeatable.")]
Records = Annotated[
    Path | None,
    typer.Option("--records", metavar="FILE", help="Records, TYPE:ID a line; - reads standard input.", allow_dash=True),
]
Field = Annotated[list[str] | None, typer.Option("--field", help="A field; repeatable.")]
Workflow = Annotated[str | None, typer.Option("--workflow", help="The stage that decided, such as enrich.")]
Version = Annotated[str | None, typer.Option("--workflow-version", help="That version of it.")]
Model = Annotated[str | None, typer.Option("--model", help="The model version that decided.")]
PolicyHash = Annotated[str | None, typer.Option("--policy", help="The policy version (hash) that it was decided by.")]
Source = Annotated[
    str | None, typer.Option("--source", help="Where the values came from: a provider, or an import's --source.")
]
SourceKind = Annotated[
    str | None, typer.Option("--source-kind", help="submission, provider, model, rule, human or crm.")
]
By = Annotated[str | None, typer.Option("--by", help="Who acted; people's changes are meant only so or by --change.")]
ByKind = Annotated[str | None, typer.Option("--by-kind", help="rule, ai, human_approved_ai or human.")]
LeadId = Annotated[str | None, typer.Option("--lead", help="Everything that one lead led to.")]
Rollback = Annotated[str | None, typer.Option("--rollback", help="The changes of an earlier rollback: takes it back.")]
Since = Annotated[str | None, typer.Option("--since", help="From this time on (ISO 8601).")]
Until = Annotated[str | None, typer.Option("--until", help="Up to this time (ISO 8601).")]
Yes = Annotated[
    list[str] | None,
    typer.Option(
        "--yes", metavar="ITEM", help="Restore this conflict all the same, over somebody's later change; repeatable."
    ),
]


def selection_of(
    *, change: list[str] | None = None, record: list[str] | None = None, records: Path | None = None,
    field: list[str] | None = None, **given: str | None,
) -> dict[str, Any]:  # fmt: skip
    """The conditions that are given, as the API takes them. Raises CliError when none is."""
    named = [record_of(text).model_dump() for text in [*(record or []), *_listed(records)]]
    conditions = {"change_ids": change or [], "records": named, "fields": field or [], **given}
    selection = {name: value for name, value in conditions.items() if value}
    if not selection:
        raise CliError(
            "a rollback needs a condition",
            "rollback",
            "name a --change, --record, --lead, --workflow, --model, --policy, --source, --by, --rollback or a time",
        )
    return selection


def _listed(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{file} can't be read: {error}", "--records", "give a text file with TYPE:ID a line") from None
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise CliError(f"{file} names no record", "--records", "write TYPE:ID, a line each")
    return found


def plan_in(file: Path) -> dict[str, Any]:
    """A plan that `rollback plan --out` wrote. Raises CliError for anything else."""
    try:
        told = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise CliError(
            f"{file} can't be read: {error}", "rollback apply", "give the file that `plan --out` wrote"
        ) from None
    if not isinstance(told, dict) or not {"selection", "plan_hash", "items"} <= told.keys():
        raise CliError(f"{file} is no plan", "rollback apply", "give the file that `rollback plan --out` wrote")
    return told

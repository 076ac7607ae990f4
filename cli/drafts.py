"""`note` and `draft show|edit|approve|discard`: what whoever gets a lead reads, and the answer that is proposed to them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data

Lead = Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]
app = typer.Typer(help="Follow-up drafts: show, edit, approve, discard. Nothing is ever sent.", no_args_is_help=True)


def note(lead_id: Lead, data: Data, as_json: AsJson = False) -> None:
    """Show a lead's handoff note, and what each line stands on."""
    with Api.of(data) as api:
        told = api.get("triage", f"/api/leads/{lead_id}/note")
    if as_json:
        print_json(told)
        return
    if not told["lines"]:
        out.print("no note: nobody got this lead")
    for line in told["lines"]:
        out.print(f"{line['about'].replace('_', ' '):9}  {_text(line['text'])}", markup=False)
        _grounds(line["grounds"], 11)


@app.command()
def show(lead_id: Lead, data: Data, as_json: AsJson = False) -> None:
    """Show the draft for a lead, and what each sentence stands on; or why there is none."""
    with Api.of(data) as api:
        told = api.get("triage", f"/api/leads/{lead_id}/draft")
    if as_json:
        print_json(told)
        return
    made = told["draft"]
    if made is None:
        out.print(f"no draft: {told['why_not']}", markup=False)
        return
    by = f"the model {made['model']}" if made["engine"] == "model" else "the template engine"
    out.print(f"{told['status']} by {told['changed_by']}, {made['language']}, written by {by}", markup=False)
    for why in made["refused"]:
        out.print(f"a model's draft was refused: {why}", markup=False)
    for why in made["warnings"]:
        out.print(f"careful: {why}", markup=False)
    out.print(f"\n{_text(made['text'])}\n", markup=False)
    for sentence in made["sentences"]:
        out.print(f"{sentence['role'].replace('_', ' '):9}  {_text(sentence['text'])}", markup=False)
        _grounds(sentence["grounds"], 11)


@app.command()
def edit(
    lead_id: Lead,
    data: Data,
    file: Annotated[str, typer.Option("--file", "-f", help="The new text; - reads standard input.")] = "-",
    reason: Reason = "",
    actor: Actor = "cli",
) -> None:
    """Put another text in the draft's place."""
    text = sys.stdin.read() if file == "-" else _read(Path(file))
    _act(data, actor, lead_id, "edit", {"text": text, "reason": reason})


@app.command()
def approve(lead_id: Lead, data: Data, reason: Reason = "", actor: Actor = "cli") -> None:
    """Say that the draft may be sent as it stands. It is sent by nobody but you."""
    _act(data, actor, lead_id, "approve", {"reason": reason})


@app.command()
def discard(lead_id: Lead, data: Data, reason: Reason = "", actor: Actor = "cli") -> None:
    """Say that the draft is of no use."""
    _act(data, actor, lead_id, "discard", {"reason": reason})


def _act(data: Path, actor: str, lead_id: str, name: str, body: dict[str, str]) -> None:
    with Api.of(data, actor) as api:
        seen = api.get("triage", f"/api/leads/{lead_id}/draft")["seen_hash"]
        told = api.post("triage", f"/api/leads/{lead_id}/draft/{name}", {**body, "seen_hash": seen})
    answer = told.get("answer")
    if not isinstance(answer, Mapping):
        out.print(f"accepted: see signalbox draft show {lead_id}", markup=False)
        return
    out.print(f"{answer['status']}: the draft of version {answer['version']}", markup=False)
    for why in answer["warnings"]:
        out.print(f"careful: {why}", markup=False)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CliError(f"{file} can't be read: {type(error).__name__}", "--file", "name a text file") from None


def _text(told: Any) -> str:
    return "(hidden from you)" if isinstance(told, Mapping) else str(told)


def _grounds(grounds: list[dict[str, Any]], indent: int) -> None:
    for ground in grounds:
        value = "" if ground["value"] is None else f" = {shown(ground['value'], 60)}"
        quote = f" “{shown(ground['quote'], 80)}”" if ground["quote"] else ""
        told = f"{ground['kind']} {ground['name']}{value}{quote} [{ground['where'] or ground['source']}]"
        out.print(" " * indent + told, markup=False)

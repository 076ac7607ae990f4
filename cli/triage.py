"""`triage list|show|decide`: the queue of open questions, and a person's answers."""

import json
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.client import Api
from cli.console import ID_WIDTH, PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data

app = typer.Typer(help="Triage: list, show, decide.", no_args_is_help=True)


@app.command(name="list")
def list_items(
    data: Data,
    status: Annotated[str, typer.Option("--status", help="open, decided or superseded.")] = "open",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the queue: what is due first, then what is worth most."""
    with Api.of(data) as api:
        page = api.get("triage", "/api/items", status=status, limit=limit)
    if as_json:
        print_json(page)
        return
    table = PlainTable(title=f"{page['total']} {status}", title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("who", "company", "asked about", "worth", "due"):
        table.add_column(name)
    for item in page["items"]:
        due = Text((item["due_at"] or "–")[:16], style="red" if item["overdue"] else "")
        who, company = shown(item["name"], 24), shown(item["company"], 28)
        table.add_row(item["lead_id"], who, company, ", ".join(item["kinds"]), str(item["worth"]), due)
    out.print(table)


@app.command()
def show(lead_id: Annotated[str, typer.Argument(help="The lead's id.")], data: Data, as_json: AsJson = False) -> None:
    """Show one item with its questions and the answers that each takes."""
    with Api.of(data) as api:
        item = api.get("triage", f"/api/items/{lead_id}")
    if as_json:
        print_json(item)
        return
    out.print(f"lead {lead_id}, version {item['version']}, {item['status']}")
    for question in item["questions"]:
        out.print(f"  {question_line(question)}", markup=False)


@app.command()
def decide(
    lead_id: Annotated[str, typer.Argument(help="The lead's id.")],
    data: Data,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="QUESTION=VERDICT[:VALUE]", help="One for each question."),
    ] = None,
    verdict: Annotated[str, typer.Option("--all", help="The same verdict for every question, such as approve.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit log.")] = "",
    actor: Actor = "cli",
) -> None:
    """Answer all questions of an item; the lead then goes on by itself."""
    with Api.of(data, actor) as api:
        item = api.get("triage", f"/api/items/{lead_id}")
        given = [answer_of(text, reason) for text in answers or []]
        named = {answer["question_id"] for answer in given}
        rest = [question["question_id"] for question in item["questions"] if question["question_id"] not in named]
        if rest and not verdict:
            do = f"add --answer QUESTION=VERDICT for {', '.join(rest)}, or --all VERDICT"
            raise CliError(f"{len(rest)} questions have no answer", f"lead {lead_id}", do)
        given += [{"question_id": name, "verdict": verdict, "reason": reason} for name in rest]
        told = api.post(
            "triage", f"/api/items/{lead_id}/decision", {"seen_hash": item["question_hash"], "answers": given}
        )
    out.print(f"decided: {shown(told.get('answer'), 200)}", markup=False)


def question_line(question: dict[str, Any]) -> str:
    """One question in one line: its id, what is asked, and the answers that it takes."""
    asked = f"{question['review']['kind']}: {question['review']['reason']}"
    if question["proposal"] is not None:
        proposal = question["proposal"]
        change = f"{shown(proposal['old'], 30)} → {shown(proposal['new'], 30)}"
        asked += f" ({proposal['record']['type']} {proposal['field']}: {change})"
    return f"{question['question_id']} {asked} [{' | '.join(question['choices'])}]"


def answer_of(text: str, reason: str) -> dict[str, Any]:
    """The answer that QUESTION=VERDICT[:VALUE] says; a value that reads as JSON is taken as JSON."""
    question, equals, rest = text.partition("=")
    verdict, colon, value = rest.partition(":")
    if not equals or not verdict:
        raise CliError(f"{text!r} is no answer", "--answer", "write QUESTION=VERDICT or QUESTION=VERDICT:VALUE")
    answer: dict[str, Any] = {"question_id": question, "verdict": verdict, "reason": reason}
    if colon:
        try:
            answer["value"] = json.loads(value)
        except ValueError:
            answer["value"] = value
    return answer

"""`triage list|show|decide`: the queue of open questions, and a person's answers. `triage_work.py` has what people do beside."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.client import Api
from cli.console import ID_WIDTH, PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.triage_work import add_work, work_line

_WHO = ("name", "email", "phone", "company", "website")
_STYLE = {"due soon": "yellow", "overdue": "red", "escalated": "bold red"}
app = typer.Typer(help="Triage: the queue of open questions, and what people do with it.", no_args_is_help=True)
add_work(app)


@app.command(name="list")
def list_items(
    data: Data,
    status: Annotated[str, typer.Option("--status", help="open, decided or superseded.")] = "open",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 50,
    kind: Annotated[str, typer.Option("--kind", help="Asked about: identity, change, route, conflict, ...")] = "",
    queue: Annotated[str, typer.Option("--queue", help="What would go to this queue.")] = "",
    clock: Annotated[str, typer.Option("--clock", help="waiting, 'due soon', overdue or escalated.")] = "",
    claimed: Annotated[str, typer.Option("--claimed", help="me, nobody, or who works on it.")] = "",
    assigned: Annotated[str, typer.Option("--assigned", help="me, nobody, or whose it is.")] = "",
    snoozed: Annotated[str, typer.Option("--snoozed", help="no, yes or all.")] = "no",
    segment: Annotated[str, typer.Option("--segment", help="The lead's kind, such as demo_request.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where the lead came from.")] = "",
    search: Annotated[str, typer.Option("--search", help="A part of the person's or company's name.")] = "",
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """List the queue: what is due first, then what is worth most."""
    narrowed = {
        "kind": kind, "queue": queue, "clock": clock, "claimed": claimed, "assigned": assigned, "snoozed": snoozed,
        "segment": segment, "source": source, "search": search,
    }  # fmt: skip
    with Api.of(data, actor) as api:
        page = api.get("triage", "/api/items", status=status, limit=limit, **narrowed)
    if as_json:
        print_json(page)
        return
    table = PlainTable(title=f"{page['total']} {status}", title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("who", "company", "asked about", "worth", "due", "worked on"):
        table.add_column(name)
    for item in page["items"]:
        due = due_text(item)
        who, company = shown(item["name"], 24), shown(item["company"], 28)
        table.add_row(
            item["lead_id"], who, company, kinds_line(item["kinds"]), str(item["worth"]), due, work_line(item)
        )
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
    if work := work_line(item):
        out.print(f"  {work}", markup=False)
    lead = item.get("lead") or {}
    facts = [shown(fact["value"], 60) for name in _WHO if (fact := lead.get("fields", {}).get(name)) is not None]
    if facts:
        out.print(f"  from {' · '.join(facts)}", markup=False)
    for question in item["questions"]:
        out.print(f"  {question_line(question)}", markup=False)
        for choice, follows in question["consequences"].items():
            out.print(f"      {choice}: {follows}", markup=False)
    for one in item["blocked"]:
        record = f"{one['record']['type']}.{one['field']}"
        out.print(
            f"  blocked by {one['by']}: {record}: {shown(one['reason'], 80)} (unblock with {one['question_id']})",
            markup=False,
        )
    for one in item["comments"]:
        out.print(f"  {one['at'][:16]} {one['author']}: {shown(one['text'], 400)}", markup=False)
    if item["undo"]:
        out.print(f"  {item['undo']['by']} can take the decision back until {item['undo']['until'][:19]}", markup=False)
    for candidate in (lead.get("identity") or {}).get("candidates", ()):
        out.print(f"  {candidate_lines(candidate)}", markup=False)


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
    take_over: Annotated[bool, typer.Option("--take-over", help="Although somebody else works on it.")] = False,
    actor: Actor = "cli",
) -> None:
    """Answer all questions of an item; the lead then goes on by itself."""
    with Api.of(data, actor) as api:
        item = api.get("triage", f"/api/items/{lead_id}")
        given = [answer_of(text, reason) for text in answers or []]
        named = {answer["question_id"] for answer in given}
        rest = [question["question_id"] for question in item["questions"] if question["question_id"] not in named]
        unfit = [
            question_line(one) for one in item["questions"] if one["question_id"] in rest and not takes(one, verdict)
        ]
        if verdict and unfit:
            do = "answer these with --answer QUESTION=VERDICT, beside --all:\n         " + "\n         ".join(unfit)
            raise CliError(f"{len(unfit)} of {len(rest)} questions do not take {verdict!r}", f"lead {lead_id}", do)
        if rest and not verdict:
            do = f"add --answer QUESTION=VERDICT for {', '.join(rest)}, or --all VERDICT"
            raise CliError(f"{len(rest)} questions have no answer", f"lead {lead_id}", do)
        given += [{"question_id": name, "verdict": verdict, "reason": reason} for name in rest]
        told = api.post(
            "triage", f"/api/items/{lead_id}/decision",
            {"seen_hash": item["question_hash"], "answers": given, "take_over": take_over},
        )  # fmt: skip
    out.print(f"decided: {shown(told.get('answer'), 200)}", markup=False)


def due_text(item: dict[str, Any]) -> Text:
    """When the item is due, with where its clock stands and whom that was told."""
    clock, waiting = item["clock"], item["waiting"] or {}
    told = f"escalated to {waiting.get('escalate_to')}" if clock == "escalated" else clock
    due = (item["due_at"] or "–")[:16]
    return Text(due if clock == "waiting" else f"{due} {told}", style=_STYLE.get(clock, ""))


def kinds_line(kinds: Sequence[str]) -> str:
    """What is asked about, each kind once, with how many questions when there are several."""
    return ", ".join(kind if count == 1 else f"{count} × {kind}" for kind, count in Counter(kinds).items())


def takes(question: dict[str, Any], verdict: str) -> bool:
    """Whether a question can be answered so: a choice may name a record after its verdict (`link:ID`)."""
    return verdict in {choice.partition(":")[0] for choice in question["choices"]} | set(question["choices"])


def candidate_lines(candidate: dict[str, Any]) -> str:
    """Whom the lead may be, how surely, and what each comparison weighed."""
    record, held = candidate["record"], "".join(f", held: {reason}" for reason in candidate["held_for"])
    compared = "".join(
        f"\n      {one['name']}: {shown(one['ours'], 40)} / {shown(one['theirs'], 40)} ({one['weight']:+.1f})"
        for one in candidate["comparisons"]
    )
    return f"perhaps {record['type']}:{record['id']} ({candidate['match_probability']:.0%}{held}){compared}"


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

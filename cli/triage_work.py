"""`triage claim|release|assign|snooze|wake|comment|undo|unblock|counts|bulk`: how people share the queue."""

from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data

LeadId = Annotated[str, typer.Argument(help="The lead's id.")]
TakeOver = Annotated[bool, typer.Option("--take-over", help="Although somebody else works on it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]


def add_work(app: typer.Typer) -> None:
    """The subcommands, on the app of `triage`."""
    for command in (claim, release, assign, snooze, wake, comment, undo, unblock, counts, bulk):
        app.command()(command)


def claim(lead_id: LeadId, data: Data, take_over: TakeOver = False, actor: Actor = "cli") -> None:
    """Work on an item: others are told. A claim runs out by itself."""
    _act(lead_id, data, actor, "claim", {"take_over": take_over})


def release(lead_id: LeadId, data: Data, take_over: TakeOver = False, actor: Actor = "cli") -> None:
    """Give an item back."""
    _act(lead_id, data, actor, "release", {"take_over": take_over})


def assign(
    lead_id: LeadId,
    to: Annotated[str, typer.Argument(help="Whose it is; '' for nobody's.")],
    data: Data,
    reason: Reason = "",
    actor: Actor = "cli",
) -> None:
    """Say whose an item is."""
    _act(lead_id, data, actor, "assign", {"to": to, "reason": reason})


def snooze(
    lead_id: LeadId,
    data: Data,
    until: Annotated[str, typer.Option("--until", help="A time with its offset; without: until something new.")] = "",
    reason: Reason = "",
    actor: Actor = "cli",
) -> None:
    """Put an item out of sight until a time or until something new is asked. Its clock goes on."""
    _act(lead_id, data, actor, "snooze", {"until": until or None, "reason": reason})


def wake(lead_id: LeadId, data: Data, actor: Actor = "cli") -> None:
    """Bring a snoozed item back now."""
    _act(lead_id, data, actor, "wake", {})


def comment(
    lead_id: LeadId, text: Annotated[str, typer.Argument(help="What to say.")], data: Data, actor: Actor = "cli"
) -> None:
    """Say something about an item; comments are only added to."""
    _act(lead_id, data, actor, "comment", {"text": text})


def undo(lead_id: LeadId, data: Data, actor: Actor = "cli") -> None:
    """Take the own decision back, for as long as that goes."""
    told = _act(lead_id, data, actor, "undo", {}, quiet=True)
    out.print(f"taken back: {lead_id}", markup=False)
    for line in told.get("follows", ()):
        out.print(f"  {line}", markup=False)
    for line in told.get("cannot", ()):
        out.print(f"  not undone: {line}", markup=False)


def unblock(
    lead_id: LeadId,
    question_id: Annotated[str, typer.Argument(help="Of the blocked field, as `triage show` prints it.")],
    data: Data,
    reason: Reason = "",
    actor: Actor = "cli",
) -> None:
    """Let machines write a blocked field again."""
    _act(lead_id, data, actor, "unblock", {"question_id": question_id, "reason": reason})


def counts(
    data: Data,
    status: Annotated[str, typer.Option("--status", help="open, decided or superseded.")] = "open",
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """Count the queue by what it can be narrowed by."""
    with Api.of(data, actor) as api:
        told = api.get("triage", "/api/items/counts", status=status, snoozed="all")
    if as_json:
        print_json(told)
        return
    table = PlainTable(title=f"{told['total']} {status}", title_justify="left")
    for name in ("by", "value", "items"):
        table.add_column(name)
    for facet, found in told["counts"].items():
        for value, count in found.items():
            table.add_row(facet, shown(value, 40), str(count))
    out.print(table)


def bulk(
    lead_ids: Annotated[list[str], typer.Argument(help="The leads whose items are decided together.")],
    data: Data,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="SLOT=VERDICT[:VALUE]", help="One for each slot; without: a preview."),
    ] = None,
    reason: Reason = "",
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """Decide equal items together; without answers, show how many are equal, what differs, and the slots to answer."""
    with Api.of(data, actor) as api:
        chosen = [
            {"lead_id": one, "seen_hash": api.get("triage", f"/api/items/{one}")["question_hash"]} for one in lead_ids
        ]
        told = {"items": chosen, "answers": dict(_slot_answer(one, reason) for one in answers or ())}
        done = api.post("triage", "/api/items/bulk" if answers else "/api/items/bulk/preview", told)
    if as_json:
        print_json(done)
        return
    for one in done["items"]:
        out.print(
            f"{one['lead_id']} {one['status']} {shown(one.get('message') or one.get('by') or '', 120)}", markup=False
        )
    for one in done.get("questions", ()):
        out.print(f"{one['slot']} [{' | '.join(one['choices'])}]", markup=False)


def work_line(item: dict[str, Any]) -> str:
    """Who works on an item, whose it is, and until when it is out of sight."""
    parts = [
        f"{item['claimed_by']} since {item['claimed_since'][11:16]}" if item["claimed_by"] else "",
        f"for {item['assigned_to']}" if item["assigned_to"] else "",
        _snoozed(item["snoozed_until"]),
    ]
    return ", ".join(part for part in parts if part)


def _snoozed(until: str | None) -> str:
    if not until:
        return ""
    return "snoozed until something new" if until.startswith("9999") else f"snoozed until {until[:16]}"


def _slot_answer(text: str, reason: str) -> tuple[str, dict[str, Any]]:
    slot, equals, rest = text.partition("=")
    verdict, colon, value = rest.partition(":")
    if not equals or not verdict:
        raise CliError(f"{text!r} is no answer", "--answer", "write SLOT=VERDICT or SLOT=VERDICT:VALUE")
    told: dict[str, Any] = {"verdict": verdict, "reason": reason}
    return slot, {**told, "value": value} if colon else told


def _act(
    lead_id: str, data: Any, actor: str, name: str, body: dict[str, Any], *, quiet: bool = False
) -> dict[str, Any]:
    with Api.of(data, actor) as api:
        told = api.post("triage", f"/api/items/{lead_id}/{name}", body)
    answer: dict[str, Any] = told.get("answer") or {}
    if not quiet:
        work = work_line({"claimed_by": None, "assigned_to": None, "snoozed_until": None, **answer})
        out.print(f"{answer.get('status', 'accepted')}: {lead_id} {work}".rstrip(), markup=False)
    return answer

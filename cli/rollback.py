"""`rollback plan|apply`: take changes back, field by field, by new changes; nothing is ever deleted."""

from typing import Annotated, Any

import typer
from rich.table import Table

from cli.client import Api
from cli.console import PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data, record_of

app = typer.Typer(help="Rollback: plan, apply.", no_args_is_help=True)

Change = Annotated[list[str] | None, typer.Option("--change", help="A change's id; repeatable.")]
Record = Annotated[list[str] | None, typer.Option("--record", metavar="TYPE:ID", help="A record; repeatable.")]
Field = Annotated[list[str] | None, typer.Option("--field", help="A field; repeatable.")]
Workflow = Annotated[str | None, typer.Option("--workflow", help="The stage that decided.")]
LeadId = Annotated[str | None, typer.Option("--lead", help="Everything that one lead led to.")]
Source = Annotated[
    str | None, typer.Option("--source", help="Where the values came from, such as an import's --source.")
]
By = Annotated[str | None, typer.Option("--by", help="Who acted; people's changes are meant only so or by --change.")]
Since = Annotated[str | None, typer.Option("--since", help="From this time on (ISO 8601).")]
Until = Annotated[str | None, typer.Option("--until", help="Up to this time (ISO 8601).")]


@app.command()
def plan(
    data: Data, change: Change = None, record: Record = None, field: Field = None, workflow: Workflow = None,
    lead: LeadId = None, source: Source = None, by: By = None, since: Since = None, until: Until = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what a rollback would do: every field, from which value to which, and what is in the way."""
    selection = selection_of(change, record, field, workflow, lead, since, until, source=source, by=by)
    with Api.of(data) as api:
        told = api.post("audit", "/api/rollbacks/plan", {"selection": selection})
    if as_json:
        print_json(told)
        return
    out.print(plan_table(told))
    if not told["items"]:
        out.print("nothing fits. What people changed or imported is meant only when named: --change ID, or --by ACTOR")


@app.command()
def apply(
    data: Data,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit log.")],
    change: Change = None, record: Record = None, field: Field = None, workflow: Workflow = None,
    lead: LeadId = None, source: Source = None, by: By = None, since: Since = None, until: Until = None,
    actor: Actor = "cli",
    plan_hash: Annotated[str, typer.Option("--plan", help="The hash of the plan that you saw; default: plan anew.")] = "",
) -> None:  # fmt: skip
    """Carry a rollback out; refused when anything in the plan moved since it was shown."""
    selection = selection_of(change, record, field, workflow, lead, since, until, source=source, by=by)
    with Api.of(data, actor) as api:
        told = api.post("audit", "/api/rollbacks/plan", {"selection": selection})
        order = {"selection": selection, "plan_hash": plan_hash or told["plan_hash"], "reason": reason}
        done = api.post("audit", "/api/rollbacks", order)
    out.print(plan_table(told))
    out.print(f"ordered: {shown(done.get('answer'), 300)}", markup=False)


def selection_of(
    change: list[str] | None, record: list[str] | None, field: list[str] | None, workflow: str | None,
    lead: str | None, since: str | None, until: str | None, *, source: str | None = None, by: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The conditions that are given, as the API takes them. Raises CliError when none is."""
    records = [record_of(text).model_dump() for text in record or []]
    given = {
        "change_ids": change or [], "records": records, "fields": field or [], "workflow": workflow, "lead_id": lead,
        "since": since, "until": until, "source_name": source, "actor_id": by,
    }  # fmt: skip
    selection = {name: value for name, value in given.items() if value}
    if not selection:
        raise CliError(
            "a rollback needs a condition",
            "rollback",
            "name a --change, --record, --lead, --workflow, --source, --by or a time",
        )
    return selection


def plan_table(told: dict[str, Any]) -> Table:
    """A plan, one field a row."""
    table = PlainTable(title=f"plan {told['plan_hash'][:16]}", title_justify="left")
    for name in ("record", "field", "now", "goes back to", "action", "note"):
        table.add_column(name)
    for item in told["items"]:
        record = f"{item['record']['type']}:{item['record']['id']}"
        note = item["note"] + (f" by {item['moved_by']}" if item.get("moved_by") else "")
        table.add_row(
            record, item["field"], shown(item["current"], 30), shown(item["restored"], 30), item["action"], note
        )
    return table

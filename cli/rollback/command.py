"""`rollback plan|apply|show|list`: look first, then take back exactly what was looked at, and see what became of it."""

import json
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.client import Api
from cli.console import err, out, print_json, say
from cli.errors import CliError, Refused
from cli.options import Actor, AsJson, Data
from cli.rollback import selection as chosen
from cli.rollback.from_topic import plan_from_topic
from cli.rollback.selection import plan_in, selection_of
from cli.rollback.shown import changed_table, list_table, print_plan, print_rollback, progress_of
from libs.runtime import clock

app = typer.Typer(help="Rollback: plan, apply, show, list.", no_args_is_help=True)
Samples = Annotated[int, typer.Option("--samples", min=0, help="Fields of each kind to show; 0: all.")]
STILL_SECONDS = 60.0
"""After so long without a new report, `apply` stops watching; the rollback goes on."""
LOOK_SECONDS = 0.3


@app.command()
def plan(
    data: Data, change: chosen.Change = None, record: chosen.Record = None, records: chosen.Records = None,
    field: chosen.Field = None, workflow: chosen.Workflow = None, workflow_version: chosen.Version = None,
    model: chosen.Model = None, policy: chosen.PolicyHash = None, source: chosen.Source = None,
    source_kind: chosen.SourceKind = None, by: chosen.By = None, by_kind: chosen.ByKind = None,
    lead: chosen.LeadId = None, rollback: chosen.Rollback = None, since: chosen.Since = None,
    until: chosen.Until = None, yes: chosen.Yes = None, samples: Samples = 10,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write the whole plan here, for `apply`.")] = None,
    from_topic: Annotated[
        bool, typer.Option("--from-topic", help="Plan from Kafka alone, as when the database is gone; the same plan.")
    ] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what a rollback would do: every field, from which value to which, and what is in the way."""
    selection = selection_of(
        change=change, record=record, records=records, field=field, workflow=workflow, workflow_version=workflow_version,
        model_version=model, policy_version=policy, source_name=source, source_kind=source_kind, actor_id=by,
        actor_kind=by_kind, lead_id=lead, rollback_id=rollback, since=since, until=until,
    )  # fmt: skip
    told = plan_from_topic(data, selection, yes or []) if from_topic else _planned(data, selection, yes or [])
    if out_file is not None:
        out_file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        print_json(told)
        return
    print_plan(told, samples)
    if not told["items"]:
        out.print("nothing fits. What people changed or imported is meant only when named: --change ID, or --by ACTOR")
    elif out_file is not None:
        out.print(f'carry it out: signalbox rollback apply {out_file} --reason "why"', markup=False)


@app.command()
def apply(
    data: Data,
    reason: Annotated[str, typer.Option("--reason", help="Why; owners and the audit log are told.")],
    plan_file: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="The plan that `plan --out` wrote.")] = None,
    change: chosen.Change = None, record: chosen.Record = None, records: chosen.Records = None,
    field: chosen.Field = None, workflow: chosen.Workflow = None, workflow_version: chosen.Version = None,
    model: chosen.Model = None, policy: chosen.PolicyHash = None, source: chosen.Source = None,
    source_kind: chosen.SourceKind = None, by: chosen.By = None, by_kind: chosen.ByKind = None,
    lead: chosen.LeadId = None, rollback: chosen.Rollback = None, since: chosen.Since = None,
    until: chosen.Until = None, yes: chosen.Yes = None, samples: Samples = 10, actor: Actor = "cli",
    plan_hash: Annotated[str, typer.Option("--plan", help="The hash of the plan that you saw; default: plan anew.")] = "",
    wait: Annotated[bool, typer.Option(help="Watch until every field is reported on.")] = True,
) -> None:  # fmt: skip
    """Carry a plan out; refused when anything in it moved since it was shown. Said again, it goes on and does nothing twice."""
    if plan_file is not None:
        seen = plan_in(plan_file)
        selection, confirmed, plan_hash = seen["selection"], seen.get("confirmed", []), seen["plan_hash"]
    else:
        selection = selection_of(
            change=change, record=record, records=records, field=field, workflow=workflow,
            workflow_version=workflow_version, model_version=model, policy_version=policy, source_name=source,
            source_kind=source_kind, actor_id=by, actor_kind=by_kind, lead_id=lead, rollback_id=rollback, since=since,
            until=until,
        )  # fmt: skip
        confirmed = yes or []
    with Api.of(data, actor) as api:
        if not plan_hash:
            told = api.post("audit", "/api/rollbacks/plan", {"selection": selection, "confirmed": confirmed})
            print_plan(told, samples)
            plan_hash = told["plan_hash"]
        order = {"selection": selection, "confirmed": confirmed, "plan_hash": plan_hash, "reason": reason}
        answer = _ordered(api, order)
        rollback_id = answer["rollback_id"]
        again = " (it was ordered before; nothing is done twice)" if answer.get("repeated") else ""
        out.print(f"ordered: rollback {rollback_id}{again}", markup=False)
        if wait:
            _watch(api, rollback_id)
        print_rollback(api.get("audit", f"/api/rollbacks/{quote(rollback_id, safe='')}"), samples)
    out.print(f"look again: signalbox rollback show {rollback_id}    take it back: "
              f"signalbox rollback plan --rollback {rollback_id}", markup=False)  # fmt: skip


@app.command()
def show(
    data: Data,
    rollback_id: Annotated[str, typer.Argument(metavar="ID", help="`rollback list` names them.")],
    samples: Samples = 10,
    as_json: AsJson = False,
) -> None:
    """Show a rollback: who, why, and what became of each field."""
    with Api.of(data) as api:
        told = api.get("audit", f"/api/rollbacks/{quote(rollback_id, safe='')}")
    if as_json:
        print_json(told)
    else:
        print_rollback(told, samples)


@app.command("list")
def list_rollbacks(
    data: Data, limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20, as_json: AsJson = False
) -> None:
    """List rollbacks that were ordered, the newest first."""
    with Api.of(data) as api:
        found = api.get("audit", "/api/rollbacks", limit=limit)["items"]
    if as_json:
        print_json(found)
    elif found:
        out.print(list_table(found))
    else:
        out.print("nothing was ever rolled back")


def _planned(data: Path, selection: dict[str, Any], confirmed: list[str]) -> dict[str, Any]:
    with Api.of(data) as api:
        told: dict[str, Any] = api.post(
            "audit", "/api/rollbacks/plan", {"selection": selection, "confirmed": confirmed}
        )
    return told


def _ordered(api: Api, order: dict[str, Any]) -> dict[str, Any]:
    """The answer to an order. Raises CliError, after showing what moved, when the plan is no longer what was seen."""
    try:
        answer: dict[str, Any] = api.post("audit", "/api/rollbacks", order)["answer"]
    except Refused as refused:
        changed = refused.body.get("changed")
        if refused.body.get("error") != "plan_changed" or not isinstance(changed, list):
            raise
        if changed:
            out.print(changed_table(changed))
        raise CliError(
            "nothing was taken back: the plan is no longer what you saw",
            f"plan {order['plan_hash'][:16]}",
            "make it anew with `rollback plan`, look at it, and apply that one",
        ) from None
    return answer


def _watch(api: Api, rollback_id: str) -> None:
    """Show how many fields were reported on until all are, or nothing new comes for a while."""
    columns = (TextColumn("taking back"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar, since, before = progress.add_task("", total=None), clock.monotonic(), -1
        while True:
            done, whole = progress_of(api.get("audit", f"/api/rollbacks/{quote(rollback_id, safe='')}"))
            progress.update(bar, completed=done, total=whole)
            if done >= whole:
                return
            if done != before:
                since, before = clock.monotonic(), done
            if clock.monotonic() - since > STILL_SECONDS:
                break
            time.sleep(LOOK_SECONDS)
    say(f"{done} of {whole} fields are reported; the rest goes on by itself: signalbox rollback show {rollback_id}")

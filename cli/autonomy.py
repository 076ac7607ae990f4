"""`autonomy list|show|raise|lower`: what each workflow has earned, what it is measured by, and a person's steps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from cli.client import Api, running
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.publish import newest_published
from cli.score.history import on_kafka
from libs.contracts.codec import decode
from libs.contracts.events import AutonomyChanged
from libs.contracts.topics import AUTONOMY_CHANGED
from libs.policy.autonomy import AUTONOMOUS, autonomy_key, breached, missing_answers, wilson
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime import clock
from libs.runtime.broker import read_topics
from services.router.domain.earned import block_of, level_now, started
from services.router.domain.records import Earned

app = typer.Typer(help="Earned autonomy: list, show, raise, lower.", no_args_is_help=True)
Key = Annotated[str, typer.Argument(metavar="KEY", help="As `autonomy list` shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]
Steps = Mapping[str, list[AutonomyChanged]]


@app.command(name="list")
def list_levels(data: Data, as_json: AsJson = False) -> None:
    """List every level with its figures; a fall that nobody has answered with a step stands out."""
    policy, told = _read(data)
    rows = [figures(policy, row, told[row.key][-1] if row.key in told else None) for row in rows_of(policy, told)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("no workflow earns its autonomy: workflows.yaml has no block `autonomy` (see docs/autonomy.md)")
        return
    table = PlainTable(title=f"{len(rows)} levels", title_justify="left")
    for name in ("key", "level", "accepted", "95 % bound", "missing", "last step"):
        table.add_column(name, no_wrap=name == "key")
    for row in rows:
        bound = f"{row['low']:.2f} of {row['needed']:.2f}" if row["decided"] else "–"
        step = Text(f"{row['step']}: {row['reason']}" if row["reason"] else "–", style="red" if row["breach"] else "")
        missing = "–" if row["level"] == AUTONOMOUS else str(row["missing"])
        table.add_row(row["key"], row["level"], f"{row['accepted']} of {row['decided']}", bound, missing, step)
    out.print(table)


@app.command()
def show(key: Key, data: Data, as_json: AsJson = False) -> None:
    """Show one level: its figures, and the newest answers, oldest first."""
    policy, told = _read(data)
    row = _row(policy, told, key)
    found = figures(policy, row, told[key][-1] if key in told else None)
    if as_json:
        print_json(found)
        return
    out.print(f"{key}: {found['level']} since {found['since'][:16]}", markup=False)
    share = f"95 % interval {found['low']:.2f} to {found['high']:.2f}"
    out.print(f"  {found['accepted']} of {found['decided']} suggestions accepted since then; {share}")
    if found["level"] != AUTONOMOUS:
        needs = f"{found['answers_needed']} answers and a lower bound of {found['needed']:g}"
        more = "it may be raised" if found["missing"] == 0 else f"{found['missing']} more accepted in a row would do"
        out.print(f"  writing by itself needs {needs}: {more}")
    out.print(f"  it ends below {found['drop_below']:g} over the last {found['drop_over_last']}")
    out.print(f"  newest answers: {found['recent'] or 'none'}   (1 accepted, 0 not)")
    if found["reason"]:
        out.print(f"  last step, {found['step']} by {found['by']}: {found['reason']}", markup=False)


@app.command(name="raise")
def raise_level(key: Key, reason: Reason, data: Data, actor: Actor = "cli") -> None:
    """Let a workflow go one step further with a field; into writing by itself only on measured acceptance."""
    _step(data, "raise", key, {"reason": reason}, actor)


@app.command()
def lower(
    key: Key,
    reason: Reason,
    data: Data,
    to: Annotated[str, typer.Option("--to", help="A lower level; left out: one step down.")] = "",
    actor: Actor = "cli",
) -> None:
    """Take autonomy back, at once."""
    _step(data, "lower", key, {"reason": reason, "to": to}, actor)


def rows_of(policy: Policy, told: Steps) -> list[Earned]:
    """A row for each key that the policy lists: with answers, or as it starts. Segments show once somebody answered."""
    known = [_earned(steps[-1]) for steps in told.values()]
    rows = {row.key: row for row in known if block_of(policy, row) is not None}
    for workflow, contract in policy.workflows.items():
        block = contract.autonomy
        for record_type, names in (block.fields if block and block.segment_by == "none" else {}).items():
            for name in names:
                key = autonomy_key(workflow, record_type, name, "")
                row = None if key in rows else started(policy, key, clock.now())
                rows |= {key: row} if row else {}
    return [rows[key] for key in sorted(rows)]


def figures(policy: Policy, row: Earned, last: AutonomyChanged | None) -> dict[str, Any]:
    """A level with what it is measured by. `missing`: accepted answers in a row that a step into writing still needs."""
    block = block_of(policy, row)
    assert block is not None
    low, high = wilson(row.accepted, row.decided)
    recent = last.recent if last else ""
    return {
        "key": row.key, "level": level_now(policy, row), "since": row.since.isoformat(), "decided": row.decided,
        "accepted": row.accepted, "low": low, "high": high, "needed": block.rise.at_least,
        "answers_needed": block.rise.decided, "missing": missing_answers(block.rise, row.accepted, row.decided),
        "drop_over_last": block.drop.over_last, "drop_below": block.drop.below, "recent": recent,
        "breach": breached(block.drop, recent) or (last is not None and last.step == "dropped"),
        "step": last.step if last else "", "by": last.actor.id if last else "", "reason": last.reason if last else "",
    }  # fmt: skip


def _earned(told: AutonomyChanged) -> Earned:
    recent = tuple((str(place), answer == "1") for place, answer in enumerate(told.recent))
    return Earned(
        told.key, told.workflow, told.record_type, told.field, told.segment, told.level, told.since, told.decided,
        told.accepted, recent,
    )  # fmt: skip


def _read(data: Any) -> tuple[Policy, Steps]:
    """The policy that decides, and what was told of each key, oldest first (compaction keeps the newest)."""
    kafka = running(data).kafka
    newest = on_kafka(kafka, newest_published(kafka))
    if newest is None:
        raise CliError("no policy has been published", f"data folder {data}", "run `./signalbox policy publish`")
    return load_policy(newest.files), on_kafka(kafka, _told(kafka))


async def _told(kafka: str) -> Steps:
    found: dict[str, list[AutonomyChanged]] = {}
    async for record in read_topics(kafka, [AUTONOMY_CHANGED.name]):
        event = decode(AUTONOMY_CHANGED, record.value, record.headers)
        found.setdefault(event.key, []).append(event)
    return found


def _row(policy: Policy, told: Steps, key: str) -> Earned:
    row = _earned(told[key][-1]) if key in told else started(policy, key, clock.now())
    if row is None or block_of(policy, row) is None:
        keys = ", ".join(row.key for row in rows_of(policy, told)[:8]) or "there are none"
        raise CliError(f"nothing is earned under {key}", "workflows.yaml, autonomy", f"choose from: {keys}")
    return row


def _step(data: Path, name: str, key: str, arguments: dict[str, str], actor: str) -> None:
    with Api.of(data, actor) as api:
        told = api.post("router", f"/api/autonomy/{quote(key, safe=':')}/{name}", arguments)
    answer = told["answer"]
    out.print(f"{key}: {answer['before']} → {answer['level']}", markup=False)

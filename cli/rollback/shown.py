"""Rollbacks as people look at them: counts first, then fields."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from cli.console import ID_WIDTH, PlainTable, out, shown

ACTIONS = {
    "restore": "goes back",
    "conflict": "stays: changed since",
    "irreversible": "can't be undone: a task is opened",
    "already_undone": "nothing to do",
    "lead_fact": "what was known then: edit the lead in triage to decide it anew",
}


def print_plan(told: dict[str, Any], samples: int) -> None:
    """The counts of a plan, and so many fields of each kind (0: all), those that need somebody first."""
    items = told["items"]
    records = len({(item["record"]["type"], item["record"]["id"]) for item in items})
    out.print(f"plan {told['plan_hash']}: {len(items)} fields of {records} records", markup=False)
    out.print(_counts(items))
    order = sorted(ACTIONS, key=lambda action: (action != "conflict", action != "irreversible", action != "restore"))
    listed = [item for action in order for item in _some([one for one in items if one["action"] == action], samples)]
    if listed:
        out.print(fields_table(listed))
    if len(listed) < len(items):
        out.print(f"{len(items) - len(listed)} more: --samples 0 shows all, --out FILE writes all", markup=False)
    for item in listed:
        if item["action"] == "conflict":
            out.print(f"to restore {_name(item)} all the same: --yes {item['item_id']}", markup=False)


def _some(items: Sequence[dict[str, Any]], samples: int) -> Sequence[dict[str, Any]]:
    return items if samples == 0 else items[:samples]


def _counts(items: Sequence[dict[str, Any]]) -> Table:
    table = PlainTable()
    for name in ("what", "fields", "in words", "fields by name"):
        table.add_column(name)
    for action, words in ACTIONS.items():
        of = [item for item in items if item["action"] == action]
        if of:
            names = Counter(item["field"] for item in of).most_common(5)
            table.add_row(action, str(len(of)), words, ", ".join(f"{name} {count}" for name, count in names))
    return table


def fields_table(items: Sequence[dict[str, Any]], status: dict[str, str | None] | None = None) -> Table:
    """One field a row; with what became of it when that is known."""
    table = PlainTable()
    heads = ("record", "field", "now" if status is None else "before", "goes back to", "action", "note")
    for name in heads if status is None else (*heads, "reported"):
        table.add_column(name, overflow="fold" if name == "record" else "ellipsis")
    for item in items:
        note = item["note"] + (f" by {item['moved_by']}" if item.get("moved_by") else "")
        cells = [f"{item['record']['type']}:{item['record']['id']}", item["field"], shown(item["current"], 30),
                 shown(item["restored"], 30), item["action"], note]  # fmt: skip
        if status is not None:
            cells.append(status.get(item["item_id"]) or ("waits" if item["action"] == "restore" else "–"))
        table.add_row(*cells)
    return table


def changed_table(changed: Sequence[dict[str, Any]]) -> Table:
    """What moved between the plan that was seen and the one that holds now, one field a row."""
    table = PlainTable(title="changed since the plan was made", title_justify="left")
    for name in ("record", "field", "was", "is", "by"):
        table.add_column(name, overflow="fold" if name == "record" else "ellipsis")
    for one in changed:
        was, now = (
            "–" if side is None else f"{side['action']}: {shown(side['current'], 24)}"
            for side in (one["was"], one["is"])
        )
        by = (one["is"] or {}).get("moved_by") or "–"
        table.add_row(f"{one['record']['type']}:{one['record']['id']}", one["field"], was, now, by)
    return table


def print_rollback(told: dict[str, Any], samples: int) -> None:
    """A rollback: who, why, how far it is, and its fields; what crm refused comes first."""
    done, whole = progress_of(told)
    out.print(f"rollback {told['rollback_id']} by {told['actor']['id']} at {told['ordered_at'][:19]}", markup=False)
    out.print(f"reason: {told['reason']}", markup=False)
    out.print(f"{done} of {whole} fields reported: {_words(told['reported'])}", markup=False)
    status = told["item_status"]
    refused = [item for item in told["items"] if status.get(item["item_id"]) not in (None, "applied")]
    others = [item for item in told["items"] if item not in refused]
    listed = [*_some(refused, samples), *_some(others, samples)]
    if listed:
        out.print(fields_table(listed, status))
    if len(listed) < len(told["items"]):
        out.print(f"{len(told['items']) - len(listed)} more: --samples 0 shows all", markup=False)


def progress_of(told: dict[str, Any]) -> tuple[int, int]:
    """How many of the fields that go back were reported on, and how many there are."""
    wanted = [item["item_id"] for item in told["items"] if item["action"] == "restore"]
    return sum(told["item_status"].get(one) is not None for one in wanted), len(wanted)


def list_table(items: Sequence[dict[str, Any]]) -> Table:
    """Rollbacks, the newest first."""
    table = PlainTable()
    table.add_column("rollback", min_width=ID_WIDTH)
    for name in ("ordered", "by", "planned", "reported", "reason"):
        table.add_column(name)
    for one in items:
        table.add_row(
            one["rollback_id"], one["ordered_at"][:19].replace("T", " "), one["actor"]["id"], _words(one["counts"]),
            _words(one["reported"]), shown(one["reason"], 60),
        )  # fmt: skip
    return table


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing yet"


def _name(item: dict[str, Any]) -> str:
    return f"{item['field']} of {item['record']['type']}:{item['record']['id']}"

"""A rollback of a task that exists for nothing else: changed, planned, taken back, and read again."""

import time
from collections.abc import Callable
from typing import Any

from cli.client import Api
from cli.errors import CliError
from libs.runtime import clock

TASK = "signalbox-rollback-test"
PATIENCE_SECONDS = 60.0
FIRST = "stands before and after a rollback test"


def test_rollback(api: Api) -> str:
    """Take one change back on this stack; returns the change's id. Raises CliError when a step does not do what it should."""
    path = f"/api/records/task/{TASK}"
    made = {"records": [{"id": TASK, "fields": {"title": FIRST, "status": "done"}}], "reason": "rollback test"}
    api.post("crm", "/api/records/task", made)
    changed = f"changed at {clock.now():%Y-%m-%d %H:%M:%S.%f}"
    edited = api.post("crm", path, {"fields": {"title": changed}, "reason": "rollback test"}, method="PATCH")
    change_id = _change_of(edited)
    selection = {"change_ids": [change_id]}
    plan = _within(
        lambda: _plan(api, selection), lambda: f"the audit log knows the change; {_known(api, path, selection)}"
    )
    order = {"selection": selection, "plan_hash": plan["plan_hash"], "reason": "rollback test"}
    api.post("audit", "/api/rollbacks", order)
    before = "the CRM shows the value before"
    _within(lambda: api.get("crm", path)["fields"].get("title") != changed or None, lambda: before)
    _within(lambda: _is_told(api, path) or None, lambda: "the audit log shows the rollback")
    return change_id


def _change_of(answer: Any) -> str:
    told = answer.get("answer", answer) if isinstance(answer, dict) else {}
    title = (told.get("fields") or {}).get("title") or {}
    if title.get("status") != "applied":
        raise CliError(
            "the test's own task could not be changed", f"task {TASK}", str(title.get("reason") or told)[:300]
        )
    return str(title["change_id"])


def _plan(api: Api, selection: dict[str, Any]) -> dict[str, Any] | None:
    plan: dict[str, Any] = api.post("audit", "/api/rollbacks/plan", {"selection": selection})
    return plan if plan["counts"].get("restore") == 1 else None


def _known(api: Api, path: str, selection: dict[str, Any]) -> str:
    """What the audit log holds of the task, for whoever has to find out why a change is missing."""
    moves = api.get("audit", f"{path}/timeline", limit=1000)["items"]
    counts = api.post("audit", "/api/rollbacks/plan", {"selection": selection})["counts"]
    return f"it has {len(moves)} changes of the task, and the plan says {counts or 'nothing'}"


def _is_told(api: Api, path: str) -> bool:
    moves = api.get("audit", f"{path}/timeline", field="title", limit=1000)["items"]
    return bool(moves) and moves[-1]["change"]["source"]["kind"] == "rollback"


def _within(found: Callable[[], Any], what: Callable[[], str]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (held := found()) is None:
        if time.monotonic() > deadline:
            raise CliError(
                f"waited {PATIENCE_SECONDS:.0f} s in vain: {what()}", f"task {TASK}", "look at `signalbox logs audit`"
            )
        time.sleep(0.1)
    return held

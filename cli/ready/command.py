"""`ready`: whether the line may run in a launch mode, with what was looked at; and the gate of publishing past *suggested*."""

from typing import Annotated

import typer
from rich.text import Text

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.publish import newest_published
from cli.ready.checks import PAST, Check, checks_of
from cli.ready.gathering import facts_of
from cli.ready.rollback_test import test_rollback
from cli.score.history import on_kafka
from libs.policy.launch import STRICTEST_MODE_FIRST, LaunchMode
from libs.policy.load import load_policy
from libs.policy.policy import Policy

CONFIRMED = "signalbox-nobody-is-held-back"
"""The entry by which somebody said that there is nobody to hold back; it names an address that nobody has."""


def ready(
    data: Data,
    mode: Annotated[LaunchMode | None, typer.Option("--for", help="The mode; default: the next one up.")] = None,
    rollback: Annotated[
        bool, typer.Option("--test-rollback", help="Test a rollback first, on a task of its own.")
    ] = False,
    nobody: Annotated[
        str, typer.Option("--confirm-no-suppression", metavar="REASON", help="Say that nobody has to be held back.")
    ] = "",
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """Check what a launch mode needs; exit 1 when something refuses it."""
    with Api.of(data, actor) as api:
        policy = _deciding(api)
        wanted = mode or next_up(policy.launch.mode)
        if rollback:
            test_rollback(api)
        if nobody:
            confirm_nobody(api, nobody)
        checks = checks_of(facts_of(api, policy))
    refusing = [check for check in checks if check.refuses(wanted)]
    if as_json:
        print_json({"mode": wanted.value, "ready": not refusing, "checks": [_told(check, wanted) for check in checks]})
    else:
        _show(checks, wanted)
    if refusing:
        raise typer.Exit(1)


def next_up(mode: LaunchMode) -> LaunchMode:
    """The next less strict mode; the last one itself."""
    return STRICTEST_MODE_FIRST[min(STRICTEST_MODE_FIRST.index(mode) + 1, len(STRICTEST_MODE_FIRST) - 1)]


def confirm_nobody(api: Api, reason: str) -> None:
    """Say, audited, that the suppression list is empty on purpose."""
    fields = {"reason": "never_route", "email": f"{CONFIRMED}@example.invalid", "active": True}
    body = {"records": [{"id": CONFIRMED, "fields": fields}], "reason": reason}
    api.post("crm", "/api/records/suppression", body)


def refuse_unready(api: Api, policy: Policy, accepted_risk: str = "") -> list[Check]:
    """What else the mode lacks: told, since nothing is written wrongly by it. Raises CliError when a policy would raise the
    mode past *suggested* while suppression or rollback are not live.

    A mode that is in force already may be published again: nothing becomes less strict by it.
    """
    order = STRICTEST_MODE_FIRST.index
    live = on_kafka(api.stack.kafka, newest_published(api.stack.kafka))
    now = load_policy(live.files).launch.mode if live else LaunchMode.DATA_AUDIT
    wanted = policy.launch.mode
    if order(wanted) <= max(order(PAST), order(now)) or accepted_risk.strip():
        return []
    checks = checks_of(facts_of(api, policy))
    failed = [check for check in checks if check.refuses(LaunchMode.APPROVED_WRITES)]
    if failed:
        told = "; ".join(f"{check.name}: {check.looked_at}" for check in failed)
        do = " and ".join(check.do for check in failed)
        raise CliError(f"not ready to go past {PAST.value}: {told}", f"launch.yaml, mode {wanted.value}", do)
    return [check for check in checks if check.refuses(wanted)]


def _deciding(api: Api) -> Policy:
    newest = on_kafka(api.stack.kafka, newest_published(api.stack.kafka))
    if newest is None:
        raise CliError("no policy has been published", "ready", "run `./signalbox policy publish`")
    return load_policy(newest.files)


def _told(check: Check, mode: LaunchMode) -> dict[str, object]:
    needed = check.needed_for.value if check.needed_for else None
    do = None if check.ok else check.do
    return {
        "name": check.name,
        "ok": check.ok,
        "looked_at": check.looked_at,
        "do": do,
        "needed_for": needed,
        "refuses": check.refuses(mode),
    }


def _show(checks: list[Check], mode: LaunchMode) -> None:
    table = PlainTable(title=f"ready for {mode.value}?", title_justify="left")
    for name in ("", "check", "looked at", "what to do"):
        table.add_column(name)
    for check in checks:
        word = "ok" if check.ok else "no" if check.refuses(mode) else "look"
        style = {"ok": "green", "no": "bold red", "look": "yellow"}[word]
        table.add_row(Text(word, style=style), check.name, check.looked_at, "" if check.ok else check.do)
    out.print(table)
    refusing = sum(check.refuses(mode) for check in checks)
    out.print(
        f"ready for {mode.value}"
        if not refusing
        else f"not ready for {mode.value}: {refusing} of {len(checks)} refuse it"
    )

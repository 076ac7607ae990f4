"""`calendar list|add|remove`: days on which a calendar, or all calendars of a country, have other hours than every week."""

import re
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import JsonValue

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.policies import policy_named, published_policies
from cli.records import all_records, create, set_fields
from cli.score.history import on_kafka
from services.crm.domain.natural import natural_key

app = typer.Typer(help="Holidays and days with other hours: list, add, remove.", no_args_is_help=True)
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="As 2026-12-24.")]
Calendar = Annotated[str, typer.Option(help="Whose day: a calendar of sla.yaml.")]
Country = Annotated[str, typer.Option(help="Whose day: all calendars of this country (two letters).")]
Why = Annotated[str, typer.Option("--why", help="Why, such as Christmas Eve; it stands in the audit log.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
_SHIFT = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


@app.command("list")
def list_days(data: Data, as_json: AsJson = False) -> None:
    """List the days with other hours, oldest first. Holidays of the policy itself stand in sla.yaml."""
    with Api.of(data) as api:
        held = [one for one in all_records(api, "calendar") if one["fields"].get("active") is not False]
    if as_json:
        print_json(held)
        return
    table = PlainTable(title=f"{len(held)} days", title_justify="left")
    for name in ("day", "whose", "hours", "why"):
        table.add_column(name)
    for one in sorted(held, key=lambda each: str(each["fields"].get("day"))):
        fields = one["fields"]
        whose = str(fields.get("calendar") or fields.get("country"))
        table.add_row(str(fields.get("day")), whose, _hours(fields), str(fields.get("reason") or ""))
    out.print(table)


@app.command()
def add(
    day: Day,
    data: Data,
    why: Why,
    calendar: Calendar = "",
    country: Country = "",
    shift: Annotated[list[str] | None, typer.Option(help="Working hours, as 09:00-12:30; none: closed.")] = None,
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Say that a day is closed, or has these hours. Clocks that start from now on count by it."""
    whose, shifts = _whose(calendar, country), [_shift(one) for one in shift or ()]
    fields: dict[str, JsonValue] = {
        **whose, "day": f"{day:%Y-%m-%d}", "closed": not shifts, "shifts": shifts or None, "reason": why, "active": True,
    }  # fmt: skip
    with Api.of(data, actor) as api:
        if calendar:
            _known_calendar(api, calendar)
        found = _found(api, fields)
        if found is not None:
            set_fields(api, "calendar", found, fields, why, dry_run=dry_run)
        else:
            given = {name: value for name, value in fields.items() if value is not None}
            create(api, "calendar", given, why, dry_run=dry_run)


@app.command()
def remove(
    day: Day,
    data: Data,
    why: Why,
    calendar: Calendar = "",
    country: Country = "",
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Let a day have its week's hours again."""
    fields = {**_whose(calendar, country), "day": f"{day:%Y-%m-%d}"}
    with Api.of(data, actor) as api:
        found = _found(api, fields)
        if found is None:
            raise CliError(f"{fields['day']} has no other hours there", "calendar remove", "look: calendar list")
        set_fields(api, "calendar", found, {"active": False}, why, dry_run=dry_run)


def _whose(calendar: str, country: str) -> dict[str, JsonValue]:
    if bool(calendar) == bool(country):
        raise CliError("say whose day it is", "calendar", "give one of --calendar and --country")
    return {"calendar": calendar} if calendar else {"country": country.upper()}


def _known_calendar(api: Api, name: str) -> None:
    policy = policy_named("published", on_kafka(api.stack.kafka, published_policies(api.stack.kafka)))
    if name not in policy.sla.calendars:
        known = ", ".join(policy.sla.calendars)
        raise CliError(f"the policy in force has no calendar {name!r}", "--calendar", f"choose from: {known}")


def _shift(text: str) -> JsonValue:
    start, _, end = text.partition("-")
    if not _SHIFT.fullmatch(text) or end <= start:
        raise CliError(f"{text!r} are no hours", "--shift", "write them as 09:00-12:30")
    return [start, end]


def _found(api: Api, fields: dict[str, Any]) -> dict[str, Any] | None:
    key = natural_key("calendar", fields)
    held = [one for one in all_records(api, "calendar") if natural_key("calendar", one["fields"]) == key]
    return min(held, key=lambda one: (one["fields"].get("active") is False, one["id"])) if held else None


def _hours(fields: dict[str, Any]) -> str:
    shifts = fields.get("shifts")
    if fields.get("closed") is True or not isinstance(shifts, list):
        return "closed"
    return ", ".join("-".join(map(str, one)) for one in shifts)

"""`insights`, `insights metrics|show|cases|weekly`: what came of leads and suggestions, and the weekly review."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from services.insights.domain.definitions import BY_NAME, METRICS
from services.insights.domain.described import lines, markdown
from services.insights.domain.metric import GROUPS
from services.insights.domain.page import minutes, number

app = typer.Typer(help="Metrics with their cases, and the weekly review.", invoke_without_command=True)
Since = Annotated[str | None, typer.Option("--since", metavar="DAY", help="First day; left out: four weeks back.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Last day; left out: today.")]
Week = Annotated[str | None, typer.Option("--week", metavar="WEEK", help="An ISO week, as 2026-W47.")]
Where = Annotated[
    list[str],
    typer.Option(
        "--where",
        metavar="NAME=VALUE",
        help="Only these: kind, source, queue, workflow, version, policy, field, model, label.",
    ),
]
Name = Annotated[str, typer.Argument(metavar="METRIC", help="As `insights metrics` lists it.")]


@app.callback()
def overview(
    context: typer.Context,
    data: Data,
    since: Since = None,
    until: Until = None,
    week: Week = None,
    where: Where = [],  # noqa: B006 - Typer's default
    as_json: AsJson = False,
) -> None:
    """Show every metric of a period."""
    if context.invoked_subcommand is not None:
        return
    with Api.of(data) as api:
        told = api.get("insights", "/api/insights", since=since, until=until, week=week, **_filters(where))
    if as_json:
        print_json(told)
        return
    out.print(_period(told))
    for group, about in GROUPS.items():
        table = PlainTable(title=about, title_justify="left", show_header=False)
        for name in ("metric", "number", "label"):
            table.add_column(name, min_width=34 if name == "metric" else None)
        for one in (held for held in told["numbers"] if held["group"] == group):
            metric = BY_NAME[one["metric"]]
            parts = ", ".join(
                f"{held['label'] or '(none)'} {number(metric.kind, held)}" for held in _most(one["groups"], metric.kind)
            )
            table.add_row(one["metric"], number(metric.kind, one["total"]), parts)
        out.print(table)
    out.print(
        "`signalbox insights show METRIC --by queue` tells one apart; `insights cases METRIC` lists what it counts."
    )


@app.command()
def metrics(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As docs/insights.md holds it.")] = False,
) -> None:
    """Say what each metric asks, counts, and leaves out."""
    if as_markdown:
        print(markdown(), end="")
        return
    for metric in METRICS:
        out.print(f"[bold]{metric.name}[/]: {metric.title}")
        for line in lines(metric):
            out.print(f"    {line}", markup=False)


@app.command()
def show(
    name: Name,
    data: Data,
    by: Annotated[
        str, typer.Option("--by", help="Told apart by up to three names, with commas: week, queue, label …")
    ] = "",
    since: Since = None,
    until: Until = None,
    week: Week = None,
    where: Where = [],  # noqa: B006 - Typer's default
    as_json: AsJson = False,
) -> None:
    """Show one metric, told apart by week, queue, source, workflow, version and so on."""
    asked = {"since": since, "until": until, "week": week, "by": by, **_filters(where)}
    with Api.of(data) as api:
        told = api.get("insights", f"/api/metrics/{_known(name)}", **asked)
    if as_json:
        print_json(told)
        return
    metric = BY_NAME[name]
    out.print(f"[bold]{metric.title}[/]: {number(metric.kind, told['total'])}")
    for line in lines(metric):
        out.print(f"    {line}", markup=False)
    out.print(_period(told))
    table = PlainTable(*told["by"], "number")
    for group in told["groups"]:
        table.add_row(*(group[one] or "–" for one in told["by"]), number(metric.kind, group))
    if told["groups"]:
        out.print(table)


@app.command()
def cases(
    name: Name,
    data: Data,
    part: Annotated[
        str, typer.Option("--part", help="Of a share: denominator (all), numerator, rest.")
    ] = "denominator",
    since: Since = None,
    until: Until = None,
    week: Week = None,
    where: Where = [],  # noqa: B006 - Typer's default
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the leads, submissions or changes that a number counts."""
    asked = {"since": since, "until": until, "week": week, "part": part, "limit": limit, **_filters(where)}
    with Api.of(data) as api:
        told = api.get("insights", f"/api/metrics/{_known(name)}/cases", **asked)
    if as_json:
        print_json(told)
        return
    table = PlainTable("case", "day", "queue", "field", "label", "")
    for one in told["items"]:
        last = (
            minutes(one["minutes"])
            if "minutes" in one
            else {True: "counts", False: "does not"}.get(one.get("counts"), "")
        )
        table.add_row(one["case"], one["day"], *(one.get(each, "") for each in ("queue", "field", "label")), last)
    out.print(table)
    out.print("There are more: --limit." if told["next"] else f"{len(told['items'])} cases.")


@app.command()
def weekly(
    data: Data,
    week: Annotated[
        str, typer.Option("--week", metavar="WEEK", help="As 2026-W47; left out: the week that ended last.")
    ] = "latest",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the page to print there.")] = None,
    as_json: AsJson = False,
) -> None:
    """The weekly review: what changed, was corrected, is unsure, went well, and stays with people."""
    with Api.of(data) as api:
        if html is not None:
            size = api.download("insights", f"/api/weekly/{week}.html", html)
            out.print(f"{html}: {size:,} bytes", markup=False)
            return
        told = api.get("insights", f"/api/weekly/{week}")
    if as_json:
        print_json(told)
        return
    _print_weekly(told)


def _print_weekly(told: dict[str, Any]) -> None:
    out.print(f"[bold]Weekly review {told['week']}[/], beside {told['before']}")
    out.print(_period(told))
    table = PlainTable("metric", "this week", "week before")
    for one in told["numbers"]:
        table.add_row(
            f"{one['title']}: {one['label']}" if one["label"] else one["title"],
            number(one["kind"], one["this"]),
            number(one["kind"], one["before"]),
        )
    out.print(table)
    corrected = told["corrected_updates"]["rows"]
    out.print(f"Corrected updates: {sum(one['numerator'] for one in corrected)}")
    for one in corrected:
        out.print(f"  {one['workflow']} {one['version']} {one['field']}: {number('rate', one)}", markup=False)
    out.print("Uncertain rules:" if told["uncertain_rules"] else "Uncertain rules: none")
    for one in told["uncertain_rules"]:
        asked = f"asked about {one['asked']} of {one['leads']}, sent elsewhere {one['overruled']} of {one['answered']}"
        out.print(f"  {one['rule']}: {asked}", markup=False)
    out.print("Handoffs:" if told["handoffs"] else "Handoffs: none")
    for one in told["handoffs"]:
        parts = (
            f"accepted {number('rate', one['acceptance'])}",
            f"in time {number('rate', one['first_touch_in_time'])}",
        )
        out.print(f"  {one['queue']}: {', '.join(parts)}", markup=False)
    out.print("Stays with people:")
    for one in told["in_review"]:
        out.print(f"  {one['key']}: {one['level']}, accepted {one['accepted']} of {one['decided']}", markup=False)
    out.print(f"Never routed: {len(told['never_routed']['cases'])}")
    for one in told["never_routed"]["cases"]:
        out.print(f"  {one['lead_id']} {one['day']} {one.get('label', '')}", markup=False)


def _period(told: dict[str, Any]) -> str:
    waiting = f"; {told['waiting']} still to be counted" if told["waiting"] else ""
    return f"{told['since']} to {told['until']}, days of {told['time_zone']}{waiting}"


def _most(groups: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The largest six groups."""
    name = "denominator" if kind == "rate" else "count"
    return sorted(groups, key=lambda one: -one[name])[:6]


def _known(name: str) -> str:
    if name not in BY_NAME:
        raise CliError(f"there is no metric {name!r}", "argument METRIC", "`signalbox insights metrics` lists them")
    return name


def _filters(where: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in where]
    if bad := [name for name, sign, _ in pairs if not sign]:
        raise CliError(f"{bad[0]!r} is no filter", "--where", "write NAME=VALUE, as queue=inbound_sales")
    return {name: value for name, _, value in pairs}

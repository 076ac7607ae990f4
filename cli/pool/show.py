"""`pool list|show`: who gets leads by turn, who is next, and why others are not."""

from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.options import AsJson, Data


def list_pools(data: Data, as_json: AsJson = False) -> None:
    """List the pools of the policy in force."""
    with Api.of(data) as api:
        pools = api.get("router", "/api/pools")["items"]
    if as_json:
        print_json(pools)
        return
    table = PlainTable(title=f"{len(pools)} pools", title_justify="left")
    for name in ("pool", "members", "free now", "next", "when empty", "waiting there"):
        table.add_column(name, justify="right" if name in ("members", "free now", "waiting there") else "left")
    for one in pools:
        people = str(len(one["members"]))
        table.add_row(one["pool"], people, str(one["free"]), _next(one), one["when_empty"], str(one["waiting"]))
    out.print(table)


def show(
    name: Annotated[str, typer.Argument(metavar="POOL", help="As `pool list` shows it.")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Show a pool: each member's share, leads, what they are owed, and why they could take none now."""
    with Api.of(data) as api:
        pool = api.get("router", f"/api/pools/{name}")
    if as_json:
        print_json(pool)
        return
    out.print(f"{name}: {pool['title']}; next {_next(pool)}", markup=False)
    table = PlainTable()
    for column in ("member", "weight", "share", "in this period", "owed", "today", "this week", "untouched"):
        table.add_column(column, justify="left" if column == "member" else "right")
    table.add_column("can take one")
    for one in pool["members"]:
        caps = one["caps"]
        table.add_row(
            one["name"], str(one["weight"]), f"{one['share']:.0%}", str(one["taken"]), f"{one['owed']:+.2f}",
            _of(one["today"], caps["daily"]), _of(one["this_week"], caps["weekly"]), _of(one["untouched"], caps["untouched"]),
            _why(one),
        )  # fmt: skip
    out.print(table)
    after = f"then {pool['overflow']}, " if pool["overflow"] else ""
    out.print(f"when nobody can take one: {after}{pool['when_empty']} ({pool['waiting']} wait there)", markup=False)


def _next(pool: dict[str, Any]) -> str:
    if pool["next"] is None:
        return "nobody"
    names = {one["member"]: one["name"] for one in pool["members"]}
    where = "" if pool["next_in"] == pool["pool"] else f" (of {pool['next_in']})"
    return f"{names.get(pool['next'], pool['next'])}{where}"


def _of(count: int, cap: int | None) -> str:
    return str(count) if cap is None else f"{count} of {cap}"


def _why(member: dict[str, Any]) -> str:
    if not member["why_not"]:
        return "yes"
    since = f" since {_minute(member['since'])}" if member["since"] and member["why_not"] == "away" else ""
    until = f", can from {_minute(member['until'])}" if member["until"] else ""
    return f"no: {member['why_not']}{since}{until}"


def _minute(at: str) -> str:
    """UTC, as `2026-11-23 17:00Z`."""
    return f"{at[:16].replace('T', ' ')}Z"

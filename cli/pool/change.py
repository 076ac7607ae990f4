"""`pool add|remove|weight|caps|roles|hold|resume|absent|back`: a member is a record; each change is audited with why."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from cli.client import Api
from cli.errors import CliError
from cli.options import Actor, Data
from cli.policies import policy_named, published_policies
from cli.records import Record, aware, member_named, set_fields
from cli.score.history import on_kafka
from libs.runtime import clock

Name = Annotated[str, typer.Argument(metavar="MEMBER", help="By name, e-mail or id.")]
Pool = Annotated[str, typer.Argument(metavar="POOL", help="As pools.yaml calls it.")]
Why = Annotated[str, typer.Option("--why", help="Why; it stands in the audit log.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
NOBODY_CAP = -1


def add(pool: Pool, member: Name, data: Data, why: Why, actor: Actor = "cli", dry_run: DryRun = False) -> None:
    """Let a member take a pool's turns. They begin where the others stand: nobody is flooded."""
    with _member(data, actor, member) as (api, held):
        _known_pool(api, pool)
        set_fields(api, "member", held, {"pools": [*_without(held, pool), pool]}, why, dry_run=dry_run)


def remove(pool: Pool, member: Name, data: Data, why: Why, actor: Actor = "cli", dry_run: DryRun = False) -> None:
    """Let a member take no more turns of a pool. What they have stays theirs."""
    with _member(data, actor, member) as (api, held):
        if pool not in _pools(held):
            told = ", ".join(map(str, _pools(held))) or "none"
            raise CliError(f"{member} is not in the pool {pool}", "pool remove", f"their pools: {told}")
        set_fields(api, "member", held, {"pools": _without(held, pool)}, why, dry_run=dry_run)


def weight(
    member: Name,
    number: Annotated[
        int, typer.Argument(metavar="WEIGHT", min=0, help="Twice as many leads: twice the weight; 0: none.")
    ],
    data: Data,
    why: Why,
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Set a member's weight in their pools."""
    with _member(data, actor, member) as (api, held):
        set_fields(api, "member", held, {"weight": number}, why, dry_run=dry_run)


def caps(
    member: Name,
    data: Data,
    why: Why,
    daily: Annotated[int | None, typer.Option(min=NOBODY_CAP, help="Leads of one day; -1: the pool's cap.")] = None,
    weekly: Annotated[int | None, typer.Option(min=NOBODY_CAP, help="Leads of one week; -1: the pool's cap.")] = None,
    untouched: Annotated[int | None, typer.Option(min=NOBODY_CAP, help="Leads not spoken to; -1: the pool's.")] = None,
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Set how many leads a member gets at most, whatever their pools say."""
    given = {"daily_cap": daily, "weekly_cap": weekly, "open_leads_cap": untouched}
    fields: dict[str, JsonValue] = {
        name: None if cap == NOBODY_CAP else cap for name, cap in given.items() if cap is not None
    }
    if not fields:
        raise CliError("say which cap", "pool caps", "give --daily, --weekly or --untouched")
    with _member(data, actor, member) as (api, held):
        set_fields(api, "member", held, fields, why, dry_run=dry_run)


def roles(
    member: Name,
    names: Annotated[
        list[str], typer.Argument(metavar="ROLE…", help="All roles they have from now on, such as revops.")
    ],
    data: Data,
    why: Why,
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Say what a member is responsible for: `revops` owns the policy, and is asked when nobody else is."""
    with _member(data, actor, member) as (api, held):
        set_fields(api, "member", held, {"roles": list[JsonValue](names)}, why, dry_run=dry_run)


def hold(member: Name, data: Data, why: Why, actor: Actor = "cli", dry_run: DryRun = False) -> None:
    """Give a member no leads until `resume`."""
    with _member(data, actor, member) as (api, held):
        set_fields(api, "member", held, {"on_hold": True}, why, dry_run=dry_run)


def resume(member: Name, data: Data, why: Why, actor: Actor = "cli", dry_run: DryRun = False) -> None:
    """Give a member leads again. Nothing is made up for: who was away neither gains nor loses."""
    with _member(data, actor, member) as (api, held):
        set_fields(api, "member", held, {"on_hold": False}, why, dry_run=dry_run)


def absent(
    member: Name,
    data: Data,
    why: Why,
    since: Annotated[datetime | None, typer.Option("--from", help="UTC when no offset is given; default: now.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="Default: until `pool back`.")] = None,
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Give a member no leads for a time, to the minute: a morning at the dentist's is an absence."""
    begin, end = aware(since) or clock.now().replace(microsecond=0), aware(until)
    if end is not None and end <= begin:
        raise CliError("the absence ends before it begins", "--from and --until", "give --until a later time")
    with _member(data, actor, member) as (api, held):
        one: JsonValue = {"from": begin.isoformat(), "until": end.isoformat() if end else None}
        kept = [each for each in _absences(held) if each != one]
        set_fields(api, "member", held, {"absences": [*kept, one]}, why, dry_run=dry_run)


def back(member: Name, data: Data, why: Why, actor: Actor = "cli", dry_run: DryRun = False) -> None:
    """End a member's absence now; absences that are still to come stay."""
    now = clock.now().replace(microsecond=0)
    with _member(data, actor, member) as (api, held):
        kept: list[JsonValue] = [one for each in _absences(held) if (one := _ended(each, now)) is not None]
        set_fields(api, "member", held, {"absences": kept}, why, dry_run=dry_run)


def _ended(absence: Mapping[str, JsonValue], now: datetime) -> dict[str, JsonValue] | None:
    """An absence after somebody came back now; None when nothing is left of it."""
    begin, end = _time(absence.get("from")), _time(absence.get("until"))
    if begin is None or begin >= now or (end is not None and end <= now):
        return dict(absence)
    return {**absence, "until": now.isoformat()} if begin < now else None


@contextmanager
def _member(data: Path, actor: str, text: str) -> Iterator[tuple[Api, Record]]:
    with Api.of(data, actor) as api:
        yield api, member_named(api, text)


def _known_pool(api: Api, pool: str) -> None:
    policy = policy_named("published", on_kafka(api.stack.kafka, published_policies(api.stack.kafka)))
    if pool not in policy.pools:
        raise CliError(f"the policy in force has no pool {pool!r}", "POOL", f"choose from: {', '.join(policy.pools)}")


def _pools(member: Record) -> list[JsonValue]:
    held = member["fields"].get("pools")
    return [str(one) for one in held] if isinstance(held, list) else []


def _without(member: Record, pool: str) -> list[JsonValue]:
    return [one for one in _pools(member) if one != pool]


def _absences(member: Record) -> list[dict[str, JsonValue]]:
    held = member["fields"].get("absences")
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def _time(value: JsonValue) -> datetime | None:
    try:
        return aware(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None

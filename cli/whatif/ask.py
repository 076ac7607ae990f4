"""`whatif`: the history under another policy, on simulated time. Nothing is produced, and nobody's offsets move."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.client import Running, running
from cli.console import err, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.policies import policy_named, publications, published_policies
from cli.score.history import on_kafka
from cli.whatif.files import written
from cli.whatif.html import page_of
from cli.whatif.leads import listed, write_csv
from cli.whatif.shown import as_json as json_of
from cli.whatif.shown import tables
from libs.policy.launch import LaunchMode
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from whatif.compare import compared
from whatif.feeds import micros
from whatif.needed import Needed, needed_by
from whatif.read import History, read_history, read_share
from whatif.store import Cache

CacheFolder = Annotated[
    Path | None,
    typer.Option("--cache", help="Where what was read is kept; default: the data folder. It may be deleted."),
]
GROUP_PREFIX = "whatif-"
"""No reader ever joins a service's group."""

CACHE_FOLDER = "whatif"
"""Of the data folder; may be deleted at any time."""


@dataclass(frozen=True)
class Asked:
    """What is asked: a policy and its name, a launch mode, or both."""

    name: str
    policy: Policy | None
    mode: LaunchMode | None


def ask(
    context: typer.Context,
    data: Data,
    policy: Annotated[
        str, typer.Option(help="The policy to ask: a folder, `published`, or the beginning of a hash.")
    ] = "",
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Ask the policy that is tried in the shadow lane now.")
    ] = False,
    mode: Annotated[LaunchMode | None, typer.Option(help="With this launch mode instead of the policy's own.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", help="Leads routed since then (UTC); default: all.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Leads routed before then (UTC).")] = None,
    show: Annotated[str, typer.Option(metavar="A→B", help="List the leads that went to A and would go to B.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many leads and flows are listed.")] = 20,
    html: Annotated[Path | None, typer.Option(help="Write the report with its pictures to this file.")] = None,
    leads: Annotated[Path | None, typer.Option(help="Write every lead that would differ to this CSV file.")] = None,
    cache: CacheFolder = None,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep what was read there.")] = True,
    as_json: AsJson = False,
) -> None:
    """Decide the leads of the history again by another policy, and compare: routes, loads, promises, waiting.

    Score, gate and router decide on simulated time, with the calendars, absences and caps of then. Nothing is changed.
    """
    if context.invoked_subcommand is not None:
        return
    window = _micros(since), _micros(until)
    stack = running(data)
    asked = _asked(stack.kafka, policy, mode, shadow=shadow)
    history = _history(stack.kafka, asked, cache_in(stack, cache) if keep else None)
    _check_window(history, *window)
    report = compared(history, asked.policy, asked.mode, *window, _say)
    if leads is not None:
        write_csv(leads, report)
        err.print(f"  {leads}: {len(report.moved):,} leads")
    if html is not None:
        written(html, page_of(report, asked.name))
    if as_json:
        print_json(json_of(report, asked.name))
    elif show:
        out.print(listed(report, show, limit))
    else:
        out.print(*tables(report, asked.name, limit))


def _asked(kafka: str, name: str, mode: LaunchMode | None, *, shadow: bool) -> Asked:
    if bool(name) + shadow > 1:
        raise CliError("a policy is named twice", "--policy and --shadow", "give one of the two")
    if shadow:
        tried = [one for one in on_kafka(kafka, publications(kafka)) if one.role == "shadow"]
        if not tried:
            raise CliError("no policy is tried", "--shadow", "run `signalbox policy shadow DIR --reason WHY`")
        held = load_policy(tried[-1].files)
        return Asked(f"{held.hash[:12]} in shadow", held, mode)
    if name:
        held = policy_named(name, on_kafka(kafka, published_policies(kafka)))
        return Asked(f"{held.hash[:12]} ({name})", held, mode)
    if mode is None:
        raise CliError("nothing is asked", "whatif", "say --policy DIR, --shadow, --mode MODE, or `whatif economics`")
    return Asked(f"the policies of then in mode {mode.value}", None, mode)


def read_part(
    group: Annotated[str, typer.Argument(help="A name that all readers of one round share.")],
    cache: Annotated[Path, typer.Option("--cache", help="The folder that all of them see.")],
    data: Data,
    policy: Annotated[str, typer.Option(help="As for `whatif`: what it asks for is read, too.")] = "",
) -> None:
    """Read a part of the history into a folder that several machines share; `whatif --cache` then finds it there.

    Start it on each machine: the partitions are shared out among them. Nobody else's offsets move.
    """
    stack = running(data)
    asked = _asked(stack.kafka, policy or "published", None, shadow=False)
    needed = _needed(stack.kafka, asked)
    count = on_kafka(stack.kafka, read_share(stack.kafka, GROUP_PREFIX + group, needed, Cache(cache), _say))
    out.print(f"{count:,} records are read and kept in {cache}", markup=False)


def cache_in(stack: Running, folder: Path | None) -> Cache:
    """Where what was read is kept."""
    return Cache(folder or stack.data / CACHE_FOLDER)


def _needed(kafka: str, asked: Asked) -> Needed:
    live = [load_policy(one.files) for one in on_kafka(kafka, published_policies(kafka)).values()]
    return needed_by([*live, *([asked.policy] if asked.policy else [])])


def _history(kafka: str, asked: Asked, cache: Cache | None) -> History:
    return on_kafka(kafka, read_history(kafka, _needed(kafka, asked), cache, _say))


def _check_window(history: History, since: int | None, until: int | None) -> None:
    times = history.routed.numbers["at"]
    if not len(times):
        raise CliError("there is no routed lead yet", "lead.routed.v1", "send some first: ./signalbox send")
    first, last = _told(int(times.min())), _told(int(times.max()))
    if since is not None and until is not None and until <= since:
        raise CliError("the window ends before it begins", "--from and --to", "give --to a later time")
    if (since is not None and since > times.max()) or (until is not None and until <= times.min()):
        raise CliError("no lead was routed in that time", "--from and --to", f"the history goes from {first} to {last}")


def _micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at if at.tzinfo else at.replace(tzinfo=UTC))


def _told(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d %H:%M} UTC"


def _say(line: str) -> None:
    err.print(f"  {line}")

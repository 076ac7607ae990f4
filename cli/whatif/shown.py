"""A comparison on the terminal: a sentence, then a table for routes, loads, promises and waiting."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.console import PlainTable
from cli.whatif.leads import time_of
from whatif.queues import Waiting
from whatif.report import Kept, Report, Share


def tables(report: Report, name: str, limit: int) -> Iterator[RenderableType]:
    """All that is told."""
    yield Text("\n".join(summary(report, name)))
    if report.flows:
        yield _flows(report, limit)
    if report.was.shares or report.now.shares:
        yield _loads(report)
    yield _promises(report)
    yield _waiting(report)
    yield Text("\n".join((*people(report), *doubts(report))))


def summary(report: Report, name: str) -> Iterator[str]:
    """What was compared, and how much differs."""
    kinds = report.kinds
    window = f"{time_of(report.since)} to {time_of(report.until)} UTC"
    yield f"What {name} would have done from {window}: {report.leads:,} leads, {report.routings:,} routings"
    if not report.differences:
        yield "Nothing would differ."
        return
    yield (
        f"{report.differences:,} would differ: {kinds['by the policy']:,} go elsewhere by the policy, "
        f"{kinds['as a consequence']:,} as a consequence (turns, caps, owners), {kinds['another rule']:,} only by another rule"
    )


def people(report: Report) -> Iterator[str]:
    """What becomes of people's decisions."""
    held = report.people
    if held.spared:
        yield f"{held.spared:,} decisions of people would not have been asked for"
    if held.undecided:
        yield f"{held.undecided:,} leads would wait for a person who was not asked then: nobody knows their answer"
    if held.decided_anyway:
        yield f"{held.decided_anyway:,} decisions of people stay as they were"


def doubts(report: Report) -> Iterator[str]:
    """What could not be known, and what was assumed instead."""
    held = report.doubts
    if held.assumed:
        yield f"assumed: {held.assumed:,} leads that nobody had then are touched after the usual time"
    if held.no_policy:
        yield f"{held.no_policy:,} routings by a policy that is not published stay as they were"
    if held.unexplained:
        yield f"{held.unexplained:,} recorded routes are not what their own policy says by the facts that are kept"
    if held.unexplained_turns:
        yield f"{held.unexplained_turns:,} of {held.turns:,} recorded turns are not what the pool's state says"
    if held.turns_by_records:
        yield f"{held.turns_by_records:,} turns of pools that were not asked then are taken by the members' records of then"
    if held.unreadable:
        yield f"{held.unreadable:,} records can't be read and are left out"


def _flows(report: Report, limit: int) -> PlainTable:
    title = f"where leads would go instead ({min(limit, len(report.flows))} of {len(report.flows)} flows)"
    table = PlainTable("was", "now", title=title, title_justify="left")
    for name in ("by the policy", "as a consequence"):
        table.add_column(name, justify="right")
    for flow in report.flows[:limit]:
        same = flow.was == flow.now
        now = f"{flow.now}, somebody else" if same else flow.now
        table.add_row(flow.was, now, count(flow.direct), count(flow.knock_on))
    return table


def loads(report: Report) -> Iterator[tuple[str, str, Share | None, Share | None]]:
    """By pool and member, what they got in both courses."""
    was, now = ({(one.pool, one.member): one for one in course.shares} for course in (report.was, report.now))
    for key in sorted(was | now):
        yield key[0], report.names.get(key[1], key[1]), was.get(key), now.get(key)


def _loads(report: Report) -> PlainTable:
    table = PlainTable("pool", "member", title="leads by turn, and the share of each", title_justify="left")
    for name in ("then", "share", "off by", "now", "share", "off by", "change"):
        table.add_column(name, justify="right")
    for pool, member, was, now in loads(report):
        change = (now.leads if now else 0) - (was.leads if was else 0)
        table.add_row(pool, member, *_share(was), *_share(now), signed(change))
    return table


def _share(held: Share | None) -> tuple[str, str, str]:
    return ("–",) * 3 if held is None else (f"{held.leads:,}", f"{held.share:,.1f}", f"{held.leads - held.share:+.1f}")


def promises(report: Report) -> Iterator[tuple[str, Kept | None, Kept | None]]:
    """By queue, the first touches of both courses."""
    was, now = ({one.queue: one for one in course.kept} for course in (report.was, report.now))
    for queue in sorted(was | now):
        yield queue, was.get(queue), now.get(queue)


def _promises(report: Report) -> PlainTable:
    table = PlainTable("waited in", title="first touches in time", title_justify="left")
    for name in ("then", "in time", "late", "open", "now", "in time", "late", "open"):
        table.add_column(name, justify="right")
    for queue, was, now in promises(report):
        table.add_row(queue, *_kept(was), *_kept(now))
    return table


def _kept(held: Kept | None) -> tuple[str, str, str, str]:
    if held is None:
        return ("–",) * 4
    return rate(held), f"{held.met:,}", f"{held.breached:,}", f"{held.open:,}"


def rate(held: Kept | None) -> str:
    """The part that came in time."""
    return "–" if held is None or held.rate is None else f"{held.rate:.0%}"


def queues(report: Report) -> Iterator[tuple[str, Waiting | None, Waiting | None]]:
    """By queue, who waited in both courses."""
    was, now = ({one.queue: one for one in course.waiting} for course in (report.was, report.now))
    for queue in sorted(was | now):
        yield queue, was.get(queue), now.get(queue)


def _waiting(report: Report) -> PlainTable:
    title = f"leads waiting ({report.was.triaged:,} asked a person then, {report.now.triaged:,} now)"
    table = PlainTable("queue", title=title, title_justify="left")
    for name in ("then: mean", "95 % of time", "peak", "now: mean", "95 % of time", "peak"):
        table.add_column(name, justify="right")
    for queue, was, now in queues(report):
        table.add_row(queue, *_waits(was), *_waits(now))
    return table


def _waits(held: Waiting | None) -> tuple[str, str, str]:
    return ("–",) * 3 if held is None else (f"{held.mean:,.1f}", f"{held.p95:,}", f"{held.peak:,}")


def count(number: int) -> str:
    """A number, nothing for none."""
    return f"{number:,}" if number else ""


def signed(number: int) -> str:
    """A difference."""
    return f"{number:+,}" if number else "0"


def as_json(report: Report, name: str) -> Mapping[str, Any]:
    """The whole report for programs; times are microseconds since 1970 (UTC)."""
    return {"asked": name, "differences": report.differences, **asdict(report)}

"""A comparison as a page: the numbers, pictures of loads and waiting, and the leads behind them."""

from collections.abc import Iterator, Sequence

from cli.whatif.leads import row_of, time_of
from cli.whatif.page import cards, charts, heading, legend, page, section, soft, table
from cli.whatif.shown import count, doubts, loads, people, promises, queues, rate, signed, summary
from cli.whatif.svg import Line, lines, pairs
from whatif.queues import POINTS, Waiting
from whatif.report import Course, Kept, Report, Share

LEADS_SHOWN = 500
_KEY = (("then", "then"), ("now", "by the policy asked"))


def page_of(report: Report, name: str) -> str:
    """The page's text."""
    return page(f"What if: {name}", _parts(report, name))


def _parts(report: Report, name: str) -> Iterator[str]:
    told = list(summary(report, name))
    yield heading("What if", told[0])
    yield "".join(soft(line) for line in told[1:])
    yield cards(_cards(report))
    yield section("Where leads would go instead", _flows(report))
    yield section(
        "Leads by turn", soft("What each member got, and the share that their weight stands for."), *_loads(report)
    )
    yield section("First touches in time", legend(*_KEY), *_promises(report))
    yield section("Leads waiting", legend(*_KEY), *_waiting(report))
    yield section("What is sure, and what is not", *(soft(line) for line in (*people(report), *doubts(report))))
    yield section("The leads behind the numbers", *_leads(report))


def _cards(report: Report) -> list[tuple[str, str]]:
    kinds = report.kinds
    return [
        (f"{report.leads:,}", "leads decided again"),
        (f"{kinds['by the policy']:,}", "routings changed by the policy"),
        (f"{kinds['as a consequence']:,}", "changed as a consequence"),
        (f"{_in_time(report.was)} → {_in_time(report.now)}", "first touches in time"),
        (f"{report.was.triaged:,} → {report.now.triaged:,}", "leads that asked a person"),
        (f"{_off(report.was):.1f} → {_off(report.now):.1f}", "leads off the fair share, at most"),
    ]


def _in_time(course: Course) -> str:
    met, late = sum(one.met for one in course.kept), sum(one.breached for one in course.kept)
    return f"{met / (met + late):.0%}" if met + late else "–"


def _off(course: Course) -> float:
    return max((abs(one.leads - one.share) for one in course.shares), default=0.0)


def _flows(report: Report) -> str:
    if not report.flows:
        return soft("Nowhere else.")
    rows = [
        (
            one.was,
            one.now if one.was != one.now else f"{one.now}, somebody else",
            count(one.direct),
            count(one.knock_on),
        )
        for one in report.flows
    ]
    return table(("was", "now", "by the policy", "as a consequence"), rows, words=2)


def _loads(report: Report) -> Iterator[str]:
    held = list(loads(report))
    if not held:
        yield soft("Nobody got a lead by turn.")
        return
    yield legend(*_KEY)
    yield charts(_loads_of(pool, held) for pool in dict.fromkeys(pool for pool, *_ in held))
    rows = [
        (
            pool, member, *((f"{was.leads:,}", f"{was.share:,.1f}") if was else ("–", "–")),
            *((f"{now.leads:,}", f"{now.share:,.1f}") if now else ("–", "–")),
            signed((now.leads if now else 0) - (was.leads if was else 0)),
        )
        for pool, member, was, now in held
    ]  # fmt: skip
    yield table(("pool", "member", "then", "share", "now", "share", "change"), rows, words=2)


def _loads_of(pool: str, held: Sequence[tuple[str, str, Share | None, Share | None]]) -> str:
    mine = [one for one in held if one[0] == pool]
    rows = [(member, was.leads if was else 0, now.leads if now else 0) for _, member, was, now in mine]
    return pairs(pool, rows, [(f"{was:,}", f"{now:,}") for _, was, now in rows])


def _promises(report: Report) -> Iterator[str]:
    held = list(promises(report))
    rows = [(queue, (was.rate if was else 0) or 0.0, (now.rate if now else 0) or 0.0) for queue, was, now in held]
    if rows:
        yield charts([pairs("in time", rows, [(rate(was), rate(now)) for _, was, now in held])])
    cells = [(queue, *_counts(was), *_counts(now)) for queue, was, now in held]
    columns = ("waited in", "then: in time", "late", "open", "now: in time", "late", "open")
    yield table(columns, cells)


def _counts(held: Kept | None) -> tuple[str, str, str]:
    return (f"{held.met:,}", f"{held.breached:,}", f"{held.open:,}") if held else ("–",) * 3


def _waiting(report: Report) -> Iterator[str]:
    ends = time_of(report.since), time_of(report.until)
    held = list(queues(report))
    yield charts(lines(queue, [Line("then", _line(was)), Line("now", _line(now))], ends) for queue, was, now in held)
    rows = [(queue, *_waits(was), *_waits(now)) for queue, was, now in held]
    yield table(("queue", "then: mean", "95 % of time", "peak", "now: mean", "95 % of time", "peak"), rows)


def _line(held: Waiting | None) -> Sequence[float]:
    return held.line if held else (0,) * POINTS


def _waits(held: Waiting | None) -> tuple[str, str, str]:
    return (f"{held.mean:,.1f}", f"{held.p95:,}", f"{held.peak:,}") if held else ("–",) * 3


def _leads(report: Report) -> Iterator[str]:
    if len(report.moved) > LEADS_SHOWN:
        yield soft(f"The first {LEADS_SHOWN} of {len(report.moved):,}; `--leads FILE.csv` writes all of them.")
    columns = (
        "lead",
        "version",
        "routed (UTC)",
        "because",
        "was",
        "now",
        "rule then",
        "rule now",
        "owner then",
        "owner now",
    )
    yield table(columns, [row_of(one, report) for one in report.moved[:LEADS_SHOWN]], words=len(columns))

"""`whatif economics`: for each confidence cut, the reviews that it saves against the wrong values that it lets through."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.client import running
from cli.console import err, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.policies import policy_named, published_policies
from cli.score.history import on_kafka
from cli.whatif.economics_behind import Behind, answer_json, behind_cut, listed, write_json
from cli.whatif.economics_page import page_of
from cli.whatif.economics_shown import notes, told
from cli.whatif.files import written
from libs.policy.policy import Policy
from whatif.answers import Answered
from whatif.economics import Economics, economics, totals
from whatif.logged import Log, read_log
from whatif.writes import Written

Segment = Literal["kind", "source", "country", "language"]


@dataclass(frozen=True)
class Asked:
    """What is looked at: a field or a workflow (empty: all), between two times (None: from the beginning, to the end)."""

    field: str = ""
    workflow: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, one: Answered | Written) -> bool:
        """Whether an answer or a write is asked about."""
        if self.field and self.field not in (one.place, f"{one.workflow}:{one.place}"):
            return False
        if self.workflow and one.workflow != self.workflow:
            return False
        if one.at is None:
            return self.since is None and self.until is None
        return (self.since is None or one.at >= self.since) and (self.until is None or one.at < self.until)


def ask(
    data: Data,
    field: Annotated[
        str, typer.Option(help="Only this one, with all its cuts: `contact.title` or `enrich:contact.title`.")
    ] = "",
    workflow: Annotated[str, typer.Option(help="Only this workflow.")] = "",
    segment: Annotated[Segment | None, typer.Option(help="Each value of it by itself.")] = None,
    tolerate: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The share of wrong values that may be written.")
    ] = 0.02,
    since: Annotated[
        datetime | None, typer.Option("--from", help="Answers and writes since then (UTC); default: all.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Answers and writes before then (UTC).")] = None,
    show: Annotated[
        str, typer.Option(metavar="NAME@CUT", help="The leads behind a number, as `enrich:contact.title@0.85`.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many rows are listed.")] = 20,
    html: Annotated[Path | None, typer.Option(help="Write the report with its pictures to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """For each confidence cut: reviews saved against wrong values written, from what people decided. Nothing is changed."""
    asked = Asked(field, workflow, _utc(since), _utc(until))
    if asked.since is not None and asked.until is not None and asked.until <= asked.since:
        raise CliError("the window ends before it begins", "--from and --to", "give --to a later time")
    kafka = running(data).kafka
    policy = policy_named("published", on_kafka(kafka, published_policies(kafka)))
    reading = read_log(kafka, policy, _say, field=field.rpartition(".")[2], segments=segment is not None)
    log = on_kafka(kafka, reading)
    answered, writes = looked_at(log, asked)
    found = economics(answered, writes, policy, segment or "", tolerate)
    behind = behind_cut(show, found, answered, writes, segment or "") if show else None
    if html is not None:
        written(html, page_of(found, tolerate, notes(log)))
    if as_json:
        print_json(behind_json(behind) if behind else as_told(found, log, asked, policy, segment or "", tolerate))
    elif behind is not None:
        out.print(*listed(behind, limit))
    else:
        out.print(*told(found, notes(log), tolerate, limit, cuts=bool(field)))


def looked_at(log: Log, asked: Asked) -> tuple[list[Answered], list[Written]]:
    """The answers and writes that are asked about. Raises CliError when there is no answer among them."""
    everything = list(log.answers())
    answered = [one for one in everything if asked.fits(one)]
    if not answered:
        raise CliError(*_nothing(everything, log.unsure))
    return answered, [one for one in log.written() if asked.fits(one)]


def as_told(
    found: list[Economics], log: Log, asked: Asked, policy: Policy, segment_by: str, tolerate: float
) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "policy": policy.hash, "launch_mode": policy.launch.mode.value, "tolerate": tolerate, "segment_by": segment_by,
        "from": asked.since, "to": asked.until, "unreadable": log.unreadable, "confidence_unknown": log.unsure,
        "recommended_together": totals(found), "notes": notes(log),
        "fields": [
            {"name": one.name, "decided": one.decided, **asdict(one), "cuts": [_cut_json(one, n) for n in range(len(one.cuts))]}
            for one in found
        ],
    }  # fmt: skip


def behind_json(behind: Behind) -> dict[str, Any]:
    """The answers and writes behind a cut, for programs."""
    return {
        "name": behind.name, "cut": behind.at,
        "answers": [answer_json(one) for one in behind.answers],
        "corrected": [write_json(one) for one in behind.corrected],
        "written": behind.written,
    }  # fmt: skip


def _cut_json(one: Economics, number: int) -> dict[str, Any]:
    cut = one.cuts[number]
    return {**asdict(cut), "rate": cut.rate, "in_force": cut == one.now, "recommended": cut.at == one.recommended}


def _say(line: str) -> None:
    err.print(f"  {line}", markup=False)


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def _nothing(answered: list[Answered], unsure: int) -> tuple[str, str, str]:
    if answered:
        names = sorted({f"{one.workflow}:{one.place}" for one in answered})
        times = sorted(one.at for one in answered if one.at is not None)
        span = f", from {times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M} UTC" if times else ""
        where = "--field, --workflow, --from and --to"
        return "no answer fits", where, f"there are {len(answered):,} answers about {', '.join(names[:10])}{span}"
    lost = f"; of {unsure:,} nobody knows how sure the machine was" if unsure else ""
    do = "answer some first: `signalbox triage`"
    return f"nobody has answered a suggestion yet{lost}", "triage.decided.v1", do

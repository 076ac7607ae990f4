"""What stands behind a number of `whatif economics`: the answers that a cut would have saved, and the writes taken back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.console import ID_WIDTH, PlainTable, shown
from cli.errors import CliError
from whatif.answers import Answered
from whatif.economics import Economics, behind, level, segment_of
from whatif.writes import Written

MOST_NAMES = 10


@dataclass(frozen=True)
class Behind:
    """One cut, with what it counts."""

    name: str
    at: float
    answers: tuple[Answered, ...]
    """Wrong ones first, then by confidence; what another rule would have asked for all the same comes last."""
    corrected: tuple[Written, ...]
    written: int
    """All that was written without asking from the cut on, those that were corrected included."""


def behind_cut(
    name: str, found: Sequence[Economics], answered: Iterable[Answered], writes: Iterable[Written], segment_by: str
) -> Behind:
    """What a name such as `enrich:contact.title@0.85` counts. Raises CliError when it names no cut."""
    place, _, told = name.rpartition("@")
    one, at = behind(place, found), _number(told)
    if one is None or at is None:
        names = ", ".join(held.name for held in found[:MOST_NAMES])
        raise CliError(f"{name!r} names no cut", "--show", f"write NAME@CUT, as {found[0].name}@0.85; names: {names}")

    def counts(each: Answered | Written) -> bool:
        mine = (each.workflow, each.place, segment_of(each, segment_by)) == (one.workflow, one.place, one.segment)
        return mine and level(each.confidence) >= level(at)

    answers = sorted(filter(counts, answered), key=lambda each: (not each.spared, each.right, each.confidence))
    through = [each for each in writes if counts(each)]
    corrected = sorted((each for each in through if each.corrected), key=lambda each: each.confidence)
    return Behind(one.name, at, tuple(answers), tuple(corrected), len(through))


def listed(behind: Behind, limit: int) -> Iterator[PlainTable]:
    """The answers, and the writes that were taken back."""
    yield _answers(behind, limit)
    if behind.corrected:
        yield _corrected(behind, limit)


def answer_json(one: Answered) -> dict[str, Any]:
    """An answer, for programs."""
    return {**asdict(one), "segments": dict(one.segments)}


def write_json(one: Written) -> dict[str, Any]:
    """A write, for programs."""
    return {**asdict(one), "segments": dict(one.segments)}


def _answers(behind: Behind, limit: int) -> PlainTable:
    held = behind.answers
    spared = [each for each in held if each.spared]
    wrong = sum(not each.right for each in spared)
    title = f"{behind.name} from {behind.at:.2f} on: {len(spared):,} reviews saved, {wrong:,} of them wrong; "
    table = PlainTable(title=f"{title}{min(limit, len(held))} of {len(held):,} answers", title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    anyway = ["asked anyway by"] if len(spared) < len(held) else []
    for column in ("confidence", "suggested", "instead of", "answer", "by", "when", *anyway):
        table.add_column(column)
    for each in held[:limit]:
        values = shown(each.new, 30), shown(each.old, 20)
        cells = (f"{each.confidence:.3f}", *values, each.verdict, each.by, _when(each))
        table.add_row(each.lead_id, *cells, *(each.asked_by or "–" for _ in anyway))
    return table


def _corrected(behind: Behind, limit: int) -> PlainTable:
    held = behind.corrected
    title = f"written without asking and taken back: {len(held):,} of {behind.written:,}"
    table = PlainTable(title=f"{title}; {min(limit, len(held))} are listed", title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for column in ("confidence", "written", "instead of", "when"):
        table.add_column(column)
    for each in held[:limit]:
        values = shown(each.new, 30), shown(each.old, 20)
        table.add_row(each.lead_id or "–", f"{each.confidence:.3f}", *values, _when(each))
    return table


def _when(each: Answered | Written) -> str:
    return f"{each.at:%Y-%m-%d %H:%M}" if each.at else "–"


def _number(text: str) -> float | None:
    """A confidence; None for anything else."""
    try:
        told = float(text)
    except ValueError:
        return None
    return told if 0 <= told <= 1 else None

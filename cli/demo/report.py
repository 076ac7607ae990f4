"""How the demo shows what happened: a table of cases, a funnel, times and memory."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from cli.console import PlainTable
from cli.demo.outcomes import Case
from cli.demo.posting import Answer
from services.audit.domain.ledger import Ledger

BAR_WIDTH = 44
COLOURS = {
    "owner": "green", "queue": "green", "nurture": "cyan", "triage": "yellow", "review": "yellow", "disqualified": "red",
    "suppressed": "red",
}  # fmt: skip


def cases_table(cases: Sequence[Case], words: Mapping[str, str]) -> Table:
    """One row for each kind of post."""
    table = PlainTable(title="What became of each kind", title_justify="left")
    table.add_column("kind")
    table.add_column("", style="dim")
    for name in ("posts", "refused", "leads"):
        table.add_column(name, justify="right")
    table.add_column("went to")
    for case in sorted(cases, key=lambda one: list(words).index(one.name)):
        table.add_row(
            case.name, words[case.name], str(case.posts), str(case.refused or ""), str(case.leads or ""), _went(case)
        )
    return table


def _went(case: Case) -> Text:
    parts = [(f"{number} {name}", COLOURS.get(name, "")) for name, number in case.destinations.most_common()]
    if case.unmapped:
        parts.append((f"{case.unmapped} unmapped, bytes kept", "yellow"))
    if case.refused:
        parts.append((f"{case.refused} refused", "red"))
    text = Text(" · ").join(Text(words, style=style) for words, style in parts)
    return text if parts else Text("kept, not a lead", style="dim")


def funnel(answers: Sequence[Answer], ledger: Ledger) -> Table:
    """Bars from posts to destinations."""
    taken = sum(answer.status < 400 for answer in answers)
    steps = [("posted", len(answers), "white"), ("taken", taken, "white"), ("items", ledger.items, "white")]
    steps.append(("leads", ledger.leads, "blue"))
    steps += [(name, number, COLOURS.get(name, "white")) for name, number in Counter(ledger.destinations).most_common()]
    most = max(number for _, number, _ in steps)
    table = PlainTable(title="The funnel", title_justify="left", show_header=False, box=None, padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    for place, (name, number, colour) in enumerate(steps):
        shown = name if place < 4 else f"→ {name}"
        table.add_row(
            shown, str(number), Text("█" * max(1, round(BAR_WIDTH * number / most)) if number else "", style=colour)
        )
    return table


def latency_line(answers: Sequence[Answer]) -> str:
    """How fast intake answered: p50, p95 and the slowest, in milliseconds; a post that was sent again counts its waiting."""
    times = sorted(answer.seconds * 1000 for answer in answers)
    again = sum(answer.tries > 1 for answer in answers)
    p50, p95 = times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]
    return f"intake answered in {p50:.0f} ms (p50), {p95:.0f} ms (p95), {times[-1]:.0f} ms (slowest)" + (
        f"; {again} posts were sent again" if again else ""
    )

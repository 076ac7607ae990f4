"""A run as a picture (SVG): each budget as a line at 1, and how far inside or outside of it the rounds were."""

from html import escape
from math import log2

from bench.result import Check, Report

WIDTH, LEFT, RIGHT, ROW, TOP = 1000, 420, 190, 34, 64
LOWEST, HIGHEST = 0.25, 8.0
GOOD, BAD, GREY, INK = "#1a7f4b", "#b3261e", "#8a8f98", "#1f2328"


def picture(report: Report) -> str:
    """The SVG. Bars reach from the worst to the best round, the tick is the median; right of the line is within budget."""
    checks = [(row.name, check) for row in report.rows for check in row.checks]
    height = TOP + ROW * len(checks) + 46
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(16, 26, "Budgets: how far inside, as a multiple of the budget", size=16, weight="600"),
        _text(
            16, 46, f"{report.at} · {report.machine.cpu}, {report.machine.cores} cores · {report.rounds} rounds", GREY
        ),
        *_grid(height),
    ]
    for number, (name, check) in enumerate(checks):
        parts += _bar(TOP + ROW * number + ROW // 2, name, check)
    parts.append(_text(LEFT, height - 12, "worse than the budget  ◂  1  ▸  better", GREY))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(room: float) -> float:
    share = (log2(min(max(room, LOWEST), HIGHEST)) - log2(LOWEST)) / (log2(HIGHEST) - log2(LOWEST))
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _grid(height: int) -> list[str]:
    lines = []
    for room in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0):
        colour, width = (INK, 1.5) if room == 1.0 else ("#e3e5e8", 1)
        x = _x(room)
        lines.append(
            f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{height - 44}" stroke="{colour}" stroke-width="{width}"/>'
        )
        lines.append(_text(x, height - 30, f"{room:g}", GREY, anchor="middle"))
    return lines


def _bar(y: float, name: str, check: Check) -> list[str]:
    worst, best = (_x(room) for room in check.rooms)
    colour = GOOD if check.is_met else BAD
    sign = "≥" if check.better == "higher" else "≤"
    return [
        _text(16, y + 4, f"{name}: {check.what}"),
        f'<rect x="{worst:.1f}" y="{y - 7}" width="{max(2.0, best - worst):.1f}" height="14" rx="3" fill="{colour}" '
        'fill-opacity="0.35"/>',
        f'<rect x="{_x(check.room) - 2:.1f}" y="{y - 10}" width="4" height="20" fill="{colour}"/>',
        _text(WIDTH - RIGHT + 12, y + 4, f"{check.measured.median:.3g} {check.unit} ({sign} {check.budget:g})", colour),
    ]


def _text(
    x: float, y: float, text: str, colour: str = INK, *, anchor: str = "start", size: int = 13, weight: str = "400"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )

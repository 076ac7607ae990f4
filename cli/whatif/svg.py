"""Pictures of numbers, drawn as SVG: lines over time or over a scale, and pairs of bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 440, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 22
_BAR = 34


Band = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Line:
    """Values at equal steps; `kind` is its class in the page's style."""

    kind: str
    values: Sequence[float]


def lines(title: str, drawn: Sequence[Line], ends: tuple[str, str], band: Band | None = None) -> str:
    """A figure with lines from left to right; `ends` are told below, `band` is drawn between two lines."""
    top = nice(max((value for line in drawn for value in line.values), default=0))
    if band is not None:
        top = nice(max(top, *band[1]))
    inside = [*_scale(top), *_below(ends)]
    if band is not None:
        low, high = (_points(values, top) for values in band)
        inside.append(f'<path class="band" d="M{" L".join([*low, *reversed(high)])} Z"/>')
    inside += [
        f'<path class="{line.kind}" d="M{" L".join(_points(line.values, top))}"/>' for line in drawn if line.values
    ]
    return _figure(title, HEIGHT, inside)


def pairs(title: str, rows: Sequence[tuple[str, float, float]], told: Sequence[tuple[str, str]]) -> str:
    """A figure with two bars a row, then and now; `told` are the words at their ends."""
    top = max((value for _, *values in rows for value in values), default=0) or 1
    inside = []
    for number, ((name, *values), words) in enumerate(zip(rows, told, strict=True)):
        y = number * _BAR + 4
        inside.append(f'<text x="0" y="{y + 15}">{escape(_short(name))}</text>')
        for place, (value, word, kind) in enumerate(zip(values, words, ("then", "now"), strict=True)):
            length = 250 * value / top
            inside.append(f'<rect class="{kind}" x="120" y="{y + place * 12}" width="{length:.1f}" height="10"/>')
            inside.append(f'<text x="{126 + length:.1f}" y="{y + place * 12 + 9}">{escape(word)}</text>')
    return _figure(title, len(rows) * _BAR + 4, inside)


def nice(value: float) -> float:
    """The next number that a scale may end with: 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1
    size = 10.0 ** floor(log10(value))
    return next(step * size for step in (1, 2, 2.5, 5, 10) if step * size >= value)


def _figure(title: str, height: int, inside: Sequence[str]) -> str:
    drawing = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{"".join(inside)}</svg>'
    return f"<figure><figcaption>{escape(title)}</figcaption>{drawing}</figure>"


def _points(values: Sequence[float], top: float) -> list[str]:
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    step = wide / max(len(values) - 1, 1)
    return [f"{_LEFT + place * step:.1f},{_TOP + high * (1 - value / top):.1f}" for place, value in enumerate(values)]


def _scale(top: float) -> list[str]:
    drawn = []
    for part in (0.0, 0.5, 1.0):
        y = _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - part)
        drawn.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        drawn.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{top * part:,g}</text>')
    return drawn


def _below(ends: tuple[str, str]) -> list[str]:
    y = HEIGHT - 5
    first, last = (escape(one) for one in ends)
    return [
        f'<text x="{_LEFT}" y="{y}">{first}</text>',
        f'<text x="{WIDTH - _RIGHT}" y="{y}" text-anchor="end">{last}</text>',
    ]


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "…"

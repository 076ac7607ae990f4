"""A curve over two scales as SVG: points joined in order, a band of uncertainty, a limit, and points that stand out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from cli.whatif.svg import nice

WIDTH, HEIGHT = 380, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 46, 40
_WIDE, _HIGH = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_LETTER = 6.2
"""About how wide a letter is at 11 px."""


@dataclass(frozen=True)
class Point:
    """A value with its bounds. `told` is said when the mouse rests on it; `mark` stands beside it, when it stands out."""

    x: float
    y: float
    low: float
    high: float
    told: str
    mark: str = ""


@dataclass(frozen=True)
class Axes:
    """What the scales stand for, and where they end; what is higher than `top` is drawn at the top."""

    across: str
    up: str
    ends: tuple[float, float]
    top: float


def curve(title: str, said: str, points: Sequence[Point], axes: Axes, limit: tuple[float, float]) -> str:
    """A figure; `said` is what someone hears who does not see it, `limit` the heights of a dashed line at both ends."""
    left, right = axes.ends
    scale = _Scale(left, right if right > left else left + 1, nice(max(axes.top, *limit)))
    band = [scale.place(one.x, one.high) for one in points] + [scale.place(one.x, one.low) for one in reversed(points)]
    inside = [
        *scale.drawn(axes),
        f'<path class="band" d="M{" L".join(band)} Z"/>',
        scale.line("then", [(scale.left, limit[0]), (scale.right, limit[1])]),
        scale.line("bad", [(one.x, one.y) for one in points]),
        *(scale.dot(one) for one in points),
        *(scale.mark(one, number) for number, one in enumerate(one for one in points if one.mark)),
    ]
    label = escape(f"{title}: {said}")
    drawing = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(inside)}</svg>'
    return f"<figure><figcaption>{escape(title)}</figcaption>{drawing}</figure>"


@dataclass(frozen=True)
class _Scale:
    left: float
    right: float
    top: float

    def across(self, x: float) -> float:
        return _LEFT + _WIDE * (x - self.left) / (self.right - self.left)

    def up(self, y: float) -> float:
        return _TOP + _HIGH * (1 - min(y, self.top) / self.top)

    def place(self, x: float, y: float) -> str:
        return f"{self.across(x):.1f},{self.up(y):.1f}"

    def line(self, kind: str, through: Sequence[tuple[float, float]]) -> str:
        return f'<path class="{kind}" d="M{" L".join(self.place(*one) for one in through)}"/>'

    def dot(self, one: Point) -> str:
        size = 5 if one.mark else 2.2
        where = f'cx="{self.across(one.x):.1f}" cy="{self.up(one.y):.1f}" r="{size}"'
        return f'<circle class="{"now" if one.mark else "bad"}" {where}><title>{escape(one.told)}</title></circle>'

    def mark(self, one: Point, number: int) -> str:
        """The words at a point, above the drawing and joined to it by a thin line; each a little lower than the last."""
        x, y = self.across(one.x), _TOP - 20 + 13 * number
        half = len(one.mark) * _LETTER / 2
        middle = min(max(x, _LEFT + half), WIDTH - _RIGHT - half)
        join = f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 4}" y2="{self.up(one.y):.1f}"/>'
        return f'{join}<text class="said" x="{middle:.1f}" y="{y}" text-anchor="middle">{escape(one.mark)}</text>'

    def drawn(self, axes: Axes) -> Iterator[str]:
        for part in (0.0, 0.5, 1.0):
            y, x = self.up(self.top * part), _LEFT + _WIDE * part
            yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{self.top * part:,g}</text>'
            told = self.left + (self.right - self.left) * part
            anchor = "start" if part == 0 else "end" if part == 1 else "middle"
            yield f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 15}" text-anchor="{anchor}">{round(told, 2):,g}</text>'
        yield f'<text x="{_LEFT + _WIDE / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(axes.across)}</text>'
        yield f'<text x="4" y="12">{escape(axes.up)}</text>'

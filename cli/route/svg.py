"""The steps of a route as an SVG: rules down the left, where they send on the right."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

from cli.route.steps import Step

WIDTH = 1080
LEFT, RULE_WIDTH = 60, 560
RIGHT, QUEUE_WIDTH = 700, 350
LINE, GAP, HEAD = 15, 16, 24
CHARS, MOST_LINES = 84, 4
"""Characters of a condition on a line at 12 px, and lines before it is cut: the whole text is in the policy."""

_STYLE = (
    ".r{fill:#eef4fb;stroke:#4a7ab5;stroke-width:1.5}.line{fill:#f2f7ee;stroke:#5b8a3a;stroke-width:1.5}"
    ".person{fill:#fdf6e9;stroke:#b98a2f;stroke-width:1.5}.end{fill:#f6f0f0;stroke:#a05252;stroke-width:1.5}"
    ".l{stroke:#59636e;stroke-width:1.5;fill:none;marker-end:url(#a)}.n{font-weight:600;fill:#1f2328}"
    ".c{font:11px ui-monospace,monospace;fill:#39424c}.s{font-size:11px;fill:#59636e}"
)
_ARROW = (
    '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#59636e"/></marker></defs>'
)


def svg(rows: Sequence[Step]) -> str:
    """The picture's text."""
    drawn, y = [_start()], 96
    for number, step in enumerate(rows):
        lines = _condition(step)
        height = HEAD + LINE * max(len(lines), len(_below(step))) + 12
        drawn.append(_row(step, lines, y, height, last=number + 1 == len(rows)))
        y += height + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 12}" font-family="system-ui, sans-serif"'
        ' font-size="13" role="img" aria-label="How leads are routed">'
    )
    paper = f'<rect width="{WIDTH}" height="{y + 12}" fill="#ffffff" rx="8"/>'
    return "\n".join([head, _ARROW, f"<style>{_STYLE}</style>", paper, *drawn, "</svg>"]) + "\n"


def _start() -> str:
    return (
        f'<rect class="r" x="{LEFT}" y="20" width="{RULE_WIDTH}" height="44" rx="20"/>'
        f'<text class="n" x="{LEFT + 18}" y="39">a scored lead</text>'
        f'<text class="s" x="{LEFT + 18}" y="55">suppression is asked first; then the rules, the first that holds decides</text>'
        f'<text class="s" x="{RIGHT}" y="39">green: sent by the line · yellow: a person decides · red: not for sales</text>'
        f'<text class="s" x="{RIGHT}" y="55">minutes: working time to first touch, or to a decision</text>'
        f'<path class="l" d="M{LEFT + 30} 64V94"/>'
    )


def _row(step: Step, lines: Sequence[str], y: int, height: int, *, last: bool) -> str:
    middle = y + height // 2
    drawn = [
        f'<text class="s" x="{LEFT - 12}" y="{y + 18}" text-anchor="end">{step.priority}</text>',
        f'<rect class="r" x="{LEFT}" y="{y}" width="{RULE_WIDTH}" height="{height}" rx="6"/>',
        f'<text class="n" x="{LEFT + 14}" y="{y + 18}">{escape(step.rule)}</text>',
        *(
            f'<text class="c" x="{LEFT + 14}" y="{y + HEAD + LINE * n + 11}">{escape(t)}</text>'
            for n, t in enumerate(lines)
        ),
        f'<path class="l" d="M{LEFT + RULE_WIDTH} {middle}H{RIGHT - 2}"/>',
        f'<text class="s" x="{LEFT + RULE_WIDTH + 38}" y="{middle - 6}">holds</text>',
        f'<rect class="{step.kind}" x="{RIGHT}" y="{y}" width="{QUEUE_WIDTH}" height="{height}" rx="6"/>',
        f'<text class="n" x="{RIGHT + 14}" y="{y + 18}">{escape(step.title)}</text>',
        *(
            f'<text class="s" x="{RIGHT + 14}" y="{y + HEAD + LINE * n + 11}">{escape(t)}</text>'
            for n, t in enumerate(_below(step))
        ),
    ]
    if not last:
        drawn.append(f'<path class="l" d="M{LEFT + 30} {y + height}v{GAP - 2}"/>')
    return "\n".join(drawn)


def _condition(step: Step) -> list[str]:
    """The condition in lines, cut where it is too long for a picture."""
    text = "every lead that is left" if step.when == "true" else step.when
    lines = wrap(text, CHARS - 4, break_long_words=True)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][: CHARS - 8] + " …"]


def _below(step: Step) -> list[str]:
    """What is said below the queue's title."""
    told = [f"{step.destination} · {step.queue or 'no queue'} · {step.minutes:,} min"]
    if step.pool:
        told += [f"whose turn: pool {step.pool}", f"nobody can take it: {step.when_empty}"]
    return told

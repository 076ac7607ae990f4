"""A report as one HTML file: no script, nothing loaded from elsewhere, light and dark, and every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff; --card: #f6f8fa;
  --then: #8c959f; --now: #0969da; --bad: #cf222e; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117;
  --card: #161b22; --then: #7d8590; --now: #4493f8; --bad: #f85149; --good: #3fb950; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .35rem 0; } .soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.card b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; } .card span { color: var(--soft); }
.wide { overflow-x: auto; } table { border-collapse: collapse; min-width: 60%; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.marked td { background: var(--card); font-weight: 600; }
summary { cursor: pointer; color: var(--now); margin: .6rem 0; }
.charts { display: grid; margin: .5rem 0 1rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; border: 1px solid var(--line); border-radius: .5rem; padding: .6rem; }
figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font-size: 11px; } svg text.said { fill: var(--ink); font-weight: 600; }
.grid { stroke: var(--line); } circle { stroke: none; } circle.now { fill: var(--now); }
.then { stroke: var(--then); fill: var(--then); } .now { stroke: var(--now); fill: var(--now); }
.band { fill: var(--now); opacity: .18; stroke: none; } .bad { stroke: var(--bad); fill: var(--bad); }
path.then, path.now, path.bad { fill: none; stroke-width: 1.8; } path.then { stroke-dasharray: 5 3; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin: 0 .3rem 0 .9rem; }
.key.then { background: var(--then); } .key.now { background: var(--now); } .key.bad { background: var(--bad); }
.key.band { background: var(--now); opacity: .3; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, parts: Iterable[str]) -> str:
    """The file's text; `parts` are HTML already."""
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
    )
    body = "<main>\n" + "\n".join(parts) + "\n</main>"
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def heading(text: str, under: str = "") -> str:
    """The page's title, with a sentence under it."""
    return f"<h1>{escape(text)}</h1>" + (soft(under) if under else "")


def section(title: str, *parts: str) -> str:
    """A part of the page."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def soft(text: str) -> str:
    """A sentence that explains."""
    return f'<p class="soft">{escape(text)}</p>'


def cards(told: Sequence[tuple[str, str]]) -> str:
    """Numbers with what they mean."""
    inside = "".join(
        f'<div class="card"><b>{escape(number)}</b><span>{escape(what)}</span></div>' for number, what in told
    )
    return f'<div class="cards">{inside}</div>'


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1, marked: Iterable[int] = ()) -> str:
    """A table whose first `words` columns are words, the others numbers; `marked` rows stand out."""
    kept = set(marked)
    head = "".join(f'<th scope="col"{_kind(place, words)}>{escape(name)}</th>' for place, name in enumerate(columns))
    body = "".join(
        f"<tr{' class=marked' if number in kept else ''}>"
        + "".join(f"<td{_kind(place, words)}>{escape(cell)}</td>" for place, cell in enumerate(cells))
        + "</tr>"
        for number, cells in enumerate(rows)
    )
    inside = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="table: {escape(", ".join(columns))}">{inside}</div>'
    )


def details(summary: str, *parts: str) -> str:
    """What is only seen when it is opened."""
    return f"<details><summary>{escape(summary)}</summary>{''.join(parts)}</details>"


def legend(*told: tuple[str, str]) -> str:
    """What the colours mean: class and words."""
    return "<p>" + "".join(f'<span class="key {kind}"></span>{escape(words)}' for kind, words in told) + "</p>"


def charts(figures: Iterable[str]) -> str:
    """Pictures side by side."""
    return f'<div class="charts">{"".join(figures)}</div>'


def _kind(place: int, words: int) -> str:
    return "" if place < words else ' class="n"'

"""The weekly review as a page: HTML without scripts, whose one style is named by its hash, so that a strict content security
policy takes it. Everything that is not ours is escaped; it prints on A4."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from services.insights.domain.metric import GROUPS

STYLE = """
@page { size: A4; margin: 16mm 14mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1b1f24; background: #fff; margin: 0 auto;
  padding: 24px; max-width: 900px; }
header { border-bottom: 2px solid #1b1f24; padding-bottom: 8px; margin-bottom: 16px; }
h1 { font-size: 18pt; margin: 0; line-height: 1.2; }
h2 { font-size: 12.5pt; margin: 22px 0 2px; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 14px 0 4px; color: #4a525c; font-weight: 600; break-after: avoid; }
p { margin: 2px 0 6px; }
.quiet { color: #4a525c; font-size: 9.5pt; }
table { border-collapse: collapse; width: 100%; margin: 4px 0 10px; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; font-weight: 600; font-size: 9pt; color: #4a525c; border-bottom: 1px solid #8b949e;
  padding: 3px 8px 3px 0; }
td { border-bottom: 1px solid #e1e4e8; padding: 3px 8px 3px 0; vertical-align: top; overflow-wrap: anywhere; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
td.id { font: 8.5pt/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
.up { color: #116329; } .down { color: #a40e26; }
.numbers { table-layout: fixed; } .numbers th.n { width: 26%; } .numbers th.n:last-child { width: 12%; }
.numbers td.n { white-space: normal; }
@media print { body { padding: 0; max-width: none; } }
@media screen and (max-width: 600px) { body { padding: 12px; } .wide { overflow-x: auto; } }
"""
CSP = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
NOTHING = "–"
Cell = tuple[str, str]
"""A cell's class and its text, not yet escaped."""


def page(report: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = [
        _head(report),
        _section("What changed", "Beside the week before; shares of fewer than 20 cases are not told.", _numbers(report)),
        _section(
            "Updates that were corrected", "What machines wrote to contacts and companies this week, and people or a rollback "
            "changed since.", _corrected(report["corrected_updates"]),
        ),
        _section("Uncertain rules", "Routing rules by how often people were asked, and sent the lead elsewhere.", _rules(report)),
        _section("Handoffs", "Where leads were taken, touched in time, and led on to something.", _handoffs(report)),
        _section("Suggestions", "What people made of what was suggested.", _suggestions(report)),
        _section(
            "What stays with people", f"Launch mode {report['launch_mode']}, policy {report['policy']}. These fields wait for a "
            "yes; accepted and answered count the last 366 days.", _in_review(report),
        ),
        _section("Never routed", "Every lead of the week that a never-route entry held.", _never(report["never_routed"])),
    ]  # fmt: skip
    title = escape(f"Weekly review {report['week']}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n{''.join(parts)}</body>\n</html>\n"
    )


def _head(report: Mapping[str, Any]) -> str:
    waiting = f" {report['waiting']} leads or submissions are still to be counted." if report["waiting"] else ""
    said = (
        f"{report['since']} to {report['until']}, days of {report['time_zone']}. Made {report['made_at']}."
        f"{waiting} What each number means is in docs/insights.md; every one leads to its cases."
    )
    return f'<header><h1>Weekly review {escape(report["week"])}</h1><p class="quiet">{escape(said)}</p></header>\n'


def _section(title: str, about: str, body: str) -> str:
    return f'<section><h2>{escape(title)}</h2><p class="quiet">{escape(about)}</p>{body}</section>\n'


def _table(heads: Sequence[Cell], rows: Iterable[Sequence[Cell]], empty: str, style: str = "") -> str:
    listed = list(rows)
    if not listed:
        return f"<p>{escape(empty)}</p>"
    head = "".join(f'<th scope="col"{_class(name)}>{escape(text)}</th>' for name, text in heads)
    body = "".join(
        f"<tr>{''.join(f'<td{_class(name)}>{escape(text)}</td>' for name, text in row)}</tr>" for row in listed
    )
    return f'<div class="wide"><table{_class(style)}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _class(name: str) -> str:
    return f' class="{escape(name)}"' if name else ""


def number(kind: str, held: Mapping[str, Any]) -> str:
    """A number as people read it."""
    if kind == "count":
        return f"{held['count']:,}"
    if kind == "minutes":
        if held["p50_minutes"] is None:
            return f"too few ({held['count']})" if held["count"] else "none"
        return f"{minutes(held['p50_minutes'])}, 9 of 10 in {minutes(held['p90_minutes'])}"
    if not held["denominator"]:
        return "none"
    if held["rate"] is None:
        return f"{held['numerator']} of {held['denominator']}: too few"
    return f"{held['rate']:.0%} ({held['numerator']:,} of {held['denominator']:,})"


def minutes(held: float) -> str:
    """Minutes as people read them: `42 min`, `3.5 h`, `4 days`."""
    if held < 120:
        return f"{held:.0f} min"
    return f"{held / 60:.3g} h" if held < 48 * 60 else f"{held / 1440:.3g} days"


def _numbers(report: Mapping[str, Any]) -> str:
    parts = []
    for group, about in GROUPS.items():
        rows = [_row(one) for one in report["numbers"] if one["group"] == group]
        heads = [
            ("", about.partition(":")[0].partition(" of ")[0]),
            ("n", "this week"),
            ("n", "week before"),
            ("n", "moved"),
        ]
        parts.append(_table(heads, rows, "", "numbers"))
    return "".join(parts)


def _row(one: Mapping[str, Any]) -> list[Cell]:
    moved = one["moved"]
    told = NOTHING if moved is None else "same" if moved == 0 else _moved(one["kind"], moved)
    good = "" if not moved or not one["better"] else " up" if (moved > 0) == (one["better"] == "higher") else " down"
    sides = [("n", number(one["kind"], one[side])) for side in ("this", "before")]
    title = f"{one['title']}: {one['label']}" if one["label"] else one["title"]
    return [("", title), *sides, (f"n{good}", told)]


def _moved(kind: str, moved: float) -> str:
    sign = "+" if moved > 0 else "−"
    size = abs(moved)
    return sign + (f"{size:,.0f}" if kind == "count" else f"{size * 100:.1f} pts" if kind == "rate" else minutes(size))


def _corrected(held: Mapping[str, Any]) -> str:
    heads = [("", "workflow"), ("", "version"), ("", "field"), ("n", "corrected")]
    rows = [
        [
            ("", one["workflow"]),
            ("", one["version"]),
            ("", one["field"]),
            ("n", f"{one['numerator']} of {one['denominator']}"),
        ]
        for one in held["rows"]
    ]
    cases = [
        [("id", one["lead_id"]), ("", one["day"]), ("", one.get("field", "")), ("", one.get("label", ""))]
        for one in held["cases"]
    ]
    listed = _table([("", "lead"), ("", "written"), ("", "field"), ("", "corrected")], cases, "")
    return _table(heads, rows, "Nothing was corrected.") + (f"<h3>Which</h3>{listed}{_more(held)}" if cases else "")


def _more(held: Mapping[str, Any]) -> str:
    return '<p class="quiet">There are more: ask for the cases.</p>' if held["more"] else ""


def _rules(report: Mapping[str, Any]) -> str:
    heads = [("", "rule"), ("n", "leads"), ("n", "asked"), ("n", "answered"), ("n", "sent elsewhere")]
    names = ("leads", "asked", "answered", "overruled")
    rows = [
        [("", one["rule"] or "(none)"), *(("n", str(one[name])) for name in names)] for one in report["uncertain_rules"]
    ]
    return _table(heads, rows, "Nobody was asked about a route.")


def _handoffs(report: Mapping[str, Any]) -> str:
    heads = [("", "queue"), ("n", "accepted"), ("n", "touched in time"), ("n", "meetings that led on")]
    names = ("acceptance", "first_touch_in_time", "meetings")
    rows = [[("", one["queue"]), *(("n", number("rate", one[name])) for name in names)] for one in report["handoffs"]]
    return _table(heads, rows, "Nothing was handed over.")


def _suggestions(report: Mapping[str, Any]) -> str:
    heads = [("", "workflow"), ("", "version"), ("", "field"), ("n", "accepted as they were")]
    rows = [
        [("", one["workflow"]), ("", one["version"]), ("", one["field"]), ("n", number("rate", one))]
        for one in report["suggestions"]
    ]
    return _table(heads, rows, "Nothing was suggested and answered.")


def _in_review(report: Mapping[str, Any]) -> str:
    heads = [("", "field"), ("", "level"), ("n", "accepted"), ("n", "lower bound of needed"), ("n", "more in a row")]
    rows = [
        [("", one["key"]), ("", one["level"]), ("n", f"{one['accepted']} of {one['decided']}"),
         ("n", f"{one['low']:.2f} of {one['needed']:.2f}"), ("n", str(one["missing"]))]
        for one in report["in_review"]
    ]  # fmt: skip
    return _table(heads, rows, "No workflow earns its autonomy field by field.")


def _never(held: Mapping[str, Any]) -> str:
    rows = [
        [("id", one["lead_id"]), ("", one["day"]), ("", one.get("source", "")), ("", one.get("label", ""))]
        for one in held["cases"]
    ]
    heads = [("", "lead"), ("", "came"), ("", "source"), ("", "rule")]
    return _table(heads, rows, "Nobody.") + _more(held)

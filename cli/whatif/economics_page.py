"""Threshold economics as a page: for each field what its cuts save and risk, as pictures and as a table."""

from collections.abc import Iterable, Iterator, Sequence

from cli.whatif.curve import Axes, Point, curve
from cli.whatif.economics_shown import at, bounds, mark, share, situation
from cli.whatif.page import cards, charts, details, heading, legend, page, section, soft, table
from whatif.economics import ENOUGH, Cut, Economics, totals

DRAWN = 12
"""Fields that are drawn; all of them are in the tables."""
_FIELDS = ("field", "now", "reviews saved", "wrong", "recommended", "reviews saved", "wrong", "answers", "asked anyway")
_CUTS = (
    "from", "", "reviews saved", "wrong", "share", "95 %", "asked anyway", "written anyway", "corrected later",
)  # fmt: skip
_SAVED = "reviews saved", "wrong values written"
_SHARE = "cut: written from this confidence on", "% wrong"
_ROOM = 2.0
"""So many times what is tolerated is on the scale of shares, at least. Bounds of thin tails may be cut off at the top."""


def page_of(found: Sequence[Economics], tolerate: float, notes: Iterable[str]) -> str:
    """The page's text."""
    return page("Threshold economics", _parts(found, tolerate, notes))


def _parts(found: Sequence[Economics], tolerate: float, notes: Iterable[str]) -> Iterator[str]:
    sums = totals(found)
    yield heading("Threshold economics", "Reviews saved against wrong values written, for each confidence cut.")
    yield "".join(soft(note) for note in notes)
    yield cards(
        [
            (f"{sum(one.decided for one in found):,}", "answers of people"),
            (f"{sums['saved']:,}", "reviews that the recommended cuts save"),
            (f"{sums['wrong']:,}", "wrong values that they would have written"),
            (f"{tolerate:.1%}", "wrong values tolerated"),
        ]
    )
    yield section("All fields", table(_FIELDS, [_field_row(one) for one in found]))
    for number, one in enumerate(found):
        drawn = _pictures(one, tolerate) if number < DRAWN and len(one.cuts) > 1 and one.cuts[0].saved else ""
        yield section(one.name, soft(situation(one)), drawn, _tables(one))


def _tables(one: Economics) -> str:
    """The cuts that stand out, and all of them to be opened."""
    rows = {cut: _row(one, cut) for cut in one.cuts}
    out = [row for cut, row in rows.items() if mark(one, cut)]
    marked = [number for number, cut in enumerate(rows) if mark(one, cut)]
    short = table(_CUTS, out, words=2) if out else ""
    return short + details(f"all {len(rows)} cuts", table(_CUTS, rows.values(), words=2, marked=marked))


def _pictures(one: Economics, tolerate: float) -> str:
    key = legend(("bad", "wrong"), ("band", "95 % interval"), ("then", f"tolerated, {tolerate:.1%}"))
    return key + charts((_trade(one, tolerate), _rates(one, tolerate)))


def _trade(one: Economics, tolerate: float) -> str:
    """Wrong values over reviews saved: each point is a cut, the lowest at the right."""
    cuts = sorted(one.cuts, key=lambda cut: cut.saved)
    points = [
        Point(cut.saved, cut.wrong, cut.saved * cut.low, cut.saved * cut.high, told(cut), mark(one, cut))
        for cut in cuts
    ]
    most = cuts[-1].saved
    axes = Axes(*_SAVED, ends=(0.0, float(most)), top=max(one.high for one in points))
    return curve(f"{one.name}: what it saves and risks", _heard(one), points, axes, (0.0, tolerate * most))


def _rates(one: Economics, tolerate: float) -> str:
    """The share of wrong values over the cut, as far as there are answers."""
    cuts = [cut for cut in one.cuts if cut.saved]
    points = [
        Point(cut.at, 100 * (cut.rate or 0.0), 100 * cut.low, 100 * cut.high, told(cut), mark(one, cut)) for cut in cuts
    ]
    sure = [one.high for one, cut in zip(points, cuts, strict=True) if cut.saved >= ENOUGH]
    top = max([100 * tolerate * _ROOM, *(one.y for one in points), *sure])
    axes = Axes(*_SHARE, ends=(cuts[0].at, cuts[-1].at), top=top)
    return curve(f"{one.name}: share of wrong values", _heard(one), points, axes, (100 * tolerate, 100 * tolerate))


def told(cut: Cut) -> str:
    """A cut in a sentence."""
    return f"from {cut.at:.2f} on: {cut.saved:,} reviews saved, {cut.wrong:,} wrong ({bounds(cut)})"


def _heard(one: Economics) -> str:
    return "; ".join((told(one.cuts[0]), told(one.cuts[-1]), "all cuts are in the table below"))


def _field_row(one: Economics) -> tuple[str, ...]:
    then = one.cut(one.recommended) if one.recommended is not None else None
    here, there = ((f"{cut.saved:,}", _wrong(cut)) if cut else ("–", "–") for cut in (one.now, then))
    asked = one.cuts[0].asked if one.cuts else 0
    return one.name, at(one.present.band), *here, at(one.recommended, "none"), *there, f"{one.decided:,}", f"{asked:,}"


def _wrong(cut: Cut) -> str:
    return f"{cut.wrong:,} ({bounds(cut)})" if cut.saved else "0"


def _row(one: Economics, cut: Cut) -> tuple[str, ...]:
    numbers = f"{cut.saved:,}", f"{cut.wrong:,}", share(cut), bounds(cut)
    return f"{cut.at:.2f}", mark(one, cut), *numbers, f"{cut.asked:,}", f"{cut.written:,}", f"{cut.corrected:,}"

"""Threshold economics as tables: a row for each field, and one field's cuts."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from cli.console import PlainTable
from libs.policy.autonomy import wilson
from whatif.economics import Cut, Economics, totals
from whatif.logged import Log

HONEST = (
    "Wrong is what people did not approve as it was, or rolled back after all. Values that were written without asking are "
    "counted apart and never added: only what somebody noticed is known to be wrong there.",
    "Reviews that another rule asks for at any confidence are counted as asked anyway: no cut saves them.",
)


def notes(log: Log) -> list[str]:
    """What the numbers are, and what is left out of them."""
    left_out = []
    if log.unsure:
        left_out.append(f"{log.unsure:,} answers are left out: how sure the machine was is not in the log.")
    if log.unreadable:
        left_out.append(f"{log.unreadable:,} records can't be read and are left out.")
    return [*HONEST, *left_out]


def told(
    found: Sequence[Economics], said: Iterable[str], tolerate: float, limit: int, *, cuts: bool
) -> Iterator[RenderableType]:
    """The fields, or one field's cuts, and what the numbers are."""
    if cuts:
        for one in found[:limit]:
            yield cuts_table(one)
            yield Text(situation(one))
    yield fields_table(found, tolerate, limit)
    sums = totals(found)
    together = f"All recommended cuts together: {sums['saved']:,} reviews saved, {sums['wrong']:,} of them wrong."
    reasons = [] if cuts else [f"{one.name}: {one.why_not}." for one in found[:limit] if one.why_not]
    yield Text("\n".join([*reasons, together, *_asking(found), *said]))


def fields_table(found: Sequence[Economics], tolerate: float, limit: int) -> PlainTable:
    """A row for each field."""
    title = f"{min(limit, len(found))} of {len(found)} fields; wrong values tolerated: {tolerate:.1%}"
    table = PlainTable(title=title, title_justify="left")
    table.add_column("field", no_wrap=True)
    for name in ("answers", "asked anyway", "band now", "there: saved", "wrong", "recommended", "saved", "wrong"):
        table.add_column(name, justify="right")
    for one in found[:limit]:
        then = one.cut(one.recommended) if one.recommended is not None else None
        asked = one.cuts[0].asked if one.cuts else 0
        here = (at(one.present.band), *_numbers(one.now), at(one.recommended, "none"), *_numbers(then))
        table.add_row(one.name, f"{one.decided:,}", f"{asked:,}", *here)
    return table


def cuts_table(one: Economics) -> PlainTable:
    """A row for each cut of a field."""
    table = PlainTable("from", title=one.name, title_justify="left")
    for name in ("reviews saved", "wrong", "share", "95 %", "asked anyway", "written anyway", "corrected later"):
        table.add_column(name, justify="right")
    table.add_column("")
    for cut in one.cuts:
        table.add_row(
            f"{cut.at:.2f}", f"{cut.saved:,}", f"{cut.wrong:,}", share(cut), bounds(cut),
            f"{cut.asked:,}", f"{cut.written:,}", f"{cut.corrected:,}", mark(one, cut),
        )  # fmt: skip
    return table


def mark(one: Economics, cut: Cut) -> str:
    """What is said of a cut."""
    said = [
        *(["the band now"] if cut == one.now else []),
        *(["recommended"] if cut.at == one.recommended else []),
    ]
    return ", ".join(said)


def situation(one: Economics) -> str:
    """What the policy does with the field now, and what is recommended, in words."""
    band = one.present.band
    now = "It is never written without asking" if band is None else f"It is written from {band:.2f} on"
    still = f" once nothing else asks ({', '.join(one.present.asks)})" if one.present.asks else ""
    if one.recommended is None:
        return f"{now}{still}. No cut is recommended: {one.why_not}."
    return f"{now}{still}. Recommended: from {one.recommended:.2f} on{_more(one)}."


def _more(one: Economics) -> str:
    """What the recommended cut does beyond the present one: a good share above may hide a bad one just at the cut."""
    saved, wrong = one.beyond()
    if saved <= 0:
        as_now = one.now is not None and one.recommended == one.now.at
        return ", as it is" if as_now else f", which asks {-saved:,} times more"
    low, high = wilson(wrong, saved)
    return f", which saves {saved:,} reviews more; of those, {wrong:,} were wrong ({low:.1%} to {high:.1%})"


def at(cut: float | None, none: str = "never") -> str:
    """A cut."""
    return none if cut is None else f"{cut:.2f}"


def share(cut: Cut) -> str:
    """The share of wrong values among the reviews saved."""
    return "–" if cut.rate is None else f"{cut.rate:.1%}"


def bounds(cut: Cut) -> str:
    """The 95 % interval of that share."""
    return f"{cut.low:.1%} to {cut.high:.1%}" if cut.saved else "–"


def _numbers(cut: Cut | None) -> tuple[str, str]:
    if cut is None:
        return "–", "–"
    return f"{cut.saved:,}", f"{cut.wrong:,} ({cut.low:.0%}–{cut.high:.0%})" if cut.saved else "0"


def _asking(found: Sequence[Economics]) -> list[str]:
    """What asks today besides bands, said once for all fields."""
    held = dict.fromkeys(reason for one in found for reason in one.present.asks)
    return [f"As long as this asks, too, no cut is in force: {', '.join(held)}."] if held else []

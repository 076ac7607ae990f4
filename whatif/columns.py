"""The history's columns as lists, which a walk reads faster, and when leads were touched."""

from collections.abc import Mapping
from statistics import median

import numpy as np
from numpy.typing import NDArray

from whatif.read import History
from whatif.table import Column, Table, grouped
from whatif.ways import OWNER, Way
from whatif.world import Outcome

HELD_FOR = "record.held_for"
"""A fact that every decision by rules keeps."""


class Columns:
    """The table's columns as lists, which a walk reads faster."""

    def __init__(self, table: Table) -> None:
        def told(name: str) -> list[str | None]:
            return [None if one is None else str(one) for one in table.columns[name].told()]

        leads = table.columns["lead_id"]
        self.leads = {str(one): code for code, one in enumerate(leads.values)}
        self.lead: list[int] = leads.codes.tolist()
        self.versions: list[int] = table.numbers["version"].tolist()
        self.contacts, self.companies = told("contact"), told("company")
        self.picked, self.turn_pools = told("picked"), told("turn_pool")
        self.owners = _carried(told(OWNER), table.columns[HELD_FOR], self.lead)
        """Who looked after the account; a person's choice of the route keeps no facts: it is as it was before."""
        self.offers: list[int] = table.numbers["offer"].tolist()
        names = ("destination", "queue", "owner", "rule")
        self._outcomes = grouped(
            [(table.columns[name].codes, len(table.columns[name].values)) for name in names]
            + [(table.numbers["suggested"].astype(np.int32), 2)],
            len(table),
        )
        self._of: list[int] = self._outcomes.of.tolist()
        self._table = table
        self._made: dict[tuple[int, int, bool], Outcome] = {}

    def outcome(self, row: int, way: Way | None, *, by_rules: bool) -> Outcome:
        """Where the record says that a routing went; `way` says whether people were asked, and what its rule promised."""
        key = (self._of[row], id(way), by_rules)
        held = self._made.get(key)
        if held is None:
            held = self._made[key] = self._outcome(row, way, by_rules=by_rules)
        return held

    def _outcome(self, row: int, way: Way | None, *, by_rules: bool) -> Outcome:
        destination, queue, owner, rule = (
            None if (told := self._table.columns[name].at(row)) is None else str(told)
            for name in ("destination", "queue", "owner", "rule")
        )
        settled = not self._table.numbers["suggested"][row] and destination not in ("triage", "review")
        asks = destination != "suppressed" and (settled or way is None or way.asks)
        minutes = way.sla_minutes if by_rules and way is not None else None
        return Outcome(str(destination), queue, owner, str(rule), settled, asks, minutes)


def _carried(owners: list[str | None], facts: Column, leads: list[int]) -> list[str | None]:
    last: dict[int, str | None] = {}
    for row, (lead, kept) in enumerate(zip(leads, facts.told(), strict=True)):
        if kept is None:
            owners[row] = last.get(lead)
        last[lead] = owners[row]
    return owners


def touches_of(history: History, leads: Mapping[str, int]) -> list[tuple[int, int]]:
    """First touches in order: a lead's clock that was met, and what reps said, which also counts past a breach."""
    found: list[tuple[int, int]] = []
    for table in (history.met, history.touches):
        times: NDArray[np.int64] = table.numbers["at"].astype(np.int64)
        told = zip(table.columns["lead_id"].told(), table.columns["kind"].told(), times.tolist(), strict=True)
        for lead, kind, at in told:
            if kind == "touched" and lead in leads:
                found.append((at, leads[str(lead)]))
    return sorted(set(found))


def taken_of(history: History, leads: Mapping[str, int]) -> dict[int, int]:
    """By lead, when an offer of it was taken first."""
    table = history.touches
    told = zip(*(table.columns[name].told() for name in ("lead_id", "kind")), table.numbers["at"].tolist(), strict=True)
    return first_of(
        sorted((int(at), leads[str(lead)]) for lead, kind, at in told if kind == "accepted" and lead in leads)
    )


def first_of(touches: list[tuple[int, int]]) -> dict[int, int]:
    """By lead, when it was touched first."""
    first: dict[int, int] = {}
    for at, lead in touches:
        first.setdefault(lead, at)
    return first


def usual_delay(columns: Columns, times: list[int], touches: Mapping[int, int]) -> int | None:
    """The median time from a routing to its first touch; None when nobody touched anything."""
    delays = [touches[lead] - at for lead, at in zip(columns.lead, times, strict=True) if touches.get(lead, -1) > at]
    return int(median(delays)) if delays else None

"""Which promises of a first touch were kept in one course of things: met, breached, or still running at its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from libs.policy.policy import Policy
from libs.policy.sla import BusinessCalendar
from services.router.domain.hours import calendar_of
from whatif.prepared import UNKNOWN, Evaluated
from whatif.queues import Waits
from whatif.table import Codes, Table, grouped
from whatif.team import team
from whatif.working_time import Instants, working_time
from whatif.world import Outcome

OPEN, MET, BREACHED = 0, 1, 2
STATES = ("open", "met", "breached")
Promise = tuple[str | None, int | None]
"""A queue, and the minutes of its rule; None: the queue's own."""


@dataclass(frozen=True)
class Judged:
    """What became of first touches: one row a lead that one was promised for."""

    lead: Codes
    state: NDArray[np.int8]
    due: Instants
    queue: list[str]
    """Where it waited when that was settled."""

    def counts(self) -> dict[str, tuple[int, int, int]]:
        """By queue: open, met, breached."""
        found: dict[str, list[int]] = {}
        for queue, state in zip(self.queue, self.state.tolist(), strict=True):
            found.setdefault(queue, [0, 0, 0])[state] += 1
        return {queue: (held[0], held[1], held[2]) for queue, held in sorted(found.items())}


class Promises:
    """When promises end, by the policies and the calendars of their time."""

    def __init__(self, table: Table, records: Table) -> None:
        self._records = records
        self._received: Instants = table.numbers["received"].astype(np.int64)
        changes = records.rows(records.columns["type"].mask(lambda one: one == "calendar"))
        self._changed: Instants = np.sort(changes.numbers["at"].astype(np.int64))
        self._versions = np.searchsorted(self._changed, table.numbers["at"], side="right")

    def judged(self, waits: Waits, decides: Evaluated, since: int, until: int) -> Judged:
        """What became of the first touch of every lead that waited within the window; a breach counts when it was due in it."""
        known = np.flatnonzero(decides.part[waits.row] != UNKNOWN)
        due, lead = self._due(waits, known, decides), waits.lead[known]
        ended = (waits.until[known] >= 0) & (waits.until[known] < until)
        end = np.where(ended, waits.until[known], until - 1)
        state = np.where(due <= end, BREACHED, np.where(waits.touched[known] & ended, MET, OPEN)).astype(np.int8)
        chosen = _last_word(lead, state)
        chosen = chosen[(state[chosen] != BREACHED) | (due[chosen] >= since)]
        queues = [waits.queue[place] for place in known[chosen].tolist()]
        return Judged(lead[chosen], state[chosen], due[chosen], queues)

    def _due(self, waits: Waits, known: Instants, decides: Evaluated) -> Instants:
        """By wait, when its promise ends; those of one policy, promise and state of the calendars are reckoned together."""
        rows = waits.row[known]
        promised, promises = _promises([waits.outcome[place] for place in known.tolist()])
        versions, part = self._versions[rows].astype(np.int32), decides.part[rows]
        sizes = len(self._changed) + 1, len(decides.parts), len(promises)
        kinds = grouped(list(zip((versions, part, promised), sizes, strict=True)), len(rows))
        found = [(int(versions[at]), int(part[at]), int(promised[at])) for at in kinds.first.tolist()]
        due = np.zeros(len(rows), dtype=np.int64)
        for number, minutes, calendar in self._kinds(found, decides, promises) if len(rows) else ():
            numbers = np.flatnonzero(kinds.of == number)
            starts = self._received[rows[numbers]]
            times = working_time(calendar, int(starts.min()), int(starts.max()), minutes)
            due[numbers] = times.due_at(starts, minutes)
        return due

    def _kinds(
        self, found: Sequence[tuple[int, int, int]], decides: Evaluated, promises: Sequence[Promise]
    ) -> Iterator[tuple[int, int, BusinessCalendar]]:
        """By kind of promise its minutes and calendar, in the order in which the calendars changed."""
        known = team(self._records)
        for number, (changes, part, promise) in sorted(enumerate(found), key=lambda one: one[1]):
            if changes:
                known.forward(int(self._changed[changes - 1]))
            policy: Policy = decides.parts[part].force.policy
            queue, own = promises[promise]
            minutes = policy.sla.first_touch_minutes(queue) if own is None else own
            name = policy.sla.calendar_name(queue)
            yield number, minutes, calendar_of(policy, name, known.known.exceptions.values())


def _promises(outcomes: Sequence[Outcome]) -> tuple[Codes, list[Promise]]:
    codes: dict[Promise, int] = {}
    told = [codes.setdefault((one.queue, one.minutes), len(codes)) for one in outcomes]
    return np.array(told, dtype=np.int32), list(codes)


def _last_word(lead: Codes, state: NDArray[np.int8]) -> NDArray[np.int64]:
    """The places that tell of each lead: where its touch was settled first, or where it waits still."""
    settled = np.flatnonzero(state != OPEN)
    leads, first = np.unique(lead[settled], return_index=True)
    waiting = np.flatnonzero(~np.isin(lead, leads))
    _, last = np.unique(lead[waiting][::-1], return_index=True)
    chosen: NDArray[np.int64] = np.sort(np.concatenate([settled[first], waiting[::-1][last]]))
    return chosen

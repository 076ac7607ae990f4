"""When promises end, for many of them at once: the working time of a calendar as sums over its shifts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from libs.policy.business_time import shifts_from
from libs.policy.sla import BusinessCalendar

Instants = NDArray[np.int64]
"""Microseconds since 1970 (UTC)."""
MINUTE = 60 * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class WorkingTime:
    """The shifts of a calendar from one instant on, and the working time up to the end of each."""

    begins: Instants
    sums: Instants
    """Microseconds of work up to each shift's end."""
    lengths: Instants

    def due_at(self, starts: Instants, minutes: int) -> Instants:
        """When so many working minutes after each start are over, as `business_time.due_at` says."""
        wanted = self._worked(starts) + minutes * MINUTE
        places = np.searchsorted(self.sums, wanted, side="left")
        done: Instants = self.begins[places] + wanted - (self.sums - self.lengths)[places]
        return done

    def _worked(self, at: Instants) -> Instants:
        """The working time from the first shift to each instant."""
        places = np.searchsorted(self.begins, at, side="right") - 1
        inside = np.minimum(at - self.begins[places], self.lengths[places])
        worked: Instants = np.where(places < 0, 0, (self.sums - self.lengths)[places] + inside)
        return worked


def working_time(calendar: BusinessCalendar, first: int, last: int, minutes: int) -> WorkingTime:
    """The working time that answers for starts from `first` to `last` (microseconds) and promises of up to `minutes`.

    Raises ValueError when the calendar has no such time within 20 years.
    """
    begins, lengths = [], []
    left = minutes * MINUTE
    for begin, end in shifts_from(_EPOCH + first * _MICROSECOND, calendar):
        begins.append((begin - _EPOCH) // _MICROSECOND)
        lengths.append((end - begin) // _MICROSECOND)
        left -= lengths[-1] if begins[-1] > last else 0
        if left <= 0:
            break
    return WorkingTime(np.array(begins), np.cumsum(lengths), np.array(lengths))

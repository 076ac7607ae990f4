"""How many waited, counted minute by minute."""

from hypothesis import example, given
from hypothesis import strategies as st

from whatif.queues import POINTS, Waits, waiting
from whatif.world import Outcome, Wait

SOMEWHERE = Outcome("queue", "q", None, "r", settled=True, asks=True)
END = 960
spans = st.lists(st.tuples(st.integers(-50, END + 50), st.integers(0, 200), st.booleans()), min_size=1, max_size=30)


@example([(0, 1, False), (961, 0, False)])
@given(spans)
def test_queues_are_as_long_as_who_waits_in_them(held: list[tuple[int, int, bool]]) -> None:
    waits = [
        Wait("q", lead, since, -1 if ever else since + lasted, SOMEWHERE, 0)
        for lead, (since, lasted, ever) in enumerate(held)
    ]
    counted = [
        sum(wait.since <= moment and (wait.until < 0 or moment < wait.until) for wait in waits) for moment in range(END)
    ]
    found = waiting(Waits(waits), 0, END)
    if not any(counted):
        assert not found or found[0].peak == 0
        return
    (told,) = found
    assert told.peak == max(counted)
    assert told.mean == sum(counted) / END
    assert told.line == tuple(counted[step * END // POINTS] for step in range(POINTS))
    assert sum(one <= told.p95 for one in counted) >= 0.95 * END > sum(one < told.p95 for one in counted)


def test_a_window_without_time_has_no_queues() -> None:
    assert waiting(Waits([Wait("q", 1, 0, 5, SOMEWHERE, 0)]), 7, 7) == ()

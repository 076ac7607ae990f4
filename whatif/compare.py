"""A history under another policy: prepared, walked and told, without the collector of cycles, since none are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from libs.policy.launch import LaunchMode
from libs.policy.policy import Policy
from whatif.prepared import prepared
from whatif.read import History, Say
from whatif.report import Report, reported
from whatif.simulate import simulated


def compared(
    history: History,
    asked: Policy | None,
    mode: LaunchMode | None = None,
    since: int | None = None,
    until: int | None = None,
    say: Say = lambda _: None,
) -> Report:
    """What `asked` would have done from `since` to `until` (microseconds; None: all of it). Without a policy those that were
    in force are asked again; `mode` is a launch mode instead of theirs. `say` hears how far it is."""
    with _uncollected():
        return reported(history, simulated(history, prepared(history, asked, mode), since, until, say))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Millions of small values live until the end: looking through them again and again takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

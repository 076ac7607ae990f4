"""What a walk through the history found: both courses, and how each routing compares."""

from dataclasses import dataclass

from whatif.prepared import Prepared
from whatif.turning import Turning
from whatif.ways import Way
from whatif.world import Outcome, World

SAME, RULE_ONLY, DIRECT, KNOCK_ON = 0, 1, 2, 3
"""How a routing compares: as it was; there by another rule; sent elsewhere by the policy; elsewhere since others were."""


@dataclass
class Simulated:
    """Both courses of the window."""

    prepared: Prepared
    rows: list[int]
    """The rows of the window that the policy decided."""
    before: dict[int, Outcome]
    after: dict[int, Outcome]
    """By row."""
    change: dict[int, int]
    was: World
    now: World
    turning: Turning
    since: int
    until: int
    decided_anyway: int = 0
    """Routes that people chose and that stay theirs, since the policy asks them too."""
    spared: int = 0
    """Routes that people chose and that the policy would not have asked for."""
    undecided: int = 0
    """Routes that the policy asks people for and that nobody was asked for."""
    unexplained: int = 0
    """Recorded routes that their own policy does not explain by the facts that are kept."""
    no_policy: int = 0
    """Routings whose policy is not published: they are compared with the record itself."""
    assumed: int = 0
    """Leads whose first touch is assumed at the usual delay, since nobody had them then."""


def explains(way: Way, recorded: Outcome) -> bool:
    """Whether a way on the recorded facts is where the record says that it went, before anybody's turn."""
    if recorded.rule != way.rule:
        return False
    if way.settled and not recorded.settled:
        return recorded.destination == "review"  # nobody of the pool could take it
    return (recorded.destination, recorded.queue, recorded.settled) == (way.destination, way.queue, way.settled)

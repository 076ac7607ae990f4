"""What a comparison says, in numbers: routes, loads, promises and waiting in both courses, each with the leads behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.router.domain.plan import ASKING
from whatif.promises import Judged, Promises
from whatif.queues import Waiting, Waits, waiting
from whatif.read import History
from whatif.result import DIRECT, KNOCK_ON, RULE_ONLY, SAME, Simulated
from whatif.world import TRIAGE, Outcome, World

SUGGESTED, TO_APPROVE = " (suggested only)", " (to be approved)"


@dataclass(frozen=True)
class Share:
    """What a member got of a pool's turns, and what their part of them was."""

    pool: str
    member: str
    leads: int
    share: float


@dataclass(frozen=True)
class Kept:
    """How many first touches of a queue came in time, came too late, or are awaited still."""

    queue: str
    met: int
    breached: int
    open: int

    @property
    def rate(self) -> float | None:
        """The part of those that are over that came in time; None when none is over."""
        over = self.met + self.breached
        return self.met / over if over else None


@dataclass(frozen=True)
class Course:
    """One course of things within the window."""

    shares: tuple[Share, ...]
    kept: tuple[Kept, ...]
    waiting: tuple[Waiting, ...]
    places: Mapping[str, int]
    """By queue or destination, the routings that led there."""
    triaged: int
    """Leads that waited for a person's decision."""


@dataclass(frozen=True)
class Flow:
    """Routings that went to one place and would go to another."""

    was: str
    now: str
    direct: int
    knock_on: int


@dataclass(frozen=True)
class Moved:
    """A routing that would be another."""

    lead_id: str
    version: int
    at: int
    """Microseconds since 1970 (UTC)."""
    kind: str
    was: str
    now: str
    was_rule: str
    now_rule: str
    was_owner: str | None
    now_owner: str | None

    @property
    def flow(self) -> str:
        """From where to where."""
        return f"{self.was}→{self.now}"


KINDS = {SAME: "same", RULE_ONLY: "another rule", DIRECT: "by the policy", KNOCK_ON: "as a consequence"}


@dataclass(frozen=True)
class People:
    """What people decided then, and what becomes of it."""

    decided_anyway: int
    spared: int
    undecided: int


@dataclass(frozen=True)
class Doubts:
    """What the comparison could not know, or had to assume."""

    unexplained: int
    no_policy: int
    assumed: int
    turns: int
    unexplained_turns: int
    turns_by_records: int
    unreadable: int


@dataclass(frozen=True)
class Report:
    """Everything that is told of a comparison."""

    since: int
    until: int
    leads: int
    routings: int
    kinds: Mapping[str, int]
    flows: tuple[Flow, ...]
    moved: tuple[Moved, ...]
    was: Course
    now: Course
    people: People
    doubts: Doubts
    names: Mapping[str, str]
    """What members are called, by their id."""

    @property
    def differences(self) -> int:
        """Routings that would go elsewhere, or be there by another rule."""
        return self.routings - self.kinds["same"]


def reported(history: History, simulated: Simulated) -> Report:
    """The report of a simulation."""
    prepared, turning = simulated.prepared, simulated.turning
    promises = Promises(prepared.table, history.records)
    window = simulated.since, simulated.until
    waits = Waits(simulated.was.waits), Waits(simulated.now.waits)
    judged = [promises.judged(*one, *window) for one in zip(waits, (prepared.was, prepared.now), strict=True)]
    leads = prepared.table.columns["lead_id"].codes
    kinds = Counter(simulated.change.values())
    moved = tuple(_moved(simulated))
    return Report(
        *window,
        leads=len({int(leads[row]) for row in simulated.rows}),
        routings=len(simulated.rows),
        kinds={name: kinds[kind] for kind, name in KINDS.items()},
        flows=_flows(moved),
        moved=moved,
        was=_course(simulated.was, simulated.before.values(), judged[0], waits[0], window),
        now=_course(simulated.now, simulated.after.values(), judged[1], waits[1], window),
        people=People(simulated.decided_anyway, simulated.spared, simulated.undecided),
        doubts=Doubts(
            simulated.unexplained, simulated.no_policy, simulated.assumed, turning.turns, turning.unexplained,
            turning.from_records, history.unreadable,
        ),
        names={one.record_id: one.name for one in turning.team.known.members.values() if one.name},
    )  # fmt: skip


def place_of(outcome: Outcome) -> str:
    """Where a lead is, in a word: its queue, else its destination; what is only suggested says so."""
    if outcome.settled:
        return outcome.queue or outcome.destination
    if outcome.destination in ASKING:
        queue = outcome.queue or TRIAGE
        return f"{queue} ({outcome.destination})" if queue == TRIAGE and outcome.destination != TRIAGE else queue
    return (outcome.queue or outcome.destination) + (TO_APPROVE if outcome.asks else SUGGESTED)


def _course(world: World, outcomes: Iterable[Outcome], judged: Judged, waits: Waits, window: tuple[int, int]) -> Course:
    shares = tuple(Share(*key, held.leads, held.share) for key, held in sorted(world.dealt.items()))
    kept = tuple(Kept(queue, met, late, still) for queue, (still, met, late) in judged.counts().items())
    places = Counter(place_of(one) for one in outcomes)
    asks = np.array([outcome.asks_in is not None for outcome in waits.outcome], dtype=bool)
    triaged = len(np.unique(waits.lead[asks & (waits.since >= window[0])]))
    return Course(shares, kept, waiting(waits, *window), dict(sorted(places.items())), triaged)


def _moved(simulated: Simulated) -> Iterable[Moved]:
    table = simulated.prepared.table
    leads, versions, times = table.columns["lead_id"], table.numbers["version"], table.numbers["at"]
    for row in simulated.rows:
        kind = simulated.change[row]
        if kind != SAME:
            was, now = simulated.before[row], simulated.after[row]
            yield Moved(
                str(leads.at(row)), int(versions[row]), int(times[row]), KINDS[kind], place_of(was), place_of(now),
                was.rule, now.rule, was.owner, now.owner,
            )  # fmt: skip


def _flows(moved: Sequence[Moved]) -> tuple[Flow, ...]:
    """Most leads first. A flow from a place to itself is one where somebody else would have the lead."""
    direct = Counter((one.was, one.now) for one in moved if one.kind == KINDS[DIRECT])
    others = Counter((one.was, one.now) for one in moved if one.kind == KINDS[KNOCK_ON])
    flows = (Flow(*key, direct[key], others[key]) for key in direct | others)
    return tuple(sorted(flows, key=lambda one: (-one.direct - one.knock_on, one.was, one.now)))

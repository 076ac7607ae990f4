"""The history as the simulation walks it: routings in order, what each of them was, and where each force sends it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from libs.policy.launch import LaunchMode
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from services.router.domain.plan import BY_PERSON
from whatif.points import Tallies
from whatif.read import History
from whatif.table import Codes, Mask, Table
from whatif.team import gone_owners
from whatif.ways import OWNER, Force, Way, Ways

RULES, PERSON, MOVED = 0, 1, 2
"""What a routing was: the policy's, a person's choice of the route, a later move of a lead that had one."""
UNKNOWN = -1


@dataclass
class Evaluated:
    """Where each row goes, each by its own force."""

    part: Codes
    """By row: which of the parts it is in; `UNKNOWN` when its policy is not published."""
    place: NDArray[np.int64]
    """By row: its place in the part."""
    parts: list[Ways]

    def __post_init__(self) -> None:
        self._part: list[int] = self.part.tolist()

    def way(self, row: int) -> Way | None:
        """The way of a row; None when its policy is not known."""
        part = int(self.part[row])
        return None if part == UNKNOWN else self.parts[part].way(int(self.place[row]))

    def all(self) -> list[Way | None]:
        """Every row's way."""
        told = [ways.of.tolist() for ways in self.parts]
        return [
            None if part == UNKNOWN else self.parts[part].held[told[part][place]]
            for part, place in zip(self.part.tolist(), self.place.tolist(), strict=True)
        ]

    def force(self, row: int) -> Force | None:
        """What decides a row."""
        part = self._part[row]
        return None if part == UNKNOWN else self.parts[part].force


@dataclass
class Prepared:
    """The routings in order, and where they go: as it was, and by the policy that is asked about."""

    table: Table
    kind: NDArray[np.int8]
    was: Evaluated
    now: Evaluated
    policies: Mapping[str, Policy]


def prepared(history: History, asked: Policy | None, mode: LaunchMode | None = None) -> Prepared:
    """The routings by the policies that were in force and by the one that is asked about; None: by those again."""
    numbers = history.routed.numbers
    order = np.lexsort((numbers["offset"], numbers["partition"], numbers["at"]))
    table = history.routed.rows(order)
    policies = {one.policy_hash: load_policy(one.files) for one in history.publications}
    gone = gone_owners(table.columns[OWNER], table.numbers["at"], history.records)
    was = _as_it_was(table, history, policies, gone)
    if asked is None and mode is None:
        now = was
    elif asked is None:
        now = _as_it_was(table, history, policies, gone, mode)
    else:
        force = Force(asked, asked, mode)
        now = _by(table, force, gone, was)
    return Prepared(table, _kinds(table, history, was), was, now, policies)


def _by(table: Table, force: Force, gone: Mask, was: Evaluated) -> Evaluated:
    """Everything by one force. Scores are those of a part that had the same points tables and all rows."""
    same = (ways for ways in was.parts if len(ways.of) == len(table) and _same_scores(ways.force.policy, force.policy))
    scored: Tallies | None = next((ways.scored for ways in same), None)
    rows = np.arange(len(table), dtype=np.int64)
    return Evaluated(np.zeros(len(table), dtype=np.int32), rows, [Ways(table, force, gone, scored)])


def _same_scores(one: Policy, other: Policy) -> bool:
    return one.scoring == other.scoring and one.taxonomy.qualification == other.taxonomy.qualification


def _as_it_was(
    table: Table, history: History, policies: Mapping[str, Policy], gone: Mask, mode: LaunchMode | None = None
) -> Evaluated:
    """Each row by the policy that it is stamped with and the newest one of its time."""
    part = np.full(len(table), UNKNOWN, dtype=np.int32)
    place = np.zeros(len(table), dtype=np.int64)
    parts: list[Ways] = []
    newest = _newest(table, history)
    stamped = table.columns["policy"]
    published = [one.policy_hash for one in history.publications]
    for code, own in enumerate(stamped.values):
        if own not in policies:
            continue
        mine = stamped.codes == code
        for other in np.unique(newest[mine]).tolist():
            rows = np.flatnonzero(mine & (newest == other))
            force = Force(policies[str(own)], policies[published[other]], mode)
            part[rows], place[rows] = len(parts), np.arange(len(rows))
            parts.append(Ways(table if len(rows) == len(table) else table.rows(rows), force, gone[rows]))
    return Evaluated(part, place, parts)


def _newest(table: Table, history: History) -> NDArray[np.int64]:
    """By row: the place of the policy that was the newest then. A lead is never older than the policy it is stamped with."""
    times = np.array([event.published_at.timestamp() * 1_000_000 for event in history.publications])
    found = np.searchsorted(times, table.numbers["at"], side="right") - 1
    places = {one.policy_hash: number for number, one in reversed(list(enumerate(history.publications)))}
    own = np.array([places.get(str(one), 0) for one in table.columns["policy"].values] or [0])
    newest: NDArray[np.int64] = np.maximum(found, own[table.columns["policy"].codes])
    return newest


def _kinds(table: Table, history: History, was: Evaluated) -> NDArray[np.int8]:
    stages = table.columns["stage"].told()
    decisions = history.decisions
    ids, leads, said = (decisions.columns[name].told() for name in ("event_id", "lead_id", "said"))
    routes = {one for one, answer in zip(ids, said, strict=True) if answer is not None}
    numbers = zip(decisions.numbers["version"].tolist(), decisions.numbers["reenters"].tolist(), strict=True)
    chosen = {
        (lead, version + 1)
        for lead, answer, (version, reenters) in zip(leads, said, numbers, strict=True)
        if answer is not None and reenters
    }
    kinds = np.full(len(table), RULES, dtype=np.int8)
    causes, rules = table.columns["cause"].told(), table.columns["rule"].told()
    named, versions = table.columns["lead_id"].told(), table.numbers["version"].tolist()
    suggested = table.numbers["suggested"].tolist()
    for row, stage in enumerate(stages):
        if stage == "router.decisions":
            kinds[row] = PERSON if causes[row] in routes else RULES
        elif stage != "router":
            kinds[row] = MOVED
        elif rules[row] == BY_PERSON:
            kinds[row] = PERSON
        elif chosen and (named[row], versions[row]) in chosen:
            way = was.way(row)
            kinds[row] = PERSON if way is not None and not way.settled and not suggested[row] else RULES
    return kinds

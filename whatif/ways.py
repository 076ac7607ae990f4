"""Where a policy sends leads, in columns: suppression, rules and launch mode by the router's own functions, once for each
combination of what they ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from pydantic import JsonValue

from libs.contracts.lead import Destination
from libs.policy.fields import Act
from libs.policy.launch import Allowance, LaunchMode, stricter
from libs.policy.policy import Policy
from libs.policy.routing import RoutingRule
from libs.policy.suppression import LEAST_STRICT_FIRST, Hold, effect_of
from services.router.domain.plan import HELD_QUEUE, allowance, held_back, standing, stopped_by
from services.router.domain.routing_facts import ROOM
from services.router.domain.rules import deciding_rules, found_by
from services.score.domain.points import Tally
from whatif.conditions import HOLDS, Outcome
from whatif.needed import SCORE_FIELDS, territory_facts
from whatif.points import Tallies, tallies
from whatif.table import Codes, Column, Index, Mask, Table, grouped

OWNER, TERRITORY, REVIEWS = "record.owner", "lead.territory", "lead.reviews"
_OF_TALLY: dict[str, Callable[[Tally], JsonValue]] = {
    "lead.score.fit": lambda tally: tally.fit,
    "lead.score.engagement": lambda tally: tally.engagement,
    "lead.score.risk": lambda tally: tally.risk,
    "lead.score.priority": lambda tally: tally.priority,
    "lead.score.missing": lambda tally: list(tally.missing),
    "lead.score.needs_review": lambda tally: list(tally.needs_review),
}


class Way(NamedTuple):
    """Where a lead goes, before anybody's turn. `settled`: it goes out for good; `asks`: people may be asked about it."""

    destination: Destination
    queue: str | None
    rule: str
    pool: str | None
    sla_minutes: int | None
    settled: bool
    asks: bool

    @property
    def goes(self) -> tuple[str, str | None, str | None, bool, bool]:
        """Where it goes, by whatever rule."""
        return self.destination, self.queue, self.pool, self.settled, self.asks


@dataclass(frozen=True)
class Force:
    """What decides: the policy that a lead is stamped with, the newest one, and a launch mode instead of theirs."""

    policy: Policy
    newest: Policy
    instead: LaunchMode | None = None

    @property
    def allowed(self) -> Allowance:
        """What a route may do."""
        mode = self.instead or stricter(self.policy.launch.mode, self.newest.launch.mode)
        return allowance((self.policy, self.newest), mode)

    def hold(self, reasons: Sequence[str]) -> Hold:
        """What becomes of routing a record that is held back for these reasons."""
        held = (effect_of(policy, reasons, Act.ROUTE).hold for policy in (self.policy, self.newest))
        return max(held, key=LEAST_STRICT_FIRST.index)


class Ways:
    """Where every row of a table goes by one force. `gone`: rows whose owner was not active any more."""

    def __init__(self, table: Table, force: Force, gone: Mask, scored: Tallies | None = None) -> None:
        self.force, self.scored = force, scored or tallies(table, force.policy)
        self._outcome = Outcome(routing_columns(table, force.policy, self.scored), len(table))
        self._rules = force.policy.routing.rules
        self._gone = gone
        self._others = [rule for rule in self._rules if {OWNER, ROOM} & set(rule.when.names)]
        self.asks_for_room = any(ROOM in rule.when.names for rule in self._rules)
        """Whether a rule asks how many members of a pool could take a lead."""
        self._kept: dict[tuple[object, ...], Way] = {}
        self.held: list[Way] = []
        self.of = self._evaluated()

    def _evaluated(self) -> Codes:
        columns = self._outcome.columns
        by_rule = [self._outcome.of(rule.when) for rule in self._rules]
        parts = [((one + 1).astype(np.int32), 3) for one in by_rule]
        parts += [(columns[name].codes, len(columns[name].values)) for name in (TERRITORY, "record.held_for")]
        parts += [(columns[OWNER].mask(lambda owner: owner is not None).astype(np.int32), 2)]
        parts += [(self._gone.astype(np.int32), 2)]
        self._groups = grouped(parts, self._outcome.rows)
        index: dict[Way, int] = {}
        codes = []
        for first in self._groups.first.tolist():
            way = self._way(first, partial(self._holds, first), columns[OWNER].at(first) is not None)
            codes.append(index.setdefault(way, len(index)))
        self.held = list(index)
        return np.array(codes, dtype=np.int32)[self._groups.of] if codes else np.zeros(0, dtype=np.int32)

    def _holds(self, row: int, rule: RoutingRule) -> bool:
        return bool(self._outcome.of(rule.when)[row] == HOLDS)

    def way(self, row: int) -> Way:
        """The way of a row as its facts were."""
        return self.held[int(self.of[row])]

    def instead(self, row: int, owner: str | None, gone: bool, room: dict[str, int] | None = None) -> Way:
        """The way of a row whose owner is another, or whose pools have other room."""
        other: dict[str, JsonValue] = {OWNER: owner, **({} if room is None else {ROOM: dict(room)})}
        told = {rule.name: self._outcome.instead(rule.when, row, other) is True for rule in self._others}
        key = (int(self._groups.of[row]), tuple(told.values()), owner is None, gone)
        if key not in self._kept:
            self._kept[key] = self._way(
                row,
                lambda rule: told[rule.name] if rule.name in told else self._holds(row, rule),
                owner is not None,
                gone,
            )
        return self._kept[key]

    def _way(self, row: int, holds: Callable[[RoutingRule], bool], owned: bool, gone: bool | None = None) -> Way:
        columns, policy = self._outcome.columns, self.force.policy
        reasons = columns["record.held_for"].at(row)
        hold = self.force.hold([str(one) for one in reasons] if isinstance(reasons, list) else [])
        found = stopped_by(hold, "")
        if found is None:
            deciding = deciding_rules(policy, holds, columns[TERRITORY].at(row))
            found = held_back(found_by(deciding, lambda _: "", ()), hold, "somebody" if owned else None, "")
        destination, queue = found.destination, found.queue
        if destination == "owner" and (self._gone[row] if gone is None else gone):
            destination, queue = "review", HELD_QUEUE
        settled, asks = standing(destination, self.force.allowed)
        pool = found.pool if found.destination != "owner" else None
        return Way(destination, queue, found.rule, pool, found.sla_minutes, settled, asks)


def routing_columns(table: Table, policy: Policy, scored: Tallies) -> dict[str, Column]:
    """The facts as rules see them: the lead's and the CRM's, with the policy's own scores and territories."""
    columns = {name: column for name, column in table.columns.items() if name.startswith(("lead.", "record."))}
    columns[ROOM] = table.columns["room"]
    recorded = dict(columns)
    for fact, told in _OF_TALLY.items():
        columns[fact] = _of_tally(scored, told)
    for field, fact in SCORE_FIELDS.items():
        if field in columns:
            columns[field] = _followed(recorded[field], recorded[fact], columns[fact])
    columns[REVIEWS] = _reviews(recorded, columns)
    columns[TERRITORY] = _territories(columns, policy, len(table))
    return columns


def _of_tally(scored: Tallies, told: Callable[[Tally], JsonValue]) -> Column:
    index = Index()
    codes = np.array([index.code(told(tally)) for tally in scored.held], dtype=np.int32)
    return Column(codes[scored.of], index.values)


def _combined(columns: Sequence[Column], result: Callable[[Sequence[JsonValue]], JsonValue]) -> Column:
    """A column made of others: each combination is asked once."""
    groups = grouped([(one.codes, len(one.values)) for one in columns], len(columns[0].codes))
    index = Index()
    told = [index.code(result([column.at(row) for column in columns])) for row in groups.first.tolist()]
    return Column(np.array(told, dtype=np.int32)[groups.of], index.values)


def _followed(field: Column, was: Column, now: Column) -> Column:
    """A field that holds the score: the new one, unless it held something else."""
    return _combined((field, was, now), lambda values: values[2] if values[0] == values[1] else values[0])


def _reviews(was: dict[str, Column], now: dict[str, Column]) -> Column:
    """The kinds of open reviews, with score's own as the new tally asks: what it asked a person, and what was missing."""
    names = ("lead.score.priority", "lead.score.needs_review")
    return _combined((was[REVIEWS], *(was[name] for name in names), *(now[name] for name in names)), _other_reviews)


def _other_reviews(values: Sequence[JsonValue]) -> JsonValue:
    kinds, was, now = values[0], _asked_by_score(*values[1:3]), _asked_by_score(*values[3:5])
    left = list(kinds) if isinstance(kinds, list) else []
    if was == now:
        return left
    for kind in was:
        if kind in left:
            left.remove(kind)
    return [*left, *now]


def _asked_by_score(priority: JsonValue, questions: JsonValue) -> list[JsonValue]:
    asked: list[JsonValue] = ["route"] * len(questions) if isinstance(questions, list) else []
    return asked if priority is not None else [*asked, "missing"]


def _territories(columns: dict[str, Column], policy: Policy, rows: int) -> Column:
    names = sorted(name for name in territory_facts(policy) if name in columns)
    if not names:
        return Column(np.zeros(rows, dtype=np.int32), [policy.territories.of({})])

    def told(values: Sequence[JsonValue]) -> JsonValue:
        return policy.territories.of(dict(zip(names, values, strict=True)))

    return _combined([columns[name] for name in names], told)

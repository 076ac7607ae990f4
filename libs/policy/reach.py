"""Which rules can ever decide, and where they meet: what only all the conditions together show.

Every claim that a rule is never reached is proved (`libs.policy.solve`), and every meeting comes with facts for which
the conditions really hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pydantic import JsonValue

from libs.policy.policy import Policy
from libs.policy.problems import Severity
from libs.policy.routing import RoutingRule
from libs.policy.scoring import PointsTable
from libs.policy.solve import Demand, solved
from libs.policy.syntax import Const

ASKING = ("triage", "review")
"""Destinations where a person decides, and is offered what the later rules say."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the policy as a whole, at a path of one part."""

    part: str
    path: tuple[str | int, ...]
    message: str
    severity: Severity


def findings(policy: Policy) -> Iterator[Finding]:
    """What is never reached, what meets, what is said twice."""
    rules = policy.routing.in_order()
    for index, rule in enumerate(rules):
        if rule.when.text.strip() != "true":
            yield from _reach(policy, rule, rules[:index])
    yield from _meetings(policy)
    yield from _gap(policy)
    for number, table in enumerate(policy.scoring.tables):
        yield from _table(policy, number, table)
        yield from _rows(policy, number, table)


def shown(facts: Mapping[str, JsonValue]) -> str:
    """The facts of a witness as a person reads them; those that are not known are left out."""
    told = [f"{name} = {value!r}" for name, value in sorted(facts.items()) if value is not None and value != []]
    return ", ".join(told) or "a lead of which nothing is known"


def _reach(policy: Policy, rule: RoutingRule, before: Sequence[RoutingRule]) -> Iterator[Finding]:
    path = _path(policy, rule, "when")
    earlier = [one for one in before if one.priority < rule.priority or _goes(policy, one) == _goes(policy, rule)]
    deciding = [one for one in earlier if one.destination not in ASKING]
    if solved([Demand.true(rule.when)]).none:
        yield Finding("routing", path, f"{rule.name} can never hold: its tests exclude each other", "error")
    elif covering := _covering(rule, deciding):
        told = f"{rule.name} is never reached: whenever it holds, {_names(covering)} decided before. Narrow"
        yield Finding("routing", path, f"{told} the earlier rule, or give {rule.name} a lower priority number", "error")
    elif covering := _covering(rule, earlier):
        told = f"{rule.name} never decides by itself: whenever it holds, {_names(covering)} asked a person before"
        yield Finding("routing", path, f"{told}; it is only offered to that person", "warning")


def _covering(rule: RoutingRule, earlier: Sequence[RoutingRule]) -> list[RoutingRule]:
    """As few earlier rules as leave nothing for this one; none when something is left, or may be."""
    if not _covered(rule, earlier):
        return []
    needed = list(earlier)
    for one in reversed(earlier):
        fewer = [other for other in needed if other is not one]
        if _covered(rule, fewer):
            needed = fewer
    return needed


def _covered(rule: RoutingRule, earlier: Sequence[RoutingRule]) -> bool:
    return solved([Demand.true(rule.when), *(Demand.not_true(one.when) for one in earlier)]).none


def _meetings(policy: Policy) -> Iterator[Finding]:
    """Pairs at one priority that go to different places and can hold for the same lead."""
    for one, other in combinations(policy.routing.in_order(), 2):
        if one.priority != other.priority or _goes(policy, one) == _goes(policy, other):
            continue
        before = [rule for rule in policy.routing.rules if rule.priority < one.priority]
        both = [Demand.true(one.when), Demand.true(other.when)]
        facts = solved([*both, *(Demand.not_true(rule.when) for rule in before)]).facts
        if facts is not None:
            told = f"{one.name} and {other.name} have priority {one.priority} and disagree when {shown(facts)}"
            yield Finding(
                "routing", _path(policy, other, "priority"), f"{told}: such leads go to triage. Give one a lower number",
                "warning",
            )  # fmt: skip


def _gap(policy: Policy) -> Iterator[Finding]:
    """Leads that only the last rule takes."""
    *before, last = policy.routing.in_order()
    facts = solved([Demand.not_true(rule.when) for rule in before]).facts if before else None
    if facts is not None:
        told = f"only {last.name} takes leads such as: {shown(facts)}"
        yield Finding("routing", _path(policy, last, "when"), told, "hint")


def _table(policy: Policy, number: int, table: PointsTable) -> Iterator[Finding]:
    path = ("scoring", ("tables", number, "when"))
    before = policy.scoring.tables[:number]
    if table.when.text.strip() == "true":
        return
    if solved([Demand.true(table.when)]).none:
        yield Finding(*path, f"table {table.name} can never hold: its tests exclude each other", "error")
    elif solved([Demand.true(table.when), *(Demand.not_true(one.when) for one in before)]).none:
        yield Finding(*path, f"table {table.name} is never used: the tables above it take all its leads", "error")


def _rows(policy: Policy, number: int, table: PointsTable) -> Iterator[Finding]:
    """Rows that can't count in their table, and rows that count the same thing twice."""
    here = [Demand.true(table.when), *(Demand.not_true(one.when) for one in policy.scoring.tables[:number])]
    for at, row in enumerate(table.rules):
        path = ("tables", number, "rules", at, "when")
        twins = [one.name for one in table.rules[:at] if one.group == row.group and one.when.syntax == row.when.syntax]
        if solved([Demand.true(row.when)]).none:
            yield Finding("scoring", path, f"{row.name} can never hold: its tests exclude each other", "error")
        elif solved([Demand.true(row.when), *here]).none:
            yield Finding("scoring", path, f"{row.name} never holds for a lead of table {table.name}", "error")
        elif twins:
            told = f"{row.name} has the same condition as {twins[0]}: the same thing counts twice"
            yield Finding("scoring", path, told, "warning")
        elif isinstance(row.when.syntax, Const):
            yield Finding("scoring", path, f"{row.name} holds for every lead: it moves all scores alike", "warning")


def _goes(policy: Policy, rule: RoutingRule) -> tuple[object, ...]:
    """Where a rule sends: what the router compares when two hold at one priority."""
    queue = policy.routing.queues.get(rule.queue or "")
    pooled = rule.destination in ("queue", "nurture")
    return rule.destination, rule.queue, (rule.pool or (queue.pool if queue else None)) if pooled else None


def _path(policy: Policy, rule: RoutingRule, key: str) -> tuple[str | int, ...]:
    return ("rules", next(at for at, one in enumerate(policy.routing.rules) if one is rule), key)


def _names(rules: Sequence[RoutingRule]) -> str:
    return " and ".join(f"{rule.name} (priority {rule.priority})" for rule in rules)

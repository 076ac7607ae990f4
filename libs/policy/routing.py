"""Routing rules, the queues that they send to, and the pools whose members take turns."""

from typing import Annotated, Literal

from pydantic import Field

from libs.contracts.lead import Destination
from libs.policy.conditions import Condition
from libs.policy.part import Minutes, Name, Part
from libs.policy.wording import Wording


class RoutingRule(Part):
    """One rule. Rules are asked by rising priority; two that hold at the same priority and disagree go to triage."""

    name: Name
    priority: Annotated[int, Field(ge=0)]
    when: Condition
    destination: Destination
    queue: Name | None = None
    pool: Name | None = None
    """Whose turn decides the owner; None: the queue's own pool, if it has one."""
    pool_by_territory: dict[Name, Name] = {}
    """The pool for leads of a territory; those of the others get `pool`."""
    sla_minutes: Minutes | None = None
    """First touch, in working minutes; None: what sla.yaml says for the queue."""
    reason: Wording
    tell_owner: bool = False
    """The existing owner is told, also when the lead goes elsewhere."""


class Queue(Part):
    """A named place where leads wait for people."""

    title: str
    pool: Name | None = None


class Routing(Part):
    """`routing.yaml`. The last rule holds for every lead."""

    rules: tuple[RoutingRule, ...] = Field(min_length=1)
    queues: dict[Name, Queue] = Field(min_length=1)

    def in_order(self) -> tuple[RoutingRule, ...]:
        """The rules as they are asked: by priority, then as written."""
        return tuple(sorted(self.rules, key=lambda rule: rule.priority))


class Pool(Part):
    """How a pool shares leads out. Its members, with their weights, absences and caps, are records."""

    title: str
    turn: Literal["weighted_round_robin"] = "weighted_round_robin"
    default_weight: Annotated[int, Field(ge=1, le=100)] = 1
    open_leads_cap: Annotated[int, Field(ge=1)] | None = None
    """Leads that one member may have untouched; None: no cap."""
    daily_cap: Annotated[int, Field(ge=1)] | None = None
    """Leads of one day of the member's own calendar; None: no cap."""
    weekly_cap: Annotated[int, Field(ge=1)] | None = None
    """Leads of one week, which begins on Monday."""
    match_language: bool = False
    """Members who speak the lead's language come first; the others take it only when the pool has no such member."""
    require_language: bool = False
    """Nobody else takes it at all."""
    match_skill: tuple[Literal["use_case", "product", "industry"], ...] = ()
    """Facts of the lead that a member may have among their `skills`; those who have come first, as with languages."""
    require_skill: bool = False
    calendar: Name | None = None
    """Working hours of members who name no calendar themselves; None: the default one."""
    only_in_hours: bool = False
    """Only members who are at work now."""
    overflow: Name | None = None
    """The pool that is asked when nobody here can take a lead."""
    when_empty: Name
    """The queue for leads that nobody can take; never everybody."""


Pools = dict[Name, Pool]
"""`pools.yaml`, by name."""

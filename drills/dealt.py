"""What the topics say of leads that pools dealt out, and what must never be so. Pure: nothing is asked of the router."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from libs.contracts.events import LeadRouted

Line = frozenset[tuple[str, int]]
"""Who could take a lead, with their weights."""


class Deal(NamedTuple):
    """A lead that a turn gave to somebody; `offer` 0: for good at once."""

    lead: str
    pool: str
    member: str
    offer: int
    line: Line


def deals_of(routed: Iterable[LeadRouted]) -> list[Deal]:
    """Every lead that a turn gave to somebody, as often as it was told, in the order of the topic."""
    found = []
    for event in routed:
        turn, owner = event.route.turn, event.route.owner
        if turn is not None and owner is not None and turn.picked == owner.id:
            line = frozenset((one.member, one.weight) for one in turn.members if not one.why_not)
            found.append(Deal(event.lead.lead_id, turn.pool, owner.id, event.route.offer, line))
    return found


def last_routes(routed: Iterable[LeadRouted]) -> dict[str, LeadRouted]:
    """What was said last of each lead; all of a lead stands on one partition."""
    return {event.lead.lead_id: event for event in routed}


def dealt_twice(deals: Iterable[Deal], taken: Mapping[str, int]) -> list[str]:
    """Leads that were given more than once: without offers at all; with them one after the other, each to another member,
    and to nobody else once somebody took it. `taken`: how often each lead was taken; that tells its offer again."""
    by_lead: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        by_lead[deal.lead].append(deal)
    problems = [f"{lead} was taken {count} times" for lead, count in taken.items() if count > 1]
    for lead, mine in by_lead.items():
        told = mine[:-1] if taken.get(lead) and mine[-2:-1] == mine[-1:] else mine
        offers = [one.offer for one in told]
        if offers != [0] and offers != list(range(1, len(told) + 1)):
            problems.append(f"{lead} was given {len(told)} times: {[(one.member, one.offer) for one in told]}")
        elif len({one.member for one in told}) < len(told):
            problems.append(f"{lead} was offered to {told[-1].member} twice")
        elif taken.get(lead) and told is mine:
            problems.append(f"{lead} was taken, and then given to {mine[-1].member}")
    return problems


def nowhere(last: Mapping[str, LeadRouted], asked: Collection[str]) -> list[str]:
    """Leads that nobody has and nobody is asked about, and those that wait though somebody could have had them."""
    problems = []
    for lead, event in last.items():
        route = event.route
        waits = route.queue is not None and (route.destination == "nurture" or lead in asked)
        if route.owner is None and not waits:
            problems.append(f"{lead} is nowhere: {route.destination}, {route.queue}, nobody is asked")
        if route.owner is None and route.turn is not None and route.turn.picked is None:
            free = [one.member for one in route.turn.members if not one.why_not]
            problems += [f"{lead} waits, though {free[0]} could have had it"] if free else []
    return problems


def unfair(deals: Iterable[Deal]) -> list[str]:
    """Members who are more than one lead off their share of the leads that were dealt among the same people.

    The bound holds for a stretch of turns with the same line, so nobody may come back to a line that was there before.
    Turns of offers are no such stretch: who had the lead is passed over.
    """
    got: dict[tuple[str, Line], Counter[str]] = defaultdict(Counter)
    for deal in deals:
        got[deal.pool, deal.line][deal.member] += 1
    problems = []
    for (pool, line), counts in got.items():
        total, dealt = sum(weight for _, weight in line), counts.total()
        off = [name for name, weight in line if abs(counts[name] * total - dealt * weight) > total]
        shown = {name: (counts[name], round(dealt * weight / total, 1)) for name, weight in sorted(line)}
        problems += [f"{pool}: {', '.join(sorted(off))} off their share (got, share): {shown}"] if off else []
    return problems


def over_cap(deals: Iterable[Deal], pool: str, cap: int) -> list[str]:
    """Members who got more of a pool's leads than they may have untouched."""
    got = Counter(deal.member for deal in deals if deal.pool == pool)
    return [f"{name} has {count} leads of {pool}, of {cap}" for name, count in got.items() if count > cap]


def miscounted(last: Mapping[str, LeadRouted], deals: Sequence[Deal], untouched: Mapping[str, int]) -> list[str]:
    """Members whose untouched leads, as the router counts them, are not those that they were given and still have."""
    given = {(deal.lead, deal.member) for deal in deals}
    has = Counter(
        event.route.owner.id
        for lead, event in last.items()
        if event.route.owner and (lead, event.route.owner.id) in given
    )
    wrong = {name: (count, has[name]) for name, count in untouched.items() if count != has[name]}
    return [f"untouched leads counted and had differ: {wrong}"] if wrong else []


def other_owners(last: Mapping[str, LeadRouted], taken: Mapping[str, int], owners: Mapping[str, str]) -> list[str]:
    """Leads whose contact has another owner in the CRM (`owners`, by contact) than the lead. An open offer gives none;
    what somebody took and then declined stays theirs there until a person decides."""
    problems = []
    for lead, event in last.items():
        identity, route = event.lead.identity, event.route
        if identity is None or (route.owner is None and taken.get(lead)):
            continue
        pending = route.offer > 0 and not taken.get(lead)
        wanted = route.owner.id if route.owner and not pending else ""
        held = owners.get(identity.contact.id, "")
        if held != wanted:
            problems.append(f"{lead}: owner {wanted or 'nobody'}, in the CRM {held or 'nobody'}")
    return problems

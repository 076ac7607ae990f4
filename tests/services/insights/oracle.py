"""What the numbers have to be, counted off the stories by hand: no facts, no marks, no SQL."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from tests.services.insights.stories import Deal, Story

Rate = tuple[int, int]
BANDS = ((80, "hot"), (60, "warm"), (30, "cool"), (-1000, "cold"))


def deal_of(story: Story, stories: Sequence[Story], deals: Sequence[Deal]) -> Deal | None:
    """The first opportunity of its contact between it and the contact's next lead."""
    after = [
        (one.hour, f"lead:{one.lead_id}") for one in stories
        if one.contact == story.contact and (one.hour, one.lead_id) > (story.hour, story.lead_id)
    ]  # fmt: skip
    until = min(after, default=(10**6, ""))[0]
    fitting = [one for one in deals if one.contact == story.contact and story.hour <= one.hour < until]
    return min(fitting, key=lambda one: (one.hour, f"o-{one.number}"), default=None)


def band(story: Story) -> str:
    """Its score's band."""
    priority = story.priority
    return "not_enough_data" if priority is None else next(name for least, name in BANDS if priority >= least)


def rates(stories: Sequence[Story], deals: Sequence[Deal]) -> dict[str, Rate]:
    """Numerator and denominator of shares, whatever they are told apart by."""
    found: dict[str, list[bool]] = {
        "duplicate_rate": [one.verdict == "duplicate" for one in stories],
        "missing_data": [True for _ in stories],
        "sales_acceptance": [said == "accepted" for one in stories for said in one.feedback if said in ("accepted", "rejected")],
        "sla_hit": [*_clocks(stories)],
        "conversion_opportunity": [deal_of(one, stories, deals) is not None for one in stories],
        "conversion_won": [(d := deal_of(one, stories, deals)) is not None and "won" in d.stage for one in stories],
        "asked_rate": [one.asked for one in stories],
        "routing_correction": [one.way == "other" for one in stories if one.way],
        "disqualification_accuracy": [one.way == "same" for one in stories if one.way and one.destination == "disqualified"],
        "suggestion_acceptance": [one.answers[-1] == "approve" for one in stories if one.answers],
        "earned_autonomy": [one.answers[-1] == "approve" for one in stories if one.answers],
        "corrected_updates": [bool(one.undone) for one in stories],
        "suppression_block_rate": [one.suppressed or one.destination == "suppressed" for one in stories],
        "links_cut": [False for one in stories if one.verdict == "duplicate"],
        "reassignment": [False for one in stories if one.destination == "queue"],
        # an e-mail address makes it reachable; nothing is known of the company or the request
        "completeness": [met for one in stories for met in (True, False, False)],
    }  # fmt: skip
    return {name: (sum(held), len(held)) for name, held in found.items()}


def _clocks(stories: Sequence[Story]) -> Iterator[bool]:
    for one in stories:
        if one.clock:
            yield one.clock == "met"
        if one.answers or one.way:
            yield True  # triage's: nobody told that it ran out


def counts(stories: Sequence[Story], deals: Sequence[Deal]) -> dict[tuple[str, str], int]:
    """Counts by metric and label."""
    found: Counter[tuple[str, str]] = Counter()
    rolled = [one for one in stories if one.undone == "rollback"]
    for one in stories:
        found["leads", ""] += 1
        found["items", "lead"] += 1
        found["items", "redelivered"] += one.redelivered
        found["destination", one.destination] += 1
        found["identity", one.verdict] += 1
        if one.answers:
            name = {"approve": "accepted", "edit": "edited", "reject": "rejected", "block": "blocked"}[one.answers[-1]]
            found["suggestions", name] += 1
        found["never_routed", "inbound"] += one.destination == "suppressed"
        found["stopped", "suppressed"] += one.suppressed
        found["reached", "accepted"] += "accepted" in one.feedback
        found["reached", "touched"] += "touched" in one.feedback
        found["reached", "routed"] += one.destination != "triage"
        deal = deal_of(one, stories, deals)
        found["reached", "opportunity"] += deal is not None
        found["reached", "won"] += deal is not None and "won" in deal.stage
        found["reached", "lost"] += deal is not None and "lost" in deal.stage
    found["rollbacks", ""] += bool(rolled)
    found["values_taken_back", "applied"] += len(rolled)
    return {place: number for place, number in found.items() if number}


def wall_minutes(stories: Sequence[Story]) -> list[int]:
    """Minutes to the first touch."""
    return sorted(100 + one.feedback.index("touched") for one in stories if "touched" in one.feedback)


def days(stories: Sequence[Story]) -> Counter[str]:
    """Leads by the day on which they arrived, in New York, which is five hours behind UTC in November."""
    return Counter((one.received - timedelta(hours=5)).date().isoformat() for one in stories)

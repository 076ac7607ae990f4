"""The handoff note of a lead: made here alone, from the routed lead and its policy, for the CRM and for whoever asks."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import JsonValue

from libs.contracts.lead import Lead, Route
from libs.contracts.note import Ground, Note, NoteLine
from libs.injection.masked import masked
from libs.policy.facts import Facts, lead_facts
from libs.policy.grounds import grounds_of, policy_ground, rule_ground
from libs.policy.handoff import HandoffLine
from libs.policy.policy import Policy

FILE = "handoff.yaml"
SENDING = ("owner", "queue", "nurture")
"""Destinations that give a lead to somebody."""
LONGEST_VALUE = 200
_FEW_WORDS = re.compile(r"[^\W_]{1,20}(?:[ _-][^\W_]{1,20})?")


def handed_over(lead: Lead, route: Route) -> bool:
    """Whether this version of the lead has become somebody's, for good or as an offer."""
    known = lead.identity is not None and lead.identity.verdict != "ambiguous"
    return known and route.owner is not None and route.destination in SENDING and not route.suggested


def note_of(lead: Lead, route: Route, policy: Policy) -> Note:
    """The note, as the policy words it for the queue; without a line for a lead that nobody got. What the CRM held when the
    lead was routed is read off the route, so that the note is the same whenever it is made."""
    if not handed_over(lead, route):
        return Note()
    facts, text = lead_facts(lead, route.record), policy.handoff.text_of(route.queue)
    lines = [_line(line, facts, lead, route) for line in text.note if line.when.holds(facts)]
    task = next((line for line in text.next_task if line.when.holds(facts)), None)
    if task is not None:
        made = _line(task, facts, lead, route)
        grounds = (*made.grounds, rule_ground(route))
        lines.append(made.model_copy(update={"about": "next_step", "grounds": grounds}))
    return Note(lines=tuple(lines))


def _line(line: HandoffLine, facts: Facts, lead: Lead, route: Route) -> NoteLine:
    text = line.say.render({name: plain(facts.get(name)) for name in line.say.names})
    found: tuple[Ground, ...] = grounds_of(_asked(line, facts), lead, route)
    return NoteLine(
        about=line.about, name=line.name, text=text, grounds=found or (policy_ground(FILE, line.name, line.say.text),)
    )


def _asked(line: HandoffLine, facts: Mapping[str, JsonValue]) -> Iterable[str]:
    """The facts that the line says, then those that decided that it is said."""
    return dict.fromkeys((*line.say.names, *(name for name in line.when.names if facts.get(name) not in (None, []))))


def plain(value: JsonValue) -> JsonValue:
    """A value as it may stand in a line: no line breaks or control characters, nothing that talks to a machine, not long."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, str):
        return value
    return _plain_text(value)


@lru_cache(maxsize=2048)
def _plain_text(text: str) -> str:
    """Reasons and labels are the same for many leads, and looking for orders to a machine takes its time; of one or two plain
    words there are none."""
    seen = text if _FEW_WORDS.fullmatch(text) else masked(text).text
    return " ".join("".join(letter if letter.isprintable() else " " for letter in seen).split())[:LONGEST_VALUE]

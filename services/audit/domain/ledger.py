"""The ledger: what became of every submission and every lead, computed from the topics and never from counters.

    items of all submissions = redelivered + not a lead + unmapped + leads (+ those that the mapper has not reached yet)
    leads                    = their destinations + in flight

Every partition of the line is worked through in order. So an item is lost, and not just late, when it has no outcome and
a later one of its partition has: that is what `in_no_place` lists. Pure: any reader of the topics computes the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from libs.contracts.base import Model
from libs.contracts.events import (
    ChangeRecorded,
    DeadLetter,
    Event,
    LeadReceived,
    LeadRouted,
    SubmissionReceived,
    TriageRequested,
)
from libs.contracts.topics import (
    AUDIT_CHANGE,
    DEAD_LETTERS,
    LEAD_CLASSIFIED,
    LEAD_DEDUPED,
    LEAD_ENRICHED,
    LEAD_RECEIVED,
    LEAD_ROUTED,
    LEAD_SCORED,
    SUBMISSION_RECEIVED,
    TRIAGE_REQUESTED,
)
from services.audit.domain.ledger_items import DISPOSITIONS, ItemCounts, Items, count_items

LEDGER_TOPICS = (
    SUBMISSION_RECEIVED,
    LEAD_RECEIVED,
    LEAD_ROUTED,
    TRIAGE_REQUESTED,
    AUDIT_CHANGE,
    *DEAD_LETTERS.values(),
)
"""What the ledger is computed from: every record of these, in any order of topics and partitions."""
DEAD = "dead_letter"
"""The destination of a lead that was given up on the line; a redrive that works gives it another one."""
_LINE = {topic.name for topic in (LEAD_RECEIVED, LEAD_DEDUPED, LEAD_ENRICHED, LEAD_CLASSIFIED, LEAD_SCORED)}


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """One record of a topic. `event` None: it can't be read."""

    topic: str
    partition: int
    offset: int
    event: Event | None
    erased: bool = False
    """It can't be read because its subject was erased."""


class Ledger(Model):
    """The two equations with their numbers, and by name whatever breaks them."""

    submissions: int
    """Records of `submission.received`; a redelivery is one of its own."""
    items: int
    """One POST holds any number of leads; one that holds none is one item."""
    redelivered: int
    """Items that were there before, with the same facts or others."""
    corrected: int
    """Of the redelivered: those with other facts, which made a new version of their lead."""
    not_a_lead: int
    unmapped: int
    dead_letters: int
    """Of the unmapped: those that the mapper gave up on."""
    waiting: int
    """Submissions that the mapper has not reached yet."""
    leads: int
    destinations: dict[str, int]
    in_flight: int
    balanced: bool
    """Both equations hold and nothing is in no place or in two; what is on its way may still be."""
    quiet: bool
    """Nothing is waiting or in flight."""
    in_no_place: tuple[str, ...]
    """Submission and lead ids that were lost, or that came from nowhere."""
    in_two_places: tuple[str, ...]
    in_flight_ids: tuple[str, ...]
    waiting_ids: tuple[str, ...]
    erased: int = 0
    """Of the submissions: those whose people were erased. They and their leads are in neither equation."""


@dataclass(slots=True)
class _Leads:
    """Everything that says what became of leads, as it is read."""

    first: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By lead id: partition and offset of its first `lead.received`."""
    newest: dict[str, tuple[tuple[int, int, int], str]] = field(default_factory=dict)
    """By lead id: (version, partition, offset) of its newest route, and the destination."""
    routed_events: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    two_places: set[str] = field(default_factory=set)

    def received(self, lead_id: str, place: tuple[int, int]) -> None:
        self.first[lead_id] = min(place, self.first.get(lead_id, place))

    def routed(self, event: LeadRouted, place: tuple[int, int]) -> None:
        lead_id = event.lead.lead_id
        if event.event_id in self.routed_events:
            self.two_places.add(lead_id)
        self.routed_events.add(event.event_id)
        entry = ((event.lead.version, *place), str(event.route.destination))
        self.newest[lead_id] = max(entry, self.newest.get(lead_id, entry))

    def dead(self, letter: DeadLetter) -> None:
        if letter.lead_id is not None and (letter.position.topic in _LINE or letter.topic in _LINE):
            self.given_up.add(letter.lead_id)


def fold(records: Iterable[LedgerRecord]) -> Ledger:
    """The ledger of all records of `LEDGER_TOPICS`, from the beginning of each to any later point."""
    items, leads = Items(), _Leads()
    for record in records:
        _take(record, items, leads)
    counts = count_items(items)
    counts.two_places |= leads.two_places
    destinations, in_flight = _destinations(leads, counts)
    told = _ledger(len(items.submissions), counts, len(leads.first), destinations, in_flight)
    return told.model_copy(update={"erased": len(items.erased)})


def _take(record: LedgerRecord, items: Items, leads: _Leads) -> None:
    place = (record.partition, record.offset)
    if record.topic == SUBMISSION_RECEIVED.name:
        event = record.event if isinstance(record.event, SubmissionReceived) else None
        if record.erased:
            items.erased.add((record.topic, *place))
        items.submissions[(record.topic, *place)] = event
        return
    match record.event:
        case LeadReceived() as received:
            items.lead(received)
            leads.received(received.lead.lead_id, place)
        case LeadRouted() as routed:
            leads.routed(routed, place)
        case TriageRequested() as asked if any(held.review.kind == "unmapped" for held in asked.questions):
            items.unmapped(asked)
        case ChangeRecorded(change=change) as changed if change.record.type == "submission":
            if change.field in DISPOSITIONS:
                items.disposition(changed)
        case DeadLetter() as letter:
            items.given_up(letter)
            leads.dead(letter)


def _destinations(leads: _Leads, counts: ItemCounts) -> tuple[dict[str, int], list[str]]:
    """How many leads went where, and who is still on the way; a lead that a later one overtook is lost."""
    counts.no_place.update(lead_id for lead_id in leads.newest if lead_id not in leads.first)
    reached: dict[int, int] = {}
    for lead_id, (partition, offset) in leads.first.items():
        if lead_id in leads.newest or lead_id in leads.given_up:
            reached[partition] = max(offset, reached.get(partition, -1))
    destinations: dict[str, int] = {}
    in_flight: list[str] = []
    for lead_id, (partition, offset) in leads.first.items():
        if lead_id in leads.newest:
            destination = leads.newest[lead_id][1]
        elif lead_id in leads.given_up:
            destination = DEAD
        elif offset < reached.get(partition, -1):
            counts.no_place.add(lead_id)
            continue
        else:
            in_flight.append(lead_id)
            continue
        destinations[destination] = destinations.get(destination, 0) + 1
    return dict(sorted(destinations.items())), in_flight


def _ledger(
    submissions: int, counts: ItemCounts, leads: int, destinations: dict[str, int], in_flight: list[str]
) -> Ledger:
    classed = counts.redelivered + counts.not_a_lead + counts.unmapped + leads + len(counts.waiting)
    balanced = counts.items == classed and leads == sum(destinations.values()) + len(in_flight)
    return Ledger(
        submissions=submissions, items=counts.items, redelivered=counts.redelivered, corrected=counts.corrected,
        not_a_lead=counts.not_a_lead, unmapped=counts.unmapped, dead_letters=counts.dead_letters,
        waiting=len(counts.waiting), leads=leads, destinations=destinations, in_flight=len(in_flight),
        balanced=balanced and not counts.no_place and not counts.two_places,
        quiet=not in_flight and not counts.waiting,
        in_no_place=tuple(sorted(counts.no_place)), in_two_places=tuple(sorted(counts.two_places)),
        in_flight_ids=tuple(sorted(in_flight)), waiting_ids=tuple(sorted(counts.waiting)),
    )  # fmt: skip

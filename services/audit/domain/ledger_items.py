"""The ledger's first equation: what became of every item of every submission."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from libs.contracts.events import ChangeRecorded, DeadLetter, LeadReceived, SubmissionReceived, TriageRequested
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED

Place = tuple[str, int, int]
Kind = Literal["lead", "not_a_lead", "unmapped"]
RANK: dict[Kind, int] = {"lead": 2, "not_a_lead": 1, "unmapped": 0}
"""What an item is that was mapped more than once: a redrive can only better it."""
DISPOSITIONS = ("disposition", "item_disposition")
ItemKey = tuple[str, int]


def place_of(position: Position) -> Place:
    """The place that a position names."""
    return position.topic, position.partition, position.offset


@dataclass(slots=True)
class Items:
    """Everything that says what became of items, as it is read, in any order."""

    submissions: dict[Place, SubmissionReceived | None] = field(default_factory=dict)
    """None: the record can't be read."""
    erased: set[Place] = field(default_factory=set)
    """Of these submissions nobody can read any more what they held: only what came of them for other people still counts."""
    outcomes: dict[Place, dict[int, list[tuple[str, Kind]]]] = field(default_factory=dict)
    """By place and item: (cause, kind) of each outcome that names its place."""
    lead_events: dict[Place, dict[int, set[str]]] = field(default_factory=dict)
    dispositions: dict[str, set[ItemKey]] = field(default_factory=dict)
    """By the event that caused them; a disposition names its submission but not the place."""
    dead: set[Place] = field(default_factory=set)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """How often each event was written, with all that tells a redelivery or a redrive from a double write."""
    named: dict[tuple[str, ...], str] = field(default_factory=dict)

    def lead(self, event: LeadReceived) -> None:
        """A submission's item became a lead."""
        ref = event.lead.submission
        self._outcome(ref.position, ref.item, event.caused_by, "lead")
        self.lead_events.setdefault(place_of(ref.position), {}).setdefault(ref.item, set()).add(event.event_id)
        self._see(event.lead.lead_id, event.event_id, event.caused_by, *map(str, place_of(ref.position)))

    def unmapped(self, event: TriageRequested) -> None:
        """A submission's item could not be mapped."""
        ref = event.submission
        self._outcome(ref.position, ref.item, event.caused_by, "unmapped")
        self._see(ref.submission_id, event.event_id, event.caused_by, *map(str, place_of(ref.position)))

    def disposition(self, event: ChangeRecorded) -> None:
        """A submission, or one item of it, is no lead."""
        change = event.change
        item = next((held.where for held in change.evidence if held.where.startswith("item ")), "item 0")
        number = int(item[5:]) if item[5:].isdigit() else 0
        self.dispositions.setdefault(change.trigger_event_id, set()).add((change.record.id, number))
        self._see(change.record.id, event.event_id, change.trigger_event_id)

    def given_up(self, letter: DeadLetter) -> None:
        """A dead letter; only the mapper's count here."""
        if letter.position.topic == SUBMISSION_RECEIVED.name:
            self.dead.add(place_of(letter.position))

    def _outcome(self, position: Position, item: int, cause: str, kind: Kind) -> None:
        self.outcomes.setdefault(place_of(position), {}).setdefault(item, []).append((cause, kind))

    def _see(self, name: str, *key: str) -> None:
        self.seen[key] += 1
        self.named[key] = name


@dataclass(slots=True)
class ItemCounts:
    """The first equation's numbers."""

    items: int = 0
    redelivered: int = 0
    corrected: int = 0
    not_a_lead: int = 0
    unmapped: int = 0
    dead_letters: int = 0
    no_place: set[str] = field(default_factory=set)
    two_places: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)


def count_items(items: Items) -> ItemCounts:
    """Every item in exactly one class; what is in none or in two is named."""
    counts = ItemCounts()
    by_place = {place: _kinds_at(items, place, event, counts) for place, event in sorted(items.submissions.items())}
    reached: dict[tuple[str, int], int] = {}
    best: dict[ItemKey, Kind] = {}
    for place, kinds in by_place.items():
        if kinds:
            reached[place[:2]] = max(place[2], reached.get(place[:2], -1))
        for item, kind in kinds.items():
            key = (_name(items, place), item)
            best[key] = max(best.get(key, "unmapped"), kind, key=RANK.__getitem__)
    counted: set[ItemKey] = set()
    versions: dict[ItemKey, set[str]] = {}
    for place, kinds in by_place.items():
        counts.items += len(kinds) or (0 if place in items.erased else 1)
        for item, kind in kinds.items():
            _count(items, counts, place, item, kind, best, counted, versions)
        if not kinds and place not in items.erased:
            _without_outcome(items, counts, place, reached)
    _name_double_writes(items, counts)
    return counts


def _name(items: Items, place: Place) -> str:
    event = items.submissions[place]
    return "{}[{}]@{}".format(*place) if event is None else event.submission_id


def _kinds_at(items: Items, place: Place, event: SubmissionReceived | None, counts: ItemCounts) -> dict[int, Kind]:
    """What the items of one submission record are. The same cause that gave an item two kinds put it in two places."""
    outcomes = {item: list(held) for item, held in items.outcomes.get(place, {}).items()}
    if event is not None:
        for name, item in items.dispositions.get(event.event_id, ()):
            if name == event.submission_id:
                outcomes.setdefault(item, []).append((event.event_id, "not_a_lead"))
    kinds: dict[int, Kind] = {}
    for item, held in outcomes.items():
        kinds[item] = max((kind for _, kind in held), key=RANK.__getitem__)
        if len({cause for cause, _ in held}) < len(set(held)):
            counts.two_places.add(_name(items, place))
    if not kinds and place in items.dead:
        kinds[0] = "unmapped"
    return {item: _redriven(items, event, item, kind) for item, kind in kinds.items()}


def _redriven(items: Items, event: SubmissionReceived | None, item: int, kind: Kind) -> Kind:
    """An unmapped item whose redrive found that it is no lead: the redrive's command is the cause, not the submission."""
    if event is None or kind != "unmapped":
        return kind
    key = (event.submission_id, item)
    redriven = any(key in held for cause, held in items.dispositions.items() if cause != event.event_id)
    return "not_a_lead" if redriven else kind


def _count(
    items: Items, counts: ItemCounts, place: Place, item: int, kind: Kind, best: dict[ItemKey, Kind],
    counted: set[ItemKey], versions: dict[ItemKey, set[str]],
) -> None:  # fmt: skip
    """Count one item: the first of its best kind is what it is, every other one came again."""
    key = (_name(items, place), item)
    facts = items.lead_events.get(place, {}).get(item, set())
    known = versions.setdefault(key, set())
    if kind != best[key] or key in counted:
        counts.redelivered += 1
        counts.corrected += bool(facts - known and known)
    else:
        counted.add(key)
        counts.not_a_lead += kind == "not_a_lead"
        counts.unmapped += kind == "unmapped"
        counts.dead_letters += kind == "unmapped" and place not in items.outcomes
    known |= facts


def _without_outcome(items: Items, counts: ItemCounts, place: Place, reached: dict[tuple[str, int], int]) -> None:
    """The mapper works through a partition in order: behind its last outcome nothing can still be waiting."""
    if place[2] < reached.get(place[:2], -1):
        counts.no_place.add(_name(items, place))
    else:
        counts.waiting.append(_name(items, place))


def _name_double_writes(items: Items, counts: ItemCounts) -> None:
    """An event written more often than it had causes; a disposition has one cause for each record of its submission."""
    allowed = Counter(event.event_id for event in items.submissions.values() if event is not None)
    for key, times in items.seen.items():
        most = max(1, allowed[key[1]]) if len(key) == 2 else 1
        if times > most:
            counts.two_places.add(items.named[key])
    for place, outcomes in items.outcomes.items():
        if place not in items.submissions and outcomes:
            counts.no_place.add("{}[{}]@{}".format(*place))

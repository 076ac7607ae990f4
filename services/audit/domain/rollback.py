"""What a rollback would do, field by field, and the events that do it. Nothing is ever deleted: a revert is a new change.

A field's history is a line of applied changes. Going back from its end, changes that are meant are taken off, and a
change that took back another one counts as the state before that other one. What is reached is the value to restore; a
change on top that is not meant - a person's above all - stops the way back, and the field is a conflict.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue
from pydantic_core import to_json

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Effect, RecordRef
from services.audit.domain.move import Move, same_json
from services.audit.domain.selection import Selection
from services.audit.domain.targets import targets
from services.audit.domain.timeline import applied_by_field

Action = Literal["restore", "conflict", "irreversible", "already_undone", "lead_fact"]
CRM_RECORDS = ("contact", "company", "opportunity", "member", "suppression", "calendar", "task", "activity")
"""What crm holds and can write back. A lead's facts are the record of what was known when it was decided: they are listed
as `lead_fact`, and a person who edits the lead in triage decides it anew."""


_WORST_LAST = (Effect.REVERSIBLE, Effect.COMPENSABLE, Effect.IRREVERSIBLE)
TAKEN_OFF = "taken off by the rollback"
"""Where an evidence entry of a revert stands that names a change it undid."""


class Item(Model):
    """One field of one record: what would happen to it, from which value to which."""

    item_id: str
    record: RecordRef
    field: str
    action: Action
    current: JsonValue = None
    restored: JsonValue = None
    change_ids: tuple[str, ...]
    """The changes of this field that are meant."""
    reverts: str | None = None
    """The change that set the current value: the revert replaces it."""
    taken_off: tuple[str, ...] = ()
    """The changes that are undone, newest first: the field goes back to before the last of them."""
    as_of: tuple[int, int]
    """The row (chain, number) that set the current value; a plan is void when it is no longer the last."""
    effect: Effect = Effect.REVERSIBLE
    """The worst of what the undone changes did outside."""
    lead_id: str | None = None
    moved_by: str | None = None
    """For a conflict: who changed it since."""
    moved_by_person: bool = False
    confirmed: bool = False
    note: str = ""


class PlanRequest(Model):
    """What a person wants to see the plan of. `confirmed`: items that are conflicts and are to be restored all the same."""

    selection: Selection
    confirmed: tuple[str, ...] = ()


class Plan(Model):
    """A rollback before it happens. `plan_hash` pins it: applying refuses when anything in it has moved."""

    plan_hash: str
    selection: Selection
    confirmed: tuple[str, ...] = ()
    items: tuple[Item, ...]
    counts: dict[str, int]

    @property
    def rollback_id(self) -> str:
        """The id of this plan's rollback: applying it twice is one rollback."""
        return rollback_id(self.plan_hash)


def rollback_id(plan_hash: str) -> str:
    """The id of the rollback that carries out the plan with this hash."""
    return ids.derived_id("rollback", plan_hash)


def plan(moves: Iterable[Move], selection: Selection, confirmed: Collection[str] = ()) -> Plan:
    """The plan for the changes that are meant, from the moves of all fields that they touch.

    `confirmed` are item ids of conflicts that a person wants restored all the same.
    """
    moves = list(moves)
    meant: dict[tuple[str, str, str], list[Move]] = {}
    for move in targets(moves, selection):
        meant.setdefault(move.field_key, []).append(move)
    histories = applied_by_field(moves)
    items = tuple(_item(_effective(histories[key]), meant[key], confirmed) for key in sorted(meant))
    counts = {action: sum(item.action == action for item in items) for action in Action.__args__}  # type: ignore[attr-defined]
    given = tuple(sorted(set(confirmed)))
    return Plan(
        plan_hash=_hash(selection, given, items), selection=selection, confirmed=given, items=items, counts=counts
    )


def differences(seen: Plan, now: Plan, limit: int = 50) -> list[dict[str, JsonValue]]:
    """What changed between the plan that a person saw and the one that holds now, at most `limit` fields."""
    before = {item.item_id: item for item in seen.items}
    after = {item.item_id: item for item in now.items}
    found: list[dict[str, JsonValue]] = []
    for item_id in sorted(before.keys() | after.keys()):
        old, new = before.get(item_id), after.get(item_id)
        if old == new:
            continue
        one = new or old
        assert one is not None
        found.append({"item_id": item_id, "record": one.record.model_dump(), "field": one.field,
                      "was": None if old is None else old.model_dump(mode="json"),
                      "is": None if new is None else new.model_dump(mode="json")})  # fmt: skip
    return found[:limit]


def _effective(history: Sequence[Move]) -> Sequence[Move]:
    """The line of what counts: a machine that set the value that stood already changed nothing. A person who did so chose
    it. The newest move stays when nothing else is left."""
    line = [move for move in history if _by_person(move) or not same_json(move.change.old, move.change.new)]
    return line or history[-1:]


@dataclass(frozen=True, slots=True)
class _WayBack:
    """Where the way back ends: the place of the move whose value holds then (-1: before the first), the moves taken off,
    and all places that were passed."""

    place: int
    taken_off: tuple[int, ...]
    passed: frozenset[int]


def _way_back(line: Sequence[Move], start: int, meant: Collection[str]) -> _WayBack:
    by_change: dict[str, int] = {}
    for place, move in enumerate(line):
        by_change.setdefault(move.change.change_id, place)
    place, taken_off, passed = start, [], set()
    while place >= 0:
        undone = _undone_by(line[place], place, by_change)
        if line[place].event_id in meant:
            passed.add(place)
            taken_off.append(place)
            place -= 1
        elif undone is not None:
            passed.update(range(undone, place + 1))
            place = undone - 1
        else:
            break
    return _WayBack(place, tuple(taken_off), frozenset(passed))


def _undone_by(move: Move, place: int, by_change: Mapping[str, int]) -> int | None:
    """The place of the earliest change that a revert took off; None for what is no revert."""
    if move.change.reverts is None:
        return None
    named = [move.change.reverts, *(held.quote for held in move.change.evidence if held.where == TAKEN_OFF)]
    places = [by_change[name] for name in named if by_change.get(name, place) < place]
    return min(places, default=None)


def _value_at(line: Sequence[Move], place: int) -> JsonValue:
    return line[place].change.new if place >= 0 else line[0].change.old


def _item(line: Sequence[Move], meant: Sequence[Move], confirmed: Collection[str]) -> Item:
    """What happens to one field, whose applied moves are `line`."""
    wanted = {move.event_id for move in meant}
    last, current = line[-1], line[-1].change.new
    way = _way_back(line, len(line) - 1, wanted)
    places = {place for place, move in enumerate(line) if move.event_id in wanted}
    record, name = last.change.record, last.change.field
    item = Item(
        item_id=ids.derived_id("rollback-item", record.type, record.id, name),
        record=record, field=name, action="already_undone", current=current, restored=current,
        change_ids=tuple(move.change.change_id for move in meant), as_of=last.place, lead_id=meant[-1].change.lead_id,
    )  # fmt: skip
    if way.taken_off:
        return _restored(item, line, way)
    if places <= way.passed:
        return item.model_copy(update={"note": "taken back before" if places else "it changed nothing"})
    top = _way_back(line, max(places), wanted)
    if same_json(_value_at(line, top.place), current) and record.type in CRM_RECORDS:
        return item.model_copy(update={"note": "the field holds the earlier value again"})
    return _conflict(item, line, top, confirmed)


def _restored(item: Item, line: Sequence[Move], way: _WayBack) -> Item:
    """The field goes back along `way`, unless what was done can't be undone."""
    taken = [line[place] for place in way.taken_off]
    value = _value_at(line, way.place)
    update = _update(line, way)
    if item.record.type not in CRM_RECORDS:
        if same_json(value, item.current):
            return item.model_copy(update={"note": "it changed nothing"})
        return item.model_copy(
            update={**update, "action": "lead_fact", "note": "edit the lead in triage to decide it anew"}
        )
    worst = max((move.change.effect for move in taken), key=_WORST_LAST.index)
    update["effect"] = worst
    if worst is Effect.IRREVERSIBLE:
        return item.model_copy(
            update={**update, "action": "irreversible", "note": "its effect can't be taken back; a task is opened"}
        )
    if same_json(value, item.current):
        return item.model_copy(update={"note": "the field holds the earlier value again"})
    note = "the value goes back; a task is opened for what it set off outside" if worst is Effect.COMPENSABLE else ""
    return item.model_copy(update={**update, "action": "restore", "note": note})


def _conflict(item: Item, line: Sequence[Move], way: _WayBack, confirmed: Collection[str]) -> Item:
    """The field moved since; only a person's yes to this very item restores it."""
    since = line[max(way.passed) + 1 :]
    person = next((move for move in reversed(since) if _by_person(move)), None)
    by = person or since[-1]
    update = {
        **_update(line, way),
        "action": "conflict",
        "moved_by": f"{by.change.actor.kind} {by.change.actor.id}",
        "moved_by_person": person is not None,
        "note": "changed since",
    }
    if item.item_id in confirmed:
        restored = _restored(item, line, way)
        return restored.model_copy(update={**update, "action": restored.action, "confirmed": True})
    return item.model_copy(update=update)


def _by_person(move: Move) -> bool:
    """Whether a person chose the value: a rollback is ordered by a person, but only puts back what was there."""
    return move.change.actor.kind == "human" and move.change.source.kind != "rollback"


def _update(line: Sequence[Move], way: _WayBack) -> dict[str, object]:
    """What the way back says of an item: the value it ends at, and what is undone."""
    undone = tuple(line[place].change.change_id for place in way.taken_off)
    return {"restored": _value_at(line, way.place), "reverts": line[-1].change.change_id, "taken_off": undone}


def _hash(selection: Selection, confirmed: Sequence[str], items: Sequence[Item]) -> str:
    said: Mapping[str, JsonValue] = {
        "selection": selection.model_dump(mode="json", exclude_defaults=True),
        "confirmed": list(confirmed),
        "items": [item.model_dump(mode="json") for item in items],
    }
    return ids.content_hash(to_json(said))

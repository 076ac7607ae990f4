"""Who was in the pools and when: members and days with other hours, as the audit log tells them, by the router's own reading."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from pydantic import JsonValue

from libs.contracts.change import WHOLE, Actor, RecordRef
from libs.contracts.events import RecordChanged
from services.router.domain.crm_records import delta_of
from services.router.domain.known import Known
from services.router.domain.records import Member
from whatif.table import Column, Mask, Numbers, Table

_BY_LOG = Actor(kind="rule", id="audit")


@dataclass
class Team:
    """The members and calendars' exceptions at one time, which only goes forward."""

    moves: list[tuple[int, RecordChanged]]
    known: Known = field(default_factory=Known)
    _next: int = 0

    def forward(self, at: int) -> Known:
        """What is known at a time (microseconds)."""
        while self._next < len(self.moves) and self.moves[self._next][0] <= at:
            delta = delta_of(self.moves[self._next][1], self.known)
            if delta is not None:
                self.known.apply(delta)
            self._next += 1
        return self.known


def team(records: Table) -> Team:
    """The team of the log's records, at the beginning of time."""
    return Team(list(_moves(records)))


def _moves(records: Table) -> Iterator[tuple[int, RecordChanged]]:
    """Each record's states one after the other; changes of one record at one time are one state."""
    order = np.argsort(records.numbers["at"], kind="stable")
    told = records.rows(order)
    rows = list(zip(*(told.columns[name].told() for name in ("type", "id", "field", "value")), strict=True))
    times = told.numbers["at"].tolist()
    fields: dict[tuple[str, str], dict[str, JsonValue]] = {}
    versions: dict[tuple[str, str], int] = {}
    for number, (kind, record_id, name, value) in enumerate(rows):
        key = (str(kind), str(record_id))
        held = fields.setdefault(key, {})
        if name == WHOLE:
            held.clear()
            held.update(value if isinstance(value, dict) else {})
        else:
            held[str(name)] = value
        last = (
            number + 1 == len(rows) or rows[number + 1][:2] != (kind, record_id) or times[number + 1] != times[number]
        )
        if last:
            versions[key] = versions.get(key, 0) + 1
            ref = RecordRef.model_validate({"type": kind, "id": record_id})
            event = RecordChanged(record=ref, version=versions[key], fields=dict(held), actor=_BY_LOG)
            yield times[number], event


def gone_owners(owners: Column, at: Numbers, records: Table) -> Mask:
    """The rows whose owner was a member that was not active any more at the row's time."""
    mask = np.zeros(len(owners.codes), dtype=bool)
    for member, (times, away) in _absent(records).items():
        for code in [number for number, value in enumerate(owners.values) if value == member]:
            rows = np.flatnonzero(owners.codes == code)
            places = np.searchsorted(np.array(times), at[rows], side="right") - 1
            mask[rows] = np.array([False, *away])[places + 1]
    return mask


def _absent(records: Table) -> dict[str, tuple[list[int], list[bool]]]:
    """By member who ever was not active: since when they were, and since when not."""
    states: dict[str, tuple[list[int], list[bool]]] = {}
    known = Known()
    for at, event in _moves(records):
        delta = delta_of(event, known)
        for one in delta.members if delta else ():
            known.members[one.record_id] = one
            times, away = states.setdefault(one.record_id, ([], []))
            times.append(at)
            away.append(not is_there(one))
    return {name: held for name, held in states.items() if any(held[1])}


def is_there(member: Member | None) -> bool:
    """Whether somebody may own what they own; nothing is said against a member who is not known."""
    return member is None or (member.active and not member.gone)

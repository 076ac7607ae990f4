"""One move of a change as the log holds it: the change, and where its row stands."""

from dataclasses import dataclass, replace

from pydantic import JsonValue

from libs.contracts.change import WHOLE, FieldChange, RecordRef, Status


@dataclass(frozen=True, slots=True)
class Move:
    """A readable row of the log. Within a record, `seq` is the order of what happened; clocks are not."""

    chain: int
    seq: int
    kafka_offset: int
    sha256: str
    event_id: str
    change: FieldChange

    @property
    def place(self) -> tuple[int, int]:
        """Its order in the log."""
        return self.chain, self.seq

    @property
    def applied(self) -> bool:
        """Whether this move set the value; every other status only tells what became of a proposal."""
        return self.change.status is Status.APPLIED

    @property
    def field_key(self) -> tuple[str, str, str]:
        """The field of the record that it is about."""
        return self.change.record.type, self.change.record.id, self.change.field


def by_field(move: Move) -> list[Move]:
    """The move as moves of single fields: one that made a whole record is one of each field; any other is itself."""
    values = move.change.new
    if move.change.field != WHOLE or not isinstance(values, dict):
        return [move]
    return [
        replace(move, change=move.change.model_copy(update={"field": name, "new": value}))
        for name, value in sorted(values.items())
    ]


def same_json(one: JsonValue, other: JsonValue) -> bool:
    """Whether two JSON values are equal; unlike Python, true is not 1, but 1 is 1.0 as it is in JSON.

    A float equals the decimal number that Postgres writes for it, which Python reads as a long integer.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, float) and isinstance(other, int):
        return one == _as_float(other)
    if isinstance(one, int) and isinstance(other, float):
        return _as_float(one) == other
    return one == other


def _as_float(number: int) -> float | None:
    try:
        return float(number)
    except OverflowError:
        return None


def key_of(record: RecordRef, field: str) -> tuple[str, str, str]:
    """The same key as `Move.field_key`, for a record and a field."""
    return record.type, record.id, field

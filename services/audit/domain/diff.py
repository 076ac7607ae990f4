"""What became of a record between two times: each field that was set in between, from what to what, and by which moves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from services.audit.domain.move import Move, same_json
from services.audit.domain.row import aware
from services.audit.domain.timeline import once, state_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One field at both times, and the moves that set it in between, in the log's order."""

    field: str
    old: JsonValue
    new: JsonValue
    moves: tuple[Move, ...]

    @property
    def differs(self) -> bool:
        """Whether it ended as something else than it began; not so when it came back to what it was."""
        return not same_json(self.old, self.new)


def differences(moves: Iterable[Move], since: datetime, until: datetime) -> list[Difference]:
    """The fields that were set after `since`, up to and with `until`, by name; `old` and `new` are as of the two times."""
    held = once(moves)
    before, after = state_of(held, since).fields, state_of(held, until).fields
    between: dict[str, list[Move]] = {}
    for move in held:
        if move.applied and aware(since) < aware(move.change.at) <= aware(until):
            between.setdefault(move.change.field, []).append(move)
    return [
        Difference(name, before[name].value if name in before else None, after[name].value, tuple(moves_of))
        for name, moves_of in sorted(between.items())
    ]

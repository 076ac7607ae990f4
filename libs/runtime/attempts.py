"""Counts the starts that ended while the same record was being decided, so that one poison record cannot stop a partition."""

import json
from dataclasses import dataclass
from pathlib import Path

QUARANTINE_AFTER = 3
"""Starts at one offset that ended the process before the record is quarantined."""


@dataclass(slots=True)
class Attempts:
    """One small file per input partition, there only while a batch is being decided."""

    path: Path

    def died_at(self) -> tuple[int, int, int]:
        """(first offset, last offset, deaths) of the batch that the previous process died in; deaths 0 when it did not."""
        try:
            held = json.loads(self.path.read_text())
            return int(held["first"]), int(held["last"]), int(held["deaths"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, -1, 0

    def begin(self, first: int, last: int, deaths_before: int) -> None:
        """Note that the offsets from `first` to `last` are being decided. Raises OSError when it can't be written."""
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps({"first": first, "last": last, "deaths": deaths_before + 1}))
        temporary.replace(self.path)

    def done(self) -> None:
        """The batch was decided: what ends the process now is not its fault."""
        self.path.unlink(missing_ok=True)


def attempts_of(data: Path, transactional_id: str) -> Attempts:
    """The counter of one input partition; its folder is made when missing."""
    folder = data / "attempts"
    folder.mkdir(parents=True, exist_ok=True)
    return Attempts(folder / f"{transactional_id}.json")

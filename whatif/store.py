"""The cache of what was read: one file a topic and partition, rebuilt when it can't be read, gone when deleted."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from whatif.needed import Needed
from whatif.table import Column, Table

VERSION = 1
"""Of the files' layout and of how records become rows; older files are not read."""


@dataclass
class Kept:
    """What is kept of one partition, and up to where it was read."""

    table: Table
    offset: int = -1
    """Of the last record that was read."""
    event_id: str = ""
    """Of that record: another one at its place means that the topic is another."""
    needed: Needed = field(default_factory=lambda: Needed(frozenset()))


class Cache:
    """The files under a folder. Nothing else is in it: the history itself is the topics'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"v{VERSION}"

    def held(self, topic: str) -> dict[int, Kept]:
        """What is kept of a topic, by partition; nothing of a file that can't be read."""
        return dict(self._read(topic))

    def _read(self, topic: str) -> Iterator[tuple[int, Kept]]:
        for path in sorted(self._folder.glob(f"{topic}-*.npz")):
            with suppress(OSError, ValueError, KeyError, BadZipFile, EOFError):
                yield int(path.stem.rpartition("-")[2]), _loaded(path)

    def keep(self, topic: str, partition: int, kept: Kept) -> None:
        """Keep what was read. Whoever reads meanwhile sees the old file or the new one."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{topic}-{partition}.npz"
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            np.savez(file, **_arrays(kept))  # type: ignore[arg-type]
        scratch.replace(path)


def _arrays(kept: Kept) -> dict[str, object]:
    table, needed = kept.table, kept.needed
    head = {
        "offset": kept.offset, "event_id": kept.event_id, "told": sorted(needed.told), "known": sorted(needed.known),
        "values": {name: column.values for name, column in table.columns.items()},
    }  # fmt: skip
    arrays: dict[str, object] = {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}
    arrays |= {f"codes:{name}": _narrow(column) for name, column in table.columns.items()}
    return arrays | {f"number:{name}": numbers for name, numbers in table.numbers.items()}


def _narrow(column: Column) -> object:
    return column.codes.astype(np.min_scalar_type(max(len(column.values) - 1, 0)))


def _loaded(path: Path) -> Kept:
    with np.load(path, allow_pickle=False) as file:
        head = json.loads(file["head"].tobytes())
        columns = {
            name: Column(file[f"codes:{name}"].astype(np.int32), values) for name, values in head["values"].items()
        }
        numbers = {name[7:]: file[name] for name in file.files if name.startswith("number:")}
    needed = Needed(frozenset(head["told"]), frozenset(head["known"]))
    return Kept(Table(columns, numbers), head["offset"], head["event_id"], needed)

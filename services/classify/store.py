"""The file of the built-in model's weights (`model.npz`): no pickles in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from services.classify.domain.model import Floats, Head, OfflineModel


def load_model(path: Path) -> OfflineModel:
    """The model of a weights file written by `save_model`. Raises OSError or ValueError when it is not one."""
    with np.load(path, allow_pickle=False) as held:
        weights = np.zeros((int(held["buckets"]), held["rows"].shape[1]), dtype=np.float32)
        weights[held["used"]] = held["rows"].astype(np.float32)
        heads = _heads(held)
        cues = dict(zip(held["cue_names"].tolist(), held["cue_precision"].tolist(), strict=True))
        return OfflineModel(str(held["version"]), weights, heads, cues)


def _heads(held: Any) -> list[Head]:
    heads: list[Head] = []
    column = 0
    for name in held["heads"].tolist():
        labels = tuple(held[f"{name}.labels"].tolist())
        heads.append(
            Head(name, labels, column, tuple(held[f"{name}.bias"].tolist()), float(held[f"{name}.temperature"]))
        )
        column += len(labels)
    return heads


def save_model(path: Path, version: str, weights: Floats, heads: Sequence[Head], cues: Mapping[str, float]) -> None:
    """Write the weights file: only buckets that are used, as 16-bit floats, compressed."""
    used = np.flatnonzero(np.abs(weights).max(axis=1) > 1e-4).astype(np.uint16)
    columns: dict[str, Any] = {
        "version": np.array(version),
        "buckets": np.array(weights.shape[0]),
        "used": used,
        "rows": weights[used].astype(np.float16),
        "heads": np.array([head.name for head in heads]),
        "cue_names": np.array(sorted(cues)),
        "cue_precision": np.array([cues[name] for name in sorted(cues)]),
    }
    for head in heads:
        columns[f"{head.name}.labels"] = np.array(head.labels)
        columns[f"{head.name}.bias"] = np.array(head.bias)
        columns[f"{head.name}.temperature"] = np.array(head.temperature)
    np.savez_compressed(path, **columns)

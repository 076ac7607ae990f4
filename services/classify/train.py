"""Train the built-in model from the labelled examples: `python -m services.classify.train`.

Needs scikit-learn (a development dependency). Precision, recall and calibration are reported on two sets that are never
trained or calibrated on: a fifth of the examples, chosen by the hash of their text (kind: others may be translations of
them), and `examples/unseen/`, written apart and never used for a choice (what to expect of real messages).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from services.classify.domain.cues import Cue, intent_cue, urgency_cue
from services.classify.domain.model import Head, OfflineModel, negative_log_likelihood
from services.classify.domain.words import BUCKETS, document_scale, pair_features, word_features, words_of
from services.classify.store import load_model, save_model

HERE = Path(__file__).parent
EXAMPLES = HERE / "examples"
WEIGHTS = HERE / "model.npz"
FIELDS = ("use_case", "flag", "intent")
GROUPS = ("en", "de", "fr", "es")
"""Languages that are left out in turn for calibration; all others are one more group."""
STRENGTH = 10.0
TEMPERATURES = tuple(round(0.3 + 0.05 * step, 2) for step in range(60))
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message."""

    text: str
    labels: Mapping[str, str]

    @property
    def held_out(self) -> bool:
        """Whether it belongs to the fifth that is only measured on."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 5 == 0


def read_examples(folder: Path = EXAMPLES) -> list[Example]:
    """All examples of the folder's JSON lines files, in a fixed order."""
    rows: list[Example] = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.append(Example(row.pop("text"), row))
    return rows


def feature_matrix(texts: Sequence[str]) -> csr_matrix:
    """One row of hashed features per text, as `OfflineModel` sums them."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        words = [word.normal for word in words_of(text)]
        scale = document_scale(len(set(words)))
        pairs = dict.fromkeys(pairwise(words))
        features = [item for word in dict.fromkeys(words) for item in word_features(word)]
        features += [item for first, second in pairs for item in pair_features(first, second)]
        columns += [bucket for bucket, _ in features]
        values += [amount * scale for _, amount in features]
        ends.append(len(columns))
    matrix = csr_matrix((values, columns, ends), shape=(len(texts), BUCKETS))
    matrix.sum_duplicates()
    return matrix


def trained_head(name: str, matrix: csr_matrix, examples: Sequence[Example], first_column: int) -> tuple[Head, Floats]:
    """The head fitted on all rows, with its temperature, and its columns.

    The temperature is the one that fits best on languages that the fit did not see: many examples are translations of
    one another, so random folds would flatter the model, and real messages differ from the examples as well.
    """
    truth = [example.labels[name] for example in examples]
    labels = sorted(set(truth))
    index = np.array([labels.index(label) for label in truth])
    group = np.array([GROUPS.index(lang) if (lang := one.labels["language"]) in GROUPS else -1 for one in examples])
    logits = np.zeros((len(truth), len(labels)))
    for left_out in sorted(set(group.tolist())):
        fitted = _fitted(matrix[group != left_out], index[group != left_out])
        logits[group == left_out] = fitted.decision_function(matrix[group == left_out])
    temperature = min(TEMPERATURES, key=lambda value: negative_log_likelihood(logits.tolist(), index.tolist(), value))
    whole = _fitted(matrix, index)
    bias = tuple(float(value) for value in whole.intercept_)
    return Head(name, tuple(labels), first_column, bias, temperature), whole.coef_.T


def _fitted(matrix: csr_matrix, index: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=400, class_weight="balanced").fit(matrix, index)


def cue_precision(examples: Sequence[Example]) -> dict[str, float]:
    """How often each cue was right on the examples, with one doubt and one hit added (Laplace); `none` is silence."""
    found: dict[str, list[bool]] = {}
    cues: dict[str, Callable[[str], Cue | None]] = {"urgency": urgency_cue, "intent": intent_cue}
    for field, cue_of in cues.items():
        for example in examples:
            cue = cue_of(example.text)
            said = "unknown" if cue is None else cue.label
            if cue is not None or field == "urgency":
                found.setdefault(f"{field}.{said}", []).append(example.labels[field] == said)
    return {name: (sum(hits) + 1) / (len(hits) + 2) for name, hits in sorted(found.items())}


def train(examples: Sequence[Example], path: Path = WEIGHTS) -> OfflineModel:
    """Train on the examples that are not held out, write the weights file and return the model as serving loads it."""
    used = [example for example in examples if not example.held_out]
    matrix = feature_matrix([example.text for example in used])
    heads: list[Head] = []
    blocks: list[Floats] = []
    for field in FIELDS:
        column = sum(len(head.labels) for head in heads)
        head, block = trained_head(field, matrix, used, column)
        heads.append(head)
        blocks.append(block)
    weights = np.hstack(blocks).astype(np.float32)
    version = f"offline-1-{hashlib.sha256(weights.tobytes() + repr(heads).encode()).hexdigest()[:10]}"
    save_model(path, version, weights, heads, cue_precision(used))
    return load_model(path)


def main() -> None:
    """Train and print the report."""
    from services.classify.report import report  # noqa: PLC0415 - only the command needs it

    examples = read_examples()
    model = train(examples)
    print(report(model, [example for example in examples if example.held_out], "held out of the examples"))
    print("\n" + report(model, read_examples(EXAMPLES / "unseen"), "written apart from the examples"))


if __name__ == "__main__":
    main()

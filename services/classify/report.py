"""How good a model is on examples that it never saw: precision, recall and calibration by field."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from services.classify.domain.cues import urgency_cue
from services.classify.domain.model import OfflineModel

BINS = 10


class Labelled(Protocol):
    """A message and its right labels."""

    @property
    def text(self) -> str: ...

    @property
    def labels(self) -> Mapping[str, str]: ...


Judged = Sequence[tuple[str, str, float]]
"""Right label, given label, probability of the given one."""


def report(model: OfflineModel, held_out: Sequence[Labelled], title: str) -> str:
    """A table for people: per field and label precision and recall, per field accuracy and calibration error."""
    lines = [f"model {model.version} on {len(held_out)} messages {title}"]
    for head in model.heads:
        lines += _field_lines(head.name, judged(model, head.name, held_out))
    lines += _field_lines("urgency", judged_urgency(model, held_out))
    return "\n".join(lines)


def judged(model: OfflineModel, field: str, held_out: Sequence[Labelled]) -> Judged:
    """Right label, the model's label and its probability, for every example with words in it."""
    rows = []
    for example in held_out:
        guess = model.read(example.text).get(field)
        if guess is not None:
            rows.append((example.labels[field], guess.label, guess.probability))
    return rows


def judged_urgency(model: OfflineModel, held_out: Sequence[Labelled]) -> Judged:
    """The same for urgency, which is read off phrases alone."""
    rows = []
    for example in held_out:
        cue = urgency_cue(example.text)
        said = "unknown" if cue is None else cue.label
        rows.append((example.labels["urgency"], said, model.cue_precision.get(f"urgency.{said}", 0.5)))
    return rows


def accuracy(rows: Judged) -> float:
    """Share of right labels."""
    return sum(right == given for right, given, _ in rows) / max(len(rows), 1)


def calibration_error(rows: Judged) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017)."""
    error = 0.0
    for at in range(BINS):
        held = [row for row in rows if min(int(row[2] * BINS), BINS - 1) == at]
        if held:
            error += abs(accuracy(held) - sum(row[2] for row in held) / len(held)) * len(held) / len(rows)
    return error


def _field_lines(field: str, rows: Judged) -> list[str]:
    given = Counter(label for _, label, _ in rows)
    wanted = Counter(label for label, _, _ in rows)
    hits = Counter(label for label, said, _ in rows if label == said)
    lines = [f"\n{field}: accuracy {accuracy(rows):.3f}, calibration error {calibration_error(rows):.3f}"]
    for label in sorted(wanted | given):
        precision, recall = hits[label] / max(given[label], 1), hits[label] / max(wanted[label], 1)
        lines.append(f"  {label:<22} precision {precision:.2f}  recall {recall:.2f}  n {wanted[label]}")
    return lines

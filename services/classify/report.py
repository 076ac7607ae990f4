"""How good a classification is on labelled messages: precision, recall, F1 and calibration by field."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from libs.contracts.lead import Classification
from libs.policy.taxonomy import Taxonomy
from services.classify.domain.asked import Asked
from services.classify.domain.model import OfflineModel
from services.classify.domain.offline import classify_offline
from services.classify.labelled import LABELS, Example

BINS = 10
Judged = Sequence[tuple[str, str, float]]
"""Right label, given label, probability of the given one."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about one confidence: how many, how sure on average, and how often right."""

    confidence_from: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label of a field, 0-1 each."""

    label: str
    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """One field."""

    field: str
    count: int
    accuracy: float
    calibration_error: float
    labels: tuple[LabelFigures, ...]
    bins: tuple[Bin, ...]


def figures(judged: Mapping[str, Judged]) -> list[FieldFigures]:
    """What people read of every field that was judged."""
    return [
        FieldFigures(name, len(rows), accuracy(rows), calibration_error(rows), label_figures(rows), reliability(rows))
        for name, rows in judged.items()
        if rows
    ]


def judged(
    model: OfflineModel, examples: Sequence[Example], taxonomy: Taxonomy, each: Callable[[], None] = lambda: None
) -> dict[str, Judged]:
    """By field: the right label, that of the whole classification, and its confidence. `each` is called after each example."""
    found: dict[str, list[tuple[str, str, float]]] = {}
    for example in examples:
        kind = example.facts.get("kind", "contact_form")
        asked = Asked(example.text, kind, {k: v for k, v in example.facts.items() if k != "kind"}, "")
        given = given_labels(classify_offline(asked, taxonomy, model), model, example.text)
        for name in LABELS:
            if name in example.labels and name in given:
                found.setdefault(name, []).append((example.labels[name], *given[name]))
        each()
    return {name: found[name] for name in LABELS if name in found}


def given_labels(answer: Classification, model: OfflineModel, text: str) -> dict[str, tuple[str, float]]:
    """Label and confidence by field, the flag (`none` when none is raised) and the route beside them."""
    given = {name: (claim.label, claim.confidence) for name, claim in answer.claims.items()}
    guess = model.read(text).get("flag")
    sure = 1.0 if guess is None else guess.probabilities.get("none", 1.0)
    raised = next(((name, flag.confidence) for name, flag in answer.flags.items()), ("none", sure))
    route = "true" if answer.should_route_to_sales else "false"
    return {**given, "flag": raised, "route": (route, answer.confidence)}


def accuracy(rows: Judged) -> float:
    """Share of right labels."""
    return sum(right == given for right, given, _ in rows) / max(len(rows), 1)


def calibration_error(rows: Judged) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017)."""
    return sum(abs(one.accuracy - one.confidence) * one.count for one in reliability(rows)) / max(len(rows), 1)


def reliability(rows: Judged) -> tuple[Bin, ...]:
    """How often answers of each tenth of confidence were right; empty tenths are left out."""
    bins = []
    for at in range(BINS):
        held = [row for row in rows if min(int(row[2] * BINS), BINS - 1) == at]
        if held:
            bins.append(Bin(at / BINS, len(held), sum(row[2] for row in held) / len(held), accuracy(held)))
    return tuple(bins)


def label_figures(rows: Judged) -> tuple[LabelFigures, ...]:
    """Precision, recall and F1 of every label that was wanted or given."""
    given = Counter(label for _, label, _ in rows)
    wanted = Counter(label for label, _, _ in rows)
    hits = Counter(label for label, said, _ in rows if label == said)
    found = []
    for label in sorted(wanted | given):
        precision, recall = hits[label] / max(given[label], 1), hits[label] / max(wanted[label], 1)
        f1 = 2 * precision * recall / (precision + recall) if hits[label] else 0.0
        found.append(LabelFigures(label, precision, recall, f1, wanted[label]))
    return tuple(found)


def as_text(found: Sequence[FieldFigures], title: str) -> str:
    """The report in Markdown, for people and for docs/classification.md."""
    lines = [
        f"### {title[:1].upper()}{title[1:]}",
        "",
        "| field | messages | accuracy | calibration error |",
        "|---|---|---|---|",
    ]
    lines += [f"| {one.field} | {one.count} | {one.accuracy:.3f} | {one.calibration_error:.3f} |" for one in found]
    lines += ["", "| field | label | precision | recall | F1 | messages |", "|---|---|---|---|---|---|"]
    for one in found:
        lines += [
            f"| {one.field} | {row.label} | {row.precision:.2f} | {row.recall:.2f} | {row.f1:.2f} | {row.count} |"
            for row in one.labels
        ]
    lines += ["", "| field | confidence from | answers | confidence | right |", "|---|---|---|---|---|"]
    for one in found:
        lines += [
            f"| {one.field} | {row.confidence_from:.1f} | {row.count} | {row.confidence:.2f} | {row.accuracy:.2f} |"
            for row in one.bins
        ]
    return "\n".join(lines)

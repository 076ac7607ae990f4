"""Train the built-in model from labelled examples. Needs scikit-learn (requirements-offline.txt); `signalbox classify train`.

Choices (features, strengths, temperature) are made by leaving out whole authors and whole languages, never by random splits:
many examples are translations of one another, and real messages are by other people. `examples/unseen/` is never trained
on, calibrated on or chosen by.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from libs.policy.taxonomy import Taxonomy
from services.classify.domain import rules
from services.classify.domain.asked import Asked
from services.classify.domain.cues import Cue, intent_cue, urgency_cue
from services.classify.domain.model import Head, OfflineModel, negative_log_likelihood, softmax, without_flags
from services.classify.domain.own_words import own_words
from services.classify.domain.words import (
    BUCKETS,
    READ_CHARACTERS,
    document_scale,
    pair_features,
    word_features,
    words_of,
)
from services.classify.labelled import Example
from services.classify.store import load_model, save_model, sentence_encoder

FIELDS = ("use_case", "flag", "intent", "urgency", "industry")
TESTED = FIELDS[:3]
"""An example is tested on when it has these; not all are labelled in the others."""
STRENGTH = 8.0
MEANING_SCALE = 2.5
"""How much longer the sentence vector is than that of the words; of 1, 2, 2.5, 4 the best when authors are left out."""
TEMPERATURES = tuple(round(0.3 + 0.05 * step, 2) for step in range(60))
FAMILIES = {
    "english": ("en",),
    "germanic": ("de", "nl", "sv", "da", "nb", "no", "is"),
    "romance": ("fr", "es", "it", "pt", "ca", "ro"),
}
"""Languages that are left out together, as translations into one help with the next; all others are one more family."""
TAUGHT = ("policy", "phrases")
"""What nobody wrote to us: it is trained on, and nothing is measured on it."""
Floats = NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and what its heads answered about examples whose author or language was left out of the fit."""

    model: OfflineModel
    left_out: dict[str, list[tuple[str, str, float]]]
    """By field: right label, given label, calibrated probability of it."""


@dataclass(frozen=True, slots=True)
class _Fit:
    head: Head
    columns: Floats
    logits: Floats
    """A row for each answer about what was left out, in the order of the folds."""


@dataclass(frozen=True, slots=True)
class _Linear:
    """A row of weights and a bias for each label that the fit saw."""

    labels: NDArray[np.int64]
    weights: Floats
    bias: Floats


def feature_matrix(texts: Sequence[str]) -> csr_matrix:
    """One row of features per text, as `OfflineModel` sums them: the sentence vector, then the hashed words."""
    said = [own_words(text[:READ_CHARACTERS]) for text in texts]
    encoder = sentence_encoder()
    meaning = np.array([encoder.encode(text) for text in said]) * MEANING_SCALE
    return hstack([csr_matrix(meaning), word_matrix(said)]).tocsr()


def word_matrix(texts: Sequence[str]) -> csr_matrix:
    """One row of hashed features per text."""
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


def folds(examples: Sequence[Example]) -> list[NDArray[np.bool_]]:
    """What is left out in turn: every author, then every family of languages."""
    authors = np.array([example.author for example in examples])
    families = np.array([_family(example.language) for example in examples])
    chosen = [authors == author for author in sorted(set(authors.tolist())) if author not in TAUGHT]
    chosen += [families == family for family in sorted(set(families.tolist())) if family]
    return [left_out for left_out in chosen if left_out.any() and not left_out.all()]


def _family(language: str) -> str:
    return next((name for name, held in FAMILIES.items() if language in held), "other" if language else "")


def train(examples: Sequence[Example], taxonomy: Taxonomy, folder: Path, say: Say = print) -> Trained:
    """Train on all examples and write `folder/<version>.npz`. The taxonomy's rules are measured, not learned."""
    say(f"reading {len(examples)} examples")
    matrix = feature_matrix([example.text for example in examples])
    whole = np.array(
        [example.author not in TAUGHT and all(name in example.labels for name in TESTED) for example in examples]
    )
    left_out = [held for held in folds(examples) if (held & whole).any()]
    fits: list[_Fit] = []
    for field in FIELDS:
        column = sum(len(fit.head.labels) for fit in fits)
        fits.append(_fitted_head(field, matrix, examples, left_out, whole, column, say))
    columns = np.hstack([fit.columns for fit in fits]).astype(np.float32)
    meaning, weights = columns[:-BUCKETS] * np.float32(MEANING_SCALE), columns[-BUCKETS:]
    heads = [fit.head for fit in fits]
    precision = rule_precision(examples, taxonomy)
    version = f"offline-2-{hashlib.sha256(columns.tobytes() + repr((heads, precision)).encode()).hexdigest()[:10]}"
    path = folder / f"{version}.npz"
    save_model(path, version, weights, meaning, heads, precision)
    say(f"written: {path.name} ({path.stat().st_size / 1e6:.1f} MB), version {version}")
    return Trained(load_model(path), _left_out(fits, examples, [held & whole for held in left_out]))


def _fitted_head(
    name: str,
    matrix: csr_matrix,
    examples: Sequence[Example],
    left_out: Sequence[NDArray[np.bool_]],
    whole: NDArray[np.bool_],
    first_column: int,
    say: Say,
) -> _Fit:
    """The head fitted on all rows that teach it; its temperature is the one that fits best on what was left out.

    The use case is learned from messages without a flag: what a vendor offers says nothing about what customers want. The
    industry is learned from those whose form did not ask for it: the rules read what it states.
    """
    truth = np.array([example.labels.get(name, "") for example in examples])
    teaches = (truth != "") & np.array([_teaches(name, example) for example in examples])
    labels = sorted(set(truth[teaches].tolist()))
    index = np.array([labels.index(label) if label in labels else -1 for label in truth.tolist()])
    weights = np.array([example.weight for example in examples])
    logits = []
    for at, held in enumerate(left_out, start=1):
        say(f"{name}: fitted without group {at} of {len(left_out)}")
        kept = teaches & ~held
        logits.append(_logits(_fitted(matrix[kept], index[kept], weights[kept]), matrix[held & whole], len(labels)))
    found = np.vstack(logits) if logits else np.zeros((0, len(labels)))
    right = np.concatenate(
        [
            np.where(teaches[tested], index[tested], -1)
            for held in left_out
            if len(tested := np.flatnonzero(held & whole))
        ]
        or [np.zeros(0)]
    )
    known, answers = found[right >= 0].tolist(), right[right >= 0].astype(int).tolist()
    temperature = min(TEMPERATURES, key=lambda value: negative_log_likelihood(known, answers, value)) if known else 1.0
    last = _fitted(matrix[teaches], index[teaches], weights[teaches])
    bias = tuple(float(value) for value in last.bias)
    return _Fit(Head(name, tuple(labels), first_column, bias, temperature), last.weights.T, found)


def _teaches(name: str, example: Example) -> bool:
    if name == "use_case":
        return example.labels.get("flag", "none") == "none"
    return name != "industry" or not example.facts.get("industry")


def _logits(fitted: _Linear, rows: csr_matrix, labels: int) -> Floats:
    """By label; one that the fit never saw is as unlikely as can be."""
    found = np.full((rows.shape[0], labels), -20.0)
    found[:, fitted.labels] = rows @ fitted.weights.T + fitted.bias
    return found


def _left_out(
    fits: Sequence[_Fit], examples: Sequence[Example], tested: Sequence[NDArray[np.bool_]]
) -> dict[str, list[tuple[str, str, float]]]:
    """What the heads together said about each example that was left out."""
    found: dict[str, list[tuple[str, str, float]]] = {fit.head.name: [] for fit in fits}
    places = [int(place) for held in tested for place in np.flatnonzero(held)]
    for row, place in enumerate(places):
        shares = {
            fit.head.name: dict(
                zip(fit.head.labels, softmax((fit.logits[row] / fit.head.temperature).tolist()), strict=True)
            )
            for fit in fits
        }
        shares["use_case"] = without_flags(shares["use_case"], shares["flag"])
        for name, given in shares.items():
            best = max(given, key=given.__getitem__)
            if name in examples[place].labels and (name == "use_case" or _teaches(name, examples[place])):
                found[name].append((examples[place].labels[name], best, given[best]))
    return found


def _fitted(matrix: csr_matrix, index: NDArray[np.int64], weights: Floats) -> _Linear:
    """The fit on these rows. Of two labels scikit-learn says one weight for both: half of it is for the one and half against
    the other, which gives the same shares. Of one label there is nothing to tell apart."""
    labels = np.unique(index)
    if len(labels) < 2:
        return _Linear(labels, np.zeros((len(labels), matrix.shape[1])), np.zeros(len(labels)))
    chosen = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3, class_weight="balanced")
    found = chosen.fit(matrix, index, weights)
    if len(labels) == 2:
        rows, bias = found.coef_ / 2, found.intercept_ / 2
        return _Linear(labels, np.vstack([-rows, rows]), np.concatenate([-bias, bias]))
    return _Linear(labels, found.coef_, found.intercept_)


def rule_precision(examples: Sequence[Example], taxonomy: Taxonomy) -> dict[str, float]:
    """How often each cue, each way in which a rule reads, and silence were right on the examples.

    One doubt and one hit are added (Laplace).
    """
    found: dict[str, list[bool]] = {}
    cues: dict[str, Callable[[str], Cue | None]] = {"urgency": urgency_cue, "intent": intent_cue}
    for example in examples:
        if example.author in TAUGHT:
            continue
        for field, cue_of in cues.items():
            if field in example.labels:
                cue = cue_of(example.text)
                said = "unknown" if cue is None else cue.label
                if cue is not None or field == "urgency":
                    found.setdefault(f"{field}.{said}", []).append(example.labels[field] == said)
        asked = Asked(example.text, "contact_form", example.facts, "")
        for field, claim in rules.ruled(asked, taxonomy).items():
            if field in example.labels:
                way = rules.way_of(field, claim, example.labels.get("flag", "none") != "none")
                found.setdefault(way, []).append(example.labels[field] == claim.label)
    return {name: (sum(hits) + 1) / (len(hits) + 2) for name, hits in sorted(found.items())}

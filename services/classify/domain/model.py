"""The built-in offline model: linear heads over hashed words, calibrated by a temperature, with exact contributions.

A message's logit is a sum over its words, so what each word contributed is known exactly and the quote is not a guess.
Trained by `python -m services.classify.train`; pure numpy at run time.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.words import Word, document_scale, pair_features, word_features, words_of

Floats = NDArray[np.float32]
QUOTE_WORDS = 14
CACHED_WORDS = 60_000


@dataclass(frozen=True, slots=True)
class Head:
    """One field that the model answers: its labels, their columns in the weights, biases and temperature."""

    name: str
    labels: tuple[str, ...]
    first_column: int
    bias: tuple[float, ...]
    temperature: float


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest label of one head, all calibrated probabilities, and the span that spoke for it most."""

    label: str
    probability: float
    probabilities: Mapping[str, float]
    span: tuple[int, int] | None


class OfflineModel:
    """The trained heads. Reading a message changes nothing but a cache of word vectors."""

    def __init__(
        self, version: str, weights: Floats, heads: Sequence[Head], cue_precision: Mapping[str, float]
    ) -> None:
        self.version = version
        self.heads = tuple(heads)
        self.cue_precision = dict(cue_precision)
        self._weights = weights
        self._words: OrderedDict[str, Floats] = OrderedDict()

    def read(self, text: str) -> dict[str, Guess]:
        """The guess of every head for a message; with no words in it, no head has a guess."""
        words = words_of(text)
        if not words:
            return {}
        spoken = self._contributions(words)
        logits = spoken.sum(axis=0)
        return {head.name: self._guess(head, logits, spoken, words) for head in self.heads}

    def _contributions(self, words: Sequence[Word]) -> Floats:
        """What every word added to every column; a repeated word or pair counts once, where it stands first."""
        rows = np.zeros((len(words), self._weights.shape[1]), dtype=np.float32)
        seen: set[str] = set()
        previous = ""
        for at, word in enumerate(words):
            if word.normal not in seen:
                seen.add(word.normal)
                rows[at] += self._word_vector(word.normal)
            pair = f"{previous} {word.normal}"
            if previous and pair not in seen:
                seen.add(pair)
                for bucket, weight in pair_features(previous, word.normal):
                    rows[at] += self._weights[bucket] * np.float32(weight)
            previous = word.normal
        return rows * np.float32(document_scale(len({word.normal for word in words})))

    def _word_vector(self, word: str) -> Floats:
        held = self._words.get(word)
        if held is None:
            features = list(word_features(word))
            buckets = [bucket for bucket, _ in features]
            amounts = np.array([amount for _, amount in features], dtype=np.float32)
            held = amounts @ self._weights[buckets].astype(np.float32)
            self._words[word] = held
            if len(self._words) > CACHED_WORDS:
                self._words.popitem(last=False)
        return held

    def _guess(self, head: Head, logits: Floats, spoken: Floats, words: Sequence[Word]) -> Guess:
        columns = range(head.first_column, head.first_column + len(head.labels))
        values = [
            (float(logits[column]) + bias) / head.temperature for column, bias in zip(columns, head.bias, strict=True)
        ]
        shares = softmax(values)
        best = max(range(len(shares)), key=shares.__getitem__)
        column = columns[best]
        others = [other for other in columns if other != column]
        lead = spoken[:, column] - spoken[:, others].mean(axis=1)
        return Guess(
            head.labels[best], shares[best], dict(zip(head.labels, shares, strict=True)), _strongest_span(lead, words)
        )


def softmax(values: Sequence[float]) -> list[float]:
    """Shares that add up to one."""
    top = max(values)
    raised = [exp(value - top) for value in values]
    total = sum(raised)
    return [value / total for value in raised]


def _strongest_span(lead: Floats, words: Sequence[Word]) -> tuple[int, int] | None:
    """The run of at most QUOTE_WORDS words that contributed most; None when nothing spoke for the label."""
    floor = float(lead.max()) * 0.08  # each further word has to earn its place, so a quote stays short
    best, span = 0.0, None
    for first in range(len(words)):
        total = 0.0
        for last in range(first, min(first + QUOTE_WORDS, len(words))):
            total += float(lead[last]) - floor
            if total > best:
                best, span = total, (words[first].start, words[last].end)
    return span


def negative_log_likelihood(logits: Sequence[Sequence[float]], truth: Sequence[int], temperature: float) -> float:
    """Mean negative log-likelihood of the true labels at a temperature; what calibration minimises."""
    total = 0.0
    for row, right in zip(logits, truth, strict=True):
        total -= log(max(softmax([value / temperature for value in row])[right], 1e-12))
    return total / max(len(truth), 1)

"""The built-in offline model: linear heads over a message's words and its meaning, calibrated by a temperature.

A logit is the sum of what every word contributes, which is known exactly and gives the quote, and of what the sentence
vector contributes, which carries what was learned into words and languages that no example held. Trained by `signalbox
classify train`; pure numpy at run time.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.own_words import own_words
from services.classify.domain.words import (
    READ_CHARACTERS,
    Word,
    document_scale,
    pair_features,
    word_features,
    words_of,
)

Floats = NDArray[np.float32]
_CLAUSE = re.compile(r"[^.!?;\n。！？；؟]*[\w][^.!?;\n。！？；؟]*")
QUOTE_WORDS = 14
LONGEST_CLAUSE = 120
CACHED_WORDS = 60_000


class Encoder(Protocol):
    """What turns a text into a vector of its meaning, the same for the same text."""

    def encode(self, text: str) -> Floats: ...


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
        self,
        version: str,
        encoder: Encoder,
        weights: Floats,
        meaning: Floats,
        heads: Sequence[Head],
        cue_precision: Mapping[str, float],
    ) -> None:
        """`weights`: a row for each bucket of the words; `meaning`: a row for each dimension of the sentence vector."""
        self.version = version
        self._encoder = encoder
        self._meaning = meaning
        self.heads = tuple(heads)
        self.cue_precision = dict(cue_precision)
        self._weights = weights
        self._words: OrderedDict[str, Floats] = OrderedDict()

    def read(self, text: str) -> dict[str, Guess]:
        """The guess of every head for a message; with no words in it, no head has a guess."""
        said = own_words(text[:READ_CHARACTERS])
        words = words_of(said)
        if not words:
            return {}
        spoken = self._contributions(words)
        logits = spoken.sum(axis=0) + self._encoder.encode(said) @ self._meaning
        guesses = {head.name: self._guess(head, logits, spoken, words) for head in self.heads}
        guesses["use_case"] = _unflagged(guesses["use_case"], guesses["flag"])
        return {name: self._with_span(name, guess, said) for name, guess in guesses.items()}

    def labels_of(self, name: str) -> tuple[str, ...]:
        """The labels that the model learned for a field; none for a field that it does not answer."""
        return next((head.labels for head in self.heads if head.name == name), ())

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
        lead = _lead(spoken, columns, best)
        return Guess(
            head.labels[best], shares[best], dict(zip(head.labels, shares, strict=True)), _strongest_span(lead, words)
        )

    def _with_span(self, name: str, guess: Guess, said: str) -> Guess:
        """When no word spoke for the label, the clause whose meaning did most."""
        if guess.span is not None:
            return guess
        head = next(head for head in self.heads if head.name == name)
        columns = range(head.first_column, head.first_column + len(head.labels))
        spans = [_trimmed(said, *match.span()) for match in _CLAUSE.finditer(said)]
        meant = np.stack([self._encoder.encode(said[start:end]) @ self._meaning for start, end in spans])
        lead = _lead(meant, columns, head.labels.index(guess.label))
        return replace(guess, span=spans[int(lead.argmax())])


def without_flags(use_case: Mapping[str, float], flag: Mapping[str, float]) -> dict[str, float]:
    """Shares of the use cases, learned from messages without a flag, when a flag may be raised: then it is `unknown`."""
    none = flag.get("none", 1.0)
    shares = {label: share * none for label, share in use_case.items()}
    shares["unknown"] = shares.get("unknown", 0.0) + 1.0 - none
    return shares


def _unflagged(use_case: Guess, flag: Guess) -> Guess:
    shares = without_flags(use_case.probabilities, flag.probabilities)
    best = max(shares, key=shares.__getitem__)
    return Guess(best, shares[best], shares, use_case.span if best == use_case.label else flag.span)


def _lead(contributions: Floats, columns: Sequence[int], best: int) -> Floats:
    """By row, how much more it gave to the best label than to the others on average."""
    others = [column for column in columns if column != columns[best]]
    found: Floats = contributions[:, columns[best]] - contributions[:, others].mean(axis=1)
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without blanks at its ends, and no longer than a quote of words in most scripts."""
    found = text[start:end]
    first = start + len(found) - len(found.lstrip())
    last = first + len(found.strip())
    cut = text.rfind(" ", first, first + LONGEST_CLAUSE) if last - first > LONGEST_CLAUSE else -1
    return first, cut if cut > first else min(last, first + LONGEST_CLAUSE)


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

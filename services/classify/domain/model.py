"""The built-in offline model: linear heads over a message's words and its meaning, calibrated by a temperature.

A logit is the sum of what every word contributes, which is known exactly and gives the quote, and of what the sentence
vector contributes, which carries what was learned into words and languages that no example held. Trained by `signalbox
classify train`; pure numpy at run time.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.encoder import Meaning, SentenceEncoder
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
MOST_CLAUSES = 12
SAY_NOTHING = frozenset(("unknown", "none"))
WORDS_SPEAK = 0.4
"""So large a part of what the sentence vector added the quoted words have to add, else its clause is looked for first."""
LEAST_SPOKEN = 0.3
"""Words that add less than this to a logit are no quote: the whole clause is."""
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
    """The likeliest label of one head, all calibrated probabilities, and what spoke for it most; `unknown` needs no proof."""

    label: str
    probability: float
    probabilities: Mapping[str, float]
    span: tuple[int, int] | None = None


class OfflineModel:
    """The trained heads. Reading a message changes nothing but a cache of word vectors."""

    def __init__(
        self,
        version: str,
        encoder: SentenceEncoder,
        weights: Floats,
        meaning: Floats,
        heads: Sequence[Head],
        rule_precision: Mapping[str, float],
    ) -> None:
        """`weights`: a row for each bucket of the words; `meaning`: a row for each dimension of the sentence vector."""
        self.version = version
        self._encoder = encoder
        self._meaning = meaning
        self.heads = tuple(heads)
        self.rule_precision = dict(rule_precision)
        self._weights = weights
        self._words: OrderedDict[str, Floats] = OrderedDict()

    def read(self, text: str) -> dict[str, Guess]:
        """The guess of every head for a message; with no words in it, no head has a guess."""
        said = own_words(text[:READ_CHARACTERS])
        words = words_of(said)
        if not words:
            return {}
        reading = _Reading(said, words, self._contributions(words), self._encoder.read(said))
        logits = reading.spoken.sum(axis=0) + reading.meaning.vector @ self._meaning
        guesses = {head.name: _guess(head, logits) for head in self.heads}
        guesses["use_case"] = _unflagged(guesses["use_case"], guesses["flag"])
        return {head.name: self._with_span(head, guesses[head.name], reading) for head in self.heads}

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

    def _with_span(self, head: Head, guess: Guess, reading: "_Reading") -> Guess:
        """The words that spoke for the label; when its meaning did more than they, those in the clause that meant it most."""
        if guess.label in SAY_NOTHING:
            return guess
        columns = range(head.first_column, head.first_column + len(head.labels))
        best = head.labels.index(guess.label)
        spoken, meaning = _lead(reading.spoken, columns, best), _lead(self._meaning, columns, best)
        total, run = _strongest_run(spoken)
        if run is None or total < max(LEAST_SPOKEN, WORDS_SPEAK * float(reading.meaning.vector @ meaning)):
            start, end = self._meant_most(reading, meaning)
            inside = [at for at, word in enumerate(reading.words) if start <= word.start and word.end <= end]
            total, run = _strongest_run(spoken[inside[0] : inside[-1] + 1]) if inside else (0.0, None)
            if run is None or total < LEAST_SPOKEN:
                return replace(guess, span=(start, end))
            run = (run[0] + inside[0], run[1] + inside[0])
        return replace(guess, span=(reading.words[run[0]].start, reading.words[run[1]].end))

    def _meant_most(self, reading: "_Reading", meaning: Floats) -> tuple[int, int]:
        """The clause whose vector goes furthest into a direction."""
        if not reading.clauses:
            for match in islice(_CLAUSE.finditer(reading.said), MOST_CLAUSES):
                start, end = _trimmed(reading.said, *match.span())
                reading.clauses[start, end] = self._encoder.part(reading.meaning, start, end)
        return max(reading.clauses, key=lambda place: float(reading.clauses[place] @ meaning))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A message, its words with what each added to every column, and its meaning."""

    said: str
    words: Sequence[Word]
    spoken: Floats
    meaning: Meaning
    clauses: dict[tuple[int, int], Floats] = field(default_factory=dict)
    """The vector of each clause, once it was asked for."""


def _guess(head: Head, logits: Floats) -> Guess:
    columns = range(head.first_column, head.first_column + len(head.labels))
    shares = softmax(
        [(float(logits[column]) + bias) / head.temperature for column, bias in zip(columns, head.bias, strict=True)]
    )
    best = max(range(len(shares)), key=shares.__getitem__)
    return Guess(head.labels[best], shares[best], dict(zip(head.labels, shares, strict=True)))


def without_flags(use_case: Mapping[str, float], flag: Mapping[str, float]) -> dict[str, float]:
    """Shares of the use cases, learned from messages without a flag, when a flag may be raised: then it is `unknown`."""
    none = flag.get("none", 1.0)
    shares = {label: share * none for label, share in use_case.items()}
    shares["unknown"] = shares.get("unknown", 0.0) + 1.0 - none
    return shares


def _unflagged(use_case: Guess, flag: Guess) -> Guess:
    shares = without_flags(use_case.probabilities, flag.probabilities)
    best = max(shares, key=shares.__getitem__)
    return Guess(best, shares[best], shares)


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


def _strongest_run(lead: Floats) -> tuple[float, tuple[int, int] | None]:
    """The run of at most QUOTE_WORDS words that contributed most, as its sum and its first and last word.

    Each word has to earn its place, so a quote stays short. None when nothing spoke for the label.
    """
    floor = np.float32(lead.max() * 0.08)
    sums = np.concatenate([np.zeros(1, dtype=np.float32), np.cumsum(lead - floor)])
    best, run = 0.0, None
    for size in range(1, min(QUOTE_WORDS, len(lead)) + 1):
        totals = sums[size:] - sums[:-size]
        first = int(totals.argmax())
        if float(totals[first]) > best:
            best, run = float(totals[first]), (first, first + size - 1)
    return best, run


def negative_log_likelihood(logits: Sequence[Sequence[float]], truth: Sequence[int], temperature: float) -> float:
    """Mean negative log-likelihood of the true labels at a temperature; what calibration minimises."""
    total = 0.0
    for row, right in zip(logits, truth, strict=True):
        total -= log(max(softmax([value / temperature for value in row])[right], 1e-12))
    return total / max(len(truth), 1)

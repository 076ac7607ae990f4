"""The built-in model: honest on examples that it never saw, fast, and with quotes that occur."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.words import document_scale, pair_features, word_features, words_of
from services.classify.labelled import UNSEEN, read_examples
from services.classify.report import accuracy, calibration_error, judged
from services.classify.store import SHIPPED
from services.classify.train import word_matrix
from tests.services.classify.makers import MODEL, TAXONOMY

EXAMPLES = read_examples()
UNSEEN_EXAMPLES = read_examples(UNSEEN)
JUDGED = judged(MODEL, UNSEEN_EXAMPLES, TAXONOMY)


@pytest.mark.parametrize(("field", "least"), [("use_case", 0.82), ("flag", 0.88), ("intent", 0.7), ("urgency", 0.85)])
def test_unseen_messages(field: str, least: float) -> None:
    assert accuracy(JUDGED[field]) >= least


@pytest.mark.parametrize("field", ["use_case", "flag"])
def test_unseen_messages_are_as_sure_as_right(field: str) -> None:
    assert calibration_error(JUDGED[field]) <= 0.12  # 73 messages: chance alone is worth 0.05


def test_unseen_messages_are_unseen() -> None:
    assert not {example.text for example in UNSEEN_EXAMPLES} & {example.text for example in EXAMPLES}


def test_the_weights_file_is_small() -> None:
    assert SHIPPED.stat().st_size < 5_000_000


def test_training_and_serving_read_the_same_features() -> None:
    """The matrix row that training sees, and what serving sums word by word."""
    text = "Duplicate duplicate records, and the CRM is full of duplicate records!"
    row = word_matrix([text]).toarray()[0]
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
        st.lists(st.sampled_from([example.text for example in UNSEEN_EXAMPLES]), max_size=3).map(" ".join),
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


def test_repeating_a_word_turns_no_label_over() -> None:
    once = MODEL.read("we have a question about duplicates")["use_case"]
    often = MODEL.read("we have a question about duplicates" + " duplicates" * 50)["use_case"]
    assert once.label == often.label


def test_a_very_long_message_costs_bounded_time() -> None:
    started = time.process_time()
    MODEL.read("duplicate tickets on the phone " * 40_000)
    assert time.process_time() - started < 0.5

"""Blocking keys: what a slip of the pen, another order or a dropped word leaves findable, and what says nothing."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.records import slipped
from services.dedupe.domain.blocking import GENERIC, company_blocks

WORDS = st.text("abcdefghiklmnoprstuvz", min_size=5, max_size=10).filter(lambda word: word not in GENERIC)
NAMES = st.lists(WORDS, min_size=1, max_size=3, unique=True)


@given(NAMES, st.integers(0, 10_000))
def test_one_slip_of_the_pen_is_found(words: list[str], seed: int) -> None:
    random = Random(seed)
    at = random.randrange(len(words))
    typed = [*words[:at], slipped(random, words[at]), *words[at + 1 :]]
    assert company_blocks(" ".join(words)) & company_blocks(" ".join(typed))


@given(NAMES, st.integers(0, 10_000), st.sampled_from(sorted(GENERIC)))
def test_a_slip_another_order_and_a_dropped_generic_word_at_once_are_found(
    words: list[str], seed: int, generic: str
) -> None:
    random = Random(seed)
    at = random.randrange(len(words))
    typed = [*words[:at], slipped(random, words[at]), *words[at + 1 :]]
    random.shuffle(typed)
    assert company_blocks(" ".join([*words, generic])) & company_blocks(" ".join(typed))


@given(st.lists(WORDS, min_size=2, max_size=4, unique=True), st.data())
def test_a_dropped_word_is_found(words: list[str], data: st.DataObject) -> None:
    dropped = data.draw(st.sampled_from(words))
    shorter = [word for word in words if word != dropped]
    assert company_blocks(" ".join(words)) & company_blocks(" ".join(shorter))


@pytest.mark.parametrize(
    ("ours", "theirs"), [("face book", "facebook"), ("acme robotics", "robotics acme"), ("acme", "acme group")]
)
def test_these_meet(ours: str, theirs: str) -> None:
    assert company_blocks(ours) & company_blocks(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("acme solutions", "brivox solutions"), ("global group", "global partners"), ("", "acme")]
)
def test_a_generic_word_brings_nobody_together(ours: str, theirs: str) -> None:
    assert not company_blocks(ours) & company_blocks(theirs)


@given(NAMES)
def test_keys_are_few(words: list[str]) -> None:
    letters = sum(map(len, words))
    assert len(company_blocks(" ".join(words))) <= 2 * letters + 2 * len(words) + 4

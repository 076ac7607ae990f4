"""What talks to a machine is blanked and named; what people write to people stays, and nothing takes long."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.injection.masked import LOOKED_AT, masked
from tests.libs.injection.corpus import ATTACKS, INNOCENT


def test_the_corpora_are_large() -> None:
    assert len(ATTACKS) >= 340
    assert len({attack["language"] for attack in ATTACKS}) >= 20
    assert len(INNOCENT) >= 900


def test_every_attack_is_seen() -> None:
    missed = [
        attack["id"] for attack in ATTACKS if not any(masked(str(text)).risks for text in attack["attack"].values())
    ]
    assert not missed


def test_innocent_messages_stay() -> None:
    flagged = [text for text in INNOCENT if masked(text).risks]
    assert len(flagged) <= 0.005 * len(INNOCENT), flagged


PARTS = [str(text) for attack in ATTACKS for text in attack["attack"].values()]


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from(PARTS)), max_size=4).map(" ".join))
def test_places_stay_places(text: str) -> None:
    found = masked(text)
    assert len(found.text) == len(text)
    assert all(seen in (letter, " ") for seen, letter in zip(found.text, text, strict=True))
    for spans in found.risks.values():
        for start, end in spans:
            assert 0 <= start < end <= len(text)
            assert not found.text[start:end].strip()


def test_what_a_lead_says_of_itself_is_a_claim() -> None:
    said = "Employees: 5000\nTitle: CEO\nWe are an enterprise and this is urgent, high priority for us."
    assert masked(said).text == said


def test_what_is_not_looked_at_is_not_read() -> None:
    found = masked("a b " * LOOKED_AT)
    assert not found.text[LOOKED_AT:].strip()


HOSTILE = [
    "a", "<", "<a ", "<!--", "<answer>", "<div hidden>", "</", "{", '{"a":', "](",
    "A" * 40 + "\n", "%41", "\\u0041", "&#65;", ".-/ ", "01 ",
    "ignore ", "decode ", "all leads from ", "AI ", "\nsystem: ", "### system ", "a1", "a b ", "\u200b", "\U000e0041",
    "\u202e", "忽略", "ignorе ",
    "<|", "```", "/*", "|a|\n", "urgency high ", "urgency: high\n", "this lead ", "=", "MFRGG", "--- ", "'}]",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_text_takes_long(unit: str) -> None:
    for size in (6_000, 100_000):
        started = time.process_time()
        masked(unit * (size // len(unit)) + "!")
        assert time.process_time() - started < 1.0

"""The title taxonomy: over the labelled corpus, whose kept-back half was never tuned on, and its traps one by one."""

import hashlib
import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.domain.titles import function_of, seniority_of
from tests.paths import ROOT

Label = tuple[str, str | None, str | None]
LEAST_SHARE = 0.95


@cache
def corpus() -> tuple[Label, ...]:
    """Title, seniority and function, labelled by hand before the tables were written."""
    files = sorted((ROOT / "tests" / "corpora" / "titles").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return tuple((row["title"], row["seniority"], row["function"]) for row in rows)


def is_tuned_on(title: str) -> bool:
    """Which half a title is in. The misses of the other half are counted, never read."""
    return hashlib.sha256(title.encode()).digest()[0] % 2 == 0


@pytest.mark.parametrize("tuned_on", [True, False])
def test_the_corpus_is_read_as_labelled(tuned_on: bool) -> None:
    half = [row for row in corpus() if is_tuned_on(row[0]) == tuned_on]
    assert len(half) > 300
    for reads, at in ((seniority_of, 1), (function_of, 2)):
        right = sum(reads(row[0]) == row[at] for row in half)
        assert right / len(half) >= LEAST_SHARE, reads.__name__


TRAPS = [
    ("Assistant to the CEO", "assistant", "general"),
    ("Assistant Director of Operations", "director", "ops"),
    ("Vice President - Marketing", "vp", "marketing"),
    ("Deputy Director of Finance", "head", "finance"),
    ("Stv. Geschäftsführer", "vp", "general"),
    ("Former CEO", None, None),
    ("CTO | ex-Google", "c_level", "technical"),
    ("Product Owner", "manager", "technical"),
    ("Owner", "founder", "general"),
    ("Founder & CTO", "founder", "technical"),
    ("Managing Director Sales", "c_level", "sales"),
    ("VP of Sales & Marketing", "vp", "sales"),
    ("Marketing Intern", "intern", "marketing"),
    ("Internal Auditor", "specialist", "finance"),
    ("Lead Generation Manager", "manager", "marketing"),
    ("CRM Administrator", "manager", "ops"),
    ("Geschaeftsfuehrer", "c_level", "general"),
    ("Geschäftsführer:in", "c_level", "general"),
    ("C.E.O.", "c_level", "general"),
    ("副社長", "vp", "general"),
]


@pytest.mark.parametrize(("title", "seniority", "function"), TRAPS)
def test_traps(title: str, seniority: str | None, function: str | None) -> None:
    assert (seniority_of(title), function_of(title)) == (seniority, function)


@pytest.mark.parametrize(
    "title", ["", "Wizard", "n/a", "-", "asdf", "Ceolina", "Headphones", "???", "なし", "Customer"]
)
def test_what_no_table_knows_stays_unknown(title: str) -> None:
    assert seniority_of(title) is None
    assert function_of(title) is None


@given(st.sampled_from([title for title, _, _ in TRAPS]), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_makes_no_difference(title: str, case: object) -> None:
    assert callable(case)
    assert seniority_of(case(title)) == seniority_of(title)
    assert function_of(case(title)) == function_of(title)


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(title: str) -> None:
    assert seniority_of(title) in (None, "founder", "c_level", "vp", "director", "head", "lead", "manager", "specialist",
                                   "assistant", "intern")  # fmt: skip
    function_of(title)

"""What people refused, blocked and took back, as a lead remembers it."""

from hypothesis import given
from hypothesis import strategies as st

from libs.policy.admit import ANY_EVIDENCE
from services.dedupe.domain.decisions import REMEMBERED, with_rejected, without_rejected

DIGESTS = st.lists(st.integers(0, 90).map(str), max_size=80, unique=True).map(tuple)
MEMORY = st.dictionaries(st.sampled_from(["industry", "email"]), DIGESTS.filter(bool), max_size=2)


@given(MEMORY, st.lists(st.integers(100, 140).map(str), min_size=1, max_size=9, unique=True).map(tuple))
def test_what_is_taken_back_leaves_the_memory_as_it_was(
    held: dict[str, tuple[str, ...]], said: tuple[str, ...]
) -> None:
    before = with_rejected({}, held)
    after = without_rejected(with_rejected(before, {"industry": said}), {"industry": said})
    room = len(before.get("industry", ())) + len(said) <= REMEMBERED
    assert after == before if room else set(after.get("industry", ())) <= set(before.get("industry", ()))


@given(DIGESTS, DIGESTS)
def test_a_block_stays_whatever_is_refused_after_it(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    held = with_rejected({"industry": before}, {"industry": (ANY_EVIDENCE,)})
    assert ANY_EVIDENCE in with_rejected(held, {"industry": tuple(f"n{one}" for one in after)})["industry"]

"""Cuts counted by hand and by a loop; what is asked of people and what was written without asking never mix."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.history.course import policy
from libs.policy.autonomy import wilson
from tests.whatif.decided import TITLE, answer, write
from whatif.answers import Answered
from whatif.economics import ENOUGH, Cut, Economics, behind, cuts_of, economics, level, recommendation, totals
from whatif.present import present
from whatif.writes import Written

HELD = "fields.yaml:contact.title.overwrite"
confidences = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.29, 0.57, 0.7, 0.85, 1.0]))
answers = st.lists(
    st.builds(
        lambda at, right, held: answer(at, right, asked_by=held),
        confidences, st.booleans(), st.sampled_from(["", "", HELD]),
    ),
    max_size=60,
)  # fmt: skip
writes = st.lists(st.tuples(confidences, st.booleans()).map(lambda held: write(*held)), max_size=30)


def one_of(found: list[Economics]) -> Economics:
    (held,) = found
    return held


def test_a_handful_counted_by_hand() -> None:
    held = [answer(0.95, True), answer(0.95, True), answer(0.9, False), answer(0.8, True), answer(0.65, False)]
    more = [answer(0.9, False, asked_by=HELD), answer(0.65, True, asked_by=HELD)]
    found = one_of(economics([*held, *more], [write(0.96, True), write(0.9, False)], policy()))
    told = [(cut.at, cut.saved, cut.wrong, cut.asked, cut.written, cut.corrected) for cut in found.cuts]
    assert told == [
        (0.65, 5, 2, 2, 2, 1),
        (0.7, 4, 1, 1, 2, 1),  # the band of the policy is always there
        (0.8, 4, 1, 1, 2, 1),
        (0.9, 3, 1, 1, 2, 1),
        (0.95, 2, 0, 0, 1, 1),
        (0.96, 0, 0, 0, 1, 1),
    ]
    assert (found.name, found.decided, found.recommended) == ("enrich:contact.title", 7, None)
    assert found.why_not == "not enough answers: 5 of at least 50; another rule asked for 2 more, which no cut saves"
    assert found.now == found.cuts[1]


@given(answers, writes, st.one_of(st.none(), st.floats(0, 1)))
def test_every_cut_is_what_a_loop_counts_and_higher_cuts_save_and_risk_less(
    held: list[Answered], through: list[Written], band: float | None
) -> None:
    cuts = cuts_of(held, through, band)
    seen = {round(cut.at * 100) for cut in cuts}
    assert {level(one.confidence) for one in held} | {level(one.confidence) for one in through} <= seen
    for cut in cuts:
        over = [one for one in held if one.confidence >= cut.at - 1e-9]
        spared = [one for one in over if one.asked_by == ""]
        assert (cut.saved, cut.asked) == (len(spared), len(over) - len(spared))
        assert cut.wrong == sum(one.verdict != "approve" for one in spared)
        anyway = [one for one in through if one.confidence >= cut.at - 1e-9]
        assert (cut.written, cut.corrected) == (len(anyway), sum(one.corrected for one in anyway))
        assert (cut.low, cut.high) == wilson(cut.wrong, cut.saved)
        assert 0 <= cut.low <= (cut.rate or 0) <= cut.high <= 1
    for lower, higher in itertools.pairwise(cuts):
        assert lower.at < higher.at
        for name in ("saved", "wrong", "asked", "written", "corrected"):
            assert getattr(lower, name) >= getattr(higher, name)


@pytest.mark.parametrize(
    ("confidence", "told"), [(0.29, 29), (0.57, 57), (0.849999, 84), (1.5, 100), (float("nan"), 0)]
)
def test_a_level_is_the_cut_that_lets_it_through(confidence: float, told: int) -> None:
    assert level(confidence) == told


@given(
    st.lists(st.tuples(st.sampled_from([0.6, 0.7, 0.8, 0.9]), st.integers(0, 9)), max_size=600),
    st.lists(st.tuples(st.sampled_from([0.6, 0.9]), st.integers(0, 30)), max_size=60),
    st.floats(0.01, 0.4),
)
def test_what_is_recommended_is_the_lowest_cut_that_is_surely_good_enough(
    line: list[tuple[float, int]], through: list[tuple[float, int]], tolerate: float
) -> None:
    cuts = cuts_of([answer(at, luck > 0) for at, luck in line], [write(at, luck == 0) for at, luck in through])
    found, why_not = recommendation(cuts, tolerate)
    good = [
        cut.at for cut in cuts
        if cut.saved >= ENOUGH and cut.high <= tolerate and cut.corrected <= tolerate * cut.written
        and any(at == cut.at for at, _ in line)
    ]  # fmt: skip
    assert found == (min(good) if good else None)
    assert bool(why_not) == (found is None)


def test_good_answers_move_the_cut_down_and_a_bad_field_says_so() -> None:
    good = [answer(0.6 + 0.02 * (n % 20), True, n) for n in range(400)]
    found = one_of(economics(good, [], policy()))
    assert (found.recommended, found.why_not) == (0.6, "")
    assert found.beyond() == (100, 0), "the five steps below the band of 0.70"
    bad = [answer(0.9, n % 5 != 0, n) for n in range(100)]
    found = one_of(economics(bad, [], policy()))
    assert found.why_not == "at best, from 0.70 on, 20 of 100 wrong, which may be 28.9%: more than 2.0%"
    assert found.beyond() == (0, 0)


def test_bad_values_at_the_bottom_do_not_keep_the_cut_above_them() -> None:
    held = [answer(0.9, True, n) for n in range(300)] + [answer(0.5, False, n) for n in range(300, 340)]
    assert one_of(economics(held, [], policy())).recommended == 0.7, (
        "the lowest cut that leaves them out: the band itself"
    )
    assert one_of(economics(held, [], policy(), tolerate=0.2)).recommended == 0.5


def test_189_right_answers_are_needed_for_two_per_cent_and_188_are_not_enough() -> None:
    assert recommendation(cuts_of([answer(0.9, True)] * 189, []), 0.02)[0] == 0.9
    assert recommendation(cuts_of([answer(0.9, True)] * 188, []), 0.02)[0] is None


def test_where_nobody_was_asked_no_cut_is_recommended() -> None:
    held = [answer(0.9, True, n) for n in range(300)]
    assert recommendation(cuts_of(held, [write(0.6, False)]), 0.02)[0] == 0.9
    assert recommendation(cuts_of(held, [write(0.6, False)], 0.7), 0.02, 0.7)[0] == 0.7, "the policy's own may stay"


def test_answers_that_no_cut_spares_recommend_nothing() -> None:
    held = [answer(0.9, True, n, asked_by=HELD) for n in range(500)]
    assert one_of(economics(held, [], policy())).why_not.startswith("not enough answers: 0 of at least 50")


def test_what_people_took_back_of_automatic_values_speaks_against_a_cut_and_is_never_added() -> None:
    held = [answer(0.8, True, n) for n in range(400)]
    found = one_of(economics(held, [write(0.95, n < 4) for n in range(100)], policy()))
    assert found.recommended is None
    assert found.why_not == (
        "the answers would do, but of 100 values written without asking from 0.70 on, 4 were taken back: more than 2.0%"
    )
    assert {(cut.wrong, cut.corrected) for cut in found.cuts} == {(0, 4)}
    assert one_of(economics(held, [write(0.95, n < 2) for n in range(100)], policy())).recommended == 0.7


def test_a_field_that_nobody_was_asked_about_is_there_when_something_was_taken_back() -> None:
    assert economics([], [write(0.9, False)], policy()) == []
    found = one_of(economics([], [write(0.9, False), write(0.8, True)], policy()))
    assert (found.decided, found.why_not) == (0, "not enough answers: 0 of at least 50")
    assert [(cut.at, cut.written, cut.corrected) for cut in found.cuts] == [(0.7, 2, 1), (0.8, 2, 1), (0.9, 1, 0)]


NEVER = [
    f"{record_type}.{name}"
    for record_type, held in policy().fields.records.items()
    for name, contract in held.items()
    if contract.always_review or policy().bands_of(contract).auto is None
]


@pytest.mark.parametrize("place", [*NEVER, "nothing.known"])
def test_what_never_changes_without_a_person_is_never_recommended(place: str) -> None:
    found = one_of(economics([answer(0.99, True, n, place) for n in range(500)], [], policy()))
    assert (found.recommended, found.present.band, found.now) == (None, None, None)
    assert found.why_not


def test_there_are_fields_of_that_kind() -> None:
    assert {"contact.owner", "company.customer_status", "contact.consent"} <= set(NEVER)


def test_the_present_band_is_the_strictest_of_field_and_workflows_and_what_asks_besides_is_told() -> None:
    assert (present(policy(), "enrich", TITLE).band, present(policy(), "enrich", TITLE).asks) == (0.7, ())
    stricter = policy(("workflows.yaml", "  threshold: 0.0\n", "  threshold: 0.9\n"))
    assert present(stricter, "enrich", TITLE).band == 0.9
    asking = policy(("launch.yaml", "mode: limited_auto", "mode: suggested"))
    assert present(asking, "enrich", TITLE).asks == ("launch mode suggested",)
    assert present(asking, "enrich", "lead.title").asks == (), "facts on leads are written in that mode"
    assert "does not grant" in present(policy(), "score", TITLE).never


def test_segments_are_counted_by_themselves() -> None:
    held = [answer(0.9, True, n, kind="demo_request") for n in range(3)] + [answer(0.9, False, 9)]
    found = economics(held, [write(0.9, True, kind="demo_request")], policy(), "kind")
    told = {one.name: (one.decided, one.cuts[-1].wrong, one.cuts[-1].corrected) for one in found}
    assert told == {"enrich:contact.title:demo_request": (3, 0, 1), "enrich:contact.title:unknown": (1, 1, 0)}


def test_recommended_cuts_are_summed_and_fields_are_found_by_name() -> None:
    held = [answer(0.9, True, n) for n in range(300)] + [answer(0.9, True, n, "contact.owner") for n in range(300)]
    found = economics(held, [], policy())
    assert totals(found) == {"saved": 300, "wrong": 0}
    one = behind("contact.owner", found)
    assert one is not None
    assert one is behind("enrich:contact.owner", found)
    assert behind("owner", found) is None


def test_a_cut_between_two_that_were_seen_is_the_next_one() -> None:
    found = one_of(economics([answer(0.75, True), answer(0.9, True)], [], policy()))
    assert found.cut(0.8) == Cut(0.9, 1, 0, *wilson(0, 1), 0, 0, 0)
    assert found.cut(0.91) is None

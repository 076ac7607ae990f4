"""Reachability and overlap, against every value there is: no wrong "never", no meeting that is none, none overlooked."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.analysis import Analysis, analysed
from libs.policy.conditions import Condition
from libs.policy.solve import Demand, solved
from tests.libs.policy.conditions import CLEAR, EVERYTHING, MURKY
from tests.libs.policy.shipped import FILES


def demands(texts: list[str], wanted: list[bool]) -> list[Demand]:
    conditions = [Condition(text) for text in texts]
    return [Demand.true(one) if true else Demand.not_true(one) for one, true in zip(conditions, wanted, strict=False)]


@given(texts=st.lists(CLEAR, min_size=1, max_size=4), wanted=st.lists(st.booleans(), min_size=4, max_size=4))
def test_over_known_tests_the_answer_is_that_of_brute_force(texts: list[str], wanted: list[bool]) -> None:
    asked = demands(texts, wanted)
    answer = solved(asked)
    possible = any(all(one.met(facts) for one in asked) for facts in EVERYTHING)
    assert (answer.facts is not None, answer.none) == (possible, not possible), texts


@given(texts=st.lists(MURKY, min_size=1, max_size=3), wanted=st.lists(st.booleans(), min_size=3, max_size=3))
def test_over_any_tests_nothing_is_claimed_that_is_not_so(texts: list[str], wanted: list[bool]) -> None:
    asked = demands(texts, wanted)
    answer = solved(asked)
    if answer.facts is not None:
        assert all(one.met(answer.facts) for one in asked)
    if answer.none:
        assert not any(all(one.met(facts) for one in asked) for facts in EVERYTHING), texts


@given(texts=st.lists(MURKY, min_size=1, max_size=3), wanted=st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_search_that_gives_up_claims_nothing(texts: list[str], wanted: list[bool]) -> None:
    assert solved(demands(texts, wanted), steps=0) == solved(demands(texts, wanted), steps=0)
    assert not solved(demands(texts, wanted), steps=0).none


@pytest.mark.parametrize(
    "text",
    [
        "lead.employees >= 80 && lead.employees < 30",
        "lead.country == 'DE' && lead.country == 'FR'",
        "lead.page.contains('x') && !lead.page.contains('x')",
        "lead.flag.spam == true && !('spam' in lead.flags)",
        "size(lead.flags) == 0 && 'spam' in lead.flags",
        "lead.country == null && lead.country in ['DE']",
        "lead.confidence > 0.5 && lead.confidence < 0.5",
        "lead.employees > 5 && lead.employees < 6",
    ],
)
def test_what_can_never_hold_is_proved(text: str) -> None:
    assert solved([Demand.true(Condition(text))]).none


def with_rules(*rules: str) -> Analysis:
    """The shipped policy with these rules before the others, each `name priority destination queue: when`."""
    added = ""
    for rule in rules:
        head, _, when = rule.partition(": ")
        name, priority, destination, queue = head.split()
        added += f"  - name: {name}\n    priority: {priority}\n    when: {when}\n    destination: {destination}\n"
        added += f"    queue: {queue}\n    reason: a test\n"
    return analysed({**FILES, "routing.yaml": FILES["routing.yaml"].replace("rules:\n", "rules:\n" + added, 1)})


def test_the_shipped_policy_has_nothing_to_say_and_says_it_in_time() -> None:
    started = time.process_time()
    assert analysed(FILES).problems == ()
    assert time.process_time() - started < 2


def test_a_covered_rule_is_an_error_that_names_what_covers_it() -> None:
    found = with_rules(
        "big 3 queue enterprise_sales: lead.employees >= 500",
        "small 4 queue inbound_sales: lead.employees < 500",
        "sized 5 nurture nurture: lead.employees > 10 && lead.country == 'DE'",
    ).of("error")
    assert [one.message.split()[0] for one in found] == ["sized", "enterprise"]
    assert found[0].message.startswith("sized is never reached")
    assert "big (priority 3) and small (priority 4)" in found[0].message
    text = FILES["routing.yaml"]
    assert found[0].line == text[: text.index("rules:\n")].count("\n") + 2 + 2 * 6 + 2


def test_only_the_rules_that_are_needed_are_named() -> None:
    (found,) = with_rules(
        "france 3 queue inbound_sales: lead.country == 'FR'",
        "germany 4 queue inbound_sales: lead.country == 'DE'",
        "berlin 5 nurture nurture: lead.country == 'DE' && lead.city == 'Berlin'",
    ).of("error")
    assert "germany" in found.message
    assert "france" not in found.message


def test_a_rule_after_a_persons_is_only_offered() -> None:
    found = with_rules("kept 12 nurture nurture: lead.identity.verdict == 'ambiguous' && lead.employees > 5")
    assert not found.of("error")
    (warning,) = found.of("warning")
    assert "kept never decides by itself" in warning.message
    assert "ambiguous_identity (priority 10)" in warning.message


def test_a_meeting_comes_with_a_lead_and_a_narrow_one_is_none() -> None:
    meeting = with_rules(
        "north 51 queue inbound_sales: lead.country in ['SE', 'NO']",
        "large 51 queue enterprise_sales: lead.employees > 900",
    )
    (warning,) = [one for one in meeting.of("warning") if "disagree" in one.message]
    assert "north and large have priority 51" in warning.message
    assert "lead.country = 'SE'" in warning.message
    assert "lead.employees = 901" in warning.message
    apart = with_rules(
        "north 51 queue inbound_sales: lead.country in ['SE', 'NO']",
        "large 51 queue enterprise_sales: lead.employees > 900 && lead.country != 'SE' && lead.country != 'NO'",
    )
    assert not [one for one in apart.of("warning") if "disagree" in one.message]


def test_a_gap_is_a_hint_with_a_lead_that_falls_into_it() -> None:
    old, new = (f"when: lead.score.priority < {least}\n    dest" for least in (30, 20))
    (hint,) = analysed({**FILES, "routing.yaml": FILES["routing.yaml"].replace(old, new)}).of("hint")
    assert "only catch_all takes leads such as" in hint.message
    assert "lead.score.priority = 2" in hint.message


def edited(file: str, old: str, new: str) -> list[str]:
    assert old in FILES[file]
    return [str(one) for one in analysed({**FILES, file: FILES[file].replace(old, new, 1)}).problems]


NEVER = "when: lead.employees < 5 && lead.employees > 7\n"
SPARE_POOL = "spare:\n  title: S\n  when_empty: unassigned\ninbound:\n"
SPARE_CALENDAR = '  spare:\n    time_zone: UTC\n    hours:\n      mon: [{start: "09:00", end: "10:00"}]\n  sales_us:\n'
MORE_VOICE = """  - name: more_voice
    when: lead.use_case == 'voice_ai'
    rules: [{name: a, group: fit, when: lead.employees > 1, points: 1, reason: r}]
  - name: everybody"""


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("routing.yaml", "  nurture: {title: Nu", "  spare: {title: S}\n  nurture: {title: Nu", "the queue spare"),
        ("pools.yaml", "inbound:\n", SPARE_POOL, "the pool spare"),
        ("sla.yaml", "  sales_us:\n", SPARE_CALENDAR, "the calendar spare"),
        ("scoring.yaml", "when: lead.intent == 'medium'", "when: lead.urgency == 'high'", "counts twice"),
        ("scoring.yaml", "when: lead.intent == 'medium'", 'when: "true"', "holds for every lead"),
        ("scoring.yaml", "when: lead.employees < 5\n", NEVER, "very_small_company can never hold"),
        ("scoring.yaml", "when: lead.employees < 5\n", "when: lead.use_case == 'voice_ai'\n", "of table everybody"),
        ("scoring.yaml", "  - name: everybody", MORE_VOICE, "table more_voice is never used"),
    ],
)
def test_what_is_unused_or_said_twice_is_told(file: str, old: str, new: str, told: str) -> None:
    assert any(told in problem for problem in edited(file, old, new)), edited(file, old, new)

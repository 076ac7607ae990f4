"""Marks against an oracle that never saw a fact: whatever happened, in whatever order it was heard."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.change import WHOLE, Actor, RecordRef, Status
from libs.contracts.events import ChangeRecorded, Event, LeadRouted
from libs.policy.load import load_policy
from services.insights.counting import case_of, marks_of
from services.insights.domain.changes import Fold
from services.insights.domain.definitions import BY_NAME, METRICS
from services.insights.domain.facts import Fact, facts_in
from services.insights.domain.lead_marks import lead_marks
from services.insights.domain.marks import NONE, Mark, Setting, Slice, rounded
from services.insights.domain.numbers import percentile
from services.insights.domain.other_marks import task_marks
from services.insights.domain.weeks import days_of, week_before, week_of
from tests.libs.runtime.harness import FILES, POLICY_HASH
from tests.services.insights import oracle
from tests.services.insights.stories import ANA, DEALS, MINE, STORIES, T0, Deal, Story, changed, everything, told_by

SETTING = Setting({POLICY_HASH: load_policy(FILES)}, "America/New_York")


def marks(events: Iterable[Event]) -> list[Mark]:
    """All marks of some events, without a database."""
    fold, facts = Fold(), list[Fact]()
    for number, event in enumerate(events):
        if isinstance(event, ChangeRecorded):
            fold.take(event)
        else:
            facts += facts_in(event, f"place {event.event_id or number}", T0)
    held: dict[tuple[str, str, str], Fact] = {}
    for fact in (*facts, *fold.facts):
        held.setdefault((fact.subject, fact.kind, fact.id), fact)
    subjects = defaultdict[str, list[Fact]](list)
    arrivals = defaultdict[str, dict[str, datetime]](dict)
    for fact in held.values():
        subjects[fact.subject].append(fact)
        if fact.kind == "route":
            arrivals[fact.text("contact")][fact.subject] = datetime.fromisoformat(fact.text("received"))
    found: list[Mark] = []
    for subject, mine in subjects.items():
        contact = next((one.text("contact") for one in mine if one.kind == "route"), "")
        records = [one for one in fold.records.values() if one.contact_id == contact]
        cases = {subject: case_of(subject, mine, records, arrivals[contact])}
        found += marks_of(subject, mine, cases, SETTING)
    return found


def mixed(events: Sequence[Event], seed: int) -> list[Event]:
    """The events as several partitions tell them: in any order, some again; audited changes keep theirs."""
    chance = Random(seed)
    changes = [one for one in events if isinstance(one, ChangeRecorded)]
    others = [one for one in events if not isinstance(one, ChangeRecorded)]
    others += chance.sample(others, len(others) // 2)
    chance.shuffle(others)
    merged: list[Event] = []
    while changes or others:
        pick = changes if changes and (not others or chance.random() < 0.5) else others
        merged.append(pick.pop(0))
    return merged


def compared(found: Sequence[Mark], stories: Sequence[Story], deals: Sequence[Deal]) -> None:
    """The marks say what the stories say."""
    rates, counts = defaultdict[str, list[int]](lambda: [0, 0]), Counter[tuple[str, str]]()
    for one in found:
        if BY_NAME[one.metric].kind == "rate":
            rates[one.metric][0] += one.num
            rates[one.metric][1] += one.den
        elif BY_NAME[one.metric].kind == "count":
            counts[one.metric, one.slice.label] += one.num
    wanted = oracle.rates(stories, deals)
    assert {name: tuple(rates[name]) for name in wanted} == wanted
    assert not set(rates) - set(wanted)
    assert dict(counts) == oracle.counts(stories, deals)
    touches = sorted(one.value for one in found if one.metric == "first_touch_wall")
    assert touches == oracle.wall_minutes(stories)
    assert Counter(one.day.isoformat() for one in found if one.metric == "leads") == oracle.days(stories)


@settings(max_examples=150, deadline=None)
@given(STORIES, DEALS, st.integers(0, 10**6))
def test_numbers_are_what_the_stories_say_in_any_order(stories: list[Story], deals: list[Deal], seed: int) -> None:
    events = everything(stories, deals)
    found = marks(mixed(events, seed))
    compared(found, stories, deals)
    assert Counter(found) == Counter(marks(events))
    assert all(0 <= one.num <= one.den for one in found if BY_NAME[one.metric].kind == "rate")
    assert all((one.value != NONE) == (BY_NAME[one.metric].kind == "minutes") for one in found)


def test_the_generator_reaches_the_cases_that_are_easy_to_get_wrong() -> None:
    """A deal between two leads of one contact, a clock that was met too late, an answer that was changed."""
    stories = [
        Story(0, 0, contact=1, clock="late", answers=("approve", "reject"), feedback=("rejected", "accepted", "touched")),
        Story(1, 30, contact=1, priority=None, destination="disqualified", way="same", undone="rollback", asked=True),
    ]  # fmt: skip
    deals = [Deal(0, 1, 20, "closed won"), Deal(1, 1, 31, "lost")]
    found = marks(everything(stories, deals))
    compared(found, stories, deals)
    assert oracle.rates(stories, deals)["conversion_won"] == (1, 2)
    assert oracle.rates(stories, deals)["sla_hit"] == (2, 3)
    assert oracle.counts(stories, deals)["suggestions", "rejected"] == 1


def test_time_is_told_by_the_wall_and_in_working_hours() -> None:
    """Sixteen hours over a night: the office was open for the rest of one day and the beginning of the next."""
    story = Story(0, 8, feedback=("touched",))  # 17:00 in New York, an hour before the office closes
    found = {one.metric: one.value for one in marks(everything([story], []))}
    assert (found["first_touch_wall"], found["first_touch"]) == (100, 60)


def test_drafts_count_when_a_person_approved_or_rejected_them() -> None:
    """Made, edited, approved; made anew and rejected; made and left alone."""
    story, contact = Story(0, 0), RecordRef(type="contact", id="w-0")
    machine, moves = Actor(kind="ai", id="router"), list[Event]()
    for status, actor in (("applied", machine), ("applied", ANA), ("approved", ANA), ("applied", machine), ("rejected", ANA),
                          ("applied", machine), ("approved", ANA), ("applied", machine)):  # fmt: skip
        told = {"actor": actor, "status": Status(status), "new": "Dear", "source": MINE}
        moves.append(changed(story, 10 + len(moves), contact, "follow_up_draft", **told))
    found = [one for one in marks([*everything([story], []), *moves]) if one.metric == "draft_acceptance"]
    assert [(one.slice.label, one.num, one.den) for one in found] == [
        ("approved_edited", 1, 1), ("rejected", 0, 1), ("approved", 1, 1),
    ]  # fmt: skip


def test_meetings_lead_on_when_an_opportunity_follows() -> None:
    def met(number: int, hour: int, contact: int) -> ChangeRecorded:
        at = T0 + timedelta(hours=hour)
        new = {"kind": "meeting", "contact_id": f"c-{contact}", "at": at.isoformat()}
        record = RecordRef(type="activity", id=f"m-{number}")
        return changed(Story(90 + number, hour), 0, record, WHOLE, new=new, actor=ANA, source=MINE, lead_id=None)

    stories = [Story(0, 0, contact=1), Story(1, 0, contact=2), Story(2, 0, contact=0, destination="nurture")]
    events = [*everything(stories, [Deal(0, 1, 9, "new")]), met(0, 5, 1), met(1, 5, 2), met(2, 5, 0)]
    found = {one.case_id: (one.num, one.den) for one in marks(events) if one.metric == "meeting_quality"}
    assert found == {"activity:m-0": (1, 1), "activity:m-1": (0, 1)}, "nobody had the third lead"


def test_what_is_handed_on_and_linked_wrongly_is_seen_in_the_next_route() -> None:
    story = Story(0, 0, verdict="duplicate")
    first = next(one for one in told_by(story) if isinstance(one, LeadRouted))
    lead = first.lead.model_copy(update={"version": 2})
    assert lead.identity is not None
    other = lead.identity.model_copy(update={"contact": RecordRef(type="contact", id="c-9"), "verdict": "new"})
    route = first.route.model_copy(update={"rule": "reassigned_by_person", "owner": RecordRef(type="member", id="eve")})
    again = first.model_copy(update={
        "event_id": "later", "lead": lead.model_copy(update={"identity": other}), "route": route,
        "decided_at": T0 + timedelta(hours=5),
    })  # fmt: skip
    found = {one.metric: one for one in marks([*everything([story], []), again])}
    assert (found["links_cut"].num, found["links_cut"].den) == (1, 1)
    assert (found["reassignment"].slice.label, found["reassignment"].owner) == ("by_person", "eve")
    assert (found["routing_correction"].num, found["routing_correction"].slice.label) == (1, "inbound")


def test_times_of_triage_run_from_when_the_lead_began_to_wait() -> None:
    found = {one.metric: one.value for one in marks(everything([Story(0, 0, asked=True, answers=("approve",))], []))}
    assert (found["triage_time_wall"], found["triage_time"]) == (60, 60)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 1.0]))
def test_percentiles_are_nearest_ranks(values: list[int], share: float) -> None:
    ranked = sorted(values)
    place = next(at for at in range(len(ranked)) if (at + 1) / len(ranked) >= share - 1e-12)
    assert percentile(Counter(values), share) == ranked[place]
    assert percentile({}, share) is None


@given(st.floats(0, 1e9))
def test_rounding_keeps_three_digits(minutes: float) -> None:
    assert rounded(minutes) <= minutes
    assert minutes - rounded(minutes) < max(1, minutes / 100)


@given(st.dates(min_value=T0.date() - timedelta(days=4000), max_value=T0.date() + timedelta(days=4000)))
def test_weeks(day: object) -> None:
    week = week_of(day)  # type: ignore[arg-type]
    first, last = days_of(week)
    assert first <= day <= last  # type: ignore[operator]
    assert days_of(week_before(week))[1] + timedelta(days=1) == first


@pytest.mark.parametrize("wrong", ["2026-47", "2026-W54", "2026-W00", "W47", "", "2025-W53", "x" * 99, "0000-W01"])
def test_what_is_no_week_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-W47"):
        days_of(wrong)


def test_definitions_are_whole_and_slices_are_told_apart() -> None:
    assert len({one.name for one in METRICS}) == len(METRICS)
    for one in METRICS:
        assert one.question.endswith(("?", ".")), one.name
        assert one.numerator, one.name
        assert bool(one.denominator) == (one.kind == "rate"), one.name
    assert Slice(kind="a").id != Slice(source="a").id
    assert Slice().id == Slice().id


def test_tasks_count_when_done_and_not_when_cancelled() -> None:
    record, fold = RecordRef(type="task", id="t-1"), Fold()
    story = Story(0, 0)
    told = {"actor": ANA, "source": MINE, "lead_id": None}
    found = []
    for number, (field, new) in enumerate(
        ((WHOLE, {"title": "call", "status": "open"}), ("status", "done"), ("status", "cancelled"))
    ):
        fold.take(changed(story, number, record, field, new=new, **told))
        found.append([(one.num, one.den) for one in task_marks(fold.records["task:t-1"], SETTING)])
    assert found == [[(0, 1)], [(1, 1)], []]
    assert fold.touched == {"task:t-1"}


def test_a_decision_that_was_taken_back_counts_for_nothing() -> None:
    story = Story(0, 0, asked=True, answers=("approve", "reject"), way="other")
    facts = [fact for event in told_by(story) for fact in facts_in(event, "p", T0) if fact.subject.startswith("lead:")]
    way = next(one for one in facts if one.kind == "decided" and one.text("way"))
    last = next(one for one in facts if one.kind == "answer" and one.text("verdict") == "reject")
    gone = [
        Fact(one.subject, "withdrawn", f"w{at}", T0, {"decision": one.id.partition(":")[0]})
        for at, one in enumerate((way, last))
    ]
    before = lead_marks(case_of(way.subject, facts, (), {}), SETTING)
    after = lead_marks(case_of(way.subject, [*facts, *gone], (), {}), SETTING)

    def said(marks: Sequence[Mark], metric: str) -> list[tuple[int, int]]:
        return [(one.num, one.den) for one in marks if one.metric == metric]

    assert (said(before, "routing_correction"), said(after, "routing_correction")) == ([(1, 1)], [])
    assert (said(before, "suggestion_acceptance"), said(after, "suggestion_acceptance")) == ([(0, 1)], [(1, 1)])

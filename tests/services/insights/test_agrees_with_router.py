"""What insights counts for earned autonomy is what the router counts, on one history."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import ChangeRecorded, Event, LeadRouted
from libs.contracts.lead import Route
from services.insights.counting import case_of
from services.insights.domain.changes import Fold
from services.insights.domain.facts import Fact, facts_in
from services.insights.domain.lead_marks import lead_marks
from services.insights.domain.marks import Setting
from tests.services.insights.stories import T0
from tests.services.router.earning import ANA, KEY, answered, earning_policy, earning_router, shown, titled
from tests.services.router.fakes import NOW

BOTH = earning_policy()
SETTING = Setting({BOTH.hash: BOTH}, "UTC")
ANSWERS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["approve", "edit", "reject", "block"])), min_size=1, max_size=40
)


def routed(number: int) -> LeadRouted:
    """The lead that the suggestion is about."""
    route = Route(destination="queue", queue="inbound_sales", rule="r", reason="r", confidence=1.0)
    return LeadRouted(event_id=f"r{number}", decided_at=NOW, lead=titled(number), route=route)


def written(number: int, place: int, actor: Actor, *, rollback: bool = False, human: bool = False) -> ChangeRecorded:
    """The title as the audit log tells of it: the machine's or approved write, or who took it back."""
    record = titled(number).proposals[0].record
    taken = rollback or human
    source = Source(kind="rollback" if rollback else "human" if human else "provider", name="rb")
    change = FieldChange(
        record=RecordRef(type=record.type, id=record.id), field="title", old="CTO" if taken else None,
        new="VP" if taken else "CTO", source=source, actor=actor, reason="r", change_id=ids.derived_id("w", number, place),
        workflow=Workflow(name="crm.writes", version="1"), policy_version=BOTH.hash, trigger_event_id="t",
        lead_id=None if human else titled(number).lead_id, status=Status.APPLIED, rule="x", at=NOW,
    )  # fmt: skip
    return ChangeRecorded(event_id=f"w{number}-{place}", decided_at=NOW, change=change)


def counted(events: Sequence[Event]) -> tuple[int, int]:
    """Accepted and decided under the key, as insights has it."""
    fold, facts = Fold(), list[Fact]()
    for event in events:
        if isinstance(event, ChangeRecorded):
            fold.take(event)
        else:
            facts += facts_in(event, event.event_id, T0)
    leads: dict[str, dict[Any, Fact]] = defaultdict(dict)
    for fact in (*facts, *fold.facts):
        leads[fact.subject].setdefault((fact.kind, fact.id), fact)
    marks = [
        mark for subject, held in leads.items() if subject.startswith("lead:")
        for mark in lead_marks(case_of(subject, list(held.values()), (), {}), SETTING)
    ]  # fmt: skip
    mine = [mark for mark in marks if mark.metric == "earned_autonomy"]
    assert {mark.slice.label for mark in mine} <= {KEY}
    acceptance = [mark for mark in marks if mark.metric == "suggestion_acceptance"]
    assert sum(mark.num for mark in acceptance) == sum(mark.num for mark in mine)
    return sum(mark.num for mark in mine), sum(mark.den for mark in mine)


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.sets(st.integers(0, 12)))
def test_both_count_the_same(answers: list[tuple[int, str]], rolled_back: set[int]) -> None:
    """People answer, some change their minds, and what they approved is rolled back for some."""
    router, _ = earning_router()
    events: list[Event] = []
    newest: dict[int, str] = {}
    for place, (number, verdict) in enumerate(answers):
        event = answered(number, verdict).model_copy(update={"event_id": f"d{place:03}", "decided_at": NOW})
        if number not in newest:
            router.scored(titled(number))
            events.append(routed(number))
        router.one(event)
        events.append(event)
        newest[number] = verdict
    for number in sorted(rolled_back & {one for one, verdict in newest.items() if verdict == "approve"}):
        approved = Actor(kind="human_approved_ai", id="ana")
        router.one(shown(number, "CTO", 1))
        router.one(shown(number, "VP", 2, ANA, rollback="rb"))
        events += [written(number, 0, approved), written(number, 1, ANA, rollback=True)]
    row = router.state.all.earned[KEY]
    assert counted(events) == (row.accepted, row.decided)


def test_an_automatic_write_counts_only_when_it_is_taken_back() -> None:
    machine = Actor(kind="rule", id="enrich")
    kept = [routed(1), written(1, 0, machine)]
    assert counted(kept) == (0, 0)
    assert counted([*kept, written(1, 1, ANA, human=True)]) == (0, 1)
    assert counted([*kept, written(1, 1, ANA, rollback=True)]) == (0, 1)

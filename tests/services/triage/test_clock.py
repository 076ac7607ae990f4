"""Triage's clock: each step once, at its own instant, whatever order things arrive in and however late timers are heard."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import RecordRef
from libs.contracts.events import Command, Event, SlaChanged, TriageRequested, Waiting
from libs.contracts.lead import Route
from libs.contracts.outcome import Timer
from services.triage.domain.page import Row
from tests.services.triage.world import AT, IDENTITY, TIMER, Triage, decision, lead, request, routed, yes

WAITING = Waiting(
    since=AT, queue="triage", remind_at=AT + timedelta(minutes=45), due_at=AT + timedelta(minutes=60),
    escalate_at=AT + timedelta(minutes=120), remind_to="sales_manager", escalate_to="revops",
)  # fmt: skip
TOLD = [
    ("reminded", WAITING.remind_at, "sales_manager"),
    ("breached", WAITING.due_at, None),
    ("escalated", WAITING.escalate_at, "revops"),
]


def asks(version: int = 1, waiting: Waiting = WAITING, **more: Any) -> TriageRequested:
    """The request of a lead whose account eve looks after."""
    route = Route(
        destination="triage",
        queue="triage",
        rule="r",
        reason="r",
        confidence=0.5,
        told=RecordRef(type="member", id="eve"),
    )
    held = lead("l1", version).model_copy(update={"route": route})
    return request(version, **{"lead": held, "waiting": waiting, "due_at": waiting.due_at, **more})


class Desk:
    """Triage with the timers that it set, which ring when they are heard."""

    def __init__(self) -> None:
        self.triage = Triage()
        self.timers: dict[str, Timer] = {}
        self.told: list[Event] = []

    async def hears(self, *events: Event) -> None:
        for one in events:
            outcome = await self.triage.take(one)
            self.timers.update({timer.name: timer for timer in outcome.timers})
            self.told += outcome.emits

    async def rings(self, until: datetime, late: timedelta = timedelta()) -> None:
        while due := [one for one in self.timers.values() if one.due_at is not None and one.due_at <= until]:
            timer = min(due, key=lambda one: (one.due_at, one.name))
            del self.timers[timer.name]
            assert timer.due_at is not None
            self.triage.now = max(self.triage.now, timer.due_at + late)
            cause = ids.derived_id("timer", timer.name, timer.due_at.isoformat(), len(self.told))
            arguments = timer.arguments
            await self.hears(
                Command(
                    event_id=cause, command_id="c", name=timer.name, key=timer.key, actor=TIMER, arguments=arguments
                )
            )

    def clocks(self) -> list[SlaChanged]:
        return [one for one in self.told if isinstance(one, SlaChanged)]

    def steps(self) -> list[tuple[str, datetime | None, str | None]]:
        found = [one for one in self.clocks() if one.state in ("reminded", "breached", "escalated")]
        return [(one.state, one.at, one.to) for one in found]


async def test_it_reminds_breaches_and_escalates_at_its_own_instants() -> None:
    for late in (timedelta(), timedelta(hours=9)):
        desk = Desk()
        await desk.hears(asks())
        await desk.rings(AT + timedelta(days=1), late)
        assert desk.steps() == TOLD
        assert {one.owner.id for one in desk.clocks() if one.owner} == {"eve"}, "who looks after the account"
        notices = [one for one in desk.told if isinstance(one, Command)]
        assert [(one.target, one.name, one.arguments["role"]) for one in notices] == [  # type: ignore[index,call-overload]
            ("router", "triage_clock", "sales_manager"), ("router", "triage_clock", "sales_manager"),
            ("router", "triage_clock", "revops"),
        ]  # fmt: skip


async def test_a_timer_that_is_heard_again_or_of_an_older_version_tells_nothing() -> None:
    desk = Desk()
    await desk.hears(asks())
    await desk.rings(AT + timedelta(days=1))
    for number, (name, version) in enumerate((("remind", 1), ("overdue", 1), ("escalate", 1), ("escalate", 0))):
        again = Command(
            event_id=f"again-{number}", command_id="c", name=name, key="l1", actor=TIMER, arguments={"version": version}
        )
        await desk.hears(again)
    assert desk.steps() == TOLD


async def test_the_queue_shows_where_the_clock_stands() -> None:
    desk = Desk()
    await desk.hears(asks())
    seen = [Row.of(desk.triage.item()).clock]
    for minutes in (45, 60, 120):
        await desk.rings(AT + timedelta(minutes=minutes))
        seen.append(Row.of(desk.triage.item()).clock)
    assert seen == ["waiting", "due soon", "overdue", "escalated"]


async def test_a_newer_version_that_asks_again_waits_on_in_either_order() -> None:
    for newer in ([asks(2)], [routed(2, asks=True), asks(2)]):
        desk = Desk()
        await desk.hears(asks())
        await desk.rings(AT + timedelta(minutes=70))
        await desk.hears(*newer)
        await desk.rings(AT + timedelta(days=1))
        assert desk.steps() == TOLD, "each step once over all versions"
        assert desk.triage.item().overdue


async def test_an_answer_ends_the_wait_and_nothing_rings_afterwards() -> None:
    desk = Desk()
    await desk.hears(asks())
    await desk.rings(AT + timedelta(minutes=50))
    await desk.hears(decision(1, desk.triage.item().question_hash, yes("q-change")))
    assert {timer.due_at for timer in desk.timers.values()} == {None}
    assert [one.state for one in desk.clocks()] == ["started", "reminded", "met"]
    again = WAITING.model_copy(update={"since": AT + timedelta(minutes=55)})
    await desk.hears(asks(2, again))
    assert not desk.triage.item().reminded, "asked anew, waited anew"


async def test_a_late_answer_was_a_breach_when_it_was_due() -> None:
    desk = Desk()
    await desk.hears(asks())
    desk.triage.now = AT + timedelta(minutes=61)
    await desk.hears(decision(1, desk.triage.item().question_hash, yes("q-change")))
    assert desk.steps() == [("breached", WAITING.due_at, None)]


moves = st.lists(
    st.sampled_from(["asks", "asks more", "routed", "settled", "answer", "wait 20", "wait 50", "wait 70"]),
    min_size=1,
    max_size=9,
).map(lambda line: ["asks", *line])


@settings(max_examples=200)
@given(moves, st.integers(0, 600))
async def test_whatever_happens_a_wait_tells_each_step_once_and_never_before_its_time(
    line: list[str], late: int
) -> None:
    desk, version = Desk(), 0
    for number, act in enumerate(line):
        if act in ("asks", "settled", "routed"):
            version += 1
        if act.startswith("wait"):
            await desk.rings(desk.triage.now + timedelta(minutes=int(act[5:])), timedelta(seconds=late))
            desk.triage.now += timedelta(minutes=int(act[5:]))
        elif act == "asks":
            await desk.hears(asks(version, number=number))
        elif act == "asks more":
            hashed = {"question_hash": f"h{number}", "number": number}
            await desk.hears(asks(max(1, version), WAITING, questions=(IDENTITY,), **hashed))
        elif act == "answer" and desk.triage.case().open_item is not None:
            await desk.hears(decision(number, desk.triage.item().question_hash, yes("q-change")))
        elif act in ("routed", "settled"):
            await desk.hears(routed(version, asks=act == "routed", number=number))
    event("steps " + str(len(desk.steps())))
    for state, at, _ in desk.steps():
        assert (state, at) in [(name, when) for name, when, _ in TOLD]
        assert at is not None
        assert at <= desk.triage.now
    answers = line.count("answer")
    most = Counter(state for state, *_ in desk.steps()).most_common(1)
    assert not most or most[0][1] <= 1 + answers, "a wait ends by an answer alone"

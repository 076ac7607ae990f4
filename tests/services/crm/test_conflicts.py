"""What crm could not write without a person: told to the router, put into triage, and written again over what was found."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Actor, ProposedChange, RecordRef, Status
from libs.contracts.codec import decode
from libs.contracts.conflict import CONFLICT, ConflictArguments
from libs.contracts.events import Command, CrmWrite, Event
from libs.contracts.topics import COMMANDS
from libs.runtime.emit import Emitter
from services.crm.stage.writes import writes_stage
from tests.services.crm.world import AT, AUTO, COMPANY, SUGGESTED, Crm, Versions, change, edit, revert, statuses, write
from tests.services.router.fakes import a_lead, member
from tests.services.router.running import Router, request
from tests.services.router.running import writes as written
from tests.services.triage.world import Triage, decision

LEAD = a_lead("s1", company=COMPANY.id)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def told(outcome: Any) -> list[Command]:
    return [event for event in outcome.emits if isinstance(event, Command)]


def of_lead(number: int, *changes: ProposedChange, **more: Any) -> CrmWrite:
    return write(number, *changes, **more).model_copy(update={"lead_id": LEAD.lead_id})


def sent(outcome: Any, event: Event) -> list[Command]:
    """The commands as the router reads them: named by the runtime, through bytes."""
    stage = writes_stage(Crm().store, Versions())
    records = Emitter(Versions()).emitted(stage, event, outcome, AT, TRACE).records
    topic = COMMANDS["router"]
    return [decode(topic, one.value, one.headers) for one in records if one.topic == topic.name]


async def drifted(crm: Crm, number: int, new: str = "Finance", found: str = "Robotics", **more: Any) -> Any:
    """A write that was proposed before a person's edit."""
    await crm.apply(number * 10, change("industry", "Software"))
    await crm.take(edit(number * 10, {"industry": found}))
    return await crm.take(of_lead(number, change("industry", new, old="Software"), change("country", "DE"), **more))


async def test_a_drift_is_told_to_the_router_with_what_was_wanted_and_found() -> None:
    outcome = await drifted(Crm(), 1)
    (command,) = told(outcome)
    assert (command.target, command.name, command.key) == ("router", CONFLICT, LEAD.lead_id)
    arguments = ConflictArguments.model_validate(command.arguments)
    (conflict,) = arguments.changes
    assert (conflict.field, conflict.new, conflict.old) == ("industry", "Finance", "Robotics")
    assert conflict == outcome.settled[0]
    assert arguments.write_id == "w1"


async def test_the_runtime_sends_it_to_the_routers_topic_under_the_leads_key() -> None:
    event = of_lead(1, change("industry", "Finance", old="Software"))
    outcome = await Crm().take(event)
    (command,) = sent(outcome, event)
    assert command.command_id == command.event_id == ids.event_id(event.event_id, "crm.writes", 0)
    assert (command.caused_by, command.key) == (event.event_id, LEAD.lead_id)


async def test_what_the_gate_queues_is_told_too() -> None:
    outcome = await Crm(SUGGESTED).take(of_lead(1, change("industry", "Software")))
    assert statuses(outcome.settled)[0][0] is Status.QUEUED
    assert len(told(outcome)) == 1


@pytest.mark.parametrize("update", [{"lead_id": None}, {"rollback_id": "r1"}])
async def test_what_belongs_to_no_lead_and_rollbacks_ask_nobody(update: dict[str, Any]) -> None:
    event = of_lead(2, change("industry", "Finance", old="Software")).model_copy(update=update)
    outcome = await Crm().take(event)
    assert statuses(outcome.settled) == [(Status.CONFLICT, "crm:drift")]
    assert told(outcome) == []


async def test_a_revert_and_a_deleted_record_ask_nobody() -> None:
    crm = Crm()
    (applied,) = await crm.apply(1, change("industry", "Software"))
    await crm.take(edit(2, {"industry": "Robotics"}))
    assert told(await crm.take(of_lead(3, revert(applied)))) == []
    gone = Crm()
    await gone.apply(1, change("industry", "Software"))
    await gone.take(command_to_delete())
    outcome = await gone.take(of_lead(3, change("industry", "Finance", old="Software")))
    assert (outcome.settled[0].status, told(outcome)) == (Status.CONFLICT, [])


def command_to_delete() -> Command:
    return Command(
        event_id="gone", command_id="gone", name="delete", key=COMPANY.id, actor=Actor(kind="human", id="ana"),
        arguments={"type": COMPANY.type},
    )  # fmt: skip


class Circle:
    """Crm, router and triage, with what one tells the other handed over."""

    def __init__(self) -> None:
        self.crm, self.router, self.triage = Crm(), Router(), Triage()
        self.number = 0

    async def start(self) -> "Circle":
        await self.crm.apply(999, change("industry", "Software"))
        self.router.one(member("ann"))
        routed = self.router.scored(LEAD)
        assert routed.next is not None
        await self.triage.take(routed.next.model_copy(update={"event_id": "routed"}))
        return self

    def next(self) -> int:
        self.number += 1
        return self.number

    async def write(self, new: str, old: str) -> Any:
        """A machine's write of the lead, and what crm tells of it."""
        event = of_lead(self.next(), change("industry", new, old=old))
        outcome = await self.crm.take(event)
        for command in sent(outcome, event):
            for asked in self.router.one(command).emits:
                await self.triage.take(asked.model_copy(update={"event_id": f"asked-{self.next()}"}))
        return outcome

    async def person(self, value: str) -> None:
        await self.crm.take(edit(self.next(), {"industry": value}))

    def questions(self) -> list[str]:
        """Open questions by what is wanted."""
        open_item = self.triage.case(LEAD.lead_id).open_item
        return [one.proposal.new for one in open_item.questions if one.proposal] if open_item else []  # type: ignore[misc]

    async def answer(self, verdict: str) -> list[CrmWrite]:
        """One verdict for all open questions; the writes that follow, made by crm."""
        item = self.triage.case(LEAD.lead_id).open_item
        assert item is not None
        said = [{"question_id": one.question_id, "verdict": verdict} for one in item.questions]
        made = await self.triage.take(decision(self.next(), item.question_hash, *said, lead_id=LEAD.lead_id))
        decided = made.next.model_copy(update={"event_id": f"decided-{self.number}"})
        await self.crm.take(decided)
        out = written(self.router.one(decided))
        for one in out:
            await self.crm.take(one.model_copy(update={"event_id": f"approved-{self.next()}"}))
        return out


async def test_a_yes_writes_it_again_over_what_was_found() -> None:
    circle = await Circle().start()
    await circle.person("Robotics")
    await circle.write("Finance", "Software")
    assert circle.questions() == ["Finance"]
    (out,) = await circle.answer("approve")
    (approved,) = out.changes
    assert (approved.old, approved.actor.kind, out.approved_by) == ("Robotics", "human_approved_ai", "ana")
    assert circle.crm.record().fields["industry"] == "Finance"
    assert circle.crm.record().meta["industry"].verified_by == "ana"


async def test_a_no_keeps_what_the_crm_has_and_is_not_asked_again() -> None:
    circle = await Circle().start()
    await circle.person("Robotics")
    await circle.write("Finance", "Software")
    assert await circle.answer("reject") == []
    assert circle.crm.record().fields["industry"] == "Robotics"
    await circle.write("Finance", "Software")
    assert circle.questions() == []


async def test_what_moved_while_a_person_thought_is_another_question() -> None:
    circle = await Circle().start()
    await circle.person("Robotics")
    await circle.write("Finance", "Software")
    await circle.person("Health")
    (out,) = await circle.answer("approve")
    assert circle.crm.record().fields["industry"] == "Health"
    again = out.model_copy(update={"event_id": "again"})
    (command,) = sent(await circle.crm.take(again), again)
    asked = request(circle.router.one(command))
    assert asked is not None
    assert asked.questions[0].review.detail["old"] == "Health"  # type: ignore[index,call-overload]


NAMES = st.sampled_from(("Finance", "Robotics", "Health"))
MOVES = st.one_of(
    st.tuples(st.just("person"), NAMES),
    st.tuples(st.just("write"), NAMES),
    st.tuples(st.just("answer"), st.sampled_from(("approve", "reject"))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=14))
async def test_a_conflict_is_asked_once(moves: list[tuple[str, str]]) -> None:
    """However often a write is tried, a wanted value over a found one is open at most once, and never after an answer."""
    circle = await Circle().start()
    await circle.person("Software")
    answered: set[str] = set()
    for what, value in moves:
        if what == "person":
            await circle.person(value)
        elif what == "write":
            await circle.write(value, "an older value")
        elif circle.questions():
            item = circle.triage.case(LEAD.lead_id).open_item
            assert item is not None
            answered |= {one.question_id for one in item.questions}
            await circle.answer(value)
        item = circle.triage.case(LEAD.lead_id).open_item
        asked = [one.question_id for one in item.questions] if item else []
        assert len(asked) == len(set(asked))
        assert answered.isdisjoint(asked)


def test_names_of_the_test_worlds_agree() -> None:
    assert AUTO.hash == LEAD.policy_hash
    assert RecordRef(type="company", id=COMPANY.id) == LEAD.identity.company  # type: ignore[union-attr]

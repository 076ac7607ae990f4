"""Rollbacks planned from the log and judged by crm's own rules: what audit plans is what crm does."""

from typing import Any

from libs.contracts.change import Actor, FieldChange, ProposedChange, Source, Status
from libs.contracts.events import CrmWrite
from services.audit.domain.compensate import writes
from services.audit.domain.move import Move
from services.audit.domain.rollback import Plan, plan
from services.audit.domain.selection import Selection
from services.audit.domain.timeline import state_of
from tests.services.crm.world import ANA, AUTO, COMPANY, Crm, change, edit

ENRICH = Selection(workflow="enrich")


class World:
    """Crm, and the log of what it reported."""

    def __init__(self) -> None:
        self.crm = Crm()
        self.moves: list[Move] = []
        self.number = 0

    async def write(self, *changes: ProposedChange) -> list[FieldChange]:
        """A write of the router."""
        self.number += 1
        return self._log(await self.crm.apply(self.number, *changes))

    async def edit(self, **fields: Any) -> list[FieldChange]:
        """A person's edit."""
        self.number += 1
        return self._log(list((await self.crm.take(edit(self.number, fields))).settled))

    async def roll_back(self, selection: Selection) -> tuple[Plan, list[FieldChange]]:
        """Plan and carry out."""
        made = plan(self.moves, selection)
        settled: list[FieldChange] = []
        for held in writes(made, ANA, "wrong provider", AUTO.hash):
            self.number += 1
            event: CrmWrite = held.model_copy(update={"event_id": f"rollback-{self.number}"})
            settled += self._log(list((await self.crm.take(event)).settled))
        return made, settled

    def _log(self, changes: list[FieldChange]) -> list[FieldChange]:
        for held in changes:
            seq = len(self.moves) + 1
            self.moves.append(Move(0, seq, seq, "", f"event-{seq}", held))
        return changes

    def agrees(self) -> bool:
        """Whether the log adds up to what crm holds."""
        held = dict(self.crm.record(COMPANY).fields)
        return state_of(self.moves).values() == held


async def test_a_rollback_restores_what_crm_held_and_the_same_evidence_does_not_come_back() -> None:
    world = World()
    first = {"actor": Actor(kind="rule", id="dedupe"), "source": Source(kind="rule", name="dedupe")}
    await world.write(change("industry", "Retail", **first))
    await world.write(change("industry", "Robots", "Retail"), change("employees", 120))
    made, settled = await world.roll_back(ENRICH)
    assert made.counts["restore"] == len(settled) > 0
    assert {held.status for held in settled} == {Status.APPLIED}
    assert world.agrees()
    (again,) = await world.write(change("employees", 120))
    assert again.status is not Status.APPLIED
    made, settled = await world.roll_back(ENRICH)
    assert made.counts["already_undone"] == len(made.items)
    assert settled == []


async def test_a_rollback_that_is_rolled_back_restores_it() -> None:
    world = World()
    await world.write(change("employees", 120))
    made, _ = await world.roll_back(ENRICH)
    assert world.crm.record().fields.get("employees") is None
    back, settled = await world.roll_back(Selection(rollback_id=made.rollback_id))
    assert back.counts["restore"] == 1
    assert [held.status for held in settled] == [Status.APPLIED]
    assert world.crm.record().fields["employees"] == 120
    assert world.agrees()


async def test_a_persons_edit_is_left_alone_by_both() -> None:
    world = World()
    await world.write(change("employees", 120), change("industry", "Robots"))
    await world.edit(employees=80)
    made, settled = await world.roll_back(ENRICH)
    assert {item.field: item.action for item in made.items} == {"employees": "conflict", "industry": "restore"}
    assert [held.status for held in settled] == [Status.APPLIED]
    assert world.crm.record().fields["employees"] == 80
    assert world.agrees()


async def test_an_edit_between_plan_and_write_is_crms_conflict() -> None:
    world = World()
    await world.write(change("employees", 120))
    made = plan(world.moves, ENRICH)
    await world.edit(employees=80)
    (held,) = writes(made, ANA, "wrong", AUTO.hash)
    outcome = await world.crm.take(held.model_copy(update={"event_id": "late"}))
    assert [one.status for one in outcome.settled] == [Status.CONFLICT]
    assert world.crm.record().fields["employees"] == 80

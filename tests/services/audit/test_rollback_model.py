"""Machines and people change fields, link leads and cut links, and roll back what they like, in any order: the state is a simple
model's, no person's value is lost, and the log only grows."""

from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from libs.contracts.change import ProposedChange, RecordRef, Source, Workflow
from services.audit.domain.compensate import writes
from services.audit.domain.move import Move
from services.audit.domain.rollback import Plan, plan
from services.audit.domain.selection import Selection
from services.audit.domain.timeline import state_of
from tests.services.audit.made import ALICE, RULE, change

FIELDS = ("industry", "owner")
RECORDS = (RecordRef(type="company", id="a"), RecordRef(type="contact", id="b"))
LEAD, ACTIVITY = RecordRef(type="lead", id="l"), RecordRef(type="activity", id="v")
LINK = "contact_id"
"""What a link sets: on the lead, whose facts no rollback changes, and on the activity that moves with it in the CRM."""
KEYS = (*((record, name) for record in RECORDS for name in FIELDS), (LEAD, LINK), (ACTIVITY, LINK))
Key = tuple[RecordRef, str]


@dataclass(frozen=True)
class Node:
    """A value in force. `under` is what it replaced; a rollback points `to` what it brought back into force."""

    name: str
    value: Any
    under: "Node | None"
    to: "Node | None" = None
    rolled_back: bool = False


def without(node: Node | None, meant: set[str]) -> Node | None:
    """What would be in force had the meant changes not happened."""
    while node is not None:
        if node.name in meant:
            node = node.under
        elif node.rolled_back:
            node = node.to
        else:
            return node
    return None


def landing(node: Node | None, meant: set[str]) -> Node | None:
    """Where taking off the meant changes ends, before what earlier rollbacks had taken off is passed."""
    found = node
    while node is not None:
        if node.name in meant:
            found = node = node.under
        elif node.rolled_back:
            node = node.to
        else:
            break
    return found


def value_of(node: Node | None) -> Any:
    return None if node is None else node.value


class Rollbacks(RuleBasedStateMachine):
    """The log on one side, the model on the other."""

    def __init__(self) -> None:
        super().__init__()
        self.moves: list[Move] = []
        self.tops: dict[Key, Node | None] = dict.fromkeys(KEYS)
        self.rollbacks: list[Plan] = []
        self.people: set[str] = set()
        self.seen: list[Move] = []
        self.chosen: dict[Key, str] = {}
        """By field, what a person set and nobody changed since."""

    def _append(self, record: RecordRef, name: str, **given: Any) -> str:
        number = len(self.moves) + 1
        made = change(number, record=record, field=name, evidence=given.pop("evidence", ()), **given)
        self.moves.append(Move(0, number, number, "", f"event-{number}", made))
        return made.change_id

    @rule(
        key=st.tuples(st.sampled_from(RECORDS), st.sampled_from(FIELDS)),
        value=st.integers(0, 3),
        version=st.sampled_from(["1", "2"]),
        person=st.booleans(),
    )
    def somebody_changes_a_field(self, key: Key, value: int, version: str, person: bool) -> None:
        self._change(key, value, version, person)

    @rule(contact=st.sampled_from(["ann", "bob", None]), version=st.sampled_from(["1", "2"]), person=st.booleans())
    def somebody_links_the_lead_or_cuts_its_link(self, contact: str | None, version: str, person: bool) -> None:
        for record in (LEAD, ACTIVITY):
            self._change((record, LINK), contact, version, person)

    def _change(self, key: Key, value: Any, version: str, person: bool) -> None:
        top, workflow = self.tops[key], Workflow(name="enrich", version=version)
        source = Source(kind="human" if person else "provider", name="x")
        name = self._append(
            *key, old=value_of(top), new=value, workflow=workflow, actor=ALICE if person else RULE, source=source
        )
        if person:
            self.people.add(name)
            self.chosen[key] = name
        elif value != value_of(top):
            self.chosen.pop(key, None)
        if person or value != value_of(top):
            self.tops[key] = Node(name, value, top)

    @rule(version=st.sampled_from(["1", "2"]))
    def roll_back_a_version(self, version: str) -> None:
        meant = {
            move.change.change_id
            for move in self.moves
            if move.change.workflow.version == version and move.change.actor.kind != "human"
        }
        self._roll_back(Selection(workflow="enrich", workflow_version=version), meant)

    @rule(data=st.data())
    def roll_back_some_changes(self, data: st.DataObject) -> None:
        names = [move.change.change_id for move in self.moves if move.change.change_id not in self.people]
        if names:
            meant = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=6))
            self._roll_back(Selection(change_ids=tuple(sorted(meant))), meant)

    @rule(data=st.data())
    def roll_back_a_rollback(self, data: st.DataObject) -> None:
        if self.rollbacks:
            earlier = data.draw(st.sampled_from(self.rollbacks))
            meant = {move.change.change_id for move in self.moves if move.change.source.name == earlier.rollback_id}
            self._roll_back(Selection(rollback_id=earlier.rollback_id), meant)

    def _roll_back(self, selection: Selection, meant: set[str]) -> None:
        made = plan(self.moves, selection)
        for key, top in self.tops.items():
            self._check(made, key, top, meant)
        for write in writes(made, ALICE, "they were wrong", "p1"):
            for proposed in write.changes:
                self._crm_applies(proposed, meant)
        if made.counts["restore"]:
            self.rollbacks.append(made)

    def _check(self, made: Plan, key: Key, top: Node | None, meant: set[str]) -> None:
        item = next((item for item in made.items if (item.record, item.field) == key), None)
        touched = any(
            (move.change.record, move.change.field) == key and move.change.change_id in meant for move in self.moves
        )
        assert (item is not None) == touched
        if item is None:
            return
        wanted = without(top, meant)
        if wanted is without(top, set()):
            assert item.action in ("already_undone", "conflict")
        elif value_of(wanted) == value_of(top):
            assert item.action == "already_undone"
        elif key[0] == LEAD:
            assert item.action == "lead_fact", "a lead is decided anew by a person, never put back"
        else:
            assert (item.action, item.restored) == ("restore", value_of(wanted))

    def _crm_applies(self, proposed: ProposedChange, meant: set[str]) -> None:
        key = (proposed.record, proposed.field)
        assert proposed.record != LEAD, "whom a lead is linked to is not the rollback's to write"
        top = self.tops[key]
        assert top is not None
        assert proposed.old == top.value
        assert top.name not in self.people, "a person's edit is never touched"
        assert proposed.reverts == top.name
        values = proposed.model_dump(exclude={"record", "field", "evidence", "actor"})
        name = self._append(
            *key, **values, actor=proposed.actor, evidence=proposed.evidence, workflow=Workflow(name="crm", version="1")
        )
        self.tops[key] = Node(name, value_of(without(top, meant)), top, landing(top, meant), rolled_back=True)

    @invariant()
    def the_state_is_the_models(self) -> None:
        for record, name in KEYS:
            held = state_of(move for move in self.moves if move.change.record == record).fields
            assert (held[name].value if name in held else None) == value_of(self.tops[record, name])

    @invariant()
    def the_log_only_grows(self) -> None:
        assert self.moves[: len(self.seen)] == self.seen
        self.seen = list(self.moves)

    @invariant()
    def no_persons_value_is_lost(self) -> None:
        """What a person chose last stands, until somebody changes it: no rollback took it away."""
        for key, name in self.chosen.items():
            top = self.tops[key]
            assert top is not None
            assert top.name == name


TestRollbacks = Rollbacks.TestCase
TestRollbacks.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)

"""What a rollback would do to a field, case by case, and the events that carry it out."""

import pytest
from pydantic import ValidationError

from libs.contracts.change import Actor, Effect, RecordRef, Source, Status, Workflow
from services.audit.domain.compensate import conflicts, writes
from services.audit.domain.rollback import Item, Plan, differences, plan
from services.audit.domain.selection import Selection
from services.audit.domain.targets import targets
from tests.services.audit.made import ALICE, ENRICH, T0, at, move

BAD = Selection(workflow="enrich", workflow_version="3")
PERSON = Source(kind="human", name="alice")
CRM = Workflow(name="crm.writes", version="1")


def only(made: Plan) -> Item:
    (item,) = made.items
    return item


def test_a_machines_change_goes_back_to_the_value_before_it() -> None:
    before = move(1, new="Retail", workflow=Workflow(name="dedupe", version="1"))
    item = only(plan([before, move(2, old="Retail", new="Robots")], BAD))
    assert (item.action, item.current, item.restored) == ("restore", "Robots", "Retail")
    assert (item.reverts, item.taken_off, item.as_of) == ("change-2", ("change-2",), (0, 2))


def test_the_first_change_goes_back_to_what_was_held_before_the_log() -> None:
    assert only(plan([move(1, old="Import", new="Robots")], BAD)).restored == "Import"


def test_a_persons_later_edit_is_a_conflict_and_stays() -> None:
    made = plan([move(1, new="Robots"), move(2, old="Robots", new="Toys", actor=ALICE, source=PERSON)], BAD)
    item = only(made)
    assert (item.action, item.moved_by, item.moved_by_person) == ("conflict", "human alice", True)
    assert writes(made, ALICE, "wrong", "p1") == ()


def test_a_person_who_confirms_the_same_value_owns_it() -> None:
    made = plan([move(1, new="Robots"), move(2, old="Robots", new="Robots", actor=ALICE, source=PERSON)], BAD)
    assert only(made).action == "conflict"


def test_a_machine_that_repeats_the_value_does_not_stand_in_the_way() -> None:
    again = move(2, old="Robots", new="Robots", workflow=Workflow(name="classify", version="1"))
    item = only(plan([move(1, old="Retail", new="Robots"), again], BAD))
    assert (item.action, item.restored, item.reverts) == ("restore", "Retail", "change-1")
    repeated = only(plan([move(1, old="Retail", new="Robots"), again], Selection(workflow="classify")))
    assert (repeated.action, repeated.note) == ("already_undone", "it changed nothing")


def test_a_conflict_that_a_person_confirms_is_restored() -> None:
    moves = [move(1, old="Retail", new="Robots"), move(2, old="Robots", new="Toys", actor=ALICE, source=PERSON)]
    conflict = only(plan(moves, BAD))
    item = only(plan(moves, BAD, [conflict.item_id]))
    assert (item.action, item.restored, item.confirmed, item.reverts) == ("restore", "Retail", True, "change-2")


def test_an_irreversible_change_is_listed_and_not_written() -> None:
    made = plan([move(1, effect=Effect.IRREVERSIBLE)], BAD)
    assert only(made).action == "irreversible"
    assert writes(made, ALICE, "wrong", "p1") == ()


def test_a_leads_facts_are_listed_and_not_written() -> None:
    made = plan([move(1, record=RecordRef(type="lead", id="lead-1"))], BAD)
    assert (only(made).action, writes(made, ALICE, "wrong", "p1")) == ("lead_fact", ())


def test_people_are_meant_only_when_the_selection_names_them() -> None:
    moves = [move(1, actor=ALICE, source=PERSON)]
    assert plan(moves, Selection(fields=("industry",))).items == ()
    assert only(plan(moves, Selection(actor_id="alice"))).action == "restore"
    assert only(plan(moves, Selection(change_ids=("change-1",)))).action == "restore"


def test_a_window_includes_its_ends() -> None:
    moves = [move(1), move(2, field="city"), move(3, field="country")]
    made = plan(moves, Selection(since=at(2), until=at(3)))
    assert {item.field for item in made.items} == {"city", "country"}


def test_a_selection_says_something() -> None:
    with pytest.raises(ValidationError):
        Selection()
    with pytest.raises(ValidationError):
        Selection(change_ids=())
    with pytest.raises(ValidationError):
        Selection.model_validate({"workflo": "enrich"})


def test_what_crm_reports_counts_for_the_stage_that_decided() -> None:
    lead = RecordRef(type="lead", id="lead-1")
    mine = move(1, record=lead, field="industry", new="Robots")
    other = move(2, record=lead, field="city", new="Bonn", source=Source(kind="submission", name="form"),
                 workflow=Workflow(name="mapper", version="1"), actor=Actor(kind="rule", id="mapper"))  # fmt: skip
    industry = move(3, new="Robots", workflow=CRM)
    city = move(
        4, field="city", new="Bonn", workflow=CRM, source=other.change.source, actor=Actor(kind="rule", id="dedupe")
    )
    alone = move(5, field="employees", new=40, workflow=CRM)
    meant = targets([mine, other, industry, city, alone], BAD)
    assert [held.change.field for held in meant] == ["industry", "industry", "employees"]
    assert [held.change.field for held in targets([mine, other, industry, city], Selection(workflow="mapper"))] == [
        "city",
        "city",
    ]


def test_a_newer_run_of_the_stage_is_another_version() -> None:
    lead = RecordRef(type="lead", id="lead-1")
    moves = [
        move(1, record=lead, new="Robots"),
        move(2, record=lead, new="Toys", workflow=Workflow(name="enrich", version="4")),
        move(3, field="employees", new=40, workflow=CRM),
    ]
    assert [held.change.record.type for held in targets(moves, BAD)] == ["lead"]
    assert [held.seq for held in targets(moves, Selection(workflow="enrich", workflow_version="4"))] == [2, 3]


def test_one_write_per_record_with_what_it_expects_and_what_it_takes_off() -> None:
    moves = [
        move(1, old="Retail", new="Robots"),
        move(2, old="Robots", new="Arms"),
        move(3, field="city", old=None, new="Bonn"),
    ]
    made = plan(moves, BAD)
    (write,) = writes(made, ALICE, "bad provider", "p9")
    assert (write.rollback_id, write.approved_by, write.policy_hash, write.trigger) == (
        made.rollback_id,
        "alice",
        "p9",
        "rollback",
    )
    city, industry = write.changes
    assert (city.old, city.new) == ("Bonn", None)
    assert (industry.old, industry.new, industry.reverts) == ("Arms", "Retail", "change-2")
    assert [held.quote for held in industry.evidence] == ["change-2", "change-1"]
    assert industry.source == Source(kind="rollback", name=made.rollback_id)
    assert industry.actor == ALICE


def test_conflicts_are_audited_as_they_are() -> None:
    later = move(2, old="Robots", new="Toys", actor=ALICE, source=PERSON)
    made = plan([move(1, old="Retail", new="Robots"), later], BAD)
    (kept,) = conflicts(made, ALICE, "bad", workflow=ENRICH, policy_hash="p9", cause="command-1", now=T0)
    assert (kept.status, kept.old, kept.new, kept.at) == (Status.CONFLICT, "Toys", "Retail", T0)
    assert kept.change_id
    assert kept.trigger_event_id == "command-1"


def test_a_plan_is_pinned_to_what_it_saw() -> None:
    moves = [move(1, old="Retail", new="Robots"), move(2, field="city", new="Bonn")]
    seen = plan(moves, BAD)
    assert plan(list(reversed(moves)), BAD) == seen
    moved = plan([*moves, move(3, old="Robots", new="Toys", actor=ALICE, source=PERSON)], BAD)
    assert moved.plan_hash != seen.plan_hash
    (changed,) = differences(seen, moved)
    assert changed["field"] == "industry"
    assert Plan.model_validate_json(seen.model_dump_json()) == seen

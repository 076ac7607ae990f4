"""Answers and writes as the topics tell them: what is counted, once, and how sure the machine was."""

from typing import Any

import pytest
from aiokafka import TopicPartition

from bench.history.course import policy
from libs.contracts.change import WHOLE, Actor, Evidence, FieldChange, RecordRef, Status
from libs.contracts.codec import encode
from libs.contracts.events import ChangeRecorded, LeadRouted, TriageDecided
from libs.contracts.lead import Route
from libs.contracts.topics import AUDIT_CHANGE, LEAD_ROUTED, TRIAGE_DECIDED
from libs.policy.admit import EARNED
from libs.runtime.broker import Producer, admin, reading_consumer
from libs.runtime.settings import RuntimeSettings
from services.audit.domain.rollback import TAKEN_OFF
from tests.services.enrich.makers import a_lead
from tests.whatif.decided import BO, NOW, change, decision, lead_question, proposal
from whatif.answers import Answered, Gate
from whatif.logged import ROLLED_BACK, Log, read_log
from whatif.writes import Written

FILLED_BY_DEDUPE = {
    "field": "email", "old": "a@b.c", "actor": {"kind": "rule", "id": "dedupe"},
    "source": {"kind": "submission", "name": "demo"},
}  # fmt: skip
BANDS = "fields.yaml:contact.title.bands"


def log_of(*held: TriageDecided | FieldChange) -> Log:
    log = Log(policy())
    for one in held:
        if isinstance(one, TriageDecided):
            log.decided(one)
        else:
            log.changed(one)
    return log


def answers(log: Log) -> list[Answered]:
    return list(log.answers())


def written(log: Log) -> dict[str, Written]:
    return {one.change_id: one for one in log.written()}


def test_only_a_person_s_word_about_a_machine_s_value_is_an_answer() -> None:
    log = log_of(
        decision("l1", "approve", proposal()),
        decision("l2", "edit", proposal()),
        decision("l3", "reject", proposal()),
        decision("l4", "block", proposal()),
        decision("l5", "reject", proposal(), kind="conflict"),
        decision("l6", "approve", proposal(), who="rule"),
        decision("l7", "dismiss", proposal()),
        decision("l8", "approve", proposal(actor=BO)),
    )
    assert {one.lead_id: one.right for one in answers(log)} == {"l1": True, "l2": False, "l3": False, "l4": False}
    assert {(one.workflow, one.place, one.confidence) for one in answers(log)} == {("enrich", "contact.title", 0.8)}
    assert answers(log)[0].segments == {"kind": "lead", "source": "demo", "country": "", "language": ""}


def test_the_same_question_counts_once_with_its_last_answer() -> None:
    log = log_of(decision("l1", "approve", proposal(0.8)), decision("l1", "reject", proposal(0.9)))
    assert [(one.right, one.confidence) for one in answers(log)] == [(False, 0.9)]
    more = log_of(decision("l1", "approve", proposal()), decision("l1", "approve", proposal(new="CIO")))
    assert len(answers(more)) == 2, "another value is another question"


def test_how_sure_the_machine_was_of_a_lead_s_own_field_stands_in_the_audit_log() -> None:
    asked, queued = lead_question(0.62, "l1", "ch1", BANDS)
    log = log_of(decision("l1", "approve", asked, change_id="ch1"))
    assert (answers(log), log.unsure) == ([], 1), "the question itself holds no confidence"
    log.changed(change("ch2", status=Status.QUEUED))
    log.changed(queued.model_copy(update={"status": Status.REJECTED}))
    assert log.unsure == 1
    log.changed(queued)
    assert [(one.place, one.confidence, one.asked_by) for one in answers(log)] == [("lead.title", 0.62, "")]
    assert log.unsure == 0


def test_an_answer_that_was_given_again_takes_the_newest_change() -> None:
    asked, first = lead_question(0.6, "l1", "ch1", BANDS)
    _, second = lead_question(0.7, "l1", "ch2", BANDS)
    log = log_of(
        decision("l1", "approve", asked, change_id="ch1"),
        decision("l1", "reject", asked, change_id="ch2"),
        first,
        second,
    )
    assert [(one.right, one.confidence) for one in answers(log)] == [(False, 0.7)]
    assert log.unsure == 0


@pytest.mark.parametrize(
    ("rule", "more", "asked_by"),
    [
        (BANDS, {}, ""),
        ("workflows.yaml:enrich.threshold", {}, ""),
        ("workflows.yaml:enrich.permission", {}, ""),
        (EARNED, {}, ""),
        ("launch.yaml:suggested.crm_write", {}, ""),
        ("", {}, ""),
        ("conflict", {}, "conflict"),
        ("suppression.yaml:customer.owner_change", {}, "suppression.yaml:customer.owner_change"),
        ("launch.yaml:suggested.crm_write", FILLED_BY_DEDUPE, "fields.yaml:contact.email.overwrite"),
        ("launch.yaml:suggested.crm_write", {"new": "", "old": "CTO"}, "clears"),
        (
            "launch.yaml:suggested.crm_write",
            {"record": {"type": "company", "id": "c"}, "field": "owner"},
            "not_granted",
        ),
    ],
)
def test_what_no_cut_would_have_spared_says_which_rule_asks(rule: str, more: dict[str, Any], asked_by: str) -> None:
    (one,) = answers(log_of(decision("l1", "approve", proposal(**more), rule=rule)))
    assert (one.asked_by, one.spared) == (asked_by, not asked_by)


def test_a_step_that_is_not_earned_and_a_strict_permission_do_not_count_against_a_cut() -> None:
    earning = "enrich:\n  autonomy: {fields: {contact: [title]}}\n"
    held = policy(("workflows.yaml", "enrich:\n", earning))
    assert Gate(held).asks_anyway(proposal(0.1)) == ""


CIO = proposal(new="CIO")


@pytest.mark.parametrize(
    ("later", "corrected"),
    [
        (change("ch2", CIO, actor=BO, old="CTO"), True),
        (change("ch2", actor=BO, old="CTO"), False),  # the same value again
        (change("ch2", CIO, actor=BO, status=Status.CONFLICT), False),
        (change("ch2", CIO, old="CTO"), False),  # another machine
        (change("ch2", CIO, actor=Actor(kind="human_approved_ai", id="bo"), old="CTO"), False),
        (change("ch2", actor=BO, new="Ann", field="name"), False),
        (change("ch2", actor=BO, new=None, old="CTO", reverts="ch1"), True),
        (change("ch2", actor=BO, new=None, old="CTO", reverts="another"), False),
        (change("ch2", actor=BO, new=None, old="CTO", reverts="another",
                evidence=(Evidence(quote="ch1", where=TAKEN_OFF),)), True),
        (change("ch2", actor=BO, new=None, old="CTO", reverts="ch1", status=Status.CONFLICT), False),
    ],
)  # fmt: skip
def test_what_was_written_is_wrong_when_a_person_said_otherwise(later: FieldChange, corrected: bool) -> None:
    log = log_of(change("ch1"), later)
    assert written(log)["ch1"].corrected is corrected
    assert written(log)["ch1"].workflow == "enrich"


def test_a_word_that_is_taken_back_no_longer_counts() -> None:
    undone = change("ch2", actor=BO, new=None, old="CTO", reverts="ch1")
    assert not written(log_of(change("ch1"), undone, change("ch3", actor=BO, reverts="ch2")))["ch1"].corrected
    edited = change("ch2", CIO, actor=BO, old="CTO")
    assert not written(log_of(change("ch1"), edited, change("ch3", actor=BO, old="CIO", reverts="ch2")))[
        "ch1"
    ].corrected


def test_a_write_counts_once_and_only_where_machines_suggest_values() -> None:
    log = log_of(
        change("ch1"),
        change("ch2", old="CTO"),  # nothing moved
        change("ch3", rule="unchanged", old="old", record=RecordRef(type="contact", id="c4")),
        change("ch4"),  # the next version of the lead says the same again
        change("ch5", field=WHOLE, new={"title": "CTO"}),
        change("ch6", record=RecordRef(type="triage_item", id="t"), field="status"),
        change("ch7", actor=Actor(kind="human_approved_ai", id="ana"), record=RecordRef(type="contact", id="c2")),
        change("ch8", status=Status.QUEUED, record=RecordRef(type="contact", id="c3")),
    )
    assert set(written(log)) == {"ch1"}


def test_a_person_corrects_only_what_stands() -> None:
    edit = change("ch3", proposal(new="Head"), actor=BO, old="CIO")
    held = written(log_of(change("ch1"), change("ch2", CIO, old="CTO"), edit))
    assert (held["ch1"].corrected, held["ch2"].corrected) == (False, True)
    again = change("ch4", proposal(new="Boss"), actor=BO, old="Head")
    assert written(log_of(change("ch1"), change("ch2", CIO, old="CTO"), edit, again)) == held
    once_more = written(log_of(change("ch1"), edit, change("ch5", old="Head")))
    assert {name: one.corrected for name, one in once_more.items()} == {"ch1": True, "ch5": False}


def test_an_approved_suggestion_that_is_rolled_back_was_wrong_after_all() -> None:
    yes = change("ch1", actor=Actor(kind="human_approved_ai", id="ana"))
    undone = change("ch2", actor=BO, new=None, old="CTO", reverts="ch1")
    (one,) = answers(log_of(decision("l1", "approve", proposal()), yes, undone))
    assert (one.right, one.verdict) == (False, ROLLED_BACK)
    (one,) = answers(log_of(decision("l1", "approve", proposal()), yes, undone, change("ch3", reverts="ch2", actor=BO)))
    assert one.right, "the rollback was rolled back"
    (one,) = answers(log_of(decision("l1", "approve", proposal(new="CIO")), yes, undone))
    assert one.right, "another value was rolled back"


async def test_the_log_is_read_from_the_topics_and_nothing_there_moves(settings: RuntimeSettings) -> None:
    name = settings.env
    asked, queued = lead_question(0.62, name, f"{name}-q", BANDS)
    record = RecordRef(type="contact", id=name)
    moves = [
        change(f"{name}-1", record=record, lead_id=name),
        change(f"{name}-2", CIO, actor=BO, old="CTO", record=record, lead_id=name),
        queued,
    ]
    decisions = [
        decision(name, "reject", proposal(record=record)),
        decision(name, "approve", proposal(record=record)),
        decision(name, "edit", asked, change_id=f"{name}-q"),
    ]
    lead = a_lead({"country": "DE"}, lead_id=name).model_copy(update={"kind": "referral"})
    route = Route(destination="queue", rule="r", reason="r", confidence=1.0)
    producer = Producer(settings.kafka)
    await producer.start()
    for event in decisions:
        await producer.send_and_wait(encode(TRIAGE_DECIDED, event, name, source="triage"))
    for one in moves:
        told = ChangeRecorded(event_id=f"{one.change_id}-e", change=one)
        await producer.send_and_wait(encode(AUDIT_CHANGE, told, one.record.key, source="crm"))
    routed = LeadRouted(event_id=f"{name}-r", decided_at=NOW, lead=lead, route=route)
    await producer.send_and_wait(encode(LEAD_ROUTED, routed, name, source="router"))
    await producer.stop()

    before = await _state(settings.kafka)
    log = await read_log(settings.kafka, policy(), lambda _: None, segments=True)
    assert await _state(settings.kafka) == before
    mine = {one.place: one for one in log.answers() if one.lead_id == name}
    assert (mine["contact.title"].right, mine["contact.title"].confidence) == (True, 0.8)
    assert (mine["lead.title"].right, mine["lead.title"].confidence) == (False, 0.62)
    seen = await read_log(settings.kafka, policy(), lambda _: None, field="seniority")
    assert not [one for one in seen.written() if one.lead_id == name], "only changes of that field are looked at"
    assert "contact.title" in {one.place for one in seen.answers() if one.lead_id == name}
    titles = await read_log(settings.kafka, policy(), lambda _: None, field="title")
    assert [one.corrected for one in titles.written() if one.lead_id == name] == [True]
    (first,) = [one for one in log.written() if one.lead_id == name]
    assert (first.change_id, first.corrected) == (f"{name}-1", True)
    assert (first.segments["kind"], first.segments["country"]) == ("referral", "DE")


async def _state(kafka: str) -> object:
    """All consumer groups with their offsets, all topics, and where each partition that is read ends."""
    async with admin(kafka) as client:
        groups = sorted(str(group[0]) for group in await client.list_consumer_groups())
        offsets = [await client.list_consumer_group_offsets(group) for group in groups]
        topics = {one["topic"]: len(one["partitions"]) for one in await client.describe_topics()}
    consumer = reading_consumer(kafka)
    await consumer.start()
    parts = [
        TopicPartition(name, number)
        for name in (one.name for one in (TRIAGE_DECIDED, AUDIT_CHANGE, LEAD_ROUTED))
        for number in range(topics[name])
    ]
    ends = await consumer.end_offsets(parts)
    await consumer.stop()
    return groups, offsets, topics, ends

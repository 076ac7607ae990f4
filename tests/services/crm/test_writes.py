"""Machine and approved writes: compare-and-set, the gate at the moment of writing, and batches equal singles."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.change import Actor, RecordRef, Status
from libs.contracts.events import CrmWrite, Event
from libs.runtime.errors import Rejected
from tests.services.crm.world import (
    AT,
    AUTO,
    COMPANY,
    CONTACT,
    SUGGESTED,
    Crm,
    change,
    command,
    decided,
    edit,
    ids_of,
    statuses,
    write,
)


async def test_a_write_makes_a_record_and_says_so() -> None:
    crm = Crm()
    outcome = await crm.take(write(1, change("industry", "Software"), change("employees", 120)))
    assert [one.status for one in outcome.settled] == [Status.APPLIED, Status.APPLIED]
    assert outcome.next.model_dump(include={"version", "fields", "changed", "write_id"}) == {
        "version": 1,
        "fields": {"industry": "Software", "employees": 120},
        "changed": ("employees", "industry"),
        "write_id": "w1",
    }
    assert [one.change_id for one in outcome.settled] == ids_of(outcome.settled)
    assert crm.record().meta["industry"].change_id == outcome.settled[0].change_id


async def test_drift_is_a_conflict_and_the_rest_of_the_write_goes_through() -> None:
    crm = Crm()
    await crm.take(write(1, change("industry", "Software")))
    await crm.take(edit(2, {"industry": "Robotics"}))
    outcome = await crm.take(write(3, change("industry", "Finance", old="Software"), change("country", "DE")))
    assert statuses(outcome.settled)[0] == (Status.CONFLICT, "crm:drift")
    assert outcome.settled[0].old == "Robotics"
    assert outcome.settled[1].status is Status.APPLIED
    assert crm.record().fields == {"industry": "Robotics", "country": "DE"}


async def test_an_approved_write_is_compared_too() -> None:
    """A person said yes to what triage showed; another person's later edit is not overwritten by it."""
    crm = Crm()
    await crm.take(write(1, change("industry", "Software")))
    await crm.take(edit(2, {"industry": "Robotics"}))
    approved = change(
        "industry", "Finance", old="Software", actor=Actor(kind="human_approved_ai", id="bo"), verified_by="bo"
    )
    assert statuses(await crm.apply(3, approved)) == [(Status.CONFLICT, "crm:drift")]
    seen = approved.model_copy(update={"old": "Robotics"})
    assert (await crm.apply(4, seen))[0].status is Status.APPLIED
    assert crm.record().meta["industry"].verified_by == "bo"


async def test_a_machine_never_overwrites_a_person() -> None:
    crm = Crm()
    await crm.take(write(1, change("industry", "Software")))
    await crm.take(edit(2, {"industry": "Robotics"}))
    told = await crm.apply(3, change("industry", "Finance", old="Robotics", confidence=1.0))
    assert statuses(told) == [(Status.BLOCKED, "human_verified")]


async def test_the_stricter_launch_mode_counts() -> None:
    for stamped, newest in ((AUTO, SUGGESTED), (SUGGESTED, AUTO)):
        told = await Crm(newest).apply(1, change("industry", "Software"), policy=stamped)
        assert statuses(told) == [(Status.QUEUED, "launch.yaml:suggested.crm_write")]


async def test_nothing_applied_announces_nothing() -> None:
    crm = Crm(SUGGESTED)
    outcome = await crm.take(write(1, change("industry", "Software")))
    assert outcome.next is None
    assert crm.record().version == 0


async def test_the_same_value_again_is_no_change() -> None:
    crm = Crm()
    await crm.take(write(1, change("industry", "Software")))
    outcome = await crm.take(write(2, change("industry", "Software", old="something else")))
    assert statuses(outcome.settled) == [(Status.APPLIED, "unchanged")]
    assert outcome.next is None
    assert crm.record().version == 1


async def test_consent_tightens_through_drift_and_never_loosens() -> None:
    crm = Crm()
    out = change("do_not_mail", True, old="anything", record=CONTACT)
    assert (await crm.apply(1, out))[0].status is Status.APPLIED
    back = change("do_not_mail", False, old=True, record=CONTACT)
    assert (await crm.apply(2, back))[0].status is Status.BLOCKED
    refused = await crm.take(edit(3, {"do_not_mail": False}, CONTACT))
    assert refused.settled[0].status is Status.BLOCKED
    assert refused.answer["fields"]["do_not_mail"]["status"] == "blocked"
    loosened = await crm.take(edit(4, {"do_not_mail": False}, CONTACT, reason="asked by phone on Monday"))
    assert loosened.settled[0].status is Status.APPLIED


async def test_an_owner_changes_only_by_a_person_and_a_suppressed_one_not_at_all() -> None:
    crm = Crm()
    router = Actor(kind="rule", id="router")
    assert (await crm.apply(1, change("owner", "rep-1", actor=router, confidence=1.0)))[0].status is Status.APPLIED
    assert (await crm.apply(2, change("owner", "rep-2", old="rep-1", actor=router, confidence=1.0)))[
        0
    ].status is Status.QUEUED
    entry = {"fields": {"reason": "never_route", "record_id": COMPANY.id}}
    await crm.take(command(3, "create", "x", type="suppression", records=[entry]))
    approved = change("owner", "rep-2", old="rep-1", actor=Actor(kind="human_approved_ai", id="bo"))
    assert (await crm.apply(4, approved))[0].status is Status.SUPPRESSED


async def test_an_entry_suppresses_a_write_until_its_end() -> None:
    router, bo = Actor(kind="rule", id="router"), Actor(kind="human_approved_ai", id="bo")
    for until, status in ((AT, Status.APPLIED), (AT + timedelta(seconds=1), Status.SUPPRESSED)):
        crm = Crm()
        await crm.apply(1, change("owner", "rep-1", actor=router, confidence=1.0))
        entry = {"fields": {"reason": "never_route", "record_id": COMPANY.id, "until": until.isoformat()}}
        await crm.take(command(2, "create", "s", type="suppression", records=[entry]))
        assert (await crm.apply(3, change("owner", "rep-2", old="rep-1", actor=bo)))[0].status is status


async def test_what_was_rejected_returns_only_with_other_evidence() -> None:
    crm = Crm()
    proposal = change("industry", "Finance")
    await crm.take(decided(1, proposal, "reject"))
    assert statuses(await crm.apply(2, proposal)) == [(Status.BLOCKED, "rejected_before")]
    surer = proposal.model_copy(update={"confidence": 1.0})
    assert (await crm.apply(3, surer))[0].status is Status.BLOCKED
    other = proposal.model_copy(update={"evidence": ()})
    assert (await crm.apply(4, other))[0].status is Status.APPLIED


async def test_an_approval_forgets_the_no() -> None:
    crm = Crm()
    proposal = change("industry", "Finance")
    await crm.take(decided(1, proposal, "reject"))
    await crm.take(decided(2, proposal, "approve"))
    assert (await crm.apply(3, proposal))[0].status is Status.APPLIED


async def test_an_edit_in_triage_locks_the_field() -> None:
    crm = Crm()
    proposal = change("industry", "Finance")
    await crm.take(decided(1, proposal, "edit", "Robotics"))
    assert crm.store.locks
    assert statuses(await crm.apply(2, change("industry", "Software"))) == [(Status.BLOCKED, "human_verified")]
    approved = change("industry", "Robotics", actor=Actor(kind="human_approved_ai", id="ana"), verified_by="ana")
    assert (await crm.apply(3, approved))[0].status is Status.APPLIED


async def test_a_write_of_what_crm_does_not_keep_is_rejected() -> None:
    crm = Crm()
    lead = RecordRef(type="lead", id="lead-1")
    with pytest.raises(Rejected, match="type lead"):
        await crm.take(write(1, change("industry", "Software", record=lead)))
    mixed = CrmWrite(
        event_id="e",
        write_id="w",
        lead_id=None,
        record=CONTACT,
        changes=(change("industry", "x"),),
        policy_hash=AUTO.hash,
    )
    with pytest.raises(Rejected, match="own record"):
        await crm.take(mixed)


VALUES = st.sampled_from([None, "Software", "Finance", "Robotics", 1, 1.0, True])
CHANGES = st.builds(
    change,
    st.sampled_from(["industry", "employees", "owner", "do_not_mail", "last_activity_at"]),
    VALUES,
    VALUES,
    record=st.sampled_from([COMPANY, CONTACT]),
    confidence=st.sampled_from([0.3, 0.6, 0.95]),
    actor=st.sampled_from(
        [Actor(kind="rule", id="router"), Actor(kind="ai", id="m"), Actor(kind="human_approved_ai", id="bo")]
    ),
    evidence=st.just(()),
)


@given(st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_a_batch_equals_its_singles(groups: list[list[Any]], data: st.DataObject) -> None:
    writes: list[Event] = []
    for number, group in enumerate(groups):
        ref = data.draw(st.sampled_from([COMPANY, CONTACT]))
        writes.append(write(number, *(one.model_copy(update={"record": ref}) for one in group)))
    rejected = data.draw(CHANGES)
    together, single = Crm(), Crm()
    for crm in (together, single):
        await crm.take(decided(99, rejected, "reject"))
    assert await together.batch(writes) == [await single.take(one) for one in writes]
    assert together.store.records == single.store.records
    assert together.store.rejections == single.store.rejections

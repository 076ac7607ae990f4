"""Whose a lead is, what an erasure leaves of it in the log and beside it, and what is kept no longer."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef, Source
from libs.contracts.codec import Encoded, encode, sealed
from libs.contracts.events import ChangeRecorded, LeadRouted, RecordChanged, SubjectErased
from libs.contracts.keys import subject_of, subject_of_record
from libs.contracts.lead import FieldValue, Identity, Lead, Position, Route, SubmissionRef
from libs.contracts.topics import AUDIT_CHANGE, LEAD_ROUTED, RECORD_CHANGED, SUBJECT_ERASED
from libs.policy.retention import Retention, RetentionClass
from libs.runtime.erasing import OWN, erasing, names_of
from libs.runtime.keyring import KeyPool, destroy_keys
from libs.runtime.keys import NoKeys, SubjectKeys
from libs.runtime.master_key import MasterKey
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings
from services.audit.domain.erasure import EraseOrder, Erasing, Group, again, erased
from services.audit.erasure import TOMBSTONES
from services.audit.proof import Prover
from services.audit.sink import change_writer, event_writer
from services.audit.stage import WORKFLOW
from services.audit.store import log
from services.audit.store.retention import due
from services.audit.store.subjects import group_of
from tests.services.audit.conftest import batch
from tests.services.audit.made import T0, change, raw_record, recorded, scan

ALEX, BO = "alex@example.com", "bo@example.com"
DPO = Actor(kind="human", id="dpo")


def lead(name: str, contact: str, submission: str = "", email: str = "", version: int = 1, **given: Any) -> Lead:
    """A lead that is linked to a contact."""
    place = Position(topic="submission.received.v1", partition=0, offset=0)
    ref = SubmissionRef(
        submission_id=submission or f"s-{name}", item=0, position=place, sha256="0" * 64, received_at=T0
    )
    origin = Source(kind="submission", name="form")
    fields = {"email": FieldValue(value=email, source=origin, confidence=1.0)} if email else {}
    who = Identity(verdict="new", rule="r", contact=RecordRef(type="contact", id=contact), contact_is_new=True)
    return Lead(
        lead_id=name, version=version, submission=ref, facts_hash="f", source=origin, submitted_at=T0, policy_hash="p",
        partition_key="k", subject_key_id=ids.subject_key_id(name), fields=fields, identity=who, **given,
    )  # fmt: skip


def routed(one: Lead, destination: str = "queue", days: float = 0) -> LeadRouted:
    """The lead's route, decided some days after the tests' first moment."""
    route = Route(destination=destination, rule="r", reason="", confidence=1.0)
    name = ids.derived_id("routed", one.lead_id, one.version)
    return LeadRouted(event_id=name, caused_by="c", decided_at=T0 + timedelta(days=days), lead=one, route=route)


async def tell(pool: asyncpg.Pool, topic: Any, *told: Any, offset: int = 0) -> None:
    """Write events into audit's tables."""
    records = [
        raw_record(topic.name, offset + number, made.value, made.headers)
        for number, made in enumerate(
            encode(topic, one, "k", source="test", subject_key_id=subject_of(one)) for one in told
        )
    ]
    async with batch(pool) as connection:
        await event_writer(NoKeys())(connection, topic.name, 0, records)


async def test_a_person_is_the_leads_of_their_contact_and_what_hangs_on_it(pool: asyncpg.Pool) -> None:
    await tell(
        pool, LEAD_ROUTED, routed(lead("l1", "c1", email=ALEX)), routed(lead("l2", "c1")), routed(lead("l3", "c2", email=BO)),
    )  # fmt: skip
    changed = RecordChanged(
        event_id="r1", caused_by="c", decided_at=T0, record=RecordRef(type="activity", id="a1"), version=1,
        fields={"contact_id": "c1"}, actor=DPO,
    )  # fmt: skip
    await tell(pool, RECORD_CHANGED, changed)
    expected = Group(
        lead_ids=("l1", "l2"), submission_ids=("s-l1", "s-l2"),
        records=(RecordRef(type="activity", id="a1"), RecordRef(type="contact", id="c1")),
    )  # fmt: skip
    for subject in ("l1", "l2", "contact:c1", ALEX, ALEX.upper()):
        assert await group_of(pool, subject) == expected, subject
    assert (await group_of(pool, BO)).lead_ids == ("l3",)
    for nobody in ("nobody@example.com", "l9", "contact:c9", "nonsense:x"):
        assert not await group_of(pool, nobody)


async def test_a_lead_whose_link_was_cut_is_the_other_persons(pool: asyncpg.Pool) -> None:
    await tell(
        pool, LEAD_ROUTED, routed(lead("l1", "c1")), routed(lead("l2", "c1")), routed(lead("l2", "c2", version=2))
    )
    assert (await group_of(pool, "l1")).lead_ids == ("l1",)
    assert (await group_of(pool, "l2")).records == (RecordRef(type="contact", id="c2"),)


async def test_others_in_the_same_submission_are_named_and_stay(pool: asyncpg.Pool) -> None:
    await tell(pool, LEAD_ROUTED, routed(lead("l1", "c1", "fair")), routed(lead("l2", "c2", "fair")))
    found = await group_of(pool, "l1")
    assert (found.lead_ids, found.submission_ids, found.shared) == (("l1",), ("fair",), ("l2",))
    assert ids.subject_key_id("l2") not in found.subject_key_ids
    assert ids.subject_key_id("fair") in found.subject_key_ids


def test_an_order_is_told_entered_and_carried_out_and_names_nobody() -> None:
    group = Group(lead_ids=("l1",), submission_ids=("s1",), records=(RecordRef(type="contact", id="c1"),))
    outcome = erased(EraseOrder(group=group, reason="asked"), DPO, "p", WORKFLOW, "cause", T0)
    (told,) = outcome.emits
    assert isinstance(told, SubjectErased)
    assert subject_of(told) == "", "everybody has to read it"
    assert set(told.subject_key_ids) == {*map(ids.subject_key_id, ("l1", "s1", "contact:c1"))}
    (entry,) = outcome.settled
    assert (entry.record.type, entry.actor.id, entry.reason) == ("erasure", "dpo", "asked")
    assert subject_of_record(entry.record) == "", "the entry outlives the keys"
    (call,), (timer,) = outcome.effects, outcome.timers
    assert call.arguments == {"erasure_id": group.erasure_id, "subject_key_ids": list(group.subject_key_ids)}
    assert timer.due_at is not None
    assert timer.due_at > T0
    (second,) = again(Erasing(group, DPO, "asked", T0), T0).emits
    assert isinstance(second, SubjectErased)
    assert second.again
    assert second.lead_ids == told.lead_ids


def test_the_same_things_are_one_erasure_whatever_their_order() -> None:
    one = Group(lead_ids=("a", "b"), submission_ids=("s",))
    assert one.erasure_id == Group(lead_ids=("b", "a"), submission_ids=("s",)).erasure_id
    assert one.erasure_id != Group(lead_ids=("a",), submission_ids=("s",)).erasure_id


async def test_the_log_keeps_its_chain_and_loses_what_was_said(pool: asyncpg.Pool, database: str) -> None:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    key_pool = KeyPool(settings)
    keys = SubjectKeys(key_pool.get, MasterKey.of("ab" * 32))
    about = {name: RecordRef(type="lead", id=name) for name in ("l1", "l2")}
    events = [
        recorded(change(number, record=about[f"l{number % 2 + 1}"], new=f"secret {number}")) for number in range(6)
    ]
    records = [await _sealed(keys, offset, event) for offset, event in enumerate(events)]
    async with batch(pool) as connection:
        await change_writer(keys)(connection, AUDIT_CHANGE.name, 0, records)
    assert len(await log.record_moves(pool, about["l1"], keys=keys)) == 3
    assert not any(b"secret" in (record.value or b"") for record in records)
    gone = subject_of(events[1])
    assert await destroy_keys(settings, [gone], "e") == 1
    keys.forget([gone])
    left = {name: await log.record_moves(pool, ref, keys=keys) for name, ref in about.items()}
    assert sorted(map(len, left.values())) == [0, 3]
    result = [line async for line in Prover(pool, lambda c, s: scan(records, c, s), 4, keys).lines(with_topic=True)][-1]
    assert result["ok"], result
    assert result["rows"] == 6
    await key_pool.close()


async def _sealed(keys: SubjectKeys, offset: int, event: ChangeRecorded) -> Record:
    plain: Encoded = encode(AUDIT_CHANGE, event, "k", source="test", subject_key_id=subject_of(event))
    made = sealed(plain, await keys.writing([subject_of(event)]))
    return raw_record(AUDIT_CHANGE.name, offset, made.value, made.headers)


async def test_tables_forget_one_person_and_repeating_it_changes_nothing(pool: asyncpg.Pool) -> None:
    await tell(pool, LEAD_ROUTED, routed(lead("l1", "c1", email=ALEX)), routed(lead("l2", "c2", email=BO)))
    group = await group_of(pool, "l1")
    order = again(Erasing(group, DPO, "asked", T0), T0).emits[0].model_copy(update={"event_id": "e1"})
    assert isinstance(order, SubjectErased)
    for _ in range(2):
        made = encode(SUBJECT_ERASED, order, "k", source="test")
        async with batch(pool) as connection:
            write = erasing("audit", TOMBSTONES, NoKeys()).write
            await write(
                connection, SUBJECT_ERASED.name, 0, [raw_record(SUBJECT_ERASED.name, 0, made.value, made.headers)]
            )
        assert not await group_of(pool, "l1")
        assert (await group_of(pool, "l2")).lead_ids == ("l2",)


@pytest.mark.parametrize("held", [*TOMBSTONES, *OWN])
async def test_every_statement_takes_what_it_is_given(pool: asyncpg.Pool, held: Any) -> None:
    order = SubjectErased(erasure_id="e", lead_ids=("l",), submission_ids=("s",), records=(RecordRef(type="contact", id="c"),),
                          actor=DPO, at=T0)  # fmt: skip
    await pool.execute(held.sql, *([names_of(order)[held.by]] if held.by != "nothing" else []))


classes = st.builds(
    RetentionClass,
    name=st.just("c"),
    days=st.integers(1, 100),
    destinations=st.sets(st.sampled_from(["queue", "nurture"])).map(tuple),
    kinds=st.sets(st.sampled_from(["webinar", "demo"])).map(tuple),
)


@given(
    st.lists(classes, max_size=4),
    st.sampled_from(["queue", "nurture", "owner"]),
    st.sampled_from(["webinar", "demo", "x"]),
)
def test_the_first_class_that_takes_a_lead_counts(made: list[RetentionClass], destination: str, kind: str) -> None:
    retention = Retention(classes=tuple(made))
    found = retention.of(destination, kind)
    takers = [one for one in made
              if destination in (one.destinations or [destination]) and kind in (one.kinds or [kind])]  # fmt: skip
    assert found == (takers[0] if takers else None)


async def test_what_is_over_is_due_and_nothing_else(pool: asyncpg.Pool) -> None:
    retention = Retention(classes=(RetentionClass(name="rubbish", destinations=("disqualified",), days=10),))
    await tell(
        pool, LEAD_ROUTED,
        routed(lead("old", "c1"), "disqualified", days=0), routed(lead("new", "c2"), "disqualified", days=15),
        routed(lead("kept", "c3"), "queue", days=0), routed(lead("moved", "c4"), "disqualified", days=0),
        routed(lead("moved", "c4", version=2), "queue", days=1), routed(lead("shared", "c5", "fair"), "disqualified", days=0),
        routed(lead("other", "c6", "fair"), "queue", days=0),
    )  # fmt: skip
    found = await due(pool, retention, T0 + timedelta(days=20), 100)
    assert {one.lead_id: one.group.submission_ids for one in found} == {"old": ("s-old",), "shared": ()}
    assert await due(pool, retention, T0 + timedelta(days=9), 100) == []
    assert len(await due(pool, retention, T0 + timedelta(days=20), 1)) == 1
    assert await due(pool, Retention(), T0 + timedelta(days=9000), 100) == []

"""Rollback of one change: only what still stands as it was written is undone, exactly, and people's edits never."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.change import Evidence, FieldChange, Source, Status
from tests.services.crm.world import COMPANY, CONTACT, Crm, change, command, edit, revert, statuses, write


async def test_a_bad_value_is_undone_and_does_not_come_back() -> None:
    crm = Crm()
    good = (
        await crm.apply(1, change("industry", "Software", source=Source(kind="provider", name="first", trust=0.5)))
    )[0]
    proposal = change("industry", "Finance", old="Software", confidence=1.0)
    bad = (await crm.apply(2, proposal))[0]
    assert bad.status is Status.APPLIED
    outcome = await crm.take(write(3, revert(bad)))
    assert statuses(outcome.settled) == [(Status.APPLIED, "rollback:undone")]
    assert outcome.next.fields == {"industry": "Software"}
    assert crm.record().meta["industry"].source == good.source
    assert statuses(await crm.apply(4, proposal)) == [(Status.BLOCKED, "rejected_before")]
    fresh = proposal.model_copy(update={"evidence": ()})
    assert (await crm.apply(5, fresh))[0].status is Status.APPLIED


async def test_undoing_twice_is_harmless_and_audited_as_such() -> None:
    crm = Crm()
    bad = (await crm.apply(1, change("industry", "Finance")))[0]
    await crm.apply(2, revert(bad))
    outcome = await crm.take(write(3, revert(bad)))
    assert statuses(outcome.settled) == [(Status.APPLIED, "rollback:already_undone")]
    assert outcome.next is None


async def test_a_later_edit_by_a_person_is_never_touched() -> None:
    crm = Crm()
    bad = (await crm.apply(1, change("industry", "Finance")))[0]
    await crm.take(edit(2, {"industry": "Robotics"}))
    assert statuses(await crm.apply(3, revert(bad))) == [(Status.CONFLICT, "rollback:moved_since")]
    await crm.take(edit(4, {"industry": "Finance"}))
    assert statuses(await crm.apply(5, revert(bad))) == [(Status.CONFLICT, "rollback:moved_since")]
    assert crm.record().fields == {"industry": "Finance"}


async def test_a_rollback_is_rolled_back_with_what_it_withdrew() -> None:
    crm = Crm()
    proposal = change("industry", "Finance")
    bad = (await crm.apply(1, proposal))[0]
    before = crm.record().meta["industry"]
    undone = (await crm.apply(2, revert(bad)))[0]
    assert crm.store.rejections
    again = (await crm.apply(3, revert(undone)))[0]
    assert statuses([again]) == [(Status.APPLIED, "rollback:undone")]
    assert not crm.store.rejections
    after = crm.record().meta["industry"]
    assert (after.source, after.confidence, after.evidence_hash) == (
        before.source,
        before.confidence,
        before.evidence_hash,
    )
    assert (await crm.apply(4, revert(again)))[0].status is Status.APPLIED
    assert crm.store.rejections
    assert crm.record().fields == {}


async def test_a_persons_own_edit_can_be_rolled_back() -> None:
    crm = Crm()
    await crm.apply(1, change("industry", "Software"))
    edited = (await crm.take(edit(2, {"industry": "Robotics"}))).settled[0]
    assert (await crm.apply(3, revert(edited)))[0].status is Status.APPLIED
    assert crm.record().fields == {"industry": "Software"}
    assert crm.record().meta["industry"].verified_by is None


async def test_two_bad_values_are_taken_off_at_once() -> None:
    """As the audit service plans it: the revert names the newest change, and all that it takes off as evidence."""
    crm = Crm()
    await crm.take(write(1, change("industry", "Software", source=Source(kind="provider", name="first", trust=0.5))))
    worse = change("industry", "Finance", old="Software", confidence=1.0)
    worst = change("industry", "Robotics", old="Finance", confidence=1.0)
    first, second = (await crm.apply(2, worse))[0], (await crm.apply(3, worst))[0]
    taken_off = tuple(Evidence(quote=one.change_id, where="taken off by the rollback") for one in (second, first))
    both = revert(second, new="Software", evidence=taken_off)
    undone = (await crm.apply(4, both))[0]
    assert statuses([undone]) == [(Status.APPLIED, "rollback:undone")]
    assert crm.record().meta["industry"].source.kind == "rollback"
    assert statuses(await crm.apply(5, worse, worst.model_copy(update={"old": "Software"}))) == [
        (Status.BLOCKED, "rejected_before"),
        (Status.BLOCKED, "rejected_before"),
    ]
    await crm.apply(6, revert(undone))
    assert (crm.record().fields["industry"], crm.store.rejections) == ("Robotics", {})


async def test_a_persons_word_for_a_value_counts_like_an_edit() -> None:
    crm = Crm()
    bad = (await crm.apply(1, change("industry", "Finance")))[0]
    word = (await crm.take(edit(2, {"industry": "Finance"}))).settled[0]
    assert statuses(await crm.apply(3, revert(bad))) == [(Status.CONFLICT, "rollback:moved_since")]
    assert (await crm.apply(4, revert(word, new=None)))[0].status is Status.APPLIED


async def test_an_opt_out_is_not_rolled_back_without_evidence() -> None:
    crm = Crm()
    out = (await crm.apply(1, change("do_not_mail", True, record=CONTACT)))[0]
    bookkeeping = (Evidence(quote=out.change_id, where="taken off by the rollback"),)
    assert statuses(await crm.apply(2, revert(out, evidence=bookkeeping))) == [(Status.BLOCKED, "consent_loosens")]


async def test_a_deleted_record_comes_back_by_rollback_only() -> None:
    crm = Crm()
    written = (await crm.apply(1, change("industry", "Software")))[0]
    deletion = (await crm.take(command(2, "delete", COMPANY.id, type="company"))).settled[0]
    assert crm.record().deleted
    assert statuses(await crm.apply(3, change("country", "DE"))) == [(Status.CONFLICT, "crm:deleted")]
    assert statuses(await crm.apply(4, revert(written))) == [(Status.CONFLICT, "crm:deleted")]
    outcome = await crm.take(write(5, revert(deletion)))
    assert outcome.next.fields == {"industry": "Software"}


@dataclass
class Model:
    """What should stand: per field the stack of (value, change id, who) that the applied changes make."""

    values: dict[str, Any] = field(default_factory=dict)
    writer: dict[str, str] = field(default_factory=dict)
    person: dict[str, bool] = field(default_factory=dict)
    confirmed: dict[str, bool] = field(default_factory=dict)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("machine"), st.sampled_from(["industry", "city"]), st.sampled_from(["A", "B", "C", None])),
        st.tuples(st.just("person"), st.sampled_from(["industry", "city"]), st.sampled_from(["A", "B", "C"])),
        st.tuples(st.just("revert"), st.integers(0, 30), st.none()),
    ),
    max_size=14,
)


@given(STEPS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_random_changes_and_rollbacks_match_the_model(steps: list[tuple[str, Any, Any]]) -> None:
    """Three-way check against a model: undone exactly when the field still holds that change's value and no person's."""
    crm, model = await seeded(), Model()
    applied: list[FieldChange] = []
    for number, (kind, what, value) in enumerate(steps):
        if kind == "revert":
            if not applied:
                continue
            target = applied[what % len(applied)]
            told = (await crm.apply(number, revert(target)))[0]
            assert told.status is _expected(model, target), (target, told)
        elif kind == "person":
            told = (await crm.take(edit(number, {what: value}))).settled[0]
            assert told.status is Status.APPLIED
        else:
            old = model.values.get(what)
            told = (await crm.apply(number, change(what, value, old=old, confidence=1.0, evidence=quote(number))))[0]
        if told.status is Status.APPLIED and told.new != told.old:
            model.values[told.field] = told.new
            model.writer[told.field] = told.change_id
            model.person[told.field] = kind == "person"
            model.confirmed[told.field] = False
            applied.append(told)
        elif kind == "person":
            model.confirmed[told.field] = True
        held = {name: value for name, value in model.values.items() if value is not None}
        assert crm.record().fields == {"country": "DE", **held}


async def seeded() -> Crm:
    """A crm that holds the company, with nothing in the fields under test."""
    crm = Crm()
    await crm.apply(999, change("country", "DE"))
    return crm


def quote(number: int) -> tuple[Evidence, ...]:
    """Evidence that never stood before."""
    return (Evidence(quote=str(number), where="body"),)


def _expected(model: Model, target: FieldChange) -> Status:
    name, held = target.field, model.values.get(target.field)
    if held == target.old:
        return Status.APPLIED
    if model.confirmed.get(name):
        return Status.CONFLICT
    if model.writer.get(name) == target.change_id:
        return Status.APPLIED
    return Status.APPLIED if held == target.new and not model.person.get(name) else Status.CONFLICT


@given(st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
async def test_newest_first_leads_back_to_the_start_and_again_forward(values: list[str]) -> None:
    """Rolling back a run newest first restores each value before; rolling those back restores the run."""
    crm, made = await seeded(), []
    for number, (value, _) in enumerate(groupby(values)):
        outcome = await crm.take(edit(number, {"industry": value}))
        made += [one for one in outcome.settled if one.new != one.old]
    end = dict(crm.record().fields)
    undone = [(await crm.apply(100 + number, revert(one)))[0] for number, one in enumerate(reversed(made))]
    assert all(one.status is Status.APPLIED for one in undone)
    assert crm.record().fields == {"country": "DE"}
    again = [(await crm.apply(200 + number, revert(one)))[0] for number, one in enumerate(reversed(undone))]
    assert all(one.status is Status.APPLIED for one in again)
    assert crm.record().fields == end

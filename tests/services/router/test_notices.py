"""Notices: who hears of what, in every order of acts; marks that never go back; nothing leaves the house too early."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Actor, Source
from libs.contracts.events import Command
from libs.contracts.lead import FieldValue, Review
from libs.contracts.notices import NoticeGiven
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from services.router.domain.notices import owner_of
from services.router.domain.records import stored_lead
from services.router.domain.shown import lead_shown, state_of
from tests.services.router.fakes import NOW, a_lead, changed, member
from tests.services.router.running import Router, request
from tests.services.router.test_offers import STRICT, TEAM, Desk, acts, lead, said

LEAD = ids.lead_id("s1", 0)
OPEN = Review(kind="identity", reason="two of them", stage="dedupe")


def given_by(outcome: Outcome[Any]) -> list[tuple[str, str]]:
    """To whom what was told."""
    found = [one for one in outcome.emits if isinstance(one, NoticeGiven)]
    return [(one.to.id if one.to else f"role {one.role}", one.kind) for one in found]


def stepped(state: str, role: str = "sales_manager", key: str = LEAD, **more: Any) -> Command:
    """Triage's word of its clock."""
    arguments = {"state": state, "at": (NOW + timedelta(hours=1)).isoformat(), "role": role, "due_at": None, **more}
    actor = Actor(kind="rule", id="triage")
    event_id = ids.derived_id("step", state, key)
    return Command(event_id=event_id, command_id="c", name="triage_clock", key=key, actor=actor, arguments=arguments)


def owned(desk: Desk, owner: str = "eve") -> None:
    """The lead's contact belongs to somebody already."""
    desk.router.runs([changed("contact", "contact-s1", 1, owner=owner, email="a@x.example")])


def test_when_an_offer_moves_on_both_reps_hear_of_it() -> None:
    desk = Desk()
    assert given_by(desk.scored(lead())) == [("ann", "offered")]
    declined = desk.hears(said("reject", reason="on the road"))
    assert given_by(declined) == [("ann", "moved"), ("bob", "offered")]
    old, new = [one for one in declined.emits if isinstance(one, NoticeGiven)]
    assert "Bob has it now: ann declined: on the road" in old.text
    assert new.due_at == desk.row().clocks["accept"].due_at
    assert given_by(desk.hears(said("accept", "bob"))) == [], "who takes it knows"
    assert given_by(desk.hears(said("reassign", "dana", owner="eve", reason="knows them"))) == [
        ("bob", "moved"), ("eve", "given"),
    ]  # fmt: skip
    assert given_by(desk.hears(said("reject", "eve", reason="no"))) == [("eve", "moved")]


def test_who_lost_an_offer_by_the_clock_hears_of_it_once() -> None:
    desk = Desk()
    desk.scored(lead())
    ends = [given_by(outcome) for outcome in desk.rings(NOW + timedelta(minutes=16))]
    assert ends == [[("ann", "reminded")], [("ann", "moved"), ("bob", "offered")]]


def test_the_owner_of_an_account_hears_that_its_lead_waits_and_of_triages_clock() -> None:
    desk = Desk()
    owned(desk)
    outcome = desk.scored(lead(reviews=(OPEN,), verdict="ambiguous"))
    asked, row = request(outcome), desk.row()
    assert asked is not None
    assert asked.waiting is not None
    assert row.route.told is not None
    assert row.route.told.id == "eve"
    assert given_by(outcome) == [("eve", "waiting")]
    assert given_by(desk.scored(lead(version=2, reviews=(OPEN,), verdict="ambiguous"))) == [], "it still waits"
    due = row.clocks["triage"].due_at
    assert given_by(desk.hears(stepped("breached", due_at=due and due.isoformat()))) == [
        ("eve", "breached"), ("role sales_manager", "breached"),
    ]  # fmt: skip
    assert desk.row().clocks["triage"].state == "breached"
    assert given_by(desk.hears(stepped("escalated", "revops"))) == [("role revops", "escalated")]


def test_a_step_about_what_was_never_mapped_reaches_the_role() -> None:
    assert given_by(Desk().hears(stepped("breached", key="unheard"))) == [("role sales_manager", "breached")]
    with pytest.raises(Rejected, match="a step of triage's clock"):
        Desk().hears(stepped("forgotten"))


def test_a_notice_says_which_lead_it_is_about_and_where_that_is() -> None:
    desk = Desk()
    source = Source(kind="submission", name="form", trust=0.8)
    fields = {"name": FieldValue(value="Bo Ek", source=source), "company": FieldValue(value="Acme", source=source)}
    named = lead().model_copy(update={"fields": {**lead().fields, **fields}})
    (told,) = [one for one in desk.scored(named).emits if isinstance(one, NoticeGiven)]
    about = stored_lead(desk.row())
    assert told.queue == desk.row().route.queue
    assert told.facts == {name: about.text(name) for name in ("name", "company", "country", "kind") if about.text(name)}
    assert told.facts["name"] == "Bo Ek"


def test_that_a_channel_was_switched_off_is_told_to_a_role() -> None:
    def off(**arguments: Any) -> Command:
        actor = Actor(kind="rule", id="notify.commands")
        return Command(
            event_id="off1", command_id="c", name="channel_told", key="email", actor=actor, arguments=arguments
        )

    (told,) = [
        one for one in Desk().hears(off(role="revops", reason="no answer")).emits if isinstance(one, NoticeGiven)
    ]
    assert (told.role, told.kind, told.text) == (
        "revops",
        "channel_off",
        "notices by email were switched off: no answer",
    )
    with pytest.raises(Rejected, match="told to a role"):
        Desk().hears(off(reason="no answer"))


def test_in_suggested_mode_notices_are_listed_only_and_in_read_only_there_are_none() -> None:
    desk = Desk()
    desk.policies.now = STRICT
    owned(desk)
    outcome = desk.scored(lead())
    (told,) = [one for one in outcome.emits if isinstance(one, NoticeGiven)]
    assert (told.kind, told.to and told.to.id, told.outgoing) == ("waiting", "eve", False)
    router = Router("read_only")
    router.runs([member("ann"), changed("contact", "contact-s1", 1, owner="ann", email="a@x.example")])
    assert given_by(router.scored(a_lead())) == []


async def test_what_was_read_stays_read_and_what_comes_is_new() -> None:
    desk = Desk()
    desk.router.runs([member("max", pool="none", roles=["sales_manager"])])
    desk.scored(lead())
    desk.hears(stepped("breached"))
    state = desk.router.state
    assert [one.kind for _, one in await state.heard("ann", True, 9, 0)] == ["offered"]
    assert [one.kind for _, one in await state.heard("max", True, 9, 0)] == ["breached"], "by their role"
    ann = Actor(kind="human", id="ann")
    mark = Command(event_id="m1", command_id="m1", name="notices_read", key="ann", actor=ann, arguments={"upto": 2**40})
    assert desk.hears(mark).answer == {"read": 2**40}
    assert await state.heard("ann", True, 9, 0) == []
    desk.hears(said("reject", reason="no"))
    assert [one.kind for _, one in await state.heard("ann", True, 9, 0)] == ["moved"]
    assert len(await state.heard("ann", False, 9, 0)) == 2
    with pytest.raises(Rejected, match="up to which number"):
        desk.hears(mark.model_copy(update={"event_id": "m2", "arguments": {"upto": -1}}))


@settings(max_examples=100)
@given(st.lists(acts, max_size=14))
def test_whatever_happens_who_counts_their_notices_knows_whose_each_lead_is(line: list[tuple[str, str, int]]) -> None:
    desk, version = Desk(), Counter[str]()
    for name in ("s1", "s2", "s3"):
        desk.scored(lead(name))
    for turn, (act, who, number) in enumerate(line):
        name = f"s{number}"
        if act == "ring":
            desk.rings(desk.router.now + timedelta(minutes=20))
        elif act == "version":
            version[name] += 1
            open_again = (OPEN,) if who == "bob" else ()
            held = lead(name, 1 + version[name], reviews=open_again, verdict="ambiguous" if open_again else "new")
            desk.scored(held)
        else:
            try:
                desk.hears(said(act, who, name, reason=f"so {turn}", owner=who))
            except Rejected:
                continue
    moves = [one for one in desk.told if isinstance(one, NoticeGiven) and one.kind in ("offered", "given", "moved")]
    event("moves " + str(min(6, len(moves))))
    holds: Counter[tuple[str, str]] = Counter()
    for one in moves:
        assert one.to is not None
        holds[one.to.id, one.lead_id] += -1 if one.kind == "moved" else 1
        assert holds[one.to.id, one.lead_id] in (0, 1), "nobody loses what they never had, nor gets it twice"
    for name in ("s1", "s2", "s3"):
        row = desk.row(name)
        owner = owner_of(row)
        assert {one for one in TEAM if holds[one, row.lead_id]} == ({owner.id} if owner else set())
    stored = desk.router.state.notices
    assert [one.notice_id for one in stored] == [one.notice_id for one in desk.told if isinstance(one, NoticeGiven)]


def test_triages_clock_counts_from_the_first_question_until_somebody_answers() -> None:
    desk = Desk()
    first = request(desk.scored(lead(reviews=(OPEN,), verdict="ambiguous")))
    desk.router.now = NOW + timedelta(minutes=30)
    second = request(desk.scored(lead(version=2, reviews=(OPEN,), verdict="ambiguous")))
    assert first is not None
    assert second is not None
    assert first.waiting == second.waiting, "a newer version that asks again waits on"
    assert (first.waiting and first.waiting.since, first.due_at) == (NOW, NOW + timedelta(minutes=60))
    desk.scored(lead(version=3))
    assert "triage" not in desk.row().clocks, "it went on"
    third = request(desk.scored(lead(version=4, reviews=(OPEN,), verdict="ambiguous")))
    assert third is not None
    assert third.waiting is not None
    assert third.waiting.since == desk.router.now, "and began to wait anew"


def test_triages_clock_keeps_the_days_that_are_records() -> None:
    desk = Desk()
    day = changed("calendar", "x1", 1, day="2026-11-23", calendar="sales_us", closed=True)
    desk.router.runs([day])
    asked = request(desk.scored(lead(reviews=(OPEN,), verdict="ambiguous")))
    assert asked is not None
    assert asked.due_at is not None
    assert asked.due_at.date().isoformat() == "2026-11-24", "nobody works that Monday"


def test_a_lead_that_waits_is_listed_to_whose_account_it_is() -> None:
    desk = Desk()
    owned(desk)
    desk.scored(lead(reviews=(OPEN,), verdict="ambiguous"))
    row = desk.row()
    assert (state_of(row, "eve"), state_of(row, "ann"), state_of(row)) == ("waiting", "gone", "with a person")
    policy = desk.policies.by_hash(stored_lead(row).policy_hash)
    shown = lead_shown(row, policy, (), NOW + timedelta(minutes=50), "eve")
    left = {one["clock"]: one["minutes_left"] for one in shown["clocks"]}  # type: ignore[union-attr,index,call-overload]
    assert left["triage"] == 10


def of_a_rollback(**more: Any) -> Command:
    """Audit's word of a rollback to an owner."""
    told = {"rollback_id": "r1", "member": "ann", "role": "", "reason": "bad provider", "fields": 5, "left": 1,
            "records": ["company:a", "company:b", "contact:c", "contact:d"], "record_count": 4, **more}  # fmt: skip
    actor = Actor(kind="human", id="rita")
    return Command(event_id="e1", command_id="c", name="rollback_told", key="ann", actor=actor, arguments=told)


def test_the_owner_hears_of_a_rollback_who_did_it_why_and_what_is_left() -> None:
    desk = Desk()
    (notice,) = desk.router.one(of_a_rollback()).emits
    assert isinstance(notice, NoticeGiven)
    assert (notice.to, notice.kind, notice.lead_id, notice.outgoing) == (member("ann").record, "rolled_back", "", True)
    assert notice.text == "rita took back 5 values of 4 records: bad provider; 1 need you, see the tasks (rollback r1)"
    (one,) = desk.router.one(of_a_rollback(records=["company:a"], record_count=1, left=0)).emits
    assert isinstance(one, NoticeGiven)
    assert one.text == "rita took back 5 values of company:a: bad provider (rollback r1)"
    assert given_by(desk.router.one(of_a_rollback(member="", role="revops"))) == [("role revops", "rolled_back")]


def test_a_rollback_is_told_to_somebody_and_in_no_mode_that_gives_no_notices() -> None:
    with pytest.raises(Rejected):
        Desk().router.one(of_a_rollback(member="", role=""))
    assert Router("data_audit").one(of_a_rollback()).emits == ()
    assert [one.outgoing for one in Router("suggested").one(of_a_rollback()).emits if isinstance(one, NoticeGiven)] == [
        False
    ]

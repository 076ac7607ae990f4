"""Offers and clocks: taken, declined, run out; never two owners, never the same member twice, told at their own instants."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import Command, Event, LeadFeedback, SlaChanged
from libs.contracts.lead import Lead, Review
from libs.contracts.outcome import Outcome, Timer
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from services.router.domain.records import LeadRow, is_pending, stored_lead
from tests.paths import ROOT
from tests.policies import Plain
from tests.services.router.fakes import NOW, a_lead, changed, member
from tests.services.router.running import Router, request, route_of, scored, writes

TEAM = ("ann", "bob", "eve")


def offering_files(mode: str = "limited_auto") -> dict[str, str]:
    """The repository's policy, with offers of 15 working minutes and a follow-up of four hours in inbound sales."""
    files = read_files(ROOT / "policy")
    before = "inbound_sales: {first_touch_minutes: 60}"
    after = "inbound_sales: {first_touch_minutes: 60, accept_minutes: 15, follow_up_minutes: 240}"
    assert before in files["sla.yaml"]
    files["sla.yaml"] = files["sla.yaml"].replace(before, after)
    files["launch.yaml"] = files["launch.yaml"].replace("mode: suggested", f"mode: {mode}")
    return files


OFFERS, STRICT = load_policy(offering_files()), load_policy(offering_files("suggested"))


class Newest(Plain):
    """Both policies; the newest can change."""

    now = OFFERS

    def by_hash(self, policy_hash: str) -> Policy:
        return next(one for one in (OFFERS, STRICT) if one.hash == policy_hash)

    def newest(self) -> Policy:
        return self.now


def lead(name: str = "s1", version: int = 1, **more: Any) -> Lead:
    return a_lead(name, version=version, **more).model_copy(update={"policy_hash": OFFERS.hash})


def said(name: str, who: str = "ann", lead_name: str = "s1", **arguments: JsonValue) -> Command:
    """A person's command about a lead."""
    cause = ids.derived_id(name, who, lead_name, repr(arguments))
    actor = Actor(kind="human", id=who)
    key = ids.lead_id(lead_name, 0)
    return Command(event_id=cause, command_id="c", name=name, key=key, actor=actor, arguments=dict(arguments))


class Desk:
    """A router with a team, and the timers that it set, which ring when they are heard."""

    def __init__(self, *people: str) -> None:
        self.policies = Newest()
        self.router = Router(policies=self.policies)
        self.router.runs([member(one) for one in people or TEAM])
        self.timers: dict[tuple[str, str], Timer] = {}
        self.told: list[Event] = []

    def hears(self, event: Event) -> Outcome[Any]:
        outcome = self.router.one(event)
        self.timers.update({(timer.name, timer.key): timer for timer in outcome.timers})
        self.told += outcome.emits
        return outcome

    def scored(self, held: Lead) -> Outcome[Any]:
        return self.hears(scored(held))

    def rings(self, until: datetime, late: timedelta = timedelta()) -> list[Outcome[Any]]:
        """The timers that are due by then, oldest first, each heard so much later."""
        found = []
        while due := [one for one in self.timers.values() if one.due_at is not None and one.due_at <= until]:
            timer = min(due, key=lambda one: (one.due_at, one.name))
            del self.timers[timer.name, timer.key]
            assert timer.due_at is not None
            self.router.now = max(self.router.now, timer.due_at + late)
            actor = Actor(kind="rule", id=f"timer:{timer.name}")
            cause = ids.derived_id("timer", timer.name, timer.key, timer.due_at.isoformat())
            found.append(
                self.hears(
                    Command(
                        event_id=cause,
                        command_id="c",
                        name=timer.name,
                        key=timer.key,
                        actor=actor,
                        arguments=timer.arguments,
                    )
                )
            )
        return found

    def row(self, name: str = "s1") -> LeadRow:
        held: LeadRow = self.router.state.all.leads[ids.lead_id(name, 0)]
        return held

    def owner(self, name: str = "s1") -> str | None:
        ref = self.row(name).route.owner
        return ref.id if ref else None

    def clock(self, clock: str) -> list[tuple[str, str | None]]:
        """What was told of a clock, with whom it was about."""
        found = [one for one in self.told if isinstance(one, SlaChanged) and one.clock == clock]
        return [(one.state, one.owner.id if one.owner else None) for one in found]


def owner_writes(outcome: Outcome[Any]) -> list[tuple[str, JsonValue, str]]:
    changes = [change for write in writes(outcome) for change in write.changes if change.field == "owner"]
    return [(change.record.type, change.new, change.actor.kind) for change in changes]


def test_an_offer_makes_no_owner_until_it_is_taken() -> None:
    desk = Desk()
    first = desk.scored(lead(company="k1"))
    assert (route_of(first).owner.id, route_of(first).offer) == ("ann", 1)  # type: ignore[union-attr]
    assert owner_writes(first) == []
    assert [change.field for change in first.changes] == ["queue"]
    assert desk.clock("accept") == [("started", "ann")]
    taken = desk.hears(said("accept"))
    assert sorted(owner_writes(taken)) == [
        ("company", "ann", "human_approved_ai"),
        ("contact", "ann", "human_approved_ai"),
    ]
    assert [(change.field, change.new) for change in taken.changes] == [("owner", "ann")]
    assert desk.clock("accept") == [("started", "ann"), ("met", "ann")]
    assert not is_pending(desk.row())
    assert [one.kind for one in taken.emits if isinstance(one, LeadFeedback)] == ["accepted"]
    assert desk.hears(said("accept")).answer == {"ignored": "it is theirs already"}


def test_a_declined_offer_goes_to_the_next_and_both_are_told() -> None:
    desk = Desk()
    desk.scored(lead())
    after = desk.hears(said("reject", reason="on the road"))
    assert (desk.owner(), desk.row().route.offer) == ("bob", 2)
    assert "ann declined: on the road; now offered to Bob (tell both)" in route_of(after).notes
    assert desk.clock("accept") == [("started", "ann"), ("stopped", "ann"), ("started", "bob")]
    loads = desk.router.state.all.loads
    assert (loads["ann"].open_leads, loads["bob"].open_leads) == (0, 1)
    with pytest.raises(Rejected, match="Bob has this lead now"):
        desk.hears(said("accept"))
    assert route_of(desk.hears(said("accept", "bob"))).owner.id == "bob"  # type: ignore[union-attr]


def test_an_offer_that_nobody_takes_ends_with_a_person() -> None:
    desk = Desk()
    desk.scored(lead())
    ends = desk.rings(NOW + timedelta(days=2))
    assert [state for state in desk.clock("accept") if state[0] == "breached"] == [
        ("breached", "ann"), ("breached", "bob"), ("breached", "eve"),
    ]  # fmt: skip
    row = desk.row()
    assert (row.route.destination, row.route.queue, row.route.owner, row.route.rule) == (
        "review", "unassigned", None, "nobody_took_it",
    )  # fmt: skip
    assert sum(request(outcome) is not None for outcome in ends) == 1
    assert {load.open_leads for load in desk.router.state.all.loads.values()} == {0}


def test_a_pool_that_has_nobody_else_asks_a_person() -> None:
    desk = Desk("ann")
    desk.scored(lead())
    outcome = desk.hears(said("reject", reason="no"))
    assert request(outcome) is not None
    assert "had it before" in desk.row().route.reason


def test_what_is_taken_is_moved_by_persons_only() -> None:
    desk = Desk()
    desk.scored(lead())
    desk.hears(said("accept"))
    desk.rings(NOW + timedelta(days=3))
    assert desk.owner() == "ann"
    outcome = desk.hears(said("reject", reason="not my market"))
    assert (desk.row().route.destination, desk.row().route.rule) == ("review", "declined")
    assert request(outcome) is not None, "a person decides who takes it"


def test_who_touches_an_offer_takes_it_and_follows_up() -> None:
    desk = Desk()
    desk.scored(lead())
    outcome = desk.hears(said("touched"))
    assert desk.row().accepted
    assert owner_writes(outcome) == [("contact", "ann", "human_approved_ai")]
    assert desk.clock("first_touch")[-1] == ("met", "ann")
    assert desk.clock("follow_up") == [("started", "ann")]
    desk.hears(said("followed_up"))
    assert desk.clock("follow_up") == [("started", "ann"), ("met", "ann")]


def test_a_manager_ends_the_offer() -> None:
    desk = Desk()
    desk.scored(lead())
    outcome = desk.hears(said("reassign", "dana", owner="eve", reason="knows them"))
    assert owner_writes(outcome) == [("contact", "eve", "human")]
    assert [one.old for write in writes(outcome) for one in write.changes] == [None], "ann never owned it"
    assert desk.clock("accept")[-1] == ("stopped", "ann")
    desk.rings(NOW + timedelta(days=3))
    assert desk.owner() == "eve"


def test_what_was_asked_of_a_value_is_still_asked_when_the_lead_changes_hands() -> None:
    desk = Desk()
    detail: JsonValue = {"field": "timeline", "old": None, "new": "Q1"}
    desk.scored(lead(reviews=(Review(kind="change", reason="not sure", stage="classify", detail=detail),)))
    for act in (said("reject", reason="no"), said("accept", "bob"), said("reassign", "dana", owner="eve")):
        event = desk.hears(act).next
        assert event is not None
        assert [review.kind for review in event.lead.reviews] == ["change"], act.name
    assert [review.kind for review in stored_lead(desk.row()).reviews] == ["change"]


@pytest.mark.parametrize("taken", [True, False])
def test_what_is_given_away_leaves_no_trace_of_an_offer_that_nobody_took(taken: bool) -> None:
    desk = Desk()
    desk.scored(lead("s1", contact="c1", company="k1"))
    if taken:
        desk.hears(said("accept"))
    outcome = desk.hears(said("reassign", "dana", owner="eve", reason="knows them"))
    assert [one.old for write in writes(outcome) for one in write.changes] == ["ann" if taken else None]
    same_person = route_of(desk.scored(lead("s2", contact="c1")))
    colleague = route_of(desk.scored(lead("s3", contact="c3", company="k1")))
    assert (same_person.rule, same_person.owner) == ("existing_owner", RecordRef(type="member", id="eve"))
    assert colleague.rule == ("existing_owner" if taken else "inbound"), "the company stays with whoever has it"


@pytest.mark.parametrize("how", ["mode", "list"])
def test_an_offer_is_not_made_again_when_the_rules_were_tightened(how: str) -> None:
    desk = Desk()
    desk.scored(lead())
    if how == "mode":
        desk.policies.now = STRICT
    else:
        desk.router.runs([changed("contact", "contact-s1", 1, partner=True)])
    outcome = desk.hears(said("reject", reason="no"))
    assert (desk.row().route.destination, desk.owner()) == ("review", None)
    assert how == "mode" or request(outcome) is not None


def test_the_next_lead_of_the_account_goes_where_the_offer_is() -> None:
    desk = Desk()
    desk.scored(lead("s1", company="k1"))
    desk.hears(said("reject", reason="no"))
    route = route_of(desk.scored(lead("s2", company="k1")))
    assert (route.rule, route.owner and route.owner.id) == ("existing_owner", "bob")


def test_a_later_version_leaves_the_offer_where_it_is() -> None:
    desk = Desk()
    desk.scored(lead())
    again = desk.scored(lead(version=2, priority=70))
    assert (route_of(again).owner.id, route_of(again).offer) == ("ann", 1)  # type: ignore[union-attr]
    assert is_pending(desk.row())
    assert desk.clock("accept") == [("started", "ann")]


def test_reminders_breaches_and_escalations_happen_at_their_own_instants() -> None:
    """However late the timers are heard: the same clocks, the same instants."""

    def instants(late: timedelta) -> list[tuple[str, str, datetime | None, str | None]]:
        desk = Desk("ann")
        desk.scored(lead())
        desk.hears(said("accept"))
        desk.rings(NOW + timedelta(days=5), late)
        found = [one for one in desk.told if isinstance(one, SlaChanged) and one.state not in ("started", "met")]
        return [(one.clock, one.state, one.at, one.to) for one in found]

    prompt = instants(timedelta())
    assert prompt == [
        ("first_touch", "reminded", NOW + timedelta(minutes=45), None),
        ("first_touch", "breached", NOW + timedelta(minutes=60), None),
        ("first_touch", "escalated", NOW + timedelta(minutes=120), "sales_manager"),
    ]
    assert instants(timedelta(hours=7)) == prompt


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("reject", "a reason is needed"), ("comment", "say something"), ("reassign", "is no active member"),
        ("accept", "Ann has this lead now"), ("fly", "no command fly"),
    ],
)  # fmt: skip
def test_a_command_that_can_not_be_done_says_why(name: str, told: str) -> None:
    desk = Desk()
    desk.scored(lead())
    with pytest.raises(Rejected, match=told):
        desk.hears(said(name, "eve" if name == "accept" else "ann"))


acts = st.tuples(
    st.sampled_from(["accept", "reject", "touched", "followed_up", "ring", "version", "reassign"]),
    st.sampled_from(TEAM),
    st.integers(1, 3),
)


@settings(max_examples=150)
@given(st.lists(acts, max_size=14))
def test_whatever_happens_nobody_is_offered_it_twice_and_loads_are_what_is_open(
    line: list[tuple[str, str, int]],
) -> None:
    desk, version = Desk(), Counter[str]()
    for name in ("s1", "s2", "s3"):
        desk.scored(lead(name))
    for act, who, number in line:
        name = f"s{number}"
        before = desk.row(name)
        if act == "ring":
            desk.rings(desk.router.now + timedelta(minutes=20))
        elif act == "version":
            version[name] += 1
            desk.scored(lead(name, version=1 + version[name]))
        else:
            try:
                desk.hears(said(act, who, name, reason="so", owner=who))
            except Rejected:
                assert desk.row(name) == before, "what is refused changes nothing"
        after = desk.row(name)
        if before.accepted and act in ("ring", "version"):
            assert after.route.owner == before.route.owner, "after it was taken, no machine moves it"
    event("offers " + str(sum(desk.row(name).route.offer > 1 for name in ("s1", "s2", "s3"))))
    rows = [desk.row(name) for name in ("s1", "s2", "s3")]
    assert all(len(set(row.offered)) == len(row.offered) for row in rows)
    open_leads = Counter(
        row.route.owner.id for row in rows if row.settled and row.pool and row.route.owner and row.sla != "met"
    )
    held = {one: load.open_leads for one, load in desk.router.state.all.loads.items() if load.open_leads}
    assert held == dict(open_leads)


def test_a_lead_that_was_spoken_to_already_is_nobodys_untouched_one() -> None:
    """Nobody took it, somebody spoke to it meanwhile, and a later version goes out again: a cap does not count it."""
    desk = Desk()
    desk.scored(lead())
    for who in TEAM:
        if desk.owner() == who:
            desk.hears(said("reject", who, reason="full"))
    assert not desk.row().settled
    desk.hears(said("touched", desk.owner() or "", "s1"))
    assert desk.row().sla == "met"
    desk.scored(lead(version=2))
    assert desk.row().settled
    assert desk.owner() is not None
    assert {one: load.open_leads for one, load in desk.router.state.all.loads.items() if load.open_leads} == {}

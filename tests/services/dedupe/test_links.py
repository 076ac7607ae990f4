"""Links, not merges: what a link did is undone by cutting it, and a pair that was kept apart stays so without new evidence."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from libs.contracts import ids
from libs.contracts.events import Command, Event
from libs.contracts.lead import Lead, Review
from libs.contracts.outcome import Outcome
from tests.services.dedupe.fakes import a_lead, changed
from tests.services.dedupe.running import Dedupe
from tests.services.dedupe.test_versions import command, decided, identity, received

BASE = (
    changed("company", "acme", name="Acme Robotics", domain="acme.com"),
    changed("company", "beta", name="Beta Works", domain="beta.io"),
    changed("contact", "ann", name="Ann Lee", email="ann@acme.com", phone="+14155550123", company_id="acme"),
    changed("contact", "lee", name="Ann Lee", email="lee@gmail.com"),
)
ADDRESSES = ("lee@gmail.com", "ann@acme.com", "ann.lee@beta.io", "annlee@gmail.com", "info@acme.com", None)
NAMES = ("Ann Lee", "Bob Lee", "Annie Lee", "Cy Poe", None)
facts = st.fixed_dictionaries(
    {
        "email": st.sampled_from(ADDRESSES),
        "name": st.sampled_from(NAMES),
        "phone": st.sampled_from(("+14155550123", None)),
        "company": st.sampled_from(("Acme Robotics", "Gamma Labs", None, None)),
    }
)


def follows(dedupe: Dedupe, given: Event) -> Outcome[Any]:
    """The outcome of an event, after the commands that it leads to are decided too."""
    outcome = dedupe.one(given)
    for number, emitted in enumerate(outcome.emits):
        assert isinstance(emitted, Command)
        follows(dedupe, emitted.model_copy(update={"event_id": f"{given.event_id}-{number}", "command_id": "c"}))
    return outcome


def shape(dedupe: Dedupe) -> dict[str, Any]:
    """Who each lead is from, and all contacts and companies; the memory of pairs and the counting of versions aside. Questions
    that likeness raised in between, or would have, stay as they were (a contact's `pending`, a lead's company): nobody was
    linked by them."""
    return {
        "leads": {one.lead_id: (one.contact_id, one.email) for one in dedupe.index.leads.values()},
        "contacts": {one.contact_id: replace(one, pending=False) for one in dedupe.index.contacts.values()},
        "companies": dedupe.index.companies,
        "links": {lead: contacts[-1] for lead, contacts in dedupe.index.links.items()},
    }


class LinkedAndCut(RuleBasedStateMachine):
    """Two worlds see the same leads. In one a person linked the first lead to a record and cuts that link later; in the
    other the person kept them apart at once. Once the link is cut, both are the same, whatever comes in after."""

    def __init__(self) -> None:
        super().__init__()
        self.linked, self.apart = Dedupe(), Dedupe()
        self.is_linked = True
        self.seen = 0

    @initialize(first=facts, record=st.sampled_from(("ann", "lee")))
    def link(self, first: dict[str, Any], record: str) -> None:
        self.record, self.lead = record, a_lead("s0", **first)
        for world in (self.linked, self.apart):
            world.runs(BASE)
        follows(self.linked, received(self.lead))
        follows(self.linked, command(self.lead, "link", record_id=record))
        out = follows(self.apart, received(self.lead)).next
        assert out is not None
        follows(
            self.apart, decided(out.lead, (Review(kind="identity", reason="r", stage="dedupe"), "keep_apart", record))
        )

    @rule(said=facts)
    def another_lead(self, said: dict[str, Any]) -> None:
        self.seen += 1
        for world in (self.linked, self.apart):
            follows(world, received(a_lead(f"s{self.seen}", **said)))

    @precondition(lambda self: self.is_linked)
    @rule()
    def cut(self) -> None:
        event(f"cut after {min(self.seen, 3)}")
        follows(self.linked, command(self.lead, "unlink", record_id=self.record))
        self.is_linked = False

    @precondition(lambda self: not self.is_linked)
    @invariant()
    def nothing_is_left_of_the_link(self) -> None:
        assert shape(self.linked) == shape(self.apart)


TestLinkedAndCut = LinkedAndCut.TestCase
TestLinkedAndCut.settings = settings(max_examples=80, stateful_step_count=7, deadline=None, derandomize=True)


def asked(outcome: Outcome[Any]) -> set[str]:
    return {one.record.id for one in identity(outcome).candidates} if outcome.reviews else set()


def kept_apart(dedupe: Dedupe, submission: str, record: str, **said: Any) -> Lead:
    """A lead whose question about a record was answered with no."""
    first = dedupe.one(received(a_lead(submission, **said)))
    assert record in asked(first)
    assert first.next is not None
    dedupe.one(decided(first.next.lead, (first.reviews[0], "keep_apart", record)))
    return first.next.lead  # type: ignore[no-any-return]


SAID = {"email": "annlee@gmail.com", "name": "Ann Lee", "phone": "+14155550123"}


@pytest.mark.parametrize(
    "more",
    [{}, {"phone": None}, {"message": "again"}, {"title": "CTO"}, {"country": "US"}, {"phone": "+14155550199"}],
)
def test_a_pair_that_was_kept_apart_stays_apart_without_new_evidence(more: dict[str, Any]) -> None:
    dedupe = Dedupe()
    dedupe.runs(BASE[:3])
    kept_apart(dedupe, "s1", "ann", **SAID)
    again = dedupe.one(received(a_lead("s2", **{**SAID, **more})))
    assert (asked(again), identity(again).contact.id) == (set(), ids.record_id("contact", "s1", 0))


@pytest.mark.parametrize("more", [{"custom_id": "ann"}, {"company": "Acme"}])
def test_new_evidence_brings_the_question_back_and_links_nothing(more: dict[str, Any]) -> None:
    dedupe = Dedupe()
    dedupe.runs(
        (
            *BASE[:2],
            changed("contact", "ann", 1, name="Ann Lee", email="ann@acme.com", phone="+14155550123", company="Acme"),
        )
    )
    kept_apart(dedupe, "s1", "ann", **SAID)
    again = dedupe.one(received(a_lead("s2", **SAID, **more)))
    if "custom_id" in more:
        assert (identity(again).verdict, identity(again).rule) == ("ambiguous", "new_evidence")
    assert identity(again).contact.id != "ann"


def test_an_address_that_the_crm_gives_to_the_contact_is_new_evidence() -> None:
    dedupe = Dedupe()
    dedupe.runs(BASE[:3])
    kept_apart(dedupe, "s1", "ann", **SAID)
    dedupe.one(changed("contact", "ann", 2, name="Ann Lee", email="annlee@gmail.com", phone="+14155550123"))
    again = identity(dedupe.one(received(a_lead("s2", **SAID))))
    assert (again.verdict, again.rule) == ("ambiguous", "new_evidence")
    assert "ann" in {one.record.id for one in again.candidates}


def test_a_company_that_was_kept_apart_comes_back_with_another_sign_of_it() -> None:
    dedupe = Dedupe()
    dedupe.runs(BASE)
    said = {"email": "zoe@gmail.com", "name": "Zoe", "website": "acme.com"}
    kept_apart(dedupe, "s1", "acme", **said)
    assert asked(dedupe.one(received(a_lead("s2", **said)))) == set()
    assert "acme" in asked(dedupe.one(received(a_lead("s3", **said, company="Acme Robotics"))))


def test_what_came_in_by_a_link_goes_to_the_right_side_when_it_is_cut() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", **SAID)
    dedupe.runs(BASE[:3])
    dedupe.one(received(lead))
    dedupe.one(command(lead, "link", record_id="ann"))
    late = dedupe.one(received(a_lead("s2", email="annlee@gmail.com")))
    assert identity(late).contact.id == "ann"
    cut = follows(dedupe, command(lead, "unlink", record_id="ann"))
    theirs = ids.record_id("contact", "s1", 0)
    assert cut.answer == {"lead_id": lead.lead_id, "version": 3, "looked_at_again": [ids.lead_id("s2", 0)]}
    assert dedupe.index.leads[ids.lead_id("s2", 0)].contact_id == theirs
    assert identity(dedupe.one(received(a_lead("s3", email="annlee@gmail.com")))).contact.id == theirs
    assert dedupe.index.contacts["ann"].emails == ()

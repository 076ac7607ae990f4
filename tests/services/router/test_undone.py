"""A decision that was taken back: the lead waits again, its rep is free and told, and the same decision may be taken anew."""

from libs.contracts.events import LeadRouted, TriageDecided
from libs.contracts.notices import NoticeGiven
from tests.services.router.fakes import a_lead, proposal
from tests.services.router.running import route_of, writes
from tests.services.router.test_decisions import answered, asked_of, clocks, command, team


def taken_back(event: TriageDecided) -> TriageDecided:
    """The event that takes a decision back."""
    told = {
        "event_id": f"undo-{event.event_id}",
        "undoes": event.event_id or "e1",
        "answers": (),
        "taken_back": event.answers,
    }
    return event.model_copy(update=told)


def test_a_lead_that_went_out_waits_again_and_goes_out_the_same_way_once_more() -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1", proposals=(proposal("s1"),))))
    said = answered(asked, route=("approve", None), name=("approve", None))
    first = router.one(said)
    owner = route_of(first).owner
    assert owner is not None
    assert router.state.all.loads[owner.id].open_leads == 1
    back = router.one(taken_back(said))
    assert isinstance(back.next, LeadRouted)
    assert back.next.route.model_copy(update={"notes": ()}) == asked.lead.route.model_copy(update={"notes": ()})  # type: ignore[union-attr]
    assert back.next.lead.reviews == asked.lead.reviews  # type: ignore[union-attr]
    assert (writes(back), router.state.all.answered) == ([], {})
    assert router.state.all.loads[owner.id].open_leads == 0
    row = router.state.all.leads[asked.lead_id]
    assert (row.settled, row.clocks["triage"].state) == (False, "running")
    assert [one.kind for one in back.emits if isinstance(one, NoticeGiven) and one.to == owner] == ["moved"]
    again = router.one(said)
    assert route_of(again).owner is not None
    assert len(writes(again)) == len(writes(first))


def test_who_touched_the_lead_keeps_it_until_somebody_decides_anew() -> None:
    router = team("suggested")
    asked = asked_of(router.scored(a_lead("s1")))
    said = answered(asked, route=("approve", None))
    owner = route_of(router.one(said)).owner
    router.one(command("touched"))
    back = router.one(taken_back(said))
    assert (back.next, clocks(back), router.state.all.answered) == (None, [], {})
    row = router.state.all.leads[asked.lead_id]
    assert (row.settled, row.route.owner) == (True, owner)

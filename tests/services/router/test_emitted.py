"""Whatever the router decides can be sent: through the gate, to topics that it names, as bytes."""

from hypothesis import given, settings

from libs.contracts.events import Event, LeadScored
from libs.runtime.emit import Emitter
from tests.declared import undeclared
from tests.services.router.fakes import NOW, Policies, member, policy
from tests.services.router.running import Router, writes
from tests.services.router.test_rules_hold import sequences

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@settings(max_examples=60, deadline=None)
@given(sequences)
def test_every_outcome_can_be_sent(events: list[Event]) -> None:
    router = Router()
    router.runs([member("ann"), member("bob")])
    emitter = Emitter(Policies())
    for event, outcome in zip(events, router.runs(events), strict=True):
        own = [change for write in writes(outcome) for change in write.changes if change.actor.id == "router"]
        assert undeclared("router", (*outcome.changes, *own), policy()) == set()
        emitted = emitter.emitted(router.stages[type(event)], event, outcome, NOW, TRACE)
        if isinstance(event, LeadScored) and outcome.next is not None:
            assert emitted.next is not None
            lead, route = emitted.next.lead, emitted.next.route  # type: ignore[attr-defined]
            if not route.suggested and route.destination in ("owner", "queue", "nurture"):
                assert lead.text("queue") == route.queue
                assert lead.text("owner") == (route.owner.id if route.owner else "")

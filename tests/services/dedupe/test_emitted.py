"""Whatever dedupe decides can be sent: through the gate, with people's values locked on the lead."""

from hypothesis import given, settings

from libs.contracts.change import Actor
from libs.contracts.events import Event
from libs.runtime.emit import Emitter
from tests.declared import undeclared
from tests.services.dedupe.fakes import NOW, OnePolicy, a_lead, policy
from tests.services.dedupe.running import Dedupe
from tests.services.dedupe.test_batches import sequences
from tests.services.dedupe.test_versions import command, received

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@settings(max_examples=60, deadline=None)
@given(sequences)
def test_every_outcome_can_be_sent(events: list[Event]) -> None:
    dedupe, emitter = Dedupe(), Emitter(OnePolicy())
    for event, outcome in zip(events, dedupe.runs(events), strict=True):
        assert undeclared("dedupe", outcome.changes, policy()) == set()
        emitter.emitted(dedupe.stages[type(event)], event, outcome, NOW, TRACE)


def test_a_persons_value_is_locked_on_the_lead_and_no_record_change_is_lost() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", email="a@acme.example", title="Boss")
    dedupe.one(received(lead))
    event = command(lead, "reenter", fields={"title": "CTO", "city": "Oslo"})
    emitted = Emitter(OnePolicy()).emitted(dedupe.stages[type(event)], event, dedupe.one(event), NOW, TRACE).next
    assert emitted is not None
    out = emitted.lead  # type: ignore[attr-defined]
    for name, value in (("title", "CTO"), ("city", "Oslo")):
        assert (out.value(name), out.fields[name].locked, out.fields[name].verified_by) == (value, True, "dana")
    proposed = {(one.record.type, one.field) for one in out.proposals}
    assert {("contact", "email"), ("contact", "title"), ("contact", "company_id"), ("company", "domain")} <= proposed
    assert Actor(kind="rule", id="dedupe") in {one.actor for one in out.proposals}

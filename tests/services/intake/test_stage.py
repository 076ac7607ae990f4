"""The mapper folded over submissions: same facts, same ids; other facts, another version; nothing lost, nothing said twice."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.codec import encode
from libs.contracts.events import Command, LeadReceived, SubmissionReceived, TriageRequested
from libs.contracts.lead import Position
from libs.contracts.outcome import Outcome
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from libs.runtime.record import Record
from services.intake.connectors import ADAPTERS
from services.intake.domain.sources import Source, source_of
from services.intake.stage import MapperFacts, mapper_stage, redrive_stage
from tests.policies import Plain
from tests.services.intake.samples import AT, POLICY, TENANT_SECRET, submission


class Published(Plain):
    """The shipped policy, as if it were the only one published."""

    def by_hash(self, policy_hash: str) -> Policy:
        assert policy_hash == POLICY.hash
        return POLICY

    def newest(self) -> Policy:
        return POLICY


def shipped(name: str, policy: Policy) -> Source | None:
    return source_of(name, policy, {}, ADAPTERS)


MAPPER = mapper_stage(Published(), shipped, TENANT_SECRET)


async def mapped(event: SubmissionReceived) -> Outcome[LeadReceived]:
    return MAPPER.decide(event, await MAPPER.gather([event]), AT)


def fact_of(name: str, policy: Policy = POLICY) -> MapperFacts:
    return MapperFacts(policy, {name: source_of(name, policy, {}, ADAPTERS)}, {})


def decided(event: SubmissionReceived) -> Outcome[LeadReceived]:
    return MAPPER.decide(event, fact_of(event.source), AT)


def posted(value: JsonValue, **more: Any) -> SubmissionReceived:
    return submission(json.dumps(value).encode(), **more)


def leads_of(outcome: Outcome[LeadReceived]) -> list[LeadReceived]:
    return [event for event in (outcome.next, *outcome.emits) if isinstance(event, LeadReceived)]


async def test_a_submission_becomes_a_lead_with_audited_first_values() -> None:
    event = posted({"email": "Ana@Acme.com", "message": "Help"}, delivery="d1")
    outcome = await mapped(event)
    assert outcome.next is not None
    lead = outcome.next.lead
    assert (lead.lead_id, lead.fields, lead.policy_hash) == (ids.lead_id(event.submission_id, 0), {}, POLICY.hash)
    assert (lead.kind, lead.source.trust, lead.submitted_at) == ("demo_request", 0.8, AT)
    assert lead.partition_key == ids.partition_key(TENANT_SECRET, "domain:acme.com")
    email = next(change for change in outcome.changes if change.field == "email")
    assert (email.record.id, email.new, email.old) == (lead.lead_id, "ana@acme.com", None)
    assert (email.evidence[0].quote, email.evidence[0].where) == ("Ana@Acme.com", "email")
    assert "ana" not in outcome.next.event_id + lead.partition_key


def test_a_corrected_redelivery_is_another_version_of_the_same_lead() -> None:
    first = decided(posted({"email": "ana@acme.com", "name": "Ana"}, delivery="d1"))
    again = decided(posted({"name": "Ana", "email": "ana@acme.com"}, delivery="d1", received_at=AT.replace(year=2027)))
    other = decided(posted({"email": "ana@acme.com", "name": "Anna"}, delivery="d1"))
    assert first.next is not None
    assert again.next is not None
    assert other.next is not None
    assert first.next.event_id == again.next.event_id
    assert first.next.lead.facts_hash == again.next.lead.facts_hash
    assert other.next.event_id != first.next.event_id
    assert other.next.lead.facts_hash != first.next.lead.facts_hash
    assert other.next.lead.lead_id == first.next.lead.lead_id


def test_several_leads_one_bad_and_one_test_in_one_post() -> None:
    event = posted({"leads": [{"email": "a@acme.com"}, {"x": 1}, {"email": "b@acme.com"}, {"test": True}]})
    outcome = decided(event)
    assert [one.lead.submission.item for one in leads_of(outcome)] == [0, 2]
    asked = [one for one in outcome.emits if isinstance(one, TriageRequested)]
    assert [(one.lead_id, one.submission.item) for one in asked] == [(ids.lead_id(event.submission_id, 1), 1)]
    said = [change for change in outcome.changes if change.record.type == "submission"]
    assert [(change.record.id, change.field, change.new) for change in said] == [
        (event.submission_id, "disposition", "test")
    ]
    assert outcome.answer == {"leads": 2, "unmapped": 1, "not_leads": 1, "to_fetch": 0}
    owners = {change.record.id for change in outcome.changes if change.record.type == "lead"}
    assert owners == {one.lead.lead_id for one in leads_of(outcome)}


@pytest.mark.parametrize("body", [b'{"email":', b"[" * 10_000, b"\xff\x00", b"<a/>", b'{"n":1e400}'])
def test_what_cannot_be_parsed_goes_to_a_person_with_its_place(body: bytes) -> None:
    event = submission(body, content_type="application/xml" if body == b"<a/>" else "application/json")
    outcome = decided(event)
    (asked,) = outcome.emits
    assert isinstance(asked, TriageRequested)
    assert outcome.next is None
    assert not outcome.changes
    assert (asked.lead_id, asked.lead, asked.submission.position) == (
        ids.lead_id(event.submission_id, 0),
        None,
        event.position,
    )
    assert asked.questions[0].review.kind == "unmapped"
    assert asked.waiting is not None
    assert (asked.waiting.since, asked.due_at) == (asked.submission.received_at, asked.waiting.due_at), "it is due, too"
    assert decided(event).emits[0].event_id == asked.event_id


def test_an_empty_body_and_an_unknown_source() -> None:
    empty = decided(submission(b"  "))
    assert [(change.field, change.new) for change in empty.changes] == [("disposition", "empty")]
    (asked,) = decided(submission(b"{}", source="gone")).emits
    assert isinstance(asked, TriageRequested)
    assert "gone" in asked.questions[0].review.reason


ITEM = st.one_of(
    st.builds(lambda name: {"email": f"{name}@acme.com", "name": name}, st.sampled_from(["ana", "bo", "cy"])),
    st.just({"x": 1}), st.just({"test": True}), st.text(max_size=5), st.just({"email": "no address"}),
)  # fmt: skip


@given(st.lists(ITEM, max_size=5))
def test_every_item_is_in_exactly_one_place(items: list[JsonValue]) -> None:
    outcome = decided(
        posted({"leads": items}) if all(isinstance(item, dict) for item in items) and items else posted(items)
    )
    asked = [one for one in outcome.emits if isinstance(one, TriageRequested)]
    said = [change for change in outcome.changes if change.record.type == "submission"]
    assert len(leads_of(outcome)) + len(asked) + len(said) == max(1, len(items))
    event_ids = [event.event_id for event in (outcome.next, *outcome.emits) if event is not None]
    assert all(event_ids)
    assert len(set(event_ids)) == len(event_ids)


@given(st.lists(ITEM, min_size=1, max_size=4), st.permutations(["a", "b", "c"]))
def test_mapping_again_names_the_same(items: list[JsonValue], order: Sequence[str]) -> None:
    """A redelivery stands at another offset and comes at another time; its events are the same ones."""
    event = posted(items, delivery="".join(order))
    place = Position(topic="submission.received.v1", partition=1, offset=99)
    later = event.model_copy(update={"position": place, "received_at": AT.replace(year=2030), "event_id": "other"})
    first, again = decided(event), decided(later)
    assert [one.event_id for one in (*leads_of(first), *first.emits)] == [
        one.event_id for one in (*leads_of(again), *again.emits)
    ]


@dataclass
class Read:
    """A record as Kafka gives it back."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int = 0


class Kept:
    """Raw records in a dict: what the redrive reads from."""

    def __init__(self, *events: SubmissionReceived) -> None:
        self.held = {event.position.offset: event for event in events if event.position}

    async def read(self, position: Position) -> Record:
        event = self.held.get(position.offset)
        if event is None:
            raise LookupError
        raw = encode(SUBMISSION_RECEIVED, event, event.submission_id, source="intake", raw=event.body)
        return Read(position.topic, position.partition, position.offset, raw.key, raw.value, raw.headers)


def command(event: SubmissionReceived, name: str = "redrive", key: str = "", offset: int | None = None) -> Command:
    assert event.position is not None
    place = event.position.model_copy(update={} if offset is None else {"offset": offset})
    return Command(
        event_id="c1", command_id="c1", name=name, key=key or event.submission_id, actor=Actor(kind="human", id="ana"),
        arguments={"position": place.model_dump()},
    )  # fmt: skip


async def test_a_redrive_after_a_mended_mapping_keeps_its_ids_and_its_clock() -> None:
    event = posted({"name": "Ana", "rueckruf": "030 901820"}, source="call_form")
    assert decided(event).next is None
    rules = POLICY.sources.sources["call_form"].model_copy(update={"mapping": {"phone": "rueckruf"}})
    sources = POLICY.sources.model_copy(update={"sources": {**POLICY.sources.sources, "call_form": rules}})
    mended = POLICY.model_copy(update={"sources": sources})
    stage = redrive_stage(Published(), Kept(event), lambda name, _: shipped(name, mended), TENANT_SECRET)
    asked = command(event)
    outcome = stage.decide(asked, await stage.gather([asked]), AT.replace(year=2031))
    assert outcome.next is not None
    assert outcome.next.lead.lead_id == ids.lead_id(event.submission_id, 0)
    assert outcome.next.lead.submission.received_at == outcome.next.lead.submitted_at == AT
    assert outcome.answer == {"leads": 1, "unmapped": 0, "not_leads": 0, "to_fetch": 0}


@pytest.mark.parametrize("wrong", [{"name": "explode"}, {"key": "another"}, {"offset": 1}])
async def test_a_redrive_that_makes_no_sense_is_rejected(wrong: dict[str, Any]) -> None:
    event = posted({"email": "ana@acme.com"})
    stage = redrive_stage(Published(), Kept(event), shipped, TENANT_SECRET)
    with pytest.raises(Rejected):
        await stage.gather([command(event, **wrong)])

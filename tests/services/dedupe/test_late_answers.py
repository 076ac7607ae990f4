"""Late answers of providers: they ride on the next version, and what people decided stands."""

from typing import Any

import pytest

from libs.contracts.change import Actor
from libs.contracts.completion import COMPLETE, LateAnswers
from libs.contracts.events import Command
from libs.contracts.lead import Lead, ProviderAnswer
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from tests.services.dedupe.fakes import NOW, a_lead
from tests.services.dedupe.running import Dedupe
from tests.services.dedupe.test_versions import command

ENRICH = Actor(kind="rule", id="enrich")
ANSWER = ProviderAnswer(
    provider="website", field="industry", outcome="found", value="software", confidence=0.9, input_hash="h", at=NOW
)


def late(lead: Lead, version: int) -> Command:
    told = LateAnswers(version=version, answers=(ANSWER,)).model_dump(mode="json")
    return Command(event_id=f"late {version}", name=COMPLETE, key=lead.lead_id, actor=ENRICH, arguments=told)


def next_lead(outcome: Outcome[Any]) -> Lead:
    assert outcome.next is not None
    found: Lead = outcome.next.lead
    return found


def test_late_answers_ride_on_the_next_version_with_its_identity_and_peoples_values() -> None:
    dedupe = Dedupe()
    first = dedupe.lead(a_lead("s1", email="a@acme.example", name="Ann Lee"))
    dedupe.one(command(first, "reenter", fields={"employees": 40}, reason="she told me"))
    outcome = dedupe.one(late(first, 2))
    third = next_lead(outcome)
    assert (third.version, third.answers) == (3, (ANSWER,))
    assert third.identity is not None
    assert first.identity is not None
    assert third.identity.contact == first.identity.contact
    [kept] = [change for change in outcome.changes if change.record.type == "lead"]
    assert (kept.field, kept.new, kept.verified_by) == ("employees", 40, "dana")
    assert next_lead(dedupe.one(command(first, "reenter", fields={"city": "Bonn"}))).answers == (ANSWER,)


@pytest.mark.parametrize("version", [1, 3])
def test_answers_for_another_version_are_refused(version: int) -> None:
    dedupe = Dedupe()
    first = dedupe.lead(a_lead("s1", email="a@acme.example"))
    dedupe.one(command(first, "reenter", fields={"employees": 40}))
    with pytest.raises(Rejected, match="the lead is at version 2 by now"):
        dedupe.one(late(first, version))


def test_what_are_no_answers_is_refused_and_a_machine_changes_no_facts() -> None:
    dedupe = Dedupe()
    first = dedupe.lead(a_lead("s1", email="a@acme.example"))
    for arguments in (None, {}, {"version": 1, "answers": []}, {"version": 1, "fields": {"employees": 9}}):
        with pytest.raises(Rejected, match="late answers come with the version"):
            dedupe.one(late(first, 1).model_copy(update={"arguments": arguments}))
    with pytest.raises(Rejected, match="only a person"):
        dedupe.one(command(first, "reenter", fields={"employees": 9}).model_copy(update={"actor": ENRICH}))
    with_fields = {**LateAnswers(version=1, answers=(ANSWER,)).model_dump(mode="json"), "fields": {"employees": 9}}
    outcome = dedupe.one(late(first, 1).model_copy(update={"arguments": with_fields}))
    assert [change for change in outcome.changes if change.record.type == "lead"] == []

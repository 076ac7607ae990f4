"""Enrich: lead.deduped.v1 in; lead.enriched.v1 out, with every provider's answer, found or not, recorded on the lead."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from libs.contracts.events import LeadDeduped, LeadEnriched
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_DEDUPED, LEAD_ENRICHED
from libs.policy.policy import Policy
from libs.runtime.stage import Stage
from services.enrich.domain.findings import Finding, Inputs, input_hash, nothing
from services.enrich.domain.questions import Answered, already_answered, complete, missed
from services.enrich.domain.waterfall import contact_changes, merged, proposed_changes, recorded

VERSION = "1"


class PolicyVersions(Protocol):
    """Where the stage gets the policy that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...


class Provider(Protocol):
    """A source of values. `version` changes whenever the same inputs may be answered otherwise."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def fields(self) -> tuple[str, ...]: ...

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """What it reads off the lead; empty when there is nothing to ask about. Pure."""
        ...

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """One list of findings per question. Raises ConnectionError when it can't be reached, Retryable when the lead
        must not go on without it."""
        ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """Policies by hash, and what providers said about each event's lead (by event id)."""

    policies: Mapping[str, Policy]
    answers: Mapping[str, Sequence[Answered]]


def enrich_stage(
    policies: PolicyVersions, providers: Sequence[Provider], provider_seconds: float
) -> Stage[LeadDeduped, Gathered]:
    """The stage. Providers are asked side by side, once per batch and distinct question; one that is slower than
    `provider_seconds` is recorded as `timed_out` and delays no lead further."""

    async def gather(events: Sequence[LeadDeduped]) -> Gathered:
        by_hash = {wanted: policies.by_hash(wanted) for wanted in {event.lead.policy_hash for event in events}}
        asked = [_ask(provider, events, by_hash, provider_seconds) for provider in providers]
        said = await asyncio.gather(*asked)
        answers = {
            event.event_id: [answer for answers in said if (answer := answers.get(event.event_id)) is not None]
            for event in events
        }
        return Gathered(by_hash, answers)

    return Stage(
        "enrich",
        "enrich",
        VERSION,
        LEAD_DEDUPED,
        (LEAD_ENRICHED,),
        gather,
        decide,
        gather_seconds=provider_seconds + 5.0,
    )


def decide(event: LeadDeduped, gathered: Gathered, now: datetime) -> Outcome[LeadEnriched]:
    """The lead with all answers, and the changes that found answers stand for."""
    lead, policy = event.lead, gathered.policies[event.lead.policy_hash]
    new = [
        answer
        for said in gathered.answers[event.event_id]
        for answer in recorded(said.provider, said.asked, said.findings, now)
    ]
    answers = merged(lead.answers, new)
    changes = proposed_changes(lead, answers, policy)
    return Outcome(
        next=LeadEnriched(lead=lead.model_copy(update={"answers": answers})),
        changes=changes + contact_changes(lead, changes),
    )


async def _ask(
    provider: Provider, events: Sequence[LeadDeduped], policies: Mapping[str, Policy], seconds: float
) -> dict[str, Answered]:
    """The provider's answers by event id, without those that the lead carries already."""
    questions: dict[str, Inputs] = {}
    asked_by: dict[str, str] = {}
    for event in events:
        inputs = provider.inputs(event.lead, policies[event.lead.policy_hash])
        asked = input_hash(provider.name, provider.version, inputs)
        if not already_answered(event.lead, provider.name, provider.fields, asked):
            asked_by[event.event_id] = asked
            questions[asked] = inputs
    said = await _said(provider, questions, seconds)
    return {event_id: Answered(provider.name, asked, said[asked]) for event_id, asked in asked_by.items()}


async def _said(provider: Provider, questions: Mapping[str, Inputs], seconds: float) -> dict[str, tuple[Finding, ...]]:
    """Findings by the question's hash, complete for every field of the provider."""
    fields = provider.fields
    empty = [nothing(field, "the lead gives it nothing to go on") for field in fields]
    answers = {asked: complete(fields, empty) for asked, inputs in questions.items() if not inputs}
    open_questions = {asked: inputs for asked, inputs in questions.items() if inputs}
    if not open_questions:
        return answers
    try:
        async with asyncio.timeout(seconds):
            found = await provider.answer(list(open_questions.values()))
    except TimeoutError:
        late = missed(fields, "timed_out", f"no answer within {seconds:g} seconds")
        return answers | dict.fromkeys(open_questions, late)
    except ConnectionError as error:
        away = missed(fields, "unavailable", f"could not be reached: {type(error).__name__}")
        return answers | dict.fromkeys(open_questions, away)
    complete_ones = (complete(fields, findings) for findings in found)
    return answers | dict(zip(open_questions, complete_ones, strict=True))

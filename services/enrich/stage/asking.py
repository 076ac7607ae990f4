"""Asking providers about a batch: side by side, once per distinct question, and no longer than there is time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.contracts.events import LeadDeduped
from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from libs.runtime.errors import Retryable
from services.enrich.domain.findings import Finding, Inputs, hash_for_next, input_hash, nothing
from services.enrich.domain.late import Remembered
from services.enrich.domain.provider import Provider
from services.enrich.domain.questions import Answered, already_answered, carried, complete, missed
from services.enrich.domain.waterfall import is_settled, may_fill

Memory = Mapping[tuple[str, str, str], Remembered]
"""What is known of questions that were once missed: by lead, provider and the question's hash."""
NOTHING_TO_ASK = "the lead gives it nothing to go on"
SETTLED = "a person has settled every field that it may fill"


@dataclass(frozen=True, slots=True)
class Asked:
    """A provider with the leads that it is asked about. `slow`: over the network, where every answer counts by itself."""

    provider: Provider
    events: Sequence[LeadDeduped]
    slow: bool = False


async def answers_of(
    asked: Asked, policies: Mapping[str, Policy], memory: Memory, seconds: float
) -> dict[str, Answered]:
    """What the provider says, by event id; without the leads that carry its answers already."""
    provider, known, questions = asked.provider, dict[str, Answered](), dict[str, Inputs]()
    open_ones: dict[str, tuple[str, str]] = {}
    for event in asked.events:
        inputs, why_not = _question(provider, event.lead, policies[event.lead.policy_hash], asked.slow)
        name = input_hash(provider.name, provider.version, inputs)
        if already_answered(event.lead, provider.name, provider.fields, name):
            continue
        remembered = memory.get((event.lead.lead_id, provider.name, name))
        if not inputs:
            unasked = [nothing(field, why_not) for field in provider.fields]
            known[event.event_id] = Answered(provider.name, name, tuple(unasked))
        elif remembered is not None:
            known[event.event_id] = _from_memory(provider, event.lead, name, inputs, remembered)
        else:
            next_name = hash_for_next(provider.name, provider.version, inputs, event.lead.version)
            open_ones[event.event_id], questions[name] = (name, next_name), inputs
    said = await (_singly if asked.slow else _together)(provider, questions, seconds) if questions else {}
    return known | {
        event_id: Answered(provider.name, name, said[name], questions[name], next_asked=next_name)
        for event_id, (name, next_name) in open_ones.items()
    }


def _question(provider: Provider, lead: Lead, policy: Policy, slow: bool) -> tuple[Inputs, str]:
    """What it is asked; nothing, and why, when there is no use in asking. Only the network costs enough to spare it."""
    if slow:
        fillable = [field for field in provider.fields if may_fill(field, provider.name, policy)]
        if all(is_settled(lead.fields.get(field)) for field in fillable):
            return {}, SETTLED
    return provider.inputs(lead, policy), NOTHING_TO_ASK


def _from_memory(provider: Provider, lead: Lead, name: str, inputs: Inputs, remembered: Remembered) -> Answered:
    """A question that was missed before: it was settled meanwhile, or somebody is still asking, and it is left to them."""
    if remembered.state != "open":
        return Answered(provider.name, name, kept=remembered.answers)
    if carried(lead, provider.name, name):
        return Answered(provider.name, name, inputs=inputs)
    still = missed(provider.fields, "timed_out", "is still being asked since an earlier version")
    return Answered(provider.name, name, still, inputs)


async def _together(
    provider: Provider, questions: Mapping[str, Inputs], seconds: float
) -> dict[str, tuple[Finding, ...]]:
    """All questions at once: offline providers answer a batch by one look-up."""
    fields = provider.fields
    try:
        async with asyncio.timeout(seconds):
            found = await provider.answer(list(questions.values()))
    except TimeoutError:
        return dict.fromkeys(questions, _late(fields, seconds))
    except ConnectionError as error:
        return dict.fromkeys(questions, _away(fields, error))
    return dict(zip(questions, (complete(fields, findings) for findings in found), strict=True))


async def _singly(
    provider: Provider, questions: Mapping[str, Inputs], seconds: float
) -> dict[str, tuple[Finding, ...]]:
    """Each question by itself, so that one slow site takes nothing from the others. What is not there in time is cancelled
    and not waited for: not even for the cancelling."""
    tasks = {name: asyncio.ensure_future(ask_one(provider, inputs)) for name, inputs in questions.items()}
    try:
        await asyncio.wait(tasks.values(), timeout=seconds)
        late = _late(provider.fields, seconds)
        return {name: task.result() if task.done() else late for name, task in tasks.items()}
    finally:
        for task in tasks.values():
            task.cancel()


async def ask_one(provider: Provider, inputs: Inputs) -> tuple[Finding, ...]:
    """The provider's answer to one question, complete for each of its fields; `unavailable` when it can't be had."""
    try:
        found = await provider.answer([inputs])
    except (ConnectionError, TimeoutError, Retryable) as error:
        return _away(provider.fields, error)
    if len(found) != 1:
        return missed(provider.fields, "unavailable", f"gave {len(found)} answers to one question")
    return complete(provider.fields, found[0])


def _late(fields: Sequence[str], seconds: float) -> tuple[Finding, ...]:
    return missed(fields, "timed_out", f"no answer within {seconds:g} seconds")


def _away(fields: Sequence[str], error: Exception) -> tuple[Finding, ...]:
    return missed(fields, "unavailable", f"could not be reached: {type(error).__name__}")

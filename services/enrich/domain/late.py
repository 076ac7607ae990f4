"""Questions that nobody could wait for: what is kept of them, when they are asked again, and what a late answer changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from libs.contracts import ids
from libs.contracts.base import Model, PersonalText
from libs.contracts.completion import COMPLETE, LateAnswers
from libs.contracts.events import Command
from libs.contracts.lead import Lead, ProviderAnswer
from libs.policy.policy import Policy
from services.enrich.domain.alike import alike
from services.enrich.domain.findings import Finding
from services.enrich.domain.questions import Answered, carried, is_missed
from services.enrich.domain.record_facts import FIELDS as RECORD_FIELDS
from services.enrich.domain.waterfall import ACTOR, filled, may_propose, merged, recorded

SHORTEST = timedelta(seconds=2)
LONGEST = timedelta(minutes=30)
"""Between two attempts: as long as it has been away already, within these."""
FINDINGS = TypeAdapter(tuple[Finding, ...])


class Order(Model):
    """A question that was missed, as the line hands it over: arguments of enrich's own command `complete`."""

    provider: str
    asked: str
    """Hash of the question."""
    next_asked: str
    """Hash of the question as the next version of the lead will ask it: the late answer is kept under this one."""
    inputs: dict[str, PersonalText]
    since: datetime
    """When it was first missed (UTC)."""
    lead: Lead
    """As it went on, with all answers that it carries."""

    @property
    def question_id(self) -> str:
        """The same question about the same lead has the same id."""
        return ids.derived_id("late", self.lead.lead_id, self.provider, self.asked)


class Call(Model):
    """Arguments of the effect `ask`."""

    provider: str
    inputs: dict[str, PersonalText]
    policy_hash: str
    since: datetime
    until: datetime

    def pause(self, now: datetime) -> timedelta:
        """How long to wait before the next attempt; the last one is made when the time is up."""
        return min(max(now - self.since, SHORTEST), LONGEST, max(self.until - now, timedelta()))


class Reply(Model):
    """What the effect brings back. No findings: given up, for the reason."""

    findings: list[JsonValue] = []
    reason: str = ""


class Ended(Model):
    """Arguments of the command `answered`; `error` when the runtime gave the effect up."""

    result: Reply | None = None
    error: str | None = None


State = Literal["open", "answered", "given_up"]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What enrich keeps of a question: while it is open the order, afterwards the answers that count for good."""

    question_id: str
    lead_id: str
    provider: str
    asked: str
    state: State
    until: datetime
    order: Order | None = None
    answers: tuple[ProviderAnswer, ...] = ()


def order_of(lead: Lead, said: Answered) -> Order | None:
    """The order for a question that the lead still misses an answer to; None when it misses none."""
    held = [answer for answer in carried(lead, said.provider, said.asked) if is_missed(answer)]
    if not held or not said.inputs:
        return None
    return Order(
        provider=said.provider,
        asked=said.asked,
        next_asked=said.next_asked or said.asked,
        inputs=dict(said.inputs),
        since=min(answer.at for answer in held),
        lead=lead,
    )


def opened(order: Order, policy: Policy) -> Remembered:
    """The question as it is first kept."""
    until = order.since + timedelta(hours=policy.enrichment.complete_within_hours)
    return Remembered(order.question_id, order.lead.lead_id, order.provider, order.asked, "open", until, order)


def moved(held: Remembered, order: Order) -> Remembered:
    """An open question, now asked for a newer version of the lead."""
    if held.order is None or order.lead.version <= held.order.lead.version:
        return held
    return replace(held, order=order)


def call_of(held: Remembered, order: Order) -> Call:
    """What the effect is told."""
    return Call(
        provider=held.provider,
        inputs=order.inputs,
        policy_hash=order.lead.policy_hash,
        since=order.since,
        until=held.until,
    )


def settled(held: Remembered, order: Order, reply: Reply, now: datetime) -> Remembered:
    """The question with its last word: what the provider said, or explicitly that it was given up."""
    findings = FINDINGS.validate_python(reply.findings)
    if findings:
        answers = recorded(order.lead, held.provider, order.next_asked, findings, now)
        return replace(held, state="answered", order=None, answers=answers)
    reason = f"given up: {reply.reason or 'it did not answer'}"
    missing = carried(order.lead, held.provider, held.asked)
    last = {"outcome": "unavailable", "reason": reason, "given_up": True, "at": now}
    answers = tuple(one.model_copy(update=last) if is_missed(one) else one for one in missing)
    return replace(held, state="given_up", order=None, answers=answers)


def reentry(lead: Lead, answers: Sequence[ProviderAnswer], policy: Policy) -> Command | None:
    """The command that makes the lead's next version with late answers; None when they would change nothing about it."""
    if not _changes(lead, answers, policy):
        return None
    late = LateAnswers(version=lead.version, answers=merged(lead.answers, answers))
    return Command(
        target="dedupe", name=COMPLETE, key=lead.lead_id, actor=ACTOR, arguments=late.model_dump(mode="json")
    )


def _changes(lead: Lead, answers: Sequence[ProviderAnswer], policy: Policy) -> bool:
    """Whether another value is proposed or asked about, or a fact is known that is no field for enrich to fill but counts
    for score and route (an owner, an open opportunity)."""
    facts = [one for one in answers if one.field in RECORD_FIELDS and not may_propose(one.field, policy)]
    if any(one.outcome == "found" for one in facts):
        return True
    before, after = filled(lead, lead.answers, policy), filled(lead, merged(lead.answers, answers), policy)
    if before.reviews != after.reviews:
        return True
    held = {change.field: change.new for change in before.changes}
    return any(not alike(change.field, held.get(change.field), change.new) for change in after.changes)

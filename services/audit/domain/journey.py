"""One lead's journey as the log and the events tell it: where it came from, what changed, how it scored, where it went."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.contracts.change import FieldChange
from libs.contracts.events import CrmWrite, LeadRouted, Question, TriageDecided, TriageRequested
from libs.contracts.lead import Classification, Identity, ProviderAnswer, Route, Score, Statement, SubmissionRef
from services.audit.domain.move import Move


class MoveView(Model):
    """A move of the log, as it is shown. `place` is what a page is continued from."""

    place: str
    kafka_offset: int
    sha256: str
    event_id: str
    change: FieldChange


class RoutedVersion(Model):
    """How one version of the lead was decided: identity, providers' answers, the account, labels, points and every rule tried."""

    version: int
    event_id: str
    at: datetime | None
    policy_hash: str
    fields: tuple[str, ...]
    """Names of the fields that held something; the changes tell the values."""
    identity: Identity | None
    answers: tuple[ProviderAnswer, ...]
    summary: tuple[Statement, ...]
    classification: Classification | None
    score: Score | None
    route: Route


class TriageStep(Model):
    """A question that was put to people, or the answer they gave."""

    kind: str
    version: int
    at: datetime | None
    event_id: str
    questions: tuple[Question, ...]
    answers: tuple[JsonValue, ...] = ()
    actor: str = ""


class Journey(Model):
    """All of one lead, each list in the order in which it happened. `known` False: the log has never heard of it."""

    lead_id: str
    known: bool
    submission: SubmissionRef | None
    received: tuple[JsonValue, ...]
    """Every record of the submission; more than one when it was redelivered."""
    changes: tuple[MoveView, ...]
    routes: tuple[RoutedVersion, ...]
    triage: tuple[TriageStep, ...]
    writes: tuple[CrmWrite, ...]
    records: tuple[JsonValue, ...]
    """What crm reported after the writes."""
    unreadable: tuple[str, ...] = ()
    """Events of the lead that can't be read: where they stand, and why."""


def view_of(move: Move) -> MoveView:
    """The move as it is shown."""
    return MoveView(
        place=f"{move.chain}.{move.seq}", kafka_offset=move.kafka_offset, sha256=move.sha256, event_id=move.event_id,
        change=move.change,
    )  # fmt: skip


def place_of(text: str) -> tuple[int, int]:
    """The (chain, number) that a `place` names. Raises ValueError when it names none."""
    chain, _, seq = text.partition(".")
    return int(chain), int(seq)


def routed_version(event: LeadRouted) -> RoutedVersion:
    """What one `lead.routed` event tells of how it was decided."""
    lead = event.lead
    return RoutedVersion(
        version=lead.version, event_id=event.event_id, at=event.decided_at, policy_hash=lead.policy_hash,
        fields=tuple(sorted(name for name, held in lead.fields.items() if held.value is not None)),
        identity=lead.identity, answers=lead.answers, summary=lead.summary, classification=lead.classification, score=lead.score,
        route=event.route,
    )  # fmt: skip


def triage_steps(asked: Sequence[TriageRequested], decided: Sequence[TriageDecided]) -> tuple[TriageStep, ...]:
    """The questions and answers of a lead, version by version, each question before its answer."""
    steps = [
        TriageStep(kind="requested", version=event.lead_version, at=event.decided_at, event_id=event.event_id,
                   questions=event.questions)
        for event in asked
    ] + [
        TriageStep(kind="decided", version=event.lead_version, at=event.decided_at, event_id=event.event_id,
                   questions=event.questions, actor=event.actor.id,
                   answers=tuple(answer.model_dump(mode="json") for answer in event.answers))
        for event in decided
    ]  # fmt: skip
    return tuple(sorted(steps, key=lambda step: (step.version, step.kind == "decided")))


def submission_of(routed: Sequence[LeadRouted], asked: Sequence[TriageRequested]) -> SubmissionRef | None:
    """The raw submission behind a lead, from whichever event names it; None for a lead that is still on its way."""
    if routed:
        return routed[0].lead.submission
    return asked[0].submission if asked else None

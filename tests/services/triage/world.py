"""A triage service without a broker: its stages folded over lists, on a store in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.contracts import ids
from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.events import Command, Event, LeadRouted, Question, TriageRequested
from libs.contracts.lead import (
    Candidate,
    FieldValue,
    Identity,
    Lead,
    Position,
    Review,
    Route,
    SubmissionRef,
)
from libs.runtime.stage import AnyStage
from services.triage.domain.item import Case, Item
from services.triage.stage.commands import commands_stage
from services.triage.stage.requests import requests_stage
from services.triage.stage.routed import routed_stage
from tests.scores import a_score
from tests.services.triage.fake import MemoryCases

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
DUE = AT + timedelta(hours=4)
ANA, BO = Actor(kind="human", id="ana"), Actor(kind="human", id="bo")
TIMER = Actor(kind="rule", id="timer:overdue")
FORM = Source(kind="submission", name="demo", trust=0.8)
MODEL = Source(kind="model", name="offline", trust=0.5)


def submission(lead_id: str) -> SubmissionRef:
    """Where the lead's bytes are."""
    return SubmissionRef(
        submission_id=f"s-{lead_id}",
        position=Position(topic="submission.received.v1", partition=0, offset=7),
        sha256="0" * 64,
        received_at=AT,
    )


def lead(lead_id: str = "l1", version: int = 1, priority: int | None = 70) -> Lead:
    """A lead with two candidates for its contact."""
    return Lead(
        lead_id=lead_id,
        version=version,
        submission=submission(lead_id),
        facts_hash="f",
        source=FORM,
        submitted_at=AT,
        policy_hash="p" * 64,
        partition_key="k",
        subject_key_id="x",
        fields={"company": FieldValue(value="Acme", source=FORM), "name": FieldValue(value="Bo Ek", source=FORM)},
        identity=Identity(
            verdict="ambiguous",
            rule="fuzzy",
            contact=RecordRef(type="contact", id="new"),
            contact_is_new=True,
            candidates=(Candidate(record=RecordRef(type="contact", id="c7"), match_probability=0.8),),
        ),
        score=a_score(priority),
    )


def proposal(record: str = "lead", field: str = "industry", new: Any = "Software") -> ProposedChange:
    """A model's proposal."""
    return ProposedChange(
        record=RecordRef(type=record, id="l1"),
        field=field,
        new=new,
        source=MODEL,
        confidence=0.6,
        actor=Actor(kind="ai", id="offline-1"),
        reason="the message says so",
    )


def question(
    name: str, kind: Any = "change", about: ProposedChange | None = None, choices: tuple[str, ...] = ()
) -> Question:
    """A question of an item."""
    return Question(
        question_id=name, review=Review(kind=kind, reason="r", stage="router"), proposal=about, choices=choices
    )


CHANGE = question("q-change", about=proposal())
CRM_CHANGE = question("q-crm", about=proposal("company"))
IDENTITY = question("q-identity", "identity")
ROUTE = question("q-route", "route")
UNMAPPED = question("q-unmapped", "unmapped")
CONFLICT = question("q-conflict", "conflict", proposal("company"), ("approve", "reject"))
FAILURE = question("q-failure", "failure", choices=("dismiss",))


def request(
    version: int = 1, *questions: Question, lead_id: str = "l1", number: int = 0, **more: Any
) -> TriageRequested:
    """The router's request for a version; without questions, it asks about one change."""
    asked = questions or (CHANGE,)
    told: dict[str, Any] = {
        "event_id": f"request-{lead_id}-{version}-{number}",
        "lead_id": lead_id,
        "lead_version": version,
        "questions": asked,
        "question_hash": ids.derived_id("questions", version, *(one.question_id for one in asked)),
        "submission": submission(lead_id),
        "lead": lead(lead_id, version),
        "due_at": DUE,
    }
    return TriageRequested(**{**told, **more})


def routed(version: int, *, asks: bool, lead_id: str = "l1", number: int = 0) -> LeadRouted:
    """The router's result for a version: a suggestion that triage decides, or settled."""
    route = Route(destination="queue", queue="inbound", suggested=asks, rule="r", reason="r", confidence=0.9)
    event_id = f"routed-{lead_id}-{version}-{number}-{asks}"
    return LeadRouted(event_id=event_id, lead=lead(lead_id, version), route=route)


def decision(number: int, seen_hash: str, *answers: dict[str, Any], lead_id: str = "l1", actor: Actor = ANA) -> Command:
    """A person's decision."""
    return Command(
        event_id=f"decide-{number}",
        command_id=f"decide-{number}",
        name="decide",
        key=lead_id,
        actor=actor,
        arguments={"answers": list(answers)},
        seen_hash=seen_hash,
    )


def overdue(number: int, version: int = 1, lead_id: str = "l1") -> Command:
    """The item's timer."""
    return Command(
        event_id=f"overdue-{number}",
        command_id=f"overdue-{number}",
        name="overdue",
        key=lead_id,
        actor=TIMER,
        arguments={"version": version},
    )


def yes(name: str, **more: Any) -> dict[str, Any]:
    """An approval."""
    return {"question_id": name, "verdict": "approve", **more}


class Triage:
    """The service's three stages, as the runtime would call them."""

    def __init__(self) -> None:
        self.store = MemoryCases()
        self.now = AT
        self._stages: dict[type[Event], AnyStage] = {
            TriageRequested: requests_stage(self.store),
            LeadRouted: routed_stage(self.store),
            Command: commands_stage(self.store),
        }

    async def batch(self, events: Sequence[Event]) -> list[Any]:
        """One batch of one topic: gather once, decide one by one, save."""
        stage = self._stages[type(events[0])]
        facts = await stage.gather(events)
        outcomes = []
        for event in events:
            outcome = stage.decide(event, facts, self.now)
            outcomes.append(outcome)
            assert stage.advance is not None
            facts = stage.advance(facts, outcome)
        assert stage.save is not None
        await stage.save(outcomes)
        return outcomes

    async def take(self, event: Event) -> Any:
        """One event as a batch of one."""
        return (await self.batch([event]))[0]

    def case(self, lead_id: str = "l1") -> Case:
        """The lead's case."""
        return self.store.cases.get(lead_id, Case(lead_id))

    def item(self, lead_id: str = "l1") -> Item:
        """The lead's item, which there has to be."""
        held = self.case(lead_id).item
        assert held is not None
        return held

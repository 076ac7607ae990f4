"""A crm without a broker: its stages folded over lists, on a store in memory, under the shipped policy."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from libs.contracts import ids
from libs.contracts.change import Actor, Evidence, FieldChange, ProposedChange, RecordRef, Source, Status
from libs.contracts.events import Answer, Command, CrmWrite, Event, Question, TriageDecided
from libs.contracts.lead import Review
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.stage import AnyStage
from services.crm.domain.record import RecordState
from services.crm.stage.commands import commands_stage
from services.crm.stage.decisions import decisions_stage
from services.crm.stage.writes import writes_stage
from tests.policies import Plain
from tests.services.crm.fake import MemoryRecords

FILES = read_files(Path(__file__).resolve().parents[3] / "policy")
AUTO = load_policy({**FILES, "launch.yaml": FILES["launch.yaml"].replace("mode: suggested", "mode: limited_auto")})
SUGGESTED = load_policy(FILES)
AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
CONTACT = RecordRef(type="contact", id="contact-1")
COMPANY = RecordRef(type="company", id="company-1")
ANA = Actor(kind="human", id="ana")
ENRICH = Actor(kind="rule", id="enrich")
PROVIDER = Source(kind="provider", name="company_directory", trust=0.8)
QUOTE = (Evidence(quote="120 people", where="body.message"),)


class Versions(Plain):
    """The two shipped policies by hash."""

    def __init__(self, newest: Policy = AUTO) -> None:
        self._newest = newest

    def by_hash(self, policy_hash: str) -> Policy:
        return {AUTO.hash: AUTO, SUGGESTED.hash: SUGGESTED}[policy_hash]

    def newest(self) -> Policy:
        return self._newest


def change(field: str, new: Any, old: Any = None, **more: Any) -> ProposedChange:
    """A machine's sure proposal for the company."""
    told: dict[str, Any] = {
        "record": COMPANY, "field": field, "new": new, "old": old, "source": PROVIDER, "confidence": 0.95,
        "actor": ENRICH, "reason": "a provider said so", "evidence": QUOTE,
    }  # fmt: skip
    return ProposedChange(**{**told, **more})


def revert(of: FieldChange, **more: Any) -> ProposedChange:
    """The compensating change of an applied one, as the audit service plans it."""
    told: dict[str, Any] = {
        "record": of.record, "field": of.field, "old": of.new, "new": of.old,
        "source": Source(kind="rollback", name="audit"), "actor": ANA, "reason": "wrong provider", "reverts": of.change_id,
    }  # fmt: skip
    return ProposedChange(**{**told, **more})


def write(number: int, *changes: ProposedChange, policy: Policy = AUTO) -> CrmWrite:
    """Write number `number`."""
    return CrmWrite(
        event_id=f"write-{number}",
        write_id=f"w{number}",
        lead_id="lead-1",
        record=changes[0].record,
        changes=changes,
        policy_hash=policy.hash,
    )


def command(number: int, name: str, key: str, actor: Actor = ANA, **arguments: Any) -> Command:
    """Command number `number`."""
    return Command(
        event_id=f"command-{number}",
        command_id=f"command-{number}",
        name=name,
        key=key,
        actor=actor,
        arguments=arguments,
    )


def edit(number: int, fields: dict[str, Any], ref: RecordRef = COMPANY, **more: Any) -> Command:
    """A person's edit."""
    return command(number, "edit", ref.id, type=ref.type, fields=fields, **more)


def decided(number: int, proposal: ProposedChange, verdict: Any, value: Any = None, **more: Any) -> TriageDecided:
    """A person's answer to one proposal."""
    question = Question(question_id="q1", review=Review(kind="change", reason="r", stage="router"), proposal=proposal)
    return TriageDecided(
        event_id=f"decision-{number}",
        lead_id="lead-1",
        lead_version=1,
        question_hash="h",
        questions=(question,),
        answers=(Answer(question_id="q1", verdict=verdict, value=value, reason="no"),),
        actor=ANA,
        **more,
    )


class Crm:
    """The service's three stages, as the runtime would call them."""

    def __init__(self, newest: Policy = AUTO) -> None:
        self.store = MemoryRecords()
        versions = Versions(newest)
        self._stages: dict[type[Event], AnyStage] = {
            CrmWrite: writes_stage(self.store, versions),
            TriageDecided: decisions_stage(self.store),
            Command: commands_stage(self.store, versions),
        }

    async def batch(self, events: Sequence[Event]) -> list[Any]:
        """One batch of one topic: gather once, decide one by one, save."""
        stage = self._stages[type(events[0])]
        facts = await stage.gather(events)
        outcomes = []
        for event in events:
            outcome = stage.decide(event, facts, AT)
            outcomes.append(outcome)
            facts = stage.advance(facts, outcome) if stage.advance else facts
        assert stage.save is not None
        await stage.save(outcomes)
        return outcomes

    async def take(self, event: Event) -> Any:
        """One event as a batch of one."""
        return (await self.batch([event]))[0]

    async def apply(self, number: int, *changes: ProposedChange, policy: Policy = AUTO) -> list[FieldChange]:
        """One write; its changes with their verdicts."""
        return list((await self.take(write(number, *changes, policy=policy))).settled)

    def record(self, ref: RecordRef = COMPANY) -> RecordState:
        """The record as it stands."""
        return self.store.records.get(ref, RecordState(ref))


def statuses(changes: Sequence[FieldChange]) -> list[tuple[Status, str]]:
    """What became of each change, and by which rule."""
    return [(one.status, one.rule) for one in changes]


def ids_of(changes: Sequence[FieldChange]) -> list[str]:
    """The change ids; they derive from the cause."""
    return [
        ids.change_id(one.trigger_event_id, one.workflow.name, one.record.type, one.record.id, one.field, place)
        for place, one in enumerate(changes)
    ]

"""Which proposed record changes go out by themselves, which are asked, and which are not made at all.

This asks the gate what crm will answer, so that people are asked before; crm alone gates and reports `applied`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, Permission, ProposedChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import CrmWrite
from libs.contracts.lead import Lead, Route
from libs.policy.admit import Current, Verdict, admit
from libs.policy.autonomy import level_for, segments_of, workflow_behind
from libs.policy.launch import LaunchMode
from libs.policy.policy import Policy
from services.router.domain.known import Known
from services.router.domain.questions import proposal_question_id
from services.router.domain.records import AnsweredQuestion

RULE = Actor(kind="rule", id="router")
BY_RULE = Source(kind="rule", name="router")
HOUSEKEEPING = frozenset(("activity", "last_activity_at", "last_lead_id", "source", "handoff_note", "next_task"))
"""Timeline, origin and hand-over: never a question of their own; they go out when the lead does."""
CONSENT = frozenset(("consent", "do_not_mail"))
_ORDER = {"company": 0, "contact": 1, "opportunity": 2}


@dataclass(frozen=True, slots=True)
class Sorted:
    """Proposals by what becomes of them."""

    out: tuple[ProposedChange, ...] = ()
    asked: tuple[tuple[ProposedChange, Verdict], ...] = ()
    riding: tuple[ProposedChange, ...] = ()
    """Housekeeping that waits for the route's yes."""
    refused: tuple[tuple[ProposedChange, Verdict], ...] = ()


def sorted_proposals(
    lead: Lead, proposals: Iterable[ProposedChange], known: Known, mode: LaunchMode, held_for: frozenset[str]
) -> Sorted:
    """What becomes of each proposal, people's earlier answers to the same one included."""
    out, asked, riding, refused = [], [], [], []
    for change in one_per_field(proposals):
        verdict = previewed(known.policy(lead), change, mode, held_for, _level(lead, change, known))
        answer = known.answered.get((lead.lead_id, proposal_question_id(lead.lead_id, change)))
        if verdict.status is Status.APPLIED:
            out.append(change)
        elif verdict.status is not Status.QUEUED:
            refused.append((change, verdict))
        elif change.field in HOUSEKEEPING:
            riding.append(change)
        elif answer is None:
            asked.append((change, verdict))
        elif (approved := as_answered(change, answer)) is not None:
            out.append(approved)
        else:
            refused.append((change, Verdict(Status.REJECTED, "answered_before", f"{answer.actor_id} said no")))
    return Sorted(tuple(out), tuple(asked), tuple(riding), tuple(refused))


def previewed(
    policy: Policy,
    change: ProposedChange,
    mode: LaunchMode,
    held_for: frozenset[str],
    level: Permission | None = None,
) -> Verdict:
    """What the gate will say, as far as the proposal knows what the record holds."""
    stage, current = workflow_behind(policy, change), Current(value=change.old)
    return admit(policy, current, change, stage=stage, mode=mode, suppressions=held_for, level=level)


def _level(lead: Lead, change: ProposedChange, known: Known) -> Permission | None:
    """What the workflow behind a proposal has earned for its field."""
    policy, newest = known.policy(lead), known.newest_policy(lead)
    return level_for((policy, newest), known.levels, workflow_behind(policy, change), change, segments_of(lead))


def one_per_field(proposals: Iterable[ProposedChange]) -> list[ProposedChange]:
    """One proposal for each field of each record: the surest, of equals the latest; consent may come from several."""
    best: dict[tuple[str, ...], ProposedChange] = {}
    for number, change in enumerate(proposals):
        key = (change.record.type, change.record.id, change.field, *((str(number),) if change.field in CONSENT else ()))
        if key not in best or change.confidence >= best[key].confidence:
            best[key] = change
    return list(best.values())


def as_answered(change: ProposedChange, answer: AnsweredQuestion) -> ProposedChange | None:
    """The change as a person answered it: approved, edited, or None."""
    if answer.verdict == "approve":
        return approved_by(change, answer.actor_id)
    if answer.verdict == "edit":
        actor = Actor(kind="human", id=answer.actor_id)
        source = Source(kind="human", name=answer.actor_id)
        update = {
            "new": answer.value,
            "actor": actor,
            "source": source,
            "confidence": 1.0,
            "verified_by": answer.actor_id,
        }
        return change.model_copy(update=update)
    return None


def approved_by(change: ProposedChange, person: str) -> ProposedChange:
    """A machine's proposal with a person's yes."""
    actor = Actor(kind="human_approved_ai", id=person)
    return change.model_copy(update={"actor": actor, "verified_by": person})


def owner_changes(lead: Lead, owner: str, known: Known, reason: str) -> tuple[ProposedChange, ...]:
    """The first owner of the lead's contact and company, where nobody owns them."""
    identity = lead.identity
    refs = [ref for ref in (identity.contact, identity.company) if ref] if identity else []
    unowned = [ref for ref in refs if (party := known.party(ref.id)) is None or not party.owner]
    return tuple(owner_change(ref, None, owner, RULE, BY_RULE, reason) for ref in unowned)


def owner_change(
    ref: RecordRef, old: str | None, new: str, actor: Actor, source: Source, reason: str
) -> ProposedChange:
    """A record's owner."""
    return ProposedChange(record=ref, field="owner", old=old, new=new, source=source, actor=actor, reason=reason)


def route_changes(
    lead: Lead, route: Route, person: str | None, names: Collection[str] = ("queue", "owner")
) -> tuple[ProposedChange, ...]:
    """A route's queue and owner as facts of the lead, where they are new; with the yes of the person who settled it."""
    actor = Actor(kind="human_approved_ai", id=person) if person else RULE
    found: dict[str, JsonValue] = {"queue": route.queue, "owner": route.owner.id if route.owner else None}
    return tuple(
        ProposedChange(
            record=RecordRef(type="lead", id=lead.lead_id),
            field=name,
            old=lead.value(name),
            new=found[name],
            source=BY_RULE,
            actor=actor,
            reason=route.reason,
        )
        for name in names
        if found[name] is not None and found[name] != lead.value(name)
    )


def crm_writes(lead: Lead, changes: Sequence[ProposedChange], trigger: str) -> tuple[CrmWrite, ...]:
    """One write for each record, companies first; what people approved is apart from what went out by itself."""
    grouped: dict[tuple[int, str, str, str], list[ProposedChange]] = {}
    for change in changes:
        person = change.actor.id if change.actor.kind in ("human", "human_approved_ai") else ""
        key = (_ORDER.get(change.record.type, 9), change.record.type, change.record.id, person)
        grouped.setdefault(key, []).append(change)
    return tuple(
        CrmWrite(
            write_id=ids.derived_id("write", lead.lead_id, lead.version, trigger, kind, record_id, person),
            lead_id=lead.lead_id,
            record=held[0].record,
            changes=tuple(held),
            policy_hash=lead.policy_hash,
            approved_by=person or None,
            trigger=trigger,
            segments=segments_of(lead),
        )
        for (_, kind, record_id, person), held in sorted(grouped.items(), key=lambda item: item[0])
    )


def audited(
    lead: Lead, cause: str, stage: str, version: str, now: datetime, moves: Iterable[tuple[ProposedChange, Verdict]]
) -> tuple[FieldChange, ...]:
    """The audited form of proposals that do not go out: asked, blocked, suppressed or rejected before."""
    return tuple(
        FieldChange(
            **{name: getattr(change, name) for name in ProposedChange.model_fields},
            change_id=ids.change_id(cause, stage, change.record.type, change.record.id, change.field, 1000 + ordinal),
            workflow=Workflow(name=stage, version=version),
            policy_version=lead.policy_hash,
            trigger_event_id=cause,
            lead_id=lead.lead_id,
            status=verdict.status,
            rule=verdict.rule,
            at=now,
        )
        for ordinal, (change, verdict) in enumerate(moves)
    )

"""Dedupe's commands: `reenter` with changed facts, `link` to a record, `unlink` from one. Only people give them.

`revisit` (no arguments) looks at a lead again with the facts it has: cutting a link sends it to leads that came in by it.
`complete` (`libs.contracts.completion.LateAnswers`) is enrich's: late answers ride on the next version, and nothing else
changes, so that people's values and links stand.

Arguments: reenter {"fields": {name: value}, "reason": str}; link and unlink {"record_id": str, "reason": str}. The key is
the lead's id; `seen_hash`, when given, is `version_hash` of the version that the person saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.completion import COMPLETE, LateAnswers
from libs.contracts.events import Command, LeadDeduped
from libs.contracts.fields import LEAD_FIELDS
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, LEAD_DEDUPED
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.dedupe.domain.known import Known
from services.dedupe.domain.lessons import concerned
from services.dedupe.domain.person import lead_person
from services.dedupe.domain.records import Delta, Edit, LeadRow, PairVerdict
from services.dedupe.domain.versions import Revision, decided_pairs, next_version, reentered
from services.dedupe.stage.gathering import Ask, Index, applied, deltas_of, gathered, stored_lead
from services.dedupe.stage.received import VERSION

VERDICTS: dict[str, PairVerdict] = {"link": "same", "unlink": "apart"}


def version_hash(lead_id: str, version: int) -> str:
    """What a command's `seen_hash` says: the version of the lead that its sender saw."""
    return ids.derived_id("seen", lead_id, version)


def commands_stage(index: Index, policies: PolicyVersions, batch_max: int = 100) -> Stage[Command, Known]:
    """The stage `dedupe.commands`, over an index."""

    async def gather(events: Sequence[Command]) -> Known:
        asks = [
            Ask(
                event.key,
                stored=True,
                edits=_edits(event),
                records=(record,),
                cuts=record if event.name == "unlink" else "",
            )
            for event in events
            for record in (_text(event, "record_id"),)
        ]
        return await gathered(index, policies, asks)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await index.save(deltas_of(outcome.state for outcome in outcomes))

    return Stage(
        name="dedupe.commands",
        service="dedupe",
        version=VERSION,
        consumes=COMMANDS["dedupe"],
        produces=(LEAD_DEDUPED, COMMANDS["dedupe"]),
        gather=gather,
        decide=decide_command,
        advance=lambda known, outcome: applied(known, outcome.state),
        save=save,
        batch_max=batch_max,
    )


def decide_command(event: Command, known: Known, now: datetime) -> Outcome[LeadDeduped]:
    """The lead's next version. Raises Rejected, which refuses the command, with the reason."""
    row = known.leads.get(event.key)
    refusal = _refusal(event, known, row)
    if refusal or row is None:
        raise Rejected(RejectionReason.INVALID, refusal)
    lead = reentered(stored_lead(row))
    if (late := _late(event)) is not None:
        lead = lead.model_copy(update={"answers": late.answers})
    edits = _edits(event)
    held = {edit.field: edit.value for edit in (*row.edits, *edits)}
    person = lead_person(lead, held, known.policies[lead.policy_hash])
    said = {_text(event, "record_id"): VERDICTS[event.name]} if event.name in VERDICTS else {}
    revision = Revision(edits, decided_pairs(person, known, said, event.actor.id))
    again = _concerned(event, known, row, person.email)
    done: JsonValue = {"lead_id": row.lead_id, "version": row.version + 1, "looked_at_again": list(again)}
    outcome = next_version(lead, known.at(now), row, revision, answer=done)
    if event.name == "revisit" and (found := outcome.next) is not None and _is_as_before(found.lead, stored_lead(row)):
        return Outcome(answer={"unchanged": row.lead_id}, state=_without_lead(outcome.state))
    return replace(outcome, emits=tuple(_revisit(event, lead_id) for lead_id in again))


def _is_as_before(lead: Lead, before: Lead) -> bool:
    """True when looking at a lead again came to what is known already."""
    ours, theirs = lead.identity, before.identity
    if ours is None or theirs is None:
        return False
    return (ours.verdict, ours.rule, ours.contact, ours.company) == (
        theirs.verdict,
        theirs.rule,
        theirs.contact,
        theirs.company,
    )


def _without_lead(state: object) -> Delta | None:
    return Delta(contacts=state.contacts, companies=state.companies) if isinstance(state, Delta) else None


def _concerned(event: Command, known: Known, row: LeadRow, email: str) -> tuple[str, ...]:
    """The other leads of a contact for which cutting this one off may matter: late events have to go to the right side."""
    contact = known.contacts.get(_text(event, "record_id"))
    if event.name != "unlink" or contact is None:
        return ()
    linked = [known.others[one] for one in known.linked.get(contact.contact_id, ()) if one in known.others]
    return concerned(contact, row.lead_id, email, linked)


def _revisit(event: Command, lead_id: str) -> Command:
    """The command that looks at another lead again, for the person who cut the link."""
    because: JsonValue = {"because": event.event_id}
    return Command(target="dedupe", name="revisit", key=lead_id, actor=event.actor, arguments=because)


def _refusal(event: Command, known: Known, row: LeadRow | None) -> str:
    """Why the command can't be done; empty when it can."""
    if row is None:
        return f"no lead {event.key} is known"
    if event.name == COMPLETE:
        return _late_refusal(event, row)
    if event.actor.kind != "human":
        return "only a person changes a lead's facts or links"
    if event.seen_hash is not None and event.seen_hash != version_hash(row.lead_id, row.version):
        return f"the lead changed since: it is at version {row.version} now"
    if event.name == "revisit":
        return ""
    if event.name == "reenter":
        return "" if _edits(event) else f"no field to change; fields are {', '.join(LEAD_FIELDS)}"
    if event.name not in VERDICTS:
        return f"dedupe has no command {event.name}: reenter, link, unlink, revisit, {COMPLETE}"
    record = _text(event, "record_id")
    if record not in known.contacts and record not in known.companies:
        return f"no contact or company {record or '(record_id is missing)'} is known"
    if event.name == "unlink" and record not in (row.contact_id, row.company_id):
        return f"the lead is not linked to {record}"
    return ""


def _late_refusal(event: Command, row: LeadRow) -> str:
    """Late answers count for the version they were asked for: enrich sends them again for a newer one that misses them."""
    late = _late(event)
    if late is None:
        return "late answers come with the version that they were asked for"
    return "" if late.version == row.version else f"the lead is at version {row.version} by now"


def _late(event: Command) -> LateAnswers | None:
    if event.name != COMPLETE:
        return None
    try:
        return LateAnswers.model_validate(event.arguments)
    except ValidationError:
        return None


def _edits(event: Command) -> tuple[Edit, ...]:
    fields = _arguments(event).get("fields")
    if event.name != "reenter" or not isinstance(fields, dict) or any(name not in LEAD_FIELDS for name in fields):
        return ()
    reason = _text(event, "reason") or "changed by a person"
    return tuple(
        Edit(field=name, value=value, actor=event.actor, reason=reason) for name, value in sorted(fields.items())
    )


def _arguments(event: Command) -> Mapping[str, JsonValue]:
    return event.arguments if isinstance(event.arguments, dict) else {}


def _text(event: Command, name: str) -> str:
    held = _arguments(event).get(name)
    return held if isinstance(held, str) else ""

"""Whether the line is ready for a launch mode: each check says what was looked at, and what to do when it fails. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from libs.contracts.change import RecordRef, Source
from libs.contracts.lead import FieldValue, Identity, Lead, Position, SubmissionRef
from libs.policy.business_time import due_at
from libs.policy.launch import STRICTEST_MODE_FIRST, LaunchMode
from libs.policy.policy import Policy
from libs.policy.suppression import Hold, entry_holds
from services.router.domain.holds import context_of, hold_of
from services.router.domain.known import Known
from services.router.domain.records import Entry

PAST = LaunchMode.SUGGESTED
"""Up to this mode nothing is written without a person; a mode past it needs suppression and rollback to be live."""
TEST_DAYS = 30
"""So long a rollback test counts."""
REVOPS = "revops"
"""The role of the members who own policy, audit and rollback."""
CALENDAR_DAYS = 14
Fields = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list. `needed_for`: the first mode that is refused without it; None: it is told, and refuses none."""

    name: str
    ok: bool
    looked_at: str
    do: str
    needed_for: LaunchMode | None = None

    def refuses(self, mode: LaunchMode) -> bool:
        """Whether this keeps the line from running in a mode."""
        order = STRICTEST_MODE_FIRST.index
        return not self.ok and self.needed_for is not None and order(mode) >= order(self.needed_for)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found on a running stack."""

    policy: Policy
    now: datetime
    entries: Mapping[str, Fields] = field(default_factory=dict)
    """Suppression entries by id."""
    entries_read: bool = False
    """Whether the router has read every record that the CRM told."""
    members: Mapping[str, Fields] = field(default_factory=dict)
    chain: Mapping[str, Any] = field(default_factory=dict)
    """The result of verifying the audit log."""
    rollback_tested: datetime | None = None
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    """By reason code."""
    leads: Sequence[Lead] = ()
    """The newest version of each routed lead."""


def checks_of(facts: Facts) -> list[Check]:
    """The whole list."""
    return [
        _suppression(facts), _rollback(facts), _chain(facts), *_pools(facts), *_calendars(facts), _owner(facts),
        _dead_letters(facts), _quarantine(facts), *_measured(facts),
    ]  # fmt: skip


def _suppression(facts: Facts) -> Check:
    active = {name: one for name, one in facts.entries.items() if entry_holds(one, facts.now)}
    missed = [name for name, one in active.items() if not _is_held(facts.policy, name, one)]
    looked = f"{len(active)} active entries"
    do = "load the list (`crm import --type suppression`), or say that it is empty: `ready --confirm-no-suppression REASON`"
    if not active:
        return Check("suppression is live", False, looked, do, LaunchMode.APPROVED_WRITES)
    if missed:
        looked += f"; a lead that {missed[0]} names would pass"
        do = "give the entry a known reason and an e-mail, a domain or a record id"
    elif not facts.entries_read:
        looked, do = looked + "; the router has not read them all", "wait until it has; `signalbox status`"
    else:
        looked += "; a made-up lead of each would be held"
    return Check("suppression is live", not missed and facts.entries_read, looked, do, LaunchMode.APPROVED_WRITES)


def _is_held(policy: Policy, name: str, entry: Fields) -> bool:
    """Whether the router would hold back a lead that the entry names. An opted-out person's lead goes to people: there the
    list shows in the note, and sends are what is held."""
    told = {key: str(entry.get(key) or "").strip().casefold() for key in ("email", "domain", "record_id")}
    held = Entry(name, 1, str(entry.get("reason") or ""), told["email"], told["domain"], told["record_id"])
    lead = _made_up(policy, told)
    known = Known(entries={name: held}, policies={policy.hash: policy}, newest=policy)
    context = context_of(lead, known)
    return held.reason in context.held_for and hold_of(lead, context, known).hold is not Hold.ALLOW


def _made_up(policy: Policy, told: Mapping[str, str]) -> Lead:
    source = Source(kind="submission", name="ready")
    email = told["email"] or (f"somebody@{told['domain']}" if told["domain"] else "somebody@ready.invalid")
    at = datetime.min
    return Lead(
        lead_id="ready",
        submission=SubmissionRef(
            submission_id="ready", position=Position(topic="", partition=0, offset=0), sha256="", received_at=at
        ),
        facts_hash="",
        source=source,
        submitted_at=at,
        policy_hash=policy.hash,
        partition_key="",
        subject_key_id="",
        fields={"email": FieldValue(value=email, source=source)},
        identity=Identity(
            verdict="new", rule="ready", contact=RecordRef(type="contact", id=told["record_id"] or "ready"),
            contact_is_new=True,
        ),
    )  # fmt: skip


def _rollback(facts: Facts) -> Check:
    tested, do = (
        facts.rollback_tested,
        "run `signalbox ready --test-rollback`: it changes a task of its own and takes that back",
    )
    if tested is None:
        return Check("rollback is live", False, "no rollback was ever tested here", do, LaunchMode.APPROVED_WRITES)
    ok = facts.now - tested <= timedelta(days=TEST_DAYS)
    return Check("rollback is live", ok, f"last test {tested:%Y-%m-%d %H:%M} UTC", do, LaunchMode.APPROVED_WRITES)


def _chain(facts: Facts) -> Check:
    findings = facts.chain.get("findings") or []
    looked = f"{facts.chain.get('rows', 0)} rows, {len(findings)} findings"
    do = "look at `signalbox audit verify`"
    return Check("the audit log verifies", bool(facts.chain.get("ok")), looked, do, LaunchMode.APPROVED_WRITES)


def _pools(facts: Facts) -> Iterator[Check]:
    routing = facts.policy.routing
    used = {queue.pool for queue in routing.queues.values()} | {rule.pool for rule in routing.rules}
    for pool in sorted(name for name in used if name):
        held = [
            one for one in facts.members.values()
            if one.get("active") is not False and pool in _listed(one.get("pools"))
        ]  # fmt: skip
        do = f"name members with the pool {pool}, or work its queues by hand (take `pool` off them)"
        yield Check(f"pool {pool} has members", bool(held), f"{len(held)} active", do, LaunchMode.LIMITED_AUTO)


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _calendars(facts: Facts) -> Iterator[Check]:
    for name, calendar in sorted(facts.policy.sla.calendars.items()):
        due = due_at(facts.now, 60, calendar)
        ok = due - facts.now <= timedelta(days=CALENDAR_DAYS)
        looked = f"an hour of work from now ends {due:%Y-%m-%d %H:%M} UTC"
        yield Check(f"calendar {name} has hours", ok, looked, "give it working hours in sla.yaml", LaunchMode.SUGGESTED)


def _owner(facts: Facts) -> Check:
    held = [
        one for one in facts.members.values() if one.get("active") is not False and REVOPS in _listed(one.get("roles"))
    ]
    do = f"give a member the role {REVOPS}: who owns the policy and the CRM's fields, and is asked when nobody else is"
    return Check(
        "somebody owns policy and escalations", bool(held), f"{len(held)} members", do, LaunchMode.LIMITED_AUTO
    )


def _dead_letters(facts: Facts) -> Check:
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(facts.dead_letters.items())) or "none"
    return Check(
        "no dead letters", not facts.dead_letters, told, "look at `signalbox dead-letters list`, mend, redrive"
    )


def _quarantine(facts: Facts) -> Check:
    count = facts.dead_letters.get("quarantined", 0)
    do = "a record stopped a service three times: look at it before more is automatic"
    return Check("nothing is in quarantine", not count, f"{count} records", do, LaunchMode.LIMITED_AUTO)


def _measured(facts: Facts) -> Iterator[Check]:
    """Week 0: what automation would inherit. Told, since only people know which rate they can live with."""
    leads = facts.leads
    do = "let leads pass in data_audit or suggested first"
    verdicts = [lead.identity.verdict for lead in leads if lead.identity is not None]
    unclear = verdicts.count("ambiguous")
    looked = (
        f"{_share(verdicts.count('duplicate'), len(verdicts))} known already, {_share(unclear, len(verdicts))} unclear"
    )
    yield Check("the duplicate rate is measured", bool(verdicts), f"{looked} of {len(verdicts)} leads", do)
    missing = [lead for lead in leads if lead.score is not None and lead.score.priority is None]
    looked = f"{_share(len(missing), len(leads))} of {len(leads)} leads lack what their points need"
    yield Check("missing fields are measured", bool(leads), looked, do)
    segments = {lead.kind for lead in leads}
    looked = f"{len(segments)} kinds of submission: {', '.join(sorted(segments)[:6]) or 'none'}"
    yield Check("leads can be told apart", bool(segments), looked, "name `kind` in sources.yaml or a form's mapping")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "0 %"

"""A course of things made from a seed: the router's own functions decide, and what they decided is put down as the topics
would hold it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from heapq import heappop, heappush
from random import Random
from typing import Any

from pydantic import JsonValue

from bench.history.people import BEGIN, FORM, leads_of, profile, records, team
from cli.settings import ROOT
from libs.contracts.change import WHOLE, Actor, FieldChange, Status, Workflow
from libs.contracts.events import (
    Answer,
    ChangeRecorded,
    Command,
    Event,
    LeadFeedback,
    LeadRouted,
    PolicyPublished,
    Question,
    RecordChanged,
    SlaChanged,
    TriageDecided,
)
from libs.contracts.lead import Lead, Review
from libs.contracts.outcome import Outcome
from libs.contracts.topics import Topic
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from services.router.domain.clock import TIMERS
from services.router.domain.crm_records import delta_of
from services.router.domain.decided import answered_plan
from services.router.domain.holds import Context, context_of
from services.router.domain.known import Known
from services.router.domain.plan import Plan, planned, sent, unturned
from services.router.domain.records import Delta, LeadRow
from services.router.domain.routing import Cause, outcome_of
from services.router.stage.commands import decide_command
from services.score.domain.changes import reviews_of
from services.score.domain.points import score_lead
from whatif.feeds import DECISIONS, MET, RECORDS, TOUCHES, routed_feed
from whatif.needed import Needed, needed_by
from whatif.read import History
from whatif.table import TableBuilder

PERSON = "ana"
FREE_MODE = ("mode: suggested", "mode: limited_auto")
Edit = tuple[str, str, str]
"""A file, what stands there, and what is to stand there."""
SMALL_CAPS: tuple[Edit, ...] = (
    ("pools.yaml", "open_leads_cap: 60\n  daily_cap: 30\n  when_empty: unassigned\ninbound_emea",
     "open_leads_cap: 6\n  daily_cap: 4\n  weekly_cap: 15\n  overflow: enterprise\n  when_empty: unassigned\ninbound_emea"),
)  # fmt: skip
OFFERS: tuple[Edit, ...] = (
    (
        "sla.yaml",
        "inbound_sales: {first_touch_minutes: 60}",
        "inbound_sales: {first_touch_minutes: 60, accept_minutes: 45}",
    ),
)
Step = Callable[[datetime], None]


@lru_cache
def policy(*edits: Edit) -> Policy:
    """The shipped policy in *limited auto*, with edits."""
    return load_policy(files(*edits))


def files(*edits: Edit) -> dict[str, str]:
    """Its files."""
    held = read_files(ROOT / "policy")
    for name, old, new in (("launch.yaml", *FREE_MODE), *edits):
        assert old in held[name], (name, old)
        held[name] = held[name].replace(old, new)
    return held


@dataclass(frozen=True)
class Routed:
    """What became of a lead version."""

    destination: str
    queue: str | None
    owner: str | None
    settled: bool


@dataclass
class Header:
    """As much of a record as the feeds read."""

    headers: Sequence[tuple[str, bytes]]
    partition: int
    offset: int


@dataclass
class Course:
    """The router's state, what happens next, and what was put down. `quick`: leads that a plan would see alike share it,
    and only offers run out."""

    policies: list[tuple[datetime, tuple[Edit, ...]]]
    needed: Needed
    quick: bool = False
    known: Known = field(default_factory=Known)
    outcomes: dict[tuple[str, int], Routed] = field(default_factory=dict)
    leads: dict[tuple[str, int], Lead] = field(default_factory=dict)
    plans: dict[tuple[object, ...], Plan] = field(default_factory=dict)
    queue: list[tuple[datetime, int, Step]] = field(default_factory=list)
    breached: set[str] = field(default_factory=set)
    """Leads whose first touch came too late, by the router's own word."""
    met_leads: set[str] = field(default_factory=set)
    sink: list[tuple[Topic[Any], Event, str]] | None = None
    """What the topics would hold: topic, event, and which stage tells it."""
    number: int = 0
    offset: int = 0

    def __post_init__(self) -> None:
        self.feed = routed_feed(self.needed)
        feeds = (self.feed, TOUCHES, MET, DECISIONS, RECORDS)
        self.tables = [TableBuilder(feed.columns, feed.numbers) for feed in feeds]
        kinds: tuple[type[Event], ...] = (LeadRouted, LeadFeedback, SlaChanged, TriageDecided, ChangeRecorded)
        self.kept = dict(zip(kinds, zip(self.tables, feeds, strict=True), strict=True))
        self.by_hash = {policy(*edits).hash: policy(*edits) for _, edits in self.policies}

    def later(self, moment: datetime, what: Step) -> None:
        """Something happens then; no two things happen at once."""
        self.number += 1
        heappush(self.queue, (moment + timedelta(microseconds=self.number), self.number, what))

    def run(self) -> None:
        """All that is to happen."""
        while self.queue:
            now, _, what = heappop(self.queue)
            what(now)

    def newest(self, now: datetime) -> Policy:
        """The policy in force."""
        return policy(*[edits for since, edits in self.policies if since <= now][-1])

    def record(self, event: RecordChanged, now: datetime) -> None:
        """A record of the CRM is another now."""
        delta = delta_of(event, self.known)
        assert delta is not None
        self.known.apply(delta)
        for name, value in ((WHOLE, event.fields),) if event.version == 1 else (event.fields or {}).items():
            change = FieldChange(
                change_id=f"{event.record.id} {event.version} {name}", record=event.record, field=name, old=None, new=value,
                status=Status.APPLIED, source=FORM, confidence=1.0, actor=event.actor, at=now, reason="r", evidence=(),
                workflow=Workflow(name="crm", version="1"), policy_version="p", trigger_event_id="t", lead_id=None, rule="r",
            )  # fmt: skip
            self.tell(ChangeRecorded(change=change), now, Cause("crm", "crm", "1", now))

    def arrive(self, lead: Lead, now: datetime) -> None:
        """A scored lead comes to the router."""
        row = self.known.leads.get(lead.lead_id)
        if row is not None and lead.version <= row.version:
            return
        newest = self.newest(now)
        self.known.policies, self.known.newest = {newest.hash: newest}, newest
        score, asked = scored(lead, newest)
        reviews = (*lead.reviews, *asked)
        lead = lead.model_copy(update={"policy_hash": newest.hash, "score": score, "reviews": reviews})
        plan = self.plan(lead, context_of(lead, self.known), row, now)
        self.outcomes[lead.lead_id, lead.version] = _told(plan)
        self.leads[lead.lead_id, lead.version] = lead
        self.put(lead, plan, now, Cause(f"{lead.lead_id} {lead.version}", "router", "1", now))

    def plan(self, lead: Lead, context: Context, row: LeadRow | None, now: datetime) -> Plan:
        """`planned`, with its pure first half kept for leads that it would see alike: a turn is taken for each."""
        if not self.quick:
            return planned(lead, context, self.known, row, now)
        owner = self.known.members.get(context.owner or "")
        fields = tuple(one.version if one else None for one in (context.contact, context.company))
        names = tuple(one.record_id if one and one.fields else None for one in (context.contact, context.company))
        there = owner is None or (owner.active, owner.gone)
        key = (lead.facts_hash, lead.policy_hash, context.held_for, context.owner, there, fields, names, lead.version)
        if key not in self.plans:
            self.plans[key] = unturned(lead, context, self.known, now)
        plan = self.plans[key]
        sends = plan.settled and plan.route.destination != "suppressed"
        return sent(lead, self.known, row, plan, now) if sends else plan

    def decide(self, lead_id: str, version: int, answer: tuple[str, JsonValue], now: datetime) -> None:
        """A person answers where the lead should go; nothing when it went on meanwhile."""
        row = self.known.leads.get(lead_id)
        if row is None or row.settled or row.version != version or (lead_id, -version) in self.outcomes:
            return
        lead = self.leads[lead_id, version].model_copy(update={"reviews": ()})
        self.known.policies, self.known.newest = {lead.policy_hash: self.by_hash[lead.policy_hash]}, self.newest(now)
        cause = Cause(f"decision-{lead_id}-{version}", "router.decisions", "1", now, person=PERSON)
        said = Answer.model_validate({"question_id": "q", "verdict": answer[0], "value": answer[1]})
        plan = answered_plan(row.route, said, PERSON, lead, context_of(lead, self.known), self.known, row, cause)
        told = TriageDecided(
            event_id=cause.event_id, lead_id=lead_id, lead_version=version, question_hash="h", answers=(said,),
            questions=(Question(question_id="q", review=Review(kind="route", reason="r", stage="router")),),
            actor=Actor(kind="human", id=PERSON),
        )  # fmt: skip
        self.tell(told, now, cause)
        self.outcomes[lead_id, -version] = _told(plan)
        self.put(lead, plan, now, cause)

    def put(self, lead: Lead, plan: Plan, now: datetime, cause: Cause) -> None:
        """What follows from a plan, by the router itself; its state moves on and the routing is put down."""
        self.follow(outcome_of(lead, plan, context_of(lead, self.known), self.known, cause), now, cause)

    def follow(self, outcome: Outcome[Event], now: datetime, cause: Cause) -> None:
        """The router's state after an outcome, what the topics hold of it, and its timers."""
        if isinstance(outcome.state, Delta):
            self.known.apply(outcome.state)
        for one in (outcome.next, *outcome.emits):
            self.tell(one, now, cause)
        for timer in outcome.timers:
            if timer.due_at is not None and (not self.quick or TIMERS[timer.name] == ("accept", "due")):
                actor = Actor(kind="rule", id="router")
                command = Command(name=timer.name, key=timer.key, arguments=timer.arguments, actor=actor)
                self.later(max(timer.due_at, now), partial(self.command, command))

    def tell(self, event: Event | None, now: datetime, cause: Cause) -> None:
        """One event, as the topics hold it and as the history's reader keeps it."""
        if event is None or type(event) not in self.kept:
            return
        table, feed = self.kept[type(event)]
        self.offset += 1
        place: Any = Header((("ce_source", f"/signalbox/{cause.stage}".encode()),), self.offset % 3, self.offset)
        update = {"event_id": event.event_id or str(self.offset), "caused_by": cause.event_id, "decided_at": now}
        event = event.model_copy(update=update)
        for one in feed.rows(event, place):
            table.add(one.values, one.numbers)
        if self.sink is not None:
            self.sink.append((feed.topic, event, cause.stage))
        if isinstance(event, SlaChanged) and event.clock == "first_touch" and event.state in ("met", "breached"):
            (self.met_leads if event.state == "met" else self.breached).add(event.lead_id)

    def command(self, event: Command, now: datetime) -> None:
        """A rep's or a timer's command; one that the router refuses does nothing."""
        row = self.known.leads.get(event.key)
        if row is None:
            return
        own = self.leads[row.lead_id, row.version].policy_hash
        self.known.policies, self.known.newest = {own: self.by_hash[own]}, self.newest(now)
        cause = Cause(event.event_id or f"{event.name} {event.key} {now}", "router.commands", "1", now)
        with suppress(Rejected):
            self.follow(decide_command(event, self.known, now), now, cause)

    def says(self, name: str, lead_id: str, now: datetime, **arguments: JsonValue) -> None:
        """A command of whoever has the lead now; a touch is told also of a lead that nobody had."""
        row = self.known.leads.get(lead_id)
        person = Actor(kind="human", id=PERSON)
        if name == "touched":
            self.tell(LeadFeedback(lead_id=lead_id, kind="touched", actor=person), now, Cause("rep", "rep", "1", now))
        if row is not None:
            held: JsonValue = {"member": row.route.owner.id if row.route.owner else "", **arguments}
            self.command(Command(name=name, key=lead_id, arguments=held, actor=person), now)

    def history(self) -> History:
        """What the topics hold."""
        told = [
            PolicyPublished(
                event_id=f"policy {since}",
                policy_hash=policy(*edits).hash,
                files=files(*edits),
                author="r",
                reason="r",
                published_at=since,
            )
            for since, edits in self.policies
        ]  # fmt: skip
        routed, touches, met, decisions, found = (one.table() for one in self.tables)
        return History(routed, touches, met, decisions, found, told)


def _told(plan: Plan) -> Routed:
    route = plan.route
    return Routed(route.destination, route.queue, route.owner.id if route.owner else None, plan.settled)


_SCORES: dict[tuple[str, str], Any] = {}


def scored(lead: Lead, held: Policy) -> tuple[Any, tuple[Review, ...]]:
    """The score by the live function; leads of one profile have the same facts."""
    key = (held.hash, lead.facts_hash)
    if key not in _SCORES:
        score = score_lead(lead, held.scoring, held.taxonomy.qualification)
        _SCORES[key] = (score, reviews_of(score))
    found: tuple[Any, tuple[Review, ...]] = _SCORES[key]
    return found


def ran(
    seed: int,
    leads: int,
    policies: Sequence[tuple[float, tuple[Edit, ...]]],
    more: Sequence[Policy] = (),
    *,
    decisions: bool = True,
    per_hour: int = 40,
    quick: bool = False,
    sink: list[tuple[Topic[Any], Event, str]] | None = None,
) -> Course:
    """A course of so many leads; `policies` come into force at a share of the time. Equal seeds meet the same leads, teams
    and people, whatever the policies. Without decisions everybody touches every lead, once, whoever has it."""
    random = Random(seed)
    span = timedelta(hours=leads / per_hour)
    timed = [(BEGIN - timedelta(days=1) if share <= 0 else BEGIN + span * share, edits) for share, edits in policies]
    course = Course(timed, needed_by([*(policy(*edits) for _, edits in policies), *more]), quick, sink=sink)
    for event, moment in team(random, span):
        course.later(moment, partial(course.record, event))
    for event in records(random, leads):
        course.later(BEGIN - timedelta(hours=1), partial(course.record, event))
    profiles = [profile(Random(f"{seed} {n}"), n) for n in range(min(600, leads))]
    for lead, moment in leads_of(random, leads, span, profiles):
        course.later(moment, partial(course.arrive, lead))
        _people(random, course, lead, moment, decisions=decisions)
    course.run()
    return course


def _people(random: Random, course: Course, lead: Lead, moment: datetime, *, decisions: bool) -> None:
    """What people will do with a lead: touch it, take or decline it, answer where it should go, give it away."""
    name, version = lead.lead_id, lead.version
    if version == 1 and (random.random() < 0.8 or not decisions):
        delay = timedelta(hours=random.expovariate(1 / 6.0))
        course.later(moment + delay, lambda now: course.says("touched", name, now))
    answer, soon = random.choice(_ANSWERS), moment + timedelta(hours=random.expovariate(1 / 2.0))
    if not decisions:
        return
    if random.random() < 0.6:
        course.later(soon, lambda now: course.decide(name, version, answer, now))
    if random.random() < 0.3:
        course.later(moment + (soon - moment) / 4, lambda now: course.says("accept", name, now))
    if random.random() < 0.15:
        course.later(soon + timedelta(minutes=1), lambda now: course.says("reject", name, now, reason="not mine"))
    if random.random() < 0.05:
        course.later(soon, lambda now: course.says("reassign", name, now, owner="m5", reason="knows them"))


_ANSWERS: tuple[tuple[str, JsonValue], ...] = (
    ("route", "inbound_sales"), ("route", "inbound_sales_emea"), ("route", "nurture"), ("route", {"owner": "m3"}),
    ("reject", None),
)  # fmt: skip

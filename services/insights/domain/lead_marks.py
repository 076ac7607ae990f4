"""What one lead counts for: a pure function of its facts, its contact's records, and the policy it was decided by."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from libs.policy.business_time import working_minutes
from libs.policy.policy import Policy
from services.insights.domain.changes import Kept
from services.insights.domain.facts import Fact
from services.insights.domain.marks import Mark, Setting, Slice, rounded
from services.insights.domain.suggestion_marks import suggestion_marks

OF_A_DECISION = ("decided", "answer", "link")
"""Facts of what a person decided; one that was taken back counts for nothing."""
WAITS = ("triage", "review")
CLOCKS = ("first_touch", "accept", "follow_up", "triage")


@dataclass(frozen=True, slots=True)
class Case:
    """A lead with all that is known of it; `others` are the arrival times of its contact's later leads."""

    lead_id: str
    facts: Sequence[Fact]
    records: Sequence[Kept] = ()
    next_lead_at: datetime | None = None
    """When the contact's next lead came; opportunities from then on are that one's."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A case, looked at once."""

    case: Case
    by_kind: dict[str, list[Fact]]
    routes: list[Fact]
    newest: Fact
    received: datetime
    day: date
    base: Slice
    policy: Policy
    setting: Setting

    def mark(self, metric: str, *, label: str = "", day: datetime | None = None, num: int = 1, den: int = 0) -> Mark:
        """A mark of this lead."""
        on = self.day if day is None else self.setting.day(day)
        return Mark(metric, self.case.lead_id, on, replace(self.base, label=label), num, den, owner=self.owner)

    @property
    def owner(self) -> str:
        """Who has the lead."""
        return self.newest.text("owner")

    def of(self, kind: str) -> list[Fact]:
        """Its facts of a kind, in the order in which they happened."""
        return self.by_kind.get(kind, [])

    def rate(self, metric: str, holds: bool, *, label: str = "", day: datetime | None = None) -> Mark:
        """A mark of a share."""
        return self.mark(metric, label=label, day=day, num=int(holds), den=1)


def anchor_of(facts: Sequence[Fact]) -> Fact | None:
    """The newest route, else that it was given up; None: nothing can be counted of it yet, or any more."""
    routes = sorted((one for one in facts if one.kind == "route"), key=_by_version)
    return routes[-1] if routes else max((one for one in facts if one.kind == "given_up"), key=_by_time, default=None)


def lead_marks(case: Case, setting: Setting) -> tuple[Mark, ...]:
    """Its marks, the same for the same facts in any order; none before the router decided about it or it was given up.
    Raises KeyError for a policy that is not known."""
    newest = anchor_of(case.facts)
    if newest is None:
        return ()
    by_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(case.facts, key=_by_time):
        by_kind[fact.kind].append(fact)
    taken_back = {one.text("decision") for one in by_kind["withdrawn"]}
    for kind in OF_A_DECISION if taken_back else ():
        by_kind[kind] = [one for one in by_kind[kind] if one.id.partition(":")[0] not in taken_back]
    received = datetime.fromisoformat(newest.text("received"))
    base = Slice(
        kind=newest.text("kind"), source=newest.text("source"), queue=newest.text("queue"), policy=newest.text("policy")[:12]
    )  # fmt: skip
    known = _Known(
        case, by_kind, sorted(by_kind["route"], key=_by_version), newest, received, setting.day(received), base,
        setting.policies[newest.text("policy")], setting,
    )  # fmt: skip
    return tuple(_all(known))


def _all(known: _Known) -> Iterator[Mark]:
    yield known.mark("leads")
    yield from _funnel(known)
    yield from _speed(known)
    yield from _promises(known)
    yield from suggestion_marks(known.case.lead_id, known.by_kind, known.policy, known.setting, known.base, known.owner)
    if known.routes:
        yield from _quality(known)
        yield from _outcomes(known)
        yield from _held(known)
    yield from _answers(known)


def _by_time(fact: Fact) -> tuple[datetime, str]:
    return fact.at, fact.id


def _by_version(fact: Fact) -> tuple[int, datetime, str]:
    return fact.number("version"), fact.at, fact.id


def _funnel(known: _Known) -> Iterator[Mark]:
    destination = known.newest.text("destination") if known.routes else "given_up"
    yield known.mark("destination", label=destination)
    if known.newest.text("verdict"):
        yield known.mark("identity", label=known.newest.text("verdict"))
    said = {one.text("kind") for one in known.of("feedback")}
    deal = _deal(known)
    steps = {
        "routed": destination not in (*WAITS, "given_up") and not known.newest.body.get("suggested"),
        "accepted": "accepted" in said,
        "touched": "touched" in said,
        "opportunity": deal is not None,
        "won": deal is not None and bool(deal.body.get("won")),
        "lost": deal is not None and bool(deal.body.get("lost")),
    }
    yield from (known.mark("reached", label=step) for step, holds in steps.items() if holds)


def _deal(known: _Known) -> Kept | None:
    """The opportunity that counts for the lead: the first of its contact made after it came and before the next one."""
    ours = sorted(
        (one for one in _records(known, "opportunity") if _is_ours(known, one.at)),
        key=lambda one: (one.at, one.record_key),
    )
    return ours[0] if ours else None


def _is_ours(known: _Known, at: datetime) -> bool:
    following = known.case.next_lead_at
    return at >= known.received and (following is None or at < following)


def _records(known: _Known, kind: str) -> Iterator[Kept]:
    return (one for one in known.case.records if one.record_key.startswith(f"{kind}:") and not one.body.get("gone"))


def _minutes(known: _Known, metric: str, since: datetime, until: datetime, day: datetime | None) -> Iterator[Mark]:
    calendar = known.policy.sla.calendar(known.newest.text("queue"))
    wall = (until - since).total_seconds() / 60
    yield replace(known.mark(metric, day=day), value=rounded(working_minutes(since, until, calendar)))
    yield replace(known.mark(f"{metric}_wall", day=day), value=rounded(wall))


def _speed(known: _Known) -> Iterator[Mark]:
    touched = next((one.at for one in known.of("feedback") if one.text("kind") == "touched"), None)
    if touched is not None:
        yield from _minutes(known, "first_touch", known.received, touched, None)
    for answered in known.of("decided"):
        since = _waited_since(known, answered)
        if since is not None:
            yield from _minutes(known, "triage_time", since, answered.at, answered.at)


def _waited_since(known: _Known, answered: Fact) -> datetime | None:
    asked = [
        one
        for one in known.of("asked")
        if one.number("version") == answered.number("version") and one.at <= answered.at
    ]
    return datetime.fromisoformat(asked[-1].text("since")) if asked else None


def _promises(known: _Known) -> Iterator[Mark]:
    moves: dict[str, set[str]] = defaultdict(set)
    for one in known.of("clock"):
        moves[one.text("clock")].add(one.text("state"))
    for clock in CLOCKS:
        answered = clock == "triage" and bool(known.of("decided"))
        if "breached" in moves[clock]:
            yield known.rate("sla_hit", False, label=clock)
        elif "met" in moves[clock] or answered:
            yield known.rate("sla_hit", True, label=clock)


def _quality(known: _Known) -> Iterator[Mark]:
    if known.newest.text("verdict"):
        yield known.rate("duplicate_rate", known.newest.text("verdict") == "duplicate")
    table = next((one for one in known.policy.scoring.tables if one.name == known.newest.text("table")), None)
    if table is None:
        return
    filled = known.newest.body.get("filled")
    names = {f"lead.{one}" for one in filled} if isinstance(filled, list) else set[str]()
    lacks = known.newest.body.get("lacks") is True
    for one in table.required:
        met = bool(names & set(one.any_of))
        lacks = lacks or not met
        mark = known.rate("completeness", met)
        yield replace(mark, slice=replace(mark.slice, field=one.name))
    yield known.rate("missing_data", lacks)


def _outcomes(known: _Known) -> Iterator[Mark]:
    priority = known.newest.body.get("priority")
    band = known.policy.scoring.band_of(priority if isinstance(priority, int) else None)
    deal = _deal(known)
    yield known.rate("conversion_opportunity", deal is not None, label=band)
    yield known.rate("conversion_won", deal is not None and bool(deal.body.get("won")), label=band)
    yield known.rate("asked_rate", bool(known.of("asked")), label=known.newest.text("rule"))
    yield from _owners(known)
    linked = [one for one in known.routes if one.text("verdict") == "duplicate" and not one.body.get("new_contact")]
    if linked and linked[0] is known.routes[0]:
        yield known.rate("links_cut", linked[0].text("contact") != known.newest.text("contact"))


def _owners(known: _Known) -> Iterator[Mark]:
    owned = [one for one in known.routes if one.text("owner") and not one.body.get("suggested")]
    if not owned:
        return
    moved = any(one.text("rule") == "reassigned_by_person" for one in owned)
    again = any(one.number("offer") > 1 for one in owned)
    label = "by_person" if moved else "offered_again" if again else "kept"
    yield known.rate("reassignment", moved or again, label=label)
    for one in _records(known, "activity"):
        at = _instant(one.body.get("at")) or one.at
        if one.body.get("kind") == "meeting" and _is_ours(known, at):
            yield replace(known.rate("meeting_quality", _deal(known) is not None, day=at), case_id=one.record_key)


def _held(known: _Known) -> Iterator[Mark]:
    suppressed = known.newest.text("destination") == "suppressed"
    stopped = any(one.text("status") == "suppressed" for one in known.of("stopped"))
    held = suppressed or stopped or any(one.text("rule") == "suppression" for one in known.routes)
    yield known.rate("suppression_block_rate", held)
    if suppressed:
        yield known.mark("never_routed", label=known.newest.text("rule"))


def _answers(known: _Known) -> Iterator[Mark]:
    for one in known.of("feedback"):
        if one.text("kind") in ("accepted", "rejected"):
            yield known.rate("sales_acceptance", one.text("kind") == "accepted", day=one.at)
    decided = [one for one in known.of("decided") if one.text("way")]
    moved = [one for one in known.routes if one.text("rule") == "reassigned_by_person"]
    if decided or moved:
        last = decided[-1] if decided else None
        rule = last.text("rule") if last else known.routes[0].text("rule")
        right = not moved and last is not None and bool(last.body.get("same"))
        at = moved[-1].at if moved else last.at if last else known.received
        yield known.rate("routing_correction", not right, label=rule, day=at)
    for one in decided[-1:]:
        if one.text("destination") == "disqualified":
            yield known.rate("disqualification_accuracy", bool(one.body.get("same")), day=one.at)


def _instant(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None

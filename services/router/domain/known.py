"""What is known while a batch is routed: gathered once, and moved on by each outcome."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from libs.contracts.lead import Lead
from libs.policy.autonomy import Levels
from libs.policy.launch import LaunchMode, stricter
from libs.policy.policy import Policy
from libs.policy.suppression import has_ended
from services.router.domain.fairness import Place
from services.router.domain.records import (
    AnsweredQuestion,
    DayException,
    Delta,
    Earned,
    Entry,
    LeadRow,
    LetOut,
    Load,
    Member,
    Opportunity,
    Party,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch needs to know. `pools`: whether members and turns are needed; they are then locked."""

    leads: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    matches: frozenset[str] = frozenset()
    """E-mails, domains and record ids by which a suppression entry may name somebody, in small letters."""
    records: frozenset[str] = frozenset()
    """Ids of opportunities, entries and members that changed."""
    pools: bool = False
    earned: frozenset[str] = frozenset()
    """Autonomy keys. Those of the writes that `records` name are found too."""

    @staticmethod
    def all_of(parts: Iterable["Wanted"]) -> "Wanted":
        """The union."""
        held = tuple(parts)
        return Wanted(
            frozenset().union(*(part.leads for part in held)),
            frozenset().union(*(part.parties for part in held)),
            frozenset().union(*(part.matches for part in held)),
            frozenset().union(*(part.records for part in held)),
            any(part.pools for part in held),
            frozenset().union(*(part.earned for part in held)),
        )


@dataclass(slots=True)
class Known:
    """The part of the router's state that a batch asked for. `apply` changes it in place: it belongs to one batch alone."""

    leads: dict[str, LeadRow] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    exceptions: dict[str, DayException] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    answered: dict[tuple[str, str], AnsweredQuestion] = field(default_factory=dict)
    earned: dict[str, Earned] = field(default_factory=dict)
    let_out: dict[tuple[str, str], LetOut] = field(default_factory=dict)
    levels: Levels = field(default_factory=dict)
    """Every level as all services know it."""
    shadow: Policy | None = None
    policies: Mapping[str, Policy] = field(default_factory=dict)
    newest: Policy | None = None

    def with_policies(
        self, policies: Mapping[str, Policy], newest: Policy, levels: Levels | None = None, shadow: Policy | None = None
    ) -> "Known":
        """The same, with the batch's policies by hash, the newest one, the earned levels and the policy that is tried."""
        return replace(self, policies=policies, newest=newest, levels=levels or {}, shadow=shadow)

    def at(self, now: datetime) -> "Known":
        """The same as it counts at a time: without the suppression entries that have ended by then."""
        ended = [name for name, one in self.entries.items() if has_ended(one.until, now)]
        if not ended:
            return self
        return replace(self, entries={name: one for name, one in self.entries.items() if name not in ended})

    def policy(self, lead: Lead) -> Policy:
        """The policy that the lead is stamped with."""
        return self.policies[lead.policy_hash]

    def newest_policy(self, lead: Lead) -> Policy:
        """The newest published policy: suppression and launch mode are read at action time."""
        return self.newest or self.policy(lead)

    def mode(self, lead: Lead) -> LaunchMode:
        """The stricter launch mode of the lead's policy and the newest one."""
        return stricter(self.policy(lead).launch.mode, self.newest_policy(lead).launch.mode)

    def party(self, record_id: str | None) -> Party | None:
        """A contact or company that is known; None otherwise."""
        return self.parties.get(record_id) if record_id else None

    def apply(self, delta: Delta) -> "Known":
        """What is known after an outcome."""
        if delta.lead is not None:
            self.leads[delta.lead.lead_id] = delta.lead
        self.parties.update({one.record_id: one for one in delta.parties})
        self.opportunities.update({one.record_id: one for one in delta.opportunities})
        self.entries.update({one.record_id: one for one in delta.entries})
        self.members.update({one.record_id: one for one in delta.members})
        self.exceptions.update({one.record_id: one for one in delta.exceptions})
        self.places.update(delta.places or {})
        self.loads.update(delta.loads or {})
        self.answered.update({(one.lead_id, one.question_id): one for one in delta.answered})
        for taken in delta.unanswered:
            self.answered.pop(taken, None)
        self.earned.update({one.key: one for one in delta.earned})
        self.let_out.update({(one.record_id, one.field): one for one in delta.let_out})
        for place in delta.done:
            self.let_out.pop(place, None)
        return self

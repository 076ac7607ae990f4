"""Which facts of a lead a policy can ask for: only those are kept of the history, and of some only whether they are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from libs.policy.policy import Policy

SCORED = "scored:"
"""What stands before `record.*` facts as score knew them: the router knows newer ones."""
KNOWN = "known:"
"""What stands before facts of which only matters whether they are known."""
ALWAYS = frozenset(
    (
        "lead.kind", "lead.source", "lead.country", "lead.language", "lead.use_case", "lead.product", "lead.industry",
        "lead.reviews", "lead.score.priority", "lead.score.needs_review", "record.owner", "record.held_for",
    )
)  # fmt: skip
"""Segments, what turns ask of a lead, and what the router looks at beside its rules."""


SCORE_FIELDS = {
    "lead.fit_score": "lead.score.fit", "lead.engagement_score": "lead.score.engagement",
    "lead.risk_score": "lead.score.risk", "lead.priority": "lead.score.priority",
}  # fmt: skip
"""Fields of a lead that hold its score, unless a person said otherwise."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Facts by what is kept of them."""

    told: frozenset[str]
    """With their value; score's own `record.*` facts with `scored:` before."""
    known: frozenset[str] = frozenset()
    """Only whether they are known."""

    def __or__(self, other: "Needed") -> "Needed":
        told = self.told | other.told
        return Needed(told, (self.known | other.known) - told)

    def covers(self, other: "Needed") -> bool:
        """Whether what is kept answers everything that the other asks for."""
        return other.told <= self.told and other.known <= self.known | self.told

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold them."""
        return (*sorted(self.told), *sorted(KNOWN + name for name in self.known))


def needed_by(policies: Iterable[Policy]) -> Needed:
    """What any of the policies can ask for."""
    found = Needed(ALWAYS)
    for policy in policies:
        asked = _score_facts(policy)
        told = {_as_scored(name) for name in asked} | _route_facts(policy)
        known = {_as_scored(name) for name in _only_known(policy)}
        found = found | Needed(frozenset(told), frozenset(known) - told)
    return found


def _as_scored(name: str) -> str:
    return SCORED + name if name.startswith("record.") else name


def _score_facts(policy: Policy) -> set[str]:
    tables = policy.scoring.tables
    asked = {name for table in tables for name in table.when.names}
    asked |= {name for table in tables for rule in table.rules for name in rule.when.names}
    asked |= {name for table in tables for rule in table.rules if rule.review for name in rule.reason.names}
    notes = policy.scoring.owner_notes
    return asked | ({"record.owner_note"} if notes.against or notes.in_favour else set())


def _only_known(policy: Policy) -> set[str]:
    required = {name for table in policy.scoring.tables for one in table.required for name in one.any_of}
    return required | {name for question in policy.taxonomy.qualification for name in question.any_of}


def _route_facts(policy: Policy) -> set[str]:
    asked = {name for rule in policy.routing.rules for name in rule.when.names} | territory_facts(policy)
    asked |= {score for field, score in SCORE_FIELDS.items() if field in asked}
    return asked - {"lead.territory", "pools.free"}


def territory_facts(policy: Policy) -> set[str]:
    """The facts by which a lead's territory is told."""
    return {name for one in policy.territories.territories for name in one.names}

"""What became of each post of the demo, from the same records as the ledger."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cli.demo.posting import Answer
from libs.contracts.events import LeadReceived, LeadRouted, SubmissionReceived, TriageRequested
from libs.contracts.lead import Lead, Route
from services.audit.domain.ledger import LedgerRecord


@dataclass(frozen=True)
class Case:
    """All posts of one kind: how many were sent and refused, the leads that they made, and where those went."""

    name: str
    posts: int
    refused: int
    leads: int
    unmapped: int
    destinations: Counter[str]


@dataclass
class Outcomes:
    """Leads by submission and routes by lead."""

    case_of: dict[str, str] = field(default_factory=dict)
    """By submission id."""
    leads: dict[str, set[str]] = field(default_factory=dict)
    """Lead ids by submission id."""
    unmapped: set[str] = field(default_factory=set)
    routed: dict[str, tuple[Lead, Route]] = field(default_factory=dict)
    """The newest version's route of each lead."""

    def cases(self, answers: Sequence[Answer]) -> list[Case]:
        """One for each kind of post."""
        found = []
        for name in dict.fromkeys(answer.post.case for answer in answers):
            mine = [answer for answer in answers if answer.post.case == name]
            submissions = {key for key, case in self.case_of.items() if case == name}
            leads = {lead for key in submissions for lead in self.leads.get(key, ())}
            destinations = Counter(self.routed[lead][1].destination for lead in leads if lead in self.routed)
            refused = sum(answer.status >= 400 for answer in mine)
            unmapped = len((submissions & self.unmapped) - self.leads.keys())
            found.append(Case(name, len(mine), refused, len(leads), unmapped, Counter[str](destinations)))
        return found

    def of_case(self, name: str) -> list[tuple[Lead, Route]]:
        """The routed leads of one kind of post, the highest priority first."""
        leads = {lead for key, case in self.case_of.items() if case == name for lead in self.leads.get(key, ())}
        routed = [self.routed[lead] for lead in leads if lead in self.routed]
        return sorted(routed, key=lambda one: (-priority_of(one[0]), one[0].lead_id))


def priority_of(lead: Lead) -> int:
    """The lead's points; 0 when it has none."""
    return (lead.score.priority or 0) if lead.score is not None else 0


def outcomes_of(records: Iterable[LedgerRecord], answers: Sequence[Answer]) -> Outcomes:
    """Match what the topics hold with what was posted, by the sha256 of the bytes."""
    case_of_bytes = {answer.sha256: answer.post.case for answer in answers if answer.status < 400}
    found = Outcomes()
    for record in records:
        match record.event:
            case SubmissionReceived() as event:
                found.case_of[event.submission_id] = case_of_bytes.get(event.sha256, "")
            case LeadReceived(lead=lead):
                found.leads.setdefault(lead.submission.submission_id, set()).add(lead.lead_id)
            case TriageRequested(lead=None) as request:
                found.unmapped.add(request.submission.submission_id)
            case LeadRouted(lead=lead, route=route):
                held = found.routed.get(lead.lead_id)
                if held is None or held[0].version <= lead.version:
                    found.routed[lead.lead_id] = (lead, route)
    return found

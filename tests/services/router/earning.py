"""A policy with earned autonomy, leads whose title is suggested, and what people say of it."""

from functools import cache
from typing import Any

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.events import Answer, Command, RecordChanged, TriageDecided
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.policy.autonomy import Levels
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from services.router.domain.questions import proposal_question
from services.router.domain.writes import previewed
from tests.paths import ROOT
from tests.services.router.fakes import a_lead, member, proposal
from tests.services.router.running import Router, request

BLOCK = """  autonomy:
    fields: {contact: [title]}
    segment_by: kind
    raise: {decided: 10, at_least: 0.7}
    drop: {over_last: 10, below: 0.6}
"""
KEY = "enrich:contact.title:lead"
ANA = Actor(kind="human", id="ana")


@cache
def earning_policy(block: str = BLOCK) -> Policy:
    """The repository's policy in limited_auto, with enrich earning its way to contacts' titles."""
    files = read_files(ROOT / "policy")
    files["launch.yaml"] = files["launch.yaml"].replace("mode: suggested", "mode: limited_auto")
    head, name, rest = files["workflows.yaml"].partition("enrich:\n")
    files["workflows.yaml"] = head + name + block + rest
    return load_policy(files)


class EarningPolicies:
    """That policy alone, and the levels as the feed would tell them."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or earning_policy()
        self.held: dict[str, Any] = {}
        self.tried: Policy | None = None

    def by_hash(self, policy_hash: str) -> Policy:
        assert policy_hash == self.policy.hash
        return self.policy

    def newest(self) -> Policy:
        return self.policy

    def levels(self) -> Levels:
        return self.held

    def shadow(self) -> Policy | None:
        return self.tried


def titled(number: int, title: str = "CTO") -> Lead:
    """A lead whose contact has no title yet, and enrich knows one."""
    actor = Actor(kind="rule", id="enrich")
    change = proposal(f"t{number}", "title", title, actor=actor, confidence=0.95)
    lead = a_lead(f"t{number}", proposals=(change,), email=f"a{number}@example.com")
    return lead.model_copy(update={"policy_hash": earning_policy().hash})


def answered(number: int, verdict: str) -> TriageDecided:
    """A person's answer to the suggested title of that lead."""
    lead = titled(number)
    verdict_of = previewed(earning_policy(), lead.proposals[0], earning_policy().launch.mode, frozenset())
    question = proposal_question(lead, lead.proposals[0], verdict_of)
    return TriageDecided(
        event_id=ids.derived_id("decided", number, verdict), lead_id=lead.lead_id, lead_version=1, question_hash="q",
        questions=(question,), answers=(Answer(question_id=question.question_id, verdict=verdict, value="VP"),),
        actor=ANA, lead=lead,
    )  # fmt: skip


def commanded(name: str, key: str = KEY, actor: Actor = ANA, number: int = 0, **arguments: Any) -> Command:
    """A person's step up or down."""
    event_id = ids.derived_id("command", name, key, number)
    told = {"reason": "they are right", **arguments}
    return Command(
        event_id=event_id, command_id=event_id, target="router", name=name, key=key, actor=actor, arguments=told
    )


def shown(
    number: int, title: str, version: int, actor: Actor | None = None, rollback: str | None = None
) -> RecordChanged:
    """The contact's new state, as crm says it."""
    lead = titled(number)
    return RecordChanged(
        event_id=ids.derived_id("shown", number, version), record=lead.proposals[0].record, version=version,
        fields={"title": title}, changed=("title",), actor=actor or Actor(kind="rule", id="enrich"),
        write_id="w", rollback_id=rollback,
    )  # fmt: skip


def asked_about_title(outcome: Outcome[Any]) -> bool:
    """Whether people are asked about the title."""
    asked = request(outcome)
    fields = [one.proposal.field for one in asked.questions if one.proposal] if asked else []
    return "title" in fields


def earning_router() -> tuple[Router, EarningPolicies]:
    """A router under that policy, with somebody who takes leads."""
    policies = EarningPolicies()
    router = Router(policies=policies)
    router.one(member("bob", open_leads_cap=1000, daily_cap=1000))
    return router, policies

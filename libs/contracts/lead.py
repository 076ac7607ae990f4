"""The lead as it rides on the line's events: gated facts, each stage's recorded answer, and what waits for the router."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from libs.contracts.base import Model, PersonalText, PersonalValue
from libs.contracts.change import Evidence, ProposedChange, RecordRef, Source


class Position(Model):
    """Where a record stands in Kafka."""

    topic: str
    partition: int
    offset: int


class SubmissionRef(Model):
    """The raw submission behind a lead: where its bytes are, and their sha256 (hex)."""

    submission_id: str
    item: int = 0
    position: Position
    sha256: str
    delivery_id: str | None = None
    received_at: datetime


class FieldValue(Model):
    """A current value of a lead field, and where it came from."""

    value: PersonalValue
    source: Source
    confidence: float = 1.0
    change_id: str = ""
    verified_by: PersonalText | None = None
    locked: bool = False
    """Set by a person: no machine may change it."""


class Review(Model):
    """A question that a person has to answer before the lead goes on; the router puts it into the triage request."""

    kind: Literal[
        "identity", "change", "conflict", "low_confidence", "policy", "unmapped", "missing", "route", "failure"
    ]
    reason: str
    stage: str
    detail: JsonValue = None
    evidence: tuple[Evidence, ...] = ()


class Comparison(Model):
    """One comparison that dedupe made, and how much it weighed (log2 Bayes factor)."""

    name: str
    ours: PersonalText | None = None
    theirs: PersonalText | None = None
    weight: float


class Candidate(Model):
    """An existing record that a lead may be, with all that was compared."""

    record: RecordRef
    match_probability: float
    comparisons: tuple[Comparison, ...] = ()
    open_opportunities: int = 0
    last_activity_at: str | None = None
    """When somebody last dealt with the record, ISO 8601."""
    held_for: tuple[str, ...] = ()
    """Why the suppression list or the record itself holds it back."""


class Identity(Model):
    """Dedupe's verdict. `contact` and `company` are always set after dedupe, new or existing (company may be None)."""

    verdict: Literal["new", "duplicate", "ambiguous"]
    rule: str
    contact: RecordRef
    contact_is_new: bool
    company: RecordRef | None = None
    company_is_new: bool = False
    candidates: tuple[Candidate, ...] = ()
    decided_by: PersonalText | None = None
    notes: tuple[PersonalText, ...] = ()
    """What people should see though it changed nothing, such as another company's name typed at a known domain."""


class ProviderAnswer(Model):
    """What one enrichment provider said: a value with evidence, or explicitly nothing. Replay reuses it."""

    provider: str
    field: str
    outcome: Literal["found", "nothing", "timed_out", "unavailable"]
    value: PersonalValue = None
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    input_hash: str
    at: datetime
    reason: str = ""
    previous: PersonalValue = None
    """What the lead held in this field when the answer came."""
    verified_by: PersonalText | None = None
    """Who had verified that held value by then; None: nobody."""
    given_up: bool = False
    """A missed answer that nobody waits for any longer: the question is not asked again."""


class Statement(Model):
    """One short sentence about the account, with where it stands: a fact about the company, or what the lead claimed."""

    kind: Literal["company", "claimed"]
    text: PersonalText
    evidence: tuple[Evidence, ...]


class Claim(Model):
    """One classified field: label, calibrated confidence (0-1) and the quote that supports it."""

    label: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()


class ShadowOpinion(Model):
    """What a model that is only tried says of the same words: recorded to be compared, and nothing is decided by it."""

    model_version: str
    labels: dict[str, str]
    flags: tuple[str, ...] = ()
    confidence: float


class Classification(Model):
    """Classify's strict answer; labels come from the policy's taxonomy, and `unknown` is one of them."""

    claims: dict[str, Claim]
    """By field: use_case, urgency, company_fit, buyer_role, industry, product_interest, intent."""
    flags: dict[str, Claim] = {}
    """By flag that is raised: spam, vendor, student, job_seeker, competitor."""
    should_route_to_sales: bool
    confidence: float
    """The lowest confidence among the fields that routing depends on."""
    reason: PersonalText
    model_version: str
    input_hash: str
    risks: dict[str, Claim] = {}
    """Words that talk to the machine, by kind: shown to people, kept from the model, and no ground for any label."""
    prompt_version: str = ""
    """The version of the instructions that an endpoint was given; empty for the built-in model."""
    answer_hash: str = ""
    """Sha256 (hex) of the endpoint's raw answer; empty for the built-in model."""
    shadow: ShadowOpinion | None = None


class ScorePart(Model):
    """One row of the points table that applied. `points` are whole points; group is fit, engagement or risk."""

    group: Literal["fit", "engagement", "risk"]
    rule: str
    points: int
    reason: PersonalText
    evidence: tuple[Evidence, ...] = ()


class ShadowScore(Model):
    """The priority under a policy that is only tried."""

    policy_hash: str
    priority: int | None


class Score(Model):
    """priority = fit + engagement - risk, exactly the sum of `parts`; None when there is not enough data."""

    fit: int
    engagement: int
    risk: int
    priority: int | None
    parts: tuple[ScorePart, ...]
    missing: tuple[str, ...] = ()
    """What was not known and would have counted."""
    needs_review: tuple[str, ...] = ()
    table: str = ""
    """The points table that counted."""
    shadow: ShadowScore | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> "Score":
        for group, told in (("fit", self.fit), ("engagement", self.engagement), ("risk", self.risk)):
            if told != sum(part.points for part in self.parts if part.group == group):
                raise ValueError(f"{group} is not the sum of its parts")
        if self.priority is not None and self.priority != self.fit + self.engagement - self.risk:
            raise ValueError("priority is not fit + engagement - risk")
        return self


class TriedRule(Model):
    """A routing rule that was asked, in order; `matched` is None when it could not be evaluated."""

    rule: str
    matched: bool | None
    reason: str


Destination = Literal["owner", "queue", "nurture", "triage", "review", "disqualified", "suppressed"]


class TurnMember(Model):
    """A member of a pool as the turn saw them: their weight, and why they could not take the lead (empty: they could)."""

    member: str
    weight: int
    why_not: str = ""


class PoolTurn(Model):
    """Whose turn it was in a pool, and who stood in line: what a replay decides by again."""

    pool: str
    members: tuple[TurnMember, ...]
    picked: str | None
    """None: nobody could take it."""


class ShadowRoute(Model):
    """Where a policy that is only tried would send the lead: recorded to be compared, and nothing is decided by it."""

    policy_hash: str
    destination: Destination
    queue: str | None = None
    pool: str | None = None
    rule: str
    reason: str
    priority: int | None = None
    """The score under that policy."""


class Route(Model):
    """Where the lead goes, why, and every rule that was tried on the way."""

    destination: Destination
    queue: str | None = None
    owner: RecordRef | None = None
    suggested: bool = False
    """True when the launch mode or a review lets this be a suggestion only."""
    rule: str
    reason: str
    confidence: float
    tried: tuple[TriedRule, ...] = ()
    sla_due_at: datetime | None = None
    notes: tuple[str, ...] = ()
    record: dict[str, PersonalValue] = {}
    """What the CRM said about the lead's contact and company: the `record.*` facts that the rules saw."""
    pool: str | None = None
    """The pool whose turn decides the owner; None: it is worked by hand or has its owner already."""
    turn: PoolTurn | None = None
    told: RecordRef | None = None
    """Who looks after the account and is told, while a person decides about the lead."""
    offer: int = 0
    """The how manieth member it is offered to; 0: it is no offer, or the launch mode makes none."""
    shadow: ShadowRoute | None = None


class Lead(Model):
    """One case. Versions grow by a corrected redelivery, a person's edit or late enrichment; the newest one counts."""

    lead_id: str
    version: int = 1
    submission: SubmissionRef
    facts_hash: str
    """Hash of the mapped facts: a redelivery with the same facts has the same one."""
    source: Source
    form: str | None = None
    kind: str = "lead"
    """What sort of submission it was: demo_request, contact_form, webinar, download, email, chat, referral, ..."""
    submitted_at: datetime
    policy_hash: str
    partition_key: str
    """HMAC of the identity key: the Kafka key of all events of this lead."""
    subject_key_id: str
    fields: dict[str, FieldValue] = {}
    identity: Identity | None = None
    answers: tuple[ProviderAnswer, ...] = ()
    summary: tuple[Statement, ...] = ()
    classification: Classification | None = None
    score: Score | None = None
    route: Route | None = None
    proposals: tuple[ProposedChange, ...] = Field(default=())
    """Changes of CRM records, proposed on the way and let out by the router alone."""
    reviews: tuple[Review, ...] = ()
    rejected: dict[str, tuple[str, ...]] = {}
    """By field: the evidence hashes of what people said no to. It does not come back on the same evidence."""

    def value(self, field: str) -> JsonValue:
        """The current value of a field, or None when nothing is known."""
        held = self.fields.get(field)
        return None if held is None else held.value

    def text(self, field: str) -> str:
        """The current value of a text field; empty when nothing is known or it is not text."""
        held = self.value(field)
        return held if isinstance(held, str) else ""

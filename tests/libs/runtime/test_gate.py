"""The gate: no field of a lead changes except by an admitted proposal, and every proposal leaves an audited change."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor, Evidence, ProposedChange, RecordRef, Source, Status
from libs.contracts.events import AutonomyChanged, LeadReceived, PolicyPublished
from libs.contracts.fields import LEAD_FIELDS
from libs.contracts.lead import FieldValue
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_RECEIVED, SUBMISSION_RECEIVED
from libs.policy.admit import evidence_hash
from libs.policy.load import load_policy
from libs.runtime.gate import gated
from libs.runtime.policies import PublishedPolicies
from libs.runtime.stage import Stage
from tests.libs.runtime import harness
from tests.libs.runtime.leads import AT, lead

POLICIES = harness.policies()
STAGE: Stage[Any, Any] = Stage("mapper", "intake", "1", SUBMISSION_RECEIVED, (LEAD_RECEIVED,), None, None)  # type: ignore[arg-type]
LEAD = lead(1, harness.POLICY_HASH)

values = st.sampled_from(["a@b.example.com", "Anna", "x", "no", "yes", "opted_out", "granted", 7])
kinds = st.sampled_from(["rule", "ai", "human_approved_ai", "human"])


@st.composite
def proposals(draw: st.DrawFn) -> ProposedChange:
    lead_field = draw(st.booleans())
    record = RecordRef(type="lead", id=LEAD.lead_id) if lead_field else RecordRef(type="contact", id="c")
    return ProposedChange(
        record=record,
        field=draw(st.sampled_from((*LEAD_FIELDS, "nonsense"))),
        new=draw(values),
        source=Source(kind="submission", name="demo", trust=draw(st.sampled_from([0.2, 0.8]))),
        confidence=draw(st.sampled_from([0.1, 0.5, 0.75, 0.99])),
        actor=Actor(kind=draw(kinds), id="x"),
        evidence=(Evidence(quote="q", where="w"),),
        reason="test",
    )


@st.composite
def held(draw: st.DrawFn) -> dict[str, FieldValue]:
    names = draw(st.lists(st.sampled_from(LEAD_FIELDS), max_size=6, unique=True))
    return {
        name: FieldValue(
            value=draw(values), source=Source(kind="human" if draw(st.booleans()) else "submission", name="s", trust=0.6),
            confidence=draw(st.sampled_from([0.3, 0.9])), locked=draw(st.booleans()),
            verified_by="dana" if draw(st.booleans()) else None,
        )
        for name in names
    }  # fmt: skip


@given(held(), st.lists(proposals(), max_size=8))
def test_only_admitted_proposals_change_a_lead(fields: dict[str, FieldValue], changes: list[ProposedChange]) -> None:
    before = LEAD.model_copy(update={"fields": fields})
    outcome = Outcome(next=LeadReceived(lead=before), changes=tuple(changes))
    (event,), recorded = gated(STAGE, "cause", outcome, POLICIES, AT, None)
    assert isinstance(event, LeadReceived)
    after = event.lead
    applied = [change for change in recorded if change.status is Status.APPLIED]
    for name in set(fields) | set(after.fields):
        if after.fields.get(name) != fields.get(name):
            last = [change for change in applied if change.field == name][-1]
            assert after.fields[name].value == last.new
            assert after.fields[name].change_id == last.change_id
    for name, value in fields.items():
        machines = all(c.actor.kind in ("rule", "ai") for c in changes if c.field == name)
        if (value.locked or value.verified_by) and machines:
            tightened = name in ("consent", "do_not_mail")
            assert tightened or after.fields[name].value == value.value, "a machine overwrote what a person had set"
    queued = [change for change in recorded if change.status is Status.QUEUED]
    assert len(after.reviews) == len(queued)
    assert [c.field for c in after.proposals] == [c.field for c in changes if c.record.type == "contact"]
    assert len({change.change_id for change in recorded}) == len(recorded)
    assert all(change.rule and change.lead_id == LEAD.lead_id and change.at == AT for change in recorded)


@given(held(), st.lists(proposals(), max_size=8))
def test_the_gate_says_the_same_again(fields: dict[str, FieldValue], changes: list[ProposedChange]) -> None:
    outcome = Outcome(next=LeadReceived(lead=LEAD.model_copy(update={"fields": fields})), changes=tuple(changes))
    assert gated(STAGE, "cause", outcome, POLICIES, AT, None) == gated(STAGE, "cause", outcome, POLICIES, AT, None)


def test_what_a_person_refused_on_a_lead_does_not_come_back_on_the_same_evidence() -> None:
    change = ProposedChange(
        record=RecordRef(type="lead", id=LEAD.lead_id), field="company", new="Acme", reason="said so", confidence=0.99,
        source=Source(kind="submission", name="demo", trust=0.8), actor=Actor(kind="rule", id="mapper"),
        evidence=(Evidence(quote="q", where="w"),),
    )  # fmt: skip
    other = change.model_copy(update={"evidence": (Evidence(quote="new", where="w"),)})
    bare = LEAD.model_copy(update={"fields": {}})
    told_no = bare.model_copy(update={"rejected": {"company": (evidence_hash(change),)}})
    for before, proposed, rule in ((bare, change, None), (told_no, change, "rejected_before"), (told_no, other, None)):
        outcome = Outcome(next=LeadReceived(lead=before), changes=(proposed,))
        _, [recorded] = gated(STAGE, "cause", outcome, POLICIES, AT, None)
        assert (recorded.status is Status.BLOCKED) == (rule is not None)
        assert rule in (None, recorded.rule)


def test_a_question_names_the_evidence_that_a_no_is_remembered_by() -> None:
    change = ProposedChange(
        record=RecordRef(type="lead", id=LEAD.lead_id), field="company", new="Acme", reason="said so", confidence=0.5,
        source=Source(kind="provider", name="directory", trust=0.8), actor=Actor(kind="rule", id="mapper"),
    )  # fmt: skip
    outcome = Outcome(next=LeadReceived(lead=LEAD.model_copy(update={"fields": {}})), changes=(change,))
    (event,), [recorded] = gated(STAGE, "cause", outcome, POLICIES, AT, None)
    assert recorded.status is Status.QUEUED
    [review] = event.lead.reviews  # type: ignore[attr-defined]
    assert review.detail["evidence_hash"] == evidence_hash(change)


def test_a_level_that_was_not_earned_asks_and_an_earned_one_lets_through() -> None:
    """On the lead's own fields too: the gate of the stages reads the levels when it decides."""
    files = dict(harness.FILES)
    policies = PublishedPolicies()
    head, name, rest = files["workflows.yaml"].partition("mapper:\n")
    files["workflows.yaml"] = head + name + "  autonomy: {fields: {lead: [company]}, segment_by: source}\n" + rest
    policy = load_policy(files)
    policies.add(
        PolicyPublished(policy_hash=policy.hash, files=files, author="t", reason="t", published_at=AT, event_id="p")
    )
    source = Source(kind="provider", name="directory", trust=0.8)
    change = ProposedChange(
        record=RecordRef(type="lead", id=LEAD.lead_id), field="company", new="Acme", reason="known", confidence=1.0,
        source=source, actor=Actor(kind="rule", id="mapper"),
    )  # fmt: skip
    before = LEAD.model_copy(update={"fields": {}, "policy_hash": policy.hash})
    key = f"mapper:lead.company:{before.source.name}"
    found = []
    for level in (None, "approved_writes", "limited_autonomous", "read_only"):
        if level is not None:
            policies.add_level(
                AutonomyChanged.model_validate(
                    {
                        "key": key, "workflow": "mapper", "record_type": "lead", "field": "company", "level": level,
                        "since": AT, "actor": {"kind": "human", "id": "ana"},
                    }
                )
            )  # fmt: skip
        _, [recorded] = gated(
            STAGE, "cause", Outcome(next=LeadReceived(lead=before), changes=(change,)), policies, AT, None
        )
        found.append(recorded.status)
    assert found == [Status.QUEUED, Status.QUEUED, Status.APPLIED, Status.BLOCKED]

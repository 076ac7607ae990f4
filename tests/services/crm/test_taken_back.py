"""What crm forgets when a decision is taken back, and what a block makes it remember."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.events import Answer, Question, TriageDecided
from libs.contracts.lead import Review
from libs.policy.admit import ANY_EVIDENCE
from services.crm.domain.decisions import delta_of
from services.crm.domain.record import Held, RecordState

NOW = datetime(2026, 11, 2, tzinfo=UTC)
FIELDS = ("industry", "employees", "country", "city")
COMPANY = RecordRef(type="company", id="c1")
SAID = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["approve", "edit", "reject", "block"]), min_size=1)


def decision(said: dict[str, str]) -> TriageDecided:
    """Answers to proposals of one company's fields."""
    rule = Actor(kind="rule", id="enrich")
    proposed = {
        name: ProposedChange(
            record=COMPANY, field=name, new="x", source=Source(kind="provider", name="p"), actor=rule, reason="r"
        )
        for name in said
    }
    review = Review(kind="change", reason="r", stage="router")
    return TriageDecided(
        lead_id="l1",
        lead_version=1,
        question_hash="h",
        questions=tuple(Question(question_id=name, review=review, proposal=one) for name, one in proposed.items()),
        answers=tuple(
            Answer.model_validate({"question_id": name, "verdict": verdict}) for name, verdict in said.items()
        ),
        actor=Actor(kind="human", id="ana"),
    )


@given(SAID)
def test_a_decision_that_is_taken_back_leaves_nothing(said: dict[str, str]) -> None:
    event = decision(said)
    taken = event.model_copy(update={"undoes": "e1", "answers": (), "taken_back": event.answers})
    held = Held({COMPANY: RecordState(COMPANY)}).after(delta_of(event, NOW))
    record = held.record(COMPANY)
    assert record.locks == {name for name, verdict in said.items() if verdict == "edit"}
    for name, verdict in said.items():
        assert (ANY_EVIDENCE in record.rejected_evidence(name)) is (verdict == "block")
        assert bool(record.rejected_evidence(name)) is (verdict != "approve")
    after = held.after(delta_of(taken, NOW)).record(COMPANY)
    assert (after.rejected, after.locks) == (frozenset(), frozenset())


@given(SAID)
def test_a_yes_to_a_blocked_field_unblocks_it(said: dict[str, str]) -> None:
    blocked = Held({COMPANY: RecordState(COMPANY)}).after(delta_of(decision(dict.fromkeys(said, "block")), NOW))
    after = blocked.after(delta_of(decision(dict.fromkeys(said, "approve")), NOW)).record(COMPANY)
    assert after.rejected == frozenset()

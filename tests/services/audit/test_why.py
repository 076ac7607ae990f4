"""A value is explained down to raw bytes or a person; a timeline adds up to the state at any time."""

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor, Evidence, RecordRef, Source, Status, Workflow
from services.audit.domain.move import Move, same_json
from services.audit.domain.timeline import once, state_of
from services.audit.domain.why import Known, Raw, Why, explanation
from tests.services.audit.made import ALICE, COMPANY, T0, at, change, move

RAW = Raw(
    submission_id="s-1",
    source="form",
    topic="submission.received.v1",
    partition=1,
    offset=7,
    sha256="ab",
    received_at=T0,
)
LEAD = RecordRef(type="lead", id="lead-1")


def kinds(found: Why) -> list[str]:
    return [step.kind for step in found.steps]


def test_a_records_value_is_followed_to_the_lead_and_the_bytes() -> None:
    first = move(1, record=LEAD, trigger_event_id="submission-event", workflow=Workflow(name="mapper", version="1"))
    there = move(2, new="value 1", evidence=(), workflow=Workflow(name="crm.writes", version="1"))
    found = explanation(COMPANY, "industry", Known([first, there], {"submission-event": RAW}))
    assert found.explained
    assert found.value == "value 1"
    assert kinds(found) == ["value", "decision", "rule", "value", "decision", "rule", "evidence", "raw"]
    assert found.steps[-1].detail["offset"] == 7
    assert found.steps[-2].detail["quote"] == "we build robots"


def test_a_persons_value_names_the_person_and_what_came_before() -> None:
    queued = move(1, status=Status.QUEUED, change_id="c")
    approved = move(2, change_id="c", actor=Actor(kind="human_approved_ai", id="alice"), lead_id=None)
    found = explanation(COMPANY, "industry", Known([queued, approved]))
    assert found.explained
    assert "moves" in kinds(found)
    assert found.steps[-1].detail["person"] == "alice"


def test_a_rollback_is_explained_by_what_it_took_back_and_what_stands_again() -> None:
    moves = [
        move(1, new="Retail", actor=ALICE, source=Source(kind="human", name="alice")),
        move(2, old="Retail", new="Robots"),
        move(3, old="Robots", new="Retail", reverts="change-2", actor=Actor(kind="human", id="bob"), evidence=()),
    ]
    found = explanation(COMPANY, "industry", Known(moves))
    assert found.value == "Retail"
    assert [step.detail["person"] for step in found.steps if step.kind == "person"] == ["bob", "alice"]
    assert "reverts" in kinds(found)


def test_reverts_that_form_a_loop_end() -> None:
    moves = [move(1, change_id="a"), move(2, reverts="a", change_id="b"), move(3, reverts="b", change_id="a2")]
    assert explanation(COMPANY, "industry", Known(moves)).known


def test_what_nothing_has_set_is_not_known_and_what_ends_nowhere_is_not_explained() -> None:
    assert not explanation(COMPANY, "city", Known([move(1)])).known
    assert not explanation(COMPANY, "industry", Known([move(1)])).explained
    assert not explanation(COMPANY, "industry", Known([move(1)]), at(0.5)).known


def test_a_value_is_explained_as_of_a_time() -> None:
    moves = [move(1, new="a", evidence=(Evidence(quote="q", where="w"),)), move(2, new="b")]
    assert explanation(COMPANY, "industry", Known(moves), at(1)).value == "a"


moves_of_a_record = st.lists(
    st.tuples(st.sampled_from(["industry", "city"]), st.sampled_from(Status), st.integers(0, 3), st.integers(0, 20)),
    max_size=15,
)


@given(moves_of_a_record, st.integers(0, 20))
def test_the_state_is_the_last_applied_move_of_each_field(
    drawn: list[tuple[str, Status, int, int]], until: int
) -> None:
    moves = [move(number, field=name, status=status, new=new, at=at(when))
             for number, (name, status, new, when) in enumerate(drawn, 1)]  # fmt: skip
    expected: dict[str, int] = {}
    for name, status, new, when in drawn:
        if status is Status.APPLIED and when <= until:
            expected[name] = new
    assert state_of(moves, at(until)).values() == expected
    assert state_of([*moves, *moves], at(until)).values() == expected


def test_a_redelivered_event_happened_once() -> None:
    again = Move(0, 9, 18, "", "event-1", change(1))
    assert once([again, move(1), move(2)]) == [move(1), move(2)]


def test_json_values_are_compared_as_json() -> None:
    assert same_json({"a": [1, None]}, {"a": [1.0, None]})
    assert not same_json(True, 1)
    assert not same_json([True], [1])
    assert not same_json({"a": 1}, {"b": 1})
    assert not same_json("1", 1)

"""Who hears of a rollback, and what it leaves for people."""

from libs.contracts.change import Actor, Effect, RecordRef
from services.audit.domain.rollback import Plan, plan
from services.audit.domain.selection import Selection
from services.audit.domain.told import tasks, words_to_owners
from tests.services.audit.made import ALICE, move

BAD = Selection(workflow="enrich")
ACME, JANE, BELL = (
    RecordRef(type=kind, id=name) for kind, name in (("company", "acme"), ("contact", "jane"), ("company", "bell"))
)  # type: ignore[arg-type]
OWNERS = {ACME.key: "ann", JANE.key: "ann"}


def made(**effects: Effect) -> Plan:
    """Two fields of Acme, one of Jane and one of Bell's go back; `effects` by field."""
    fields = ((ACME, "industry"), (ACME, "employees"), (JANE, "title"), (BELL, "industry"))
    return plan(
        [
            move(number, record=record, field=name, effect=effects.get(name, Effect.REVERSIBLE))
            for number, (record, name) in enumerate(fields, 1)
        ],
        BAD,
    )


def test_each_owner_hears_once_whatever_is_theirs_and_revops_of_what_is_nobodys() -> None:
    ann, revops = sorted(words_to_owners(made(), OWNERS, ALICE, "bad provider"), key=lambda word: word.key)
    assert (ann.key, revops.key) == ("ann", "role:revops")
    assert isinstance(ann.arguments, dict)
    assert isinstance(revops.arguments, dict)
    assert (ann.arguments["fields"], ann.arguments["records"], ann.arguments["member"]) == (
        3,
        [ACME.key, JANE.key],
        "ann",
    )
    assert (revops.arguments["fields"], revops.arguments["role"], revops.arguments["member"]) == (1, "revops", "")
    assert {word.arguments["reason"] for word in (ann, revops) if isinstance(word.arguments, dict)} == {"bad provider"}


def test_nobody_hears_of_what_stays_as_it_is() -> None:
    moves = [move(1), move(2, old="value 1", new="Toys", actor=ALICE)]
    held = plan(moves, BAD)
    assert held.counts["conflict"] == 1
    assert words_to_owners(held, OWNERS, ALICE, "why") == ()
    assert tasks(held, OWNERS, ALICE, "why", "p1") == ()


def test_what_cant_be_undone_or_was_set_off_outside_is_a_task_for_the_owner() -> None:
    held = made(title=Effect.IRREVERSIBLE, industry=Effect.COMPENSABLE)
    assert {(item.record.id, item.field, item.action) for item in held.items} == {
        ("acme", "industry", "restore"), ("acme", "employees", "restore"), ("jane", "title", "irreversible"),
        ("bell", "industry", "restore"),
    }  # fmt: skip
    opened = tasks(held, OWNERS, ALICE, "bad provider", "p1")
    told = [{change.field: change.new for change in write.changes} for write in opened]
    assert [(one.get("company_id"), one.get("contact_id"), one.get("owner"), one.get("queue")) for one in told] == [
        ("acme", None, "ann", None), ("bell", None, None, "revops"), (None, "jane", "ann", None),
    ]  # fmt: skip
    assert "Can't be undone: title (changes change-3)" in str(told[2]["note"])
    assert "set something off outside: industry" in str(told[0]["note"])
    assert {write.approved_by for write in opened} == {"alice"}
    assert all(change.actor == Actor(kind="human", id="alice") for write in opened for change in write.changes)
    assert [write.record for write in opened] == [write.record for write in tasks(held, OWNERS, ALICE, "b", "p1")]
    assert len({write.record.id for write in opened}) == 3

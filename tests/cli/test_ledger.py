"""The ledger as it is shown: both sums, and in words whether they hold."""

from io import StringIO

from rich.console import Console

from cli.ledger import problems_of, shown
from services.audit.domain.ledger import Ledger


def ledger(**changes: object) -> Ledger:
    held: dict[str, object] = {
        "submissions": 9, "items": 11, "redelivered": 2, "corrected": 1, "not_a_lead": 1, "unmapped": 2, "dead_letters": 0,
        "waiting": 0, "leads": 6, "destinations": {"queue": 4, "triage": 2}, "in_flight": 0, "balanced": True,
        "quiet": True, "in_no_place": (), "in_two_places": (), "in_flight_ids": (), "waiting_ids": (),
    }  # fmt: skip
    return Ledger.model_validate({**held, **changes})


def printed(found: Ledger) -> str:
    console = Console(file=StringIO(), width=120)
    console.print(shown(found))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_balanced_ledger_shows_both_sums() -> None:
    text = printed(ledger())
    assert "9 submissions hold 11 items" in text
    assert "6 leads are somewhere" in text
    assert "The ledger balances. Nothing is in flight." in text
    assert "and not" not in text


def test_what_is_on_its_way_is_said() -> None:
    text = printed(ledger(destinations={"queue": 3, "triage": 2}, in_flight=1, in_flight_ids=("lead-1",)))
    assert "The ledger balances. 1 still on their way." in text


def test_an_unbalanced_ledger_names_what_is_lost() -> None:
    found = ledger(redelivered=1, balanced=False, in_no_place=("submission-1",), in_two_places=("lead-2",))
    assert "The ledger does not balance." in printed(found)
    assert "and not 11" in printed(found)
    assert problems_of(found) == ["in no place: submission-1", "in two places: lead-2"]

"""Who is held back: entries that name a record, those that are switched off, and what the record says itself."""

import pytest
from pydantic import JsonValue

from libs.contracts.change import RecordRef
from services.crm.domain.record import RecordState
from services.crm.domain.suppression import Entry, held_for

BO = RecordState(RecordRef(type="contact", id="bo"), 1, {"email": "Bo@Rival.com"})


@pytest.mark.parametrize(
    ("entry", "reasons"),
    [
        ({"reason": "competitor", "domain": "rival.com"}, {"competitor"}),
        ({"reason": "competitor", "record_id": "bo", "active": True}, {"competitor"}),
        ({"reason": "competitor", "email": "bo@rival.com", "active": False}, set()),
        ({"reason": "competitor", "domain": "other.com"}, set()),
    ],
)
def test_an_entry_holds_back_whom_it_names_unless_it_is_switched_off(
    entry: dict[str, JsonValue], reasons: set[str]
) -> None:
    assert held_for(BO, [Entry.of(entry)]) == reasons

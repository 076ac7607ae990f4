"""Who is held back: entries that name a record, those that are switched off, and what the record says itself."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.policy.suppression import entry_holds, has_ended
from services.crm.domain.commands import NewRecord
from services.crm.domain.natural import natural_key, with_natural_ids
from services.crm.domain.record import RecordState
from services.crm.domain.suppression import Entry, held_for

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
BO = RecordState(RecordRef(type="contact", id="bo"), 1, {"email": "Bo@Rival.com"})


@pytest.mark.parametrize(
    ("entry", "reasons"),
    [
        ({"reason": "competitor", "domain": "rival.com"}, {"competitor"}),
        ({"reason": "competitor", "record_id": "bo", "active": True}, {"competitor"}),
        ({"reason": "competitor", "email": "bo@rival.com", "active": False}, set()),
        ({"reason": "competitor", "domain": "other.com"}, set()),
        ({"reason": "competitor", "domain": "rival.com", "until": "2026-11-23T16:00:01+01:00"}, {"competitor"}),
        ({"reason": "competitor", "domain": "rival.com", "until": "2026-11-23T16:00:00+01:00"}, set()),
        ({"reason": "competitor", "domain": "rival.com", "until": "2020-01-01T00:00:00"}, {"competitor"}),
        ({"reason": "competitor", "domain": "rival.com", "until": "soon"}, {"competitor"}),
    ],
)
def test_an_entry_holds_back_whom_it_names_unless_it_is_switched_off_or_over(
    entry: dict[str, JsonValue], reasons: set[str]
) -> None:
    assert held_for(BO, [Entry.of(entry)], NOW) == reasons


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.just(UTC)))
def test_an_entry_is_over_from_its_end_on_whatever_the_offset(end: datetime, now: datetime) -> None:
    assert has_ended(end.isoformat(), now) is (end.timestamp() <= now.timestamp())
    assert entry_holds({"until": end.isoformat()}, now) is not has_ended(end.isoformat(), now)
    assert not entry_holds({"until": None, "active": False}, now)


TEXTS = st.sampled_from(["a@x.example", "b@x.example", "x.example", "de", "sales_us", "2026-12-24", "partner"])
SAID = {"suppression": ("reason", "email", "domain", "record_id"), "calendar": ("calendar", "country", "day")}


@given(st.sampled_from(list(SAID)), st.data())
def test_records_have_one_id_if_and_only_if_they_say_the_same(kind: str, data: st.DataObject) -> None:
    fields = st.dictionaries(st.sampled_from([*SAID[kind], "note", "active"]), TEXTS, min_size=1)
    one, other = data.draw(fields), data.draw(st.one_of(fields, st.just({})))
    other = other or {name: f" {value.upper()} " for name, value in one.items() if name != "note"}
    made = with_natural_ids(kind, [NewRecord(fields=dict(one)), NewRecord(fields=dict(other))], b"tenant")
    same = all(one.get(name, "").casefold() == other.get(name, "").strip().casefold() for name in SAID[kind])
    if natural_key(kind, one) and natural_key(kind, other):
        assert (made[0].id == made[1].id) is same
    else:
        assert None in (made[0].id, made[1].id)


def test_an_id_tells_no_address_without_the_tenants_secret_and_a_given_one_stays() -> None:
    entry = NewRecord(fields={"reason": "partner", "email": "a@x.example"})
    ours, theirs = (with_natural_ids("suppression", [entry], secret)[0].id for secret in (b"ours", b"theirs"))
    assert ours != theirs
    (named,) = with_natural_ids("suppression", [entry.model_copy(update={"id": "mine"})], b"ours")
    assert named.id == "mine"
    assert with_natural_ids("contact", [NewRecord(fields={"email": "a@x.example"})], b"ours")[0].id is None

"""Triage's promise: by the queue that the lead waits in, in that queue's hours."""

from datetime import UTC, datetime, timedelta

from libs.policy.load import load_policy, read_files
from libs.policy.promise import waiting
from libs.policy.sla import Sla
from tests.paths import ROOT

SINCE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""A Monday: half past ten in Berlin, before anybody works in New York."""
OPENS = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def sla(change: str = "", to: str = "") -> Sla:
    files = read_files(ROOT / "policy")
    assert change in files["sla.yaml"]
    files["sla.yaml"] = files["sla.yaml"].replace(change, to)
    return load_policy(files).sla


def test_a_lead_waits_in_the_hours_of_its_queue() -> None:
    held = sla()
    assert waiting(SINCE, held).due_at == OPENS + timedelta(minutes=60)
    emea = waiting(SINCE, held, "inbound_sales_emea")
    assert emea.due_at == SINCE + timedelta(minutes=60)
    assert emea.remind_at == SINCE + timedelta(minutes=45)
    assert emea.escalate_at == SINCE + timedelta(minutes=120)
    assert (emea.remind_to, emea.escalate_to, emea.queue) == ("sales_manager", "revops", "inbound_sales_emea")


def test_a_queue_may_have_its_own_time_hours_and_role() -> None:
    own = "named_accounts: {item_minutes: 30, calendar: sales_emea, escalate_to: vp_sales}"
    found = waiting(SINCE, sla("named_accounts: {item_minutes: 30}", own), "named_accounts")
    assert (found.due_at, found.escalate_to) == (SINCE + timedelta(minutes=30), "vp_sales")


def test_a_policy_from_before_these_times_still_promises() -> None:
    files = read_files(ROOT / "policy")
    head, _, rest = files["sla.yaml"].partition("triage:")
    files["sla.yaml"] = (
        head + "triage: {item_minutes: 60, escalate_to: sales_manager}\n" + rest[rest.index("remind_at:") :]
    )
    found = waiting(SINCE, load_policy(files).sla, "named_accounts")
    assert (found.due_at, found.remind_to, found.escalate_to) == (OPENS + timedelta(minutes=60), "", "sales_manager")

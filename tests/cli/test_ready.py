"""Readiness: each check turns with what it looks at, and only what a mode needs refuses it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.ready.checks import Check, Facts, checks_of
from cli.ready.command import next_up
from libs.policy.launch import LaunchMode
from libs.policy.load import load_policy, read_files
from libs.policy.suppression import Reason
from tests.paths import ROOT
from tests.services.router.fakes import a_lead

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
POLICY = load_policy(read_files(ROOT / "policy"))
_USED = {queue.pool for queue in POLICY.routing.queues.values()} | {rule.pool for rule in POLICY.routing.rules}
POOLS = sorted(pool for pool in _USED if pool)
READY: dict[str, Any] = {
    "policy": POLICY, "now": NOW, "entries": {"e1": {"reason": "never_route", "email": "a@b.example", "active": True}},
    "entries_read": True, "members": {"m1": {"pools": list(POOLS), "roles": ["revops"], "active": True}},
    "chain": {"ok": True, "rows": 10, "findings": []}, "rollback_tested": NOW - timedelta(days=1), "leads": (a_lead(),),
}  # fmt: skip


def refusing(mode: LaunchMode = LaunchMode.LIMITED_AUTO, **other: Any) -> list[str]:
    return [check.name for check in checks_of(Facts(**{**READY, **other})) if check.refuses(mode)]


def failing(**other: Any) -> list[str]:
    return [check.name for check in checks_of(Facts(**{**READY, **other})) if not check.ok]


def test_a_line_that_has_all_of_it_is_ready() -> None:
    assert failing() == []


SUPPRESSION = "suppression is live"


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ({"entries": {}}, SUPPRESSION),
        ({"entries": {"e1": {"reason": "never_route", "email": "a@b.example", "active": False}}}, SUPPRESSION),
        ({"entries": {"e1": {"reason": "never_route", "email": "a@b.example", "until": NOW.isoformat()}}}, SUPPRESSION),
        ({"entries": {"e1": {"reason": "never_route"}}}, SUPPRESSION),
        ({"entries_read": False}, SUPPRESSION),
        ({"rollback_tested": None}, "rollback is live"),
        ({"rollback_tested": NOW - timedelta(days=31)}, "rollback is live"),
        ({"chain": {"ok": False, "rows": 1, "findings": ["x"]}}, "the audit log verifies"),
        ({"chain": {}}, "the audit log verifies"),
    ],
)
def test_what_must_be_live_refuses_every_mode_past_suggested(other: dict[str, Any], name: str) -> None:
    assert refusing(**other) == [name]
    assert refusing(LaunchMode.APPROVED_WRITES, **other) == [name]
    assert refusing(LaunchMode.SUGGESTED, **other) == []


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("named", [{"email": "A@B.example"}, {"domain": "b.example"}, {"record_id": "c-1"}])
def test_an_entry_of_every_reason_and_kind_holds_a_made_up_lead(reason: Reason, named: dict[str, str]) -> None:
    assert failing(entries={"e1": {"reason": reason.value, **named}}) == []


def test_pools_owner_and_quarantine_refuse_limited_automation_alone() -> None:
    nobody = {"m1": {"pools": list(POOLS), "roles": ["revops"], "active": False}}
    names = [f"pool {pool} has members" for pool in POOLS]
    assert refusing(members=nobody) == [*names, "somebody owns policy and escalations"]
    assert refusing(LaunchMode.APPROVED_WRITES, members=nobody) == []
    assert refusing(dead_letters={"quarantined": 1}) == ["nothing is in quarantine"]
    assert refusing(dead_letters={"invalid": 3}) == []
    assert failing(dead_letters={"invalid": 3}) == ["no dead letters"]


def test_nothing_measured_is_told_and_refuses_nothing() -> None:
    assert len(failing(leads=())) == 3
    assert refusing(leads=()) == []
    two = (a_lead(), a_lead("s2", verdict="duplicate"))
    told = {check.name: check.looked_at for check in checks_of(Facts(**{**READY, "leads": two}))}
    assert told["the duplicate rate is measured"] == "50% known already, 0% unclear of 2 leads"


def test_a_check_refuses_from_its_mode_on() -> None:
    check = Check("c", False, "", "", LaunchMode.APPROVED_WRITES)
    assert [check.refuses(mode) for mode in LaunchMode] == [False, False, False, True, True]
    assert next_up(LaunchMode.SUGGESTED) is LaunchMode.APPROVED_WRITES
    assert next_up(LaunchMode.LIMITED_AUTO) is LaunchMode.LIMITED_AUTO

"""What another version says differently is told by meaning."""

import pytest

from libs.policy.differences import Difference, differences
from libs.policy.load import load_policy
from tests.libs.policy.shipped import FILES, POLICY


def changed(file: str, old: str, new: str) -> tuple[Difference, ...]:
    assert old in FILES[file]
    return differences(POLICY, load_policy({**FILES, file: FILES[file].replace(old, new, 1)}))


def test_the_same_meaning_is_no_difference() -> None:
    assert changed("launch.yaml", "mode: suggested", "# a note\nmode:   suggested") == ()
    assert differences(POLICY, POLICY) == ()


FIRST_MEDIUM = next(name for name, held in POLICY.fields.records["lead"].items() if held.risk == "medium")
_START = FILES["scoring.yaml"].index("      - name: some_interest")
ROW = FILES["scoring.yaml"][_START : FILES["scoring.yaml"].index("      - name: high_urgency")]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("launch.yaml", "mode: suggested", "mode: read_only", ["launch: mode: suggested → read_only"]),
        ("routing.yaml", "priority: 50\n", "priority: 51\n", ["routing: rule enterprise: priority: 50 → 51"]),
        (
            "routing.yaml", "priority: 55\n", "priority: 47\n",
            ["routing: rule inbound_emea: priority: 55 → 47",
             "routing: rules reordered: inbound_emea is asked before enterprise"],
        ),
        ("routing.yaml", "title: Nurture}", "title: Slow lane}", ["routing: queues: nurture: title: Nurture → Slow lane"]),
        ("pools.yaml", "  daily_cap: 10\n", "", ["pools: enterprise: daily_cap: 10 → nothing"]),
        ("sla.yaml", '"2026-11-26", ', "", ["sla: calendars: sales_us: holidays removed: 2026-11-26"]),
        ("fields.yaml", "risk: medium", "risk: high", [f"fields: records: lead: {FIRST_MEDIUM}: risk: medium → high"]),
        ("scoring.yaml", ROW, "", ["scoring: table everybody: rule some_interest removed: when lead.intent == 'medium'"]),
    ],
)  # fmt: skip
def test_each_change_is_named(file: str, old: str, new: str, told: list[str]) -> None:
    assert [str(one) for one in changed(file, old, new)] == told


def test_a_changed_condition_tells_leads_that_it_moves() -> None:
    (one,) = changed("routing.yaml", "lead.score.priority >= 80", "lead.score.priority > 70")
    assert one.leads == ("holds now, for example: lead.employees = 1000, lead.score.priority = 71",)
    (one,) = changed("routing.yaml", "lead.score.priority >= 80", "lead.score.priority >= 90")
    assert one.leads == ("holds no longer, for example: lead.employees = 1000, lead.score.priority = 80",)


def test_a_condition_that_is_only_written_otherwise_moves_nobody() -> None:
    (one,) = changed("routing.yaml", "lead.score.priority >= 80", "lead.score.priority > 79")
    assert one.leads == ("written otherwise; it holds for the same leads",)


def test_a_new_rule_is_told_with_its_condition_and_where_it_sends() -> None:
    rule = "rules:\n  - {name: vip, priority: 1, when: lead.employees > 9000, destination: review, queue: triage, reason: big}\n"
    (one,) = changed("routing.yaml", "rules:\n", rule)
    assert str(one) == "routing: rule vip added: when lead.employees > 9000 → triage"

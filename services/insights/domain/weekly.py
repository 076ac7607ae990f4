"""The weekly review of sales and RevOps, as data: what was corrected, which rules are unsure, which handoffs helped, what stays
with people, and who was never routed; beside the week before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.contracts.change import Permission
from libs.policy.autonomy import AUTONOMOUS, autonomy_key, missing_answers, wilson
from libs.policy.policy import Policy
from services.insights.domain.definitions import BY_NAME, METRICS
from services.insights.domain.numbers import Sum, summed, told, total

Cells = list[tuple[tuple[str, ...], int, int, int, int]]
Rows = Mapping[tuple[str, ...], Sum]


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the review: a metric told apart by some names."""

    metric: str
    by: tuple[str, ...]


CORRECTED = Part("corrected_updates", ("workflow", "version", "field"))
ASKED = Part("asked_rate", ("label",))
OVERRULED = Part("routing_correction", ("label",))
ACCEPTED = Part("sales_acceptance", ("queue",))
IN_TIME = Part("sla_hit", ("queue", "label"))
MEETINGS = Part("meeting_quality", ("queue",))
SUGGESTED = Part("suggestion_acceptance", ("workflow", "version", "field"))
EARNED = Part("earned_autonomy", ("label",))
PARTS = (CORRECTED, ASKED, OVERRULED, ACCEPTED, IN_TIME, MEETINGS, SUGGESTED)
LISTS = {"corrected": ("corrected_updates", "numerator"), "never_routed": ("never_routed", "numerator")}
"""Cases that the review lists one by one."""


STEPS = ("identity", "destination", "reached")
"""Metrics that are told label by label: of these the sum says nothing, or nothing that `leads` does not."""


def headline(now: Mapping[str, Cells], before: Mapping[str, Cells]) -> list[dict[str, Any]]:
    """Each metric in the week and in the week before; both by label."""
    listed = []
    for metric in METRICS:
        this, last = summed(now[metric.name]), summed(before[metric.name])
        apart = metric.name in STEPS
        for label in sorted({group[0] for group in (*this, *last)}) if apart else [""]:
            ours, theirs = (
                told(metric, held.get((label,), Sum()) if apart else total(held.values())) for held in (this, last)
            )
            listed.append({
                "metric": metric.name, "label": label, "title": metric.title, "group": metric.group, "kind": metric.kind,
                "better": metric.better, "this": ours, "before": theirs, "moved": _moved(metric.kind, ours, theirs),
            })  # fmt: skip
    return listed


def _moved(kind: str, this: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    """By how much: a count's number, a share's points of one, a time's minutes (p50); None when one of both says too little."""
    name = {"count": "count", "rate": "rate", "minutes": "p50_minutes"}[kind]
    if this.get(name) is None or before.get(name) is None:
        return None
    return round(float(this[name]) - float(before[name]), 4)


def table(part: Part, cells: Cells) -> list[dict[str, Any]]:
    """The rows of a part, those with the most in the numerator first."""
    metric = BY_NAME[part.metric]
    rows = sorted(summed(cells).items(), key=lambda one: (-one[1].num, -one[1].den, one[0]))
    return [{**dict(zip(part.by, group, strict=True)), **told(metric, held)} for group, held in rows]


def uncertain(asked: Cells, overruled: Cells) -> list[dict[str, Any]]:
    """Rules by how often people were asked about their leads and sent them elsewhere."""
    ask, over = summed(asked), summed(overruled)
    found = []
    for group in sorted({*ask, *over}):
        was, sent = ask.get(group, Sum()), over.get(group, Sum())
        if was.num or sent.den:
            found.append({
                "rule": group[0], "leads": was.den, "asked": was.num, "answered": sent.den, "overruled": sent.num,
            })  # fmt: skip
    return sorted(found, key=lambda one: (-one["overruled"], -one["asked"], one["rule"]))


def handoffs(accepted: Cells, in_time: Cells, meetings: Cells) -> list[dict[str, Any]]:
    """Queues by how their handoffs went: accepted by reps, touched in time, meetings that led on."""
    said, met = summed(accepted), summed(meetings)
    touched = {group[:1]: held for group, held in summed(in_time).items() if group[1] == "first_touch"}
    return [
        {
            "queue": group[0],
            "acceptance": told(BY_NAME["sales_acceptance"], said.get(group, Sum())),
            "first_touch_in_time": told(BY_NAME["sla_hit"], touched.get(group, Sum())),
            "meetings": told(BY_NAME["meeting_quality"], met.get(group, Sum())),
        }
        for group in sorted({*said, *met, *touched})
        if group[0]
    ]


def in_review(policy: Policy, levels: Mapping[str, Permission], earned: Cells) -> list[dict[str, Any]]:
    """What stays with people: each level below writing by itself, with what was counted for it and what is still missing."""
    sums = {group[0]: held for group, held in summed(earned).items()}
    found = []
    for key, workflow, starts in _keys(policy, (*levels, *sums)):
        level, held = levels.get(key, starts), sums.get(key, Sum())
        block = policy.workflows[workflow].autonomy
        if level == AUTONOMOUS or block is None:
            continue
        low, high = wilson(held.num, held.den)
        found.append({
            "key": key, "level": level, "accepted": held.num, "decided": held.den, "low": round(low, 4), "high": round(high, 4),
            "needed": block.rise.at_least, "missing": missing_answers(block.rise, held.num, held.den),
        })  # fmt: skip
    return found


def _keys(policy: Policy, known: Iterable[str]) -> Sequence[tuple[str, str, Permission]]:
    """Every key under earned autonomy: those of the policy, and of their segments those that somebody answered."""
    found: dict[str, tuple[str, str, Permission]] = {}
    for workflow, contract in policy.workflows.items():
        block = contract.autonomy
        for record_type, names in block.fields.items() if block else ():
            for name in names:
                whole = autonomy_key(workflow, record_type, name, "")
                same = (
                    {one for one in known if one.startswith(f"{whole}:")}
                    if block and block.segment_by != "none"
                    else {whole}
                )
                found |= {key: (key, workflow, block.starts_at) for key in sorted(same) if block}
    return list(found.values())

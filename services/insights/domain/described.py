"""The definitions as text: what docs/insights.md holds between its marks, and what the command line prints."""

from services.insights.domain.definitions import METRICS
from services.insights.domain.metric import GROUPS, Metric

DAYS = {"arrived": "the day on which the lead arrived", "happened": "the day on which it happened"}


def lines(metric: Metric) -> list[str]:
    """What a metric is, line by line."""
    counted = metric.numerator if metric.kind != "rate" else f"{metric.numerator} / {metric.denominator}"
    found = [metric.question, f"{metric.kind}: {counted}", f"by {DAYS[metric.day]}"]
    if metric.label:
        found.append(f"label: {metric.label}")
    if metric.kind != "count":
        found.append(f"said from {metric.least} cases on" + (f"; {metric.better} is better" if metric.better else ""))
    return [*found, metric.caveats] if metric.caveats else found


def markdown() -> str:
    """All metrics as Markdown, by group."""
    parts = []
    for group, about in GROUPS.items():
        parts.append(f"### {about}\n")
        for metric in (one for one in METRICS if one.group == group):
            first, *rest = lines(metric)
            parts.append(f"**{metric.title}** (`{metric.name}`). {first}\n")
            parts.append("\n".join(f"- {line}" for line in rest) + "\n")
    return "\n".join(parts)

"""Drill 29: whether the time of a refusal tells how much of a signature was right, or whether a source exists."""

import asyncio
import random
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from drills.drill import Drill, NotHereError, Plan, Say
from drills.report import Report
from drills.senders import Sender, make_secrets, now, senders
from drills.site import site
from drills.wire import Connection, Post

ALIKE = 0.02
"""Medians may differ by so much of the slower one."""
P_VALUE = 0.01


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Three kinds of refused requests in random order over one connection."""
    if find_spec("scipy") is None:
        raise NotHereError("this drill needs scipy: run `./signalbox test` once, which installs it")
    report, rng = Report("timing", plan.seed), random.Random(plan.seed)
    make_secrets(data)
    async with site(data, say, separate=False, without=("line",), env={"INTAKE_SOURCE_RATE": "0"}) as running:
        await asyncio.to_thread(running.take_out, "audit", "crm", "triage")
        sender = next(one for one in senders(data, running.url("intake")) if one.tool == "typeform")
        kinds = {"first": _first(sender), "last": _last(sender), "unknown": _unknown(sender)}
        took: dict[str, list[float]] = {name: [] for name in kinds}
        connection = Connection(running.ports["INTAKE_PORT"])
        order = [name for name in kinds for _ in range(plan.size // len(kinds))]
        rng.shuffle(order)
        for name in order[:300] + order:
            answer = await connection.ask(kinds[name].raw())
            report.require(answer.status == 401, f"{name}: answered {answer.status}")
            took[name].append(answer.seconds)
    report.problems = sorted(set(report.problems))
    for one, other in (("first", "last"), ("first", "unknown")):
        _compare(report, f"{one}_{other}", took[one][100:], took[other][100:])
    return report


def _compare(report: Report, name: str, one: list[float], other: list[float]) -> None:
    from scipy.stats import mannwhitneyu  # noqa: PLC0415 -- a dev requirement

    slow, quick = max(median(one), median(other)), min(median(one), median(other))
    differs, p_value = (slow - quick) / slow, float(mannwhitneyu(one, other).pvalue)
    report.figures |= {f"{name}_medians_us": (round(median(one) * 1e6, 1), round(median(other) * 1e6, 1))}
    report.figures |= {f"{name}_differ": round(differs, 4), f"{name}_p": round(p_value, 4)}
    report.require(differs < ALIKE, f"{name}: the medians differ by {differs:.1%}")
    report.require(p_value > P_VALUE, f"{name}: the times can be told apart (p = {p_value:.4f})")


def _first(sender: Sender) -> Post:
    return _altered(sender, 7)


def _last(sender: Sender) -> Post:
    return _altered(sender, -2)


def _altered(sender: Sender, at: int) -> Post:
    """The signature with one character exchanged; `sha256=` stands before it, `=` behind."""
    post = sender.signed(now())
    (kind, name), value = [post.headers[0], post.headers[1][0]], bytearray(post.headers[1][1])
    value[at] = ord("A") if value[at] != ord("A") else ord("B")
    return Post(post.path, [kind, (name, bytes(value))], post.body)


def _unknown(sender: Sender) -> Post:
    post = _first(sender)
    return Post("/hooks/typefotm", post.headers, post.body)


DRILL = Drill(
    "timing", 29, "how long a refusal takes tells nothing about the secret or the source", run, Plan(size=10_000)
)

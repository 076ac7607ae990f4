"""What-if: leads of a long history that are decided again, by a second of CPU, against a plain walk over the same columns."""

import time
from collections.abc import Awaitable, Callable, Mapping

from bench.history.course import OFFERS, SMALL_CAPS, Edit, policy, ran
from bench.result import Check, Row, ratios, spread, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from libs.policy.policy import Policy
from whatif.compare import compared
from whatif.read import History

TITLE = "leads a second that another policy decides again, against a plain walk over the same routings"
OTHER_RULE: Edit = ("routing.yaml", "lead.score.priority >= 60", "lead.score.priority >= 65")
PER_SECOND = (20_000.0, 40_000.0)
"""Budget and aim: leads a second of one core, everything but reading the topics."""


async def measure(bench: Bench) -> Row:
    """The row."""
    asked = policy(*SMALL_CAPS, OTHER_RULE)
    bench.say(f"whatif: {bench.pace.size:,} leads are routed first")
    timed = [(0.0, ()), (0.3, SMALL_CAPS), (0.9, (*SMALL_CAPS, *OFFERS))]
    history = ran(bench.pace.seed, bench.pace.size, timed, [asked], quick=True, per_hour=60).history()
    leads = len(history.routed.columns["lead_id"].values)
    variants = {
        "walk": _timed(leads, lambda: _walk(history)),
        "same": _timed(leads, lambda: _asked(history, None)),
        "one rule": _timed(leads, lambda: _asked(history, asked)),
    }
    rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    rates = {name: spread([one.figures["per_second"] for one in rounds if one.variant == name]) for name in variants}
    checks = [
        Check("leads/s of one core, the same policies", rates["same"], *PER_SECOND, "higher", ""),
        Check("leads/s of one core, one rule changed", rates["one rule"], *PER_SECOND, "higher", ""),
        Check("leads/s, one rule / plain walk", ratios(rounds, "per_second", "one rule", "walk"), 0.01, 0.05, "higher"),
    ]
    notes = [f"{leads:,} leads, {len(history.routed):,} routings, {len(history.touches):,} touches."]
    return Row("whatif", TITLE, checks, spreads(rounds), rounds, notes)


def _timed(leads: int, one: Callable[[], object]) -> Callable[[], Awaitable[Mapping[str, float]]]:
    async def run() -> Mapping[str, float]:
        began = time.thread_time()
        one()
        return {"per_second": leads / (time.thread_time() - began)}

    return run


def _asked(history: History, asked: Policy | None) -> None:
    compared(history, asked)


def _walk(history: History) -> dict[int, tuple[int, int, int]]:
    """The least that a walk does: read every routing in order, and keep where each lead stands."""
    table = history.routed
    codes = (table.columns[name].codes.tolist() for name in ("lead_id", "queue", "owner", "rule"))
    stands: dict[int, tuple[int, int, int]] = {}
    for lead, queue, owner, rule in zip(*codes, strict=True):
        stands[lead] = (queue, owner, rule)
    return stands

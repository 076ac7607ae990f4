"""Earned autonomy: how far a workflow may go with a field, by what people made of its suggestions.

A level never passes the workflow's own permission. It rises by a person's yes, into autonomous writes only on measured
acceptance, and falls by itself when too much was refused or an automatic write was rolled back.
"""

import re
from collections.abc import Iterator, Mapping
from math import sqrt
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field

from libs.contracts.change import Permission, ProposedChange, RecordType
from libs.contracts.lead import Lead
from libs.policy.part import Name, Part, Share

if TYPE_CHECKING:
    from libs.policy.policy import Policy

LADDER: tuple[Permission, ...] = ("read_only", "draft", "restricted", "approved_writes", "limited_autonomous")
"""The strictest first; both of `restricted` and `approved_writes` ask before each write."""
ASKS: Permission = "approved_writes"
AUTONOMOUS: Permission = "limited_autonomous"
KEPT = 200
"""So many of the newest answers are kept for each key; no window may be longer."""
Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,40}")

Levels = Mapping[str, Permission]
"""The level of each autonomy key that ever had an answer or a step."""
Segments = Mapping[str, str]
"""What a lead is told apart by: kind, source, country."""


class Rise(Part):
    """When a step into autonomous writes may be asked for. Both must hold, over the answers since the last step."""

    decided: Annotated[int, Field(ge=10, le=100_000)] = 40
    at_least: Share = 0.95
    """What the lower bound of the 95 % Wilson interval of acceptance has to reach."""


class Drop(Part):
    """When autonomous writes end by themselves."""

    over_last: Annotated[int, Field(ge=5, le=KEPT)] = 30
    below: Share = 0.85
    """Acceptance among the last answers; of fewer than `over_last`, the upper bound of the Wilson interval counts."""
    on_rollback: bool = True
    """Whether one automatic write that is rolled back ends it."""


class Autonomy(Part):
    """A workflow's block `autonomy`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    starts_at: Permission = ASKS
    fields: dict[RecordType, tuple[Name, ...]]
    segment_by: Literal["kind", "source", "country", "none"] = "none"
    """Each value of it earns on its own."""
    rise: Rise = Field(default=Rise(), alias="raise")
    drop: Drop = Drop()


def autonomy_key(workflow: str, record_type: str, field: str, segment: str) -> str:
    """The key of one level: `enrich:contact.title`, with its segment `enrich:contact.title:demo_request`. It is also the id
    of the level's record in the audit log, so it may stand in a URL."""
    return f"{workflow}:{record_type}.{field}" + (f":{segment}" if segment else "")


def segments_of(lead: Lead) -> dict[str, str]:
    """What a lead is told apart by."""
    return {"kind": lead.kind, "source": lead.source.name, "country": lead.text("country")}


def workflow_behind(policy: "Policy", proposed: ProposedChange) -> str:
    """The workflow whose suggestion this is: its actor, or the one behind a provider or a model."""
    actor = proposed.actor.id
    if actor in policy.workflows:
        return actor
    named = actor.replace(":", ".").partition(".")[0]
    return {"provider": "enrich", "model": "classify"}.get(proposed.source.kind, named)


def earning(policy: "Policy", workflow: str, record_type: str, field: str) -> Autonomy | None:
    """The block under which a workflow earns its level for a field; None when the field is not under one."""
    contract = policy.workflow(workflow)
    block = contract.autonomy if contract else None
    listed = block is not None and field in block.fields.get(record_type, ())  # type: ignore[call-overload]
    return block if listed else None


def key_for(policy: "Policy", workflow: str, proposed: ProposedChange, segments: Segments) -> str | None:
    """The autonomy key of a proposal; None when its field is not under earned autonomy."""
    block = earning(policy, workflow, proposed.record.type, proposed.field)
    if block is None:
        return None
    segment = "" if block.segment_by == "none" else _safe(segments.get(block.segment_by, ""))
    return autonomy_key(workflow, proposed.record.type, proposed.field, segment)


def _safe(segment: str) -> str:
    """A segment as it may stand in a Kafka key: what somebody typed is no code, and may tell who they are."""
    return (segment if _CODE.fullmatch(segment) else "other") if segment else "unknown"


def level_for(
    policies: "tuple[Policy, ...]", levels: Levels, workflow: str, proposed: ProposedChange, segments: Segments
) -> Permission | None:
    """The strictest level that several versions of the policy give a proposal; None when none holds it under one.

    What nobody has answered yet is where its block starts; what was earned never passes the contract's permission.
    """
    held = [level for policy in policies for level in _level(policy, levels, workflow, proposed, segments)]
    return min(held, key=LADDER.index, default=None)


def _level(
    policy: "Policy", levels: Levels, workflow: str, proposed: ProposedChange, segments: Segments
) -> Iterator[Permission]:
    block = earning(policy, workflow, proposed.record.type, proposed.field)
    contract = policy.workflow(workflow)
    key = key_for(policy, workflow, proposed, segments)
    if block is not None and contract is not None and key is not None:
        yield stricter_level(levels.get(key, block.starts_at), contract.permission)


def stricter_level(a: Permission, b: Permission) -> Permission:
    """The stricter of two steps."""
    return min(a, b, key=LADDER.index)


def wilson(accepted: int, decided: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share (E. B. Wilson, 1927); (0, 1) of nothing."""
    if decided == 0:
        return 0.0, 1.0
    share, spread = accepted / decided, Z * Z / decided
    middle = share + spread / 2
    reach = Z * sqrt(share * (1 - share) / decided + spread / (4 * decided))
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return min(share, max(0.0, low)), max(share, min(1.0, high))


def missing_answers(rise: Rise, accepted: int, decided: int) -> int:
    """How many more suggestions have to be accepted, all of them, before the step may be asked for; 0: it may be now."""
    low, high = 0, 1
    while not _enough(rise, accepted + high, decided + high) and high < 1 << 24:
        low, high = high, high * 2
    if _enough(rise, accepted, decided):
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(rise, accepted + middle, decided + middle) else (middle, high)
    return high


def breached(drop: Drop, recent: str) -> bool:
    """Whether the newest answers, `1` accepted and `0` not, are too bad for autonomous writes."""
    seen = recent[-drop.over_last :]
    if not seen:
        return False
    accepted = seen.count("1")
    worst_case = accepted / len(seen) if len(seen) == drop.over_last else wilson(accepted, len(seen))[1]
    return worst_case < drop.below


def _enough(rise: Rise, accepted: int, decided: int) -> bool:
    return decided >= rise.decided and wilson(accepted, decided)[0] >= rise.at_least

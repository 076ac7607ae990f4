"""What a stage proposed against what it says that it proposes."""

from collections.abc import Iterable

from libs.contracts.change import ProposedChange
from libs.contracts.proposed import PROPOSED
from libs.policy.policy import Policy


def undeclared(stage: str, changes: Iterable[ProposedChange], policy: Policy) -> set[str]:
    """The fields that a machine proposed and the stage does not declare, as `type.field`."""
    declared = {f"{kind}.{field}" for kind, fields in PROPOSED[stage].items() for field in fields}
    if stage == "enrich":
        declared |= {f"lead.{field}" for field in policy.enrichment.fields}
    people = ("human", "human_approved_ai")
    return {f"{one.record.type}.{one.field}" for one in changes if one.actor.kind not in people} - declared

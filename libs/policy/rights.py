"""Whether each stage may do what it does: a field that it proposes is granted, or taken away on purpose."""

from collections.abc import Iterator

from libs.contracts.proposed import PROPOSED
from libs.policy.policy import Policy
from libs.policy.reach import Finding
from libs.policy.wording import nearest_hint


def rights(policy: Policy) -> Iterator[Finding]:
    """Fields that a stage proposes without a grant, and rights that are withheld in vain."""
    for stage, proposed in PROPOSED.items():
        workflow = policy.workflows.get(stage)
        if workflow is None:
            yield Finding(
                "workflows", (), f"{stage} has no contract: without one all that it proposes is blocked", "error"
            )
            continue
        for record_type, fields in proposed.items():
            for field in sorted(fields):
                if not (workflow.may_propose(record_type, field) or workflow.is_withheld(record_type, field)):
                    told = f"{stage} proposes {record_type}.{field}, which is not granted: grant it, or list it under"
                    yield Finding("workflows", (stage, "grants", record_type), f"{told} withheld", "error")
    yield from _mapped(policy)
    yield from _withheld(policy)


def _mapped(policy: Policy) -> Iterator[Finding]:
    """Fields that a source's mapping fills and the mapper may not."""
    mapper = policy.workflows.get("mapper")
    for name, source in policy.sources.sources.items():
        for key, fields in (("mapping", source.mapping), ("defaults", source.defaults)):
            for field in fields:
                if mapper is not None and not (mapper.may_propose("lead", field) or mapper.is_withheld("lead", field)):
                    told = (
                        f"workflows.yaml does not grant lead.{field} to mapper: what this source says of it is blocked"
                    )
                    yield Finding("sources", ("sources", name, key, field), told, "error")


def _withheld(policy: Policy) -> Iterator[Finding]:
    for stage, workflow in policy.workflows.items():
        for record_type, names in workflow.withheld.items():
            for index, name in enumerate(names):
                path = (stage, "withheld", record_type, index)
                if policy.contract(record_type, name) is None:
                    hint = nearest_hint(name, policy.fields.records.get(record_type, {}))
                    yield Finding("workflows", path, f"{record_type}.{name} has no contract{hint}", "error")
                elif workflow.may_propose(record_type, name):
                    told = f"{record_type}.{name} is granted and withheld: take it out of one of the two"
                    yield Finding("workflows", path, told, "error")

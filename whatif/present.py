"""What the policy in force says of a field: from where on it writes without asking, whether it may at all, what asks besides."""

from collections.abc import Iterator
from dataclasses import dataclass

from libs.policy.autonomy import AUTONOMOUS, earning
from libs.policy.fields import Overwrite
from libs.policy.launch import Allowance
from libs.policy.policy import Policy

CRM = "crm"
"""Whose contract counts, beside the workflow's own, for what is written into records."""


@dataclass(frozen=True)
class Present:
    """The field today."""

    band: float | None
    """From which confidence on it is written without asking; None: never."""
    never: str
    """Why no cut may be recommended for it; empty when one may."""
    asks: tuple[str, ...] = ()
    """What asks today however sure a value is: a cut counts only once these are opened, too."""


def present(policy: Policy, workflow: str, place: str) -> Present:
    """What the policy says of a workflow's field, `contact.title`."""
    record_type, _, name = place.partition(".")
    contract, held = policy.contract(record_type, name), policy.workflow(workflow)
    if contract is None:
        return Present(None, "the policy has no contract for this field")
    if contract.always_review:
        return Present(None, "never changes without a person (always_review)")
    if contract.overwrite is Overwrite.NEVER:
        return Present(None, "no machine writes it (overwrite: never)")
    if held is None or not held.may_propose(record_type, name):
        return Present(None, f"workflows.yaml does not grant it to {workflow}")
    auto = policy.bands_of(contract).auto
    if auto is None:
        return Present(None, f"never written without a person (auto: null, risk {contract.risk.value})")
    crm = policy.workflow(CRM) if record_type != "lead" else None
    band = max(auto, held.threshold, crm.threshold if crm else 0.0)
    return Present(band, "", tuple(_asks(policy, workflow, record_type, name)))


def _asks(policy: Policy, workflow: str, record_type: str, name: str) -> Iterator[str]:
    mode = policy.launch.mode
    if policy.launch.allows("lead_fields" if record_type == "lead" else "crm_write", mode) is not Allowance.AUTO:
        yield f"launch mode {mode.value}"
    held = policy.workflow(workflow)
    if held is not None and held.permission != AUTONOMOUS:
        yield f"{workflow} may only {held.permission}"
    if earning(policy, workflow, record_type, name) is not None:
        yield "its level has to be earned (signalbox autonomy)"

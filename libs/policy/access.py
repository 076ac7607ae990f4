"""Who may see and do what through the APIs: roles, their rights, and which fields a role is not shown.

Denied is what is not granted. The roles are those of people; the stack's own token (`signalbox` commands, services) acts
with every right, under the name that it gives.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import JsonValue

from libs.contracts.base import MASKED
from libs.policy.fields import Role
from libs.policy.policy import Policy

Right = Literal["read", "queue", "personal", "raw", "work", "decide", "operate", "administer"]
"""`read` lists and records, with what is personal hidden · `queue` the triage queue, likewise · `personal` values, quotes,
summaries and journeys · `raw` submissions byte for byte · `work` what a rep does with their leads · `decide` triage, records,
owners, links · `operate` rollback, verify, exports, imports, webhooks, autonomy · `administer` who may do all that, erasure."""

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType({
    "viewer": frozenset({"read", "queue"}),
    "rep": frozenset({"read", "personal", "work"}),
    "manager": frozenset({"read", "queue", "personal", "raw", "work", "decide"}),
    "revops": frozenset({"read", "queue", "personal", "raw", "work", "decide", "operate"}),
    "admin": frozenset(get_args(Right)),
})  # fmt: skip


def is_hidden(policy: Policy, role: Role, record_type: str, field: str) -> bool:
    """Whether a role is not shown a field. What the policy does not know is hidden from whoever may not see personal data.

    A whole record (`*`) holds all its fields, so it is hidden with any of them.
    """
    contract = policy.contract(record_type, field)
    if contract is None:
        return "personal" not in RIGHTS[role]
    return role in contract.hidden_from or (contract.personal and "personal" not in RIGHTS[role])


def masked(policy: Policy, role: Role, record_type: str, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields of a record as a role is shown them; an empty field is hidden, too, for that it is empty tells something."""
    return {
        name: dict(MASKED) if is_hidden(policy, role, record_type, name) else value for name, value in fields.items()
    }

"""Members, notices and policies for notify's tests."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from libs.contracts.events import PolicyPublished
from libs.contracts.notices import NoticeGiven
from libs.policy.launch import LaunchMode
from libs.policy.load import files_with_mode, load_policy, policy_hash
from libs.policy.policy import Policy
from libs.runtime.policies import PublishedPolicies
from services.notify.domain.notice import Member, Notice
from tests.libs.runtime.harness import FILES
from tests.libs.runtime.leads import AT

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ANN = Member("ann", 1, "Ann Lee", "ann@acme.example", "U0ANN", "Europe/Berlin", roles=("rep",))
MAX = Member("max", 1, "Max Boss", "max@acme.example", "U0MAX", "America/New_York", roles=("sales_manager",))


def files(text: str, mode: LaunchMode = LaunchMode.LIMITED_AUTO) -> dict[str, str]:
    """The shipped policy, with this notices.yaml."""
    return {**files_with_mode(FILES, mode), "notices.yaml": text}


@cache
def policy(text: str, mode: LaunchMode = LaunchMode.LIMITED_AUTO) -> Policy:
    """The same, loaded."""
    return load_policy(files(text, mode))


def published(text: str, mode: LaunchMode = LaunchMode.LIMITED_AUTO) -> PublishedPolicies:
    """The same, in force."""
    known, told = PublishedPolicies(), files(text, mode)
    known.add(PolicyPublished(policy_hash=policy_hash(told), files=told, author="t", reason="t", published_at=AT))
    return known


def notice(number: int = 1, **more: Any) -> Notice:
    """A notice to Ann."""
    told: dict[str, Any] = {
        "notice_id": f"n{number}", "member": "ann", "lead_id": f"l{number}", "kind": "given", "at": NOW,
        "text": "yours now: fits inbound", "queue": "inbound_sales", "facts": {"name": "Bo Ek", "company": "Acme"},
    }  # fmt: skip
    return Notice(**{**told, **more})


def given(number: int = 1, **more: Any) -> NoticeGiven:
    """The router's event of a notice to Ann."""
    told: dict[str, Any] = {
        "event_id": f"e{number}", "notice_id": f"n{number}", "to": {"type": "member", "id": "ann"},
        "lead_id": f"l{number}", "kind": "given", "at": NOW, "text": "yours now: fits inbound",
        "queue": "inbound_sales", "facts": {"name": "Bo Ek", "company": "Acme"},
    }  # fmt: skip
    return NoticeGiven(**{**told, **more})

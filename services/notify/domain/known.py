"""What a batch is decided by, and what its outcomes change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from libs.policy.policy import Policy
from services.notify.domain.notice import Asked, Delivery, Member, Notice


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows that an outcome changes."""

    members: tuple[Member, ...] = ()
    asked: tuple[Asked, ...] = ()
    notices: tuple[Notice, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch is decided by."""

    policy: Policy | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    asked: Mapping[str, Asked] = field(default_factory=dict)
    notices: frozenset[str] = frozenset()
    """Notices that were told before."""
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)

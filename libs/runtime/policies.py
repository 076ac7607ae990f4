"""Published policies and earned levels: every service reads them and decides by the version that a lead is stamped with."""

from typing import Protocol

from libs.contracts.change import Permission
from libs.contracts.events import AutonomyChanged, PolicyPublished
from libs.policy.autonomy import Levels
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime.errors import Retryable


class PolicyVersions(Protocol):
    """Where stages get policies from."""

    def by_hash(self, policy_hash: str) -> Policy:
        """The policy of that hash. Raises Retryable when it is not known here yet."""
        ...

    def newest(self) -> Policy:
        """The newest published policy. Raises Retryable when none has been published."""
        ...

    def levels(self) -> Levels:
        """The earned levels as they are now, by autonomy key; what nobody answered yet has none."""
        ...

    def shadow(self) -> Policy | None:
        """The policy that is only tried; None when there is none, or it decides by now."""
        ...


class PublishedPolicies:
    """Policies by hash and levels by key, fed with `policy.published.v1` and `autonomy.changed.v1` in order."""

    def __init__(self) -> None:
        self._by_hash: dict[str, Policy] = {}
        self._newest: str | None = None
        self._shadow: str | None = None
        self._levels: dict[str, Permission] = {}

    def add(self, published: PolicyPublished) -> None:
        """Take in a published version; it becomes the newest of its role. Raises PolicyError when its files do not load."""
        if published.policy_hash and published.policy_hash not in self._by_hash:
            self._by_hash[published.policy_hash] = load_policy(published.files)
        if published.role == "live":
            self._newest = published.policy_hash
        else:
            self._shadow = published.policy_hash or None

    def add_level(self, changed: AutonomyChanged) -> None:
        """Take in a level; the newest of a key counts."""
        self._levels[changed.key] = changed.level

    def by_hash(self, policy_hash: str) -> Policy:
        """See PolicyVersions."""
        found = self._by_hash.get(policy_hash)
        if found is None:
            raise Retryable(f"policy {policy_hash[:12]} is not published here yet")
        return found

    def newest(self) -> Policy:
        """See PolicyVersions."""
        if self._newest is None:
            raise Retryable("no policy has been published: run `signalbox policy publish`")
        return self._by_hash[self._newest]

    def levels(self) -> Levels:
        """See PolicyVersions."""
        return self._levels

    def shadow(self) -> Policy | None:
        """See PolicyVersions."""
        return None if self._shadow in (None, self._newest) else self._by_hash[self._shadow]

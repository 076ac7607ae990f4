"""Published policies: every service reads `policy.published.v1` and decides by the version that a lead is stamped with."""

from typing import Protocol

from libs.contracts.events import PolicyPublished
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


class PublishedPolicies:
    """Policies by hash, fed with the records of `policy.published.v1` in order."""

    def __init__(self) -> None:
        self._by_hash: dict[str, Policy] = {}
        self._newest: str | None = None

    def add(self, published: PolicyPublished) -> None:
        """Take in a published version; it becomes the newest. Raises PolicyError when its files do not load."""
        if published.policy_hash not in self._by_hash:
            self._by_hash[published.policy_hash] = load_policy(published.files)
        self._newest = published.policy_hash

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

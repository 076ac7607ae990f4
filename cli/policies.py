"""Policies by name: a folder, the newest published one, or the beginning of a published one's hash."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.errors import CliError
from cli.up import policy_files
from libs.contracts.codec import decode
from libs.contracts.events import PolicyPublished
from libs.contracts.topics import POLICY_PUBLISHED
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime.broker import read_topics

NEWEST = ("published", "newest")
SHORTEST_HASH = 6


async def publications(kafka: str) -> Sequence[PolicyPublished]:
    """Every publication, oldest first; a policy that was published again is there again, and so are those that are only
    tried. That none is tried any more is no publication."""
    return [
        event
        async for record in read_topics(kafka, [POLICY_PUBLISHED.name])
        if (event := decode(POLICY_PUBLISHED, record.value, record.headers)).policy_hash
    ]


async def published_policies(kafka: str) -> Mapping[str, PolicyPublished]:
    """Every published policy by its hash, in the order of its newest publication."""
    return by_hash(await publications(kafka))


def by_hash(held: Sequence[PolicyPublished]) -> Mapping[str, PolicyPublished]:
    """The newest publication of each policy, oldest first; one that decides or decided before one that was only tried."""
    found: dict[str, PolicyPublished] = {}
    for event in held:
        if event.role == "shadow" and event.policy_hash in found:
            continue
        found.pop(event.policy_hash, None)
        found[event.policy_hash] = event
    return found


def policy_named(name: str, published: Mapping[str, PolicyPublished]) -> Policy:
    """The policy that a name stands for. Raises CliError when there is none, PolicyError when it is not sound."""
    return load_policy(files_named(name, published))


def files_named(name: str, published: Mapping[str, PolicyPublished]) -> dict[str, str]:
    """The files of the policy that a name stands for. Raises CliError when there is none."""
    if Path(name).is_dir():
        return policy_files(Path(name))
    return dict(publication_named(name, published).files)


def publication_named(name: str, published: Mapping[str, PolicyPublished]) -> PolicyPublished:
    """The published policy that a name stands for. Raises CliError when there is none, or more than one."""
    live = [event for event in published.values() if event.role == "live"]
    if name in NEWEST and live:
        return live[-1]
    fitting = [held for held in published if len(name) >= SHORTEST_HASH and held.startswith(name)]
    if len(fitting) == 1:
        return published[fitting[0]]
    told = ", ".join(f"{held[:12]} ({event.reason})" for held, event in published.items()) or "none is published"
    why = "several policies begin so" if fitting else "there is no such policy"
    raise CliError(
        f"{why}: {name}", "a folder, `published`, or 6 and more characters of a hash", f"choose from: {told}"
    )

"""The policy feed: the whole history before anything, then what is published while the service runs."""

import asyncio

from libs.contracts.codec import encode
from libs.contracts.events import PolicyPublished
from libs.contracts.topics import POLICY_PUBLISHED
from libs.runtime.health import Health
from libs.runtime.people import People
from libs.runtime.policies import PublishedPolicies
from libs.runtime.policy_feed import follow_policies
from libs.runtime.settings import RuntimeSettings
from tests.libs.runtime import harness
from tests.libs.runtime.leads import AT


class Watched(PublishedPolicies):
    """Notes which loop iteration each version was taken in at."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self.turns: list[int] = []

    def add(self, published: PolicyPublished) -> None:
        super().add(published)
        self.turns.append(self.turn)


async def test_the_history_is_taken_in_as_one_and_the_feed_keeps_reporting(settings: RuntimeSettings) -> None:
    """More versions than one fetch holds: nobody may see one in the middle as the newest."""
    versions = [
        PolicyPublished(
            event_id=f"{settings.env}-{n}", policy_hash=harness.POLICY_HASH,
            files=harness.FILES, author="t", reason="x" * 1_500_000, published_at=AT,
        )
        for n in range(6)
    ]  # fmt: skip
    records = [encode(POLICY_PUBLISHED, one, one.event_id, source="test") for one in versions]
    await harness.send_records(settings.kafka, records)
    policies, health = Watched(), Health()
    feed = asyncio.create_task(follow_policies(settings.kafka, policies, People(), health))
    async with asyncio.timeout(20):
        while not policies.turns:
            policies.turn += 1
            await asyncio.sleep(0.001)
        at_first = len(policies.turns)
        health.gone("policies")
        while "policies" not in health._beats:  # noqa: ASYNC110 - the feed tells nobody
            await asyncio.sleep(0.05)
    feed.cancel()
    await asyncio.gather(feed, return_exceptions=True)
    assert at_first >= len(versions)
    assert policies.newest().hash == harness.POLICY_HASH
    assert health.problems() == {}

"""Publishing a policy: one record on `policy.published.v1`, unless it is the newest already."""

from collections.abc import Mapping

from libs.contracts import ids
from libs.contracts.codec import decode, encode
from libs.contracts.events import PolicyPublished
from libs.contracts.topics import POLICY_PUBLISHED
from libs.policy.load import load_policy
from libs.runtime import clock
from libs.runtime.broker import Producer, read_topics


async def newest_published(kafka: str) -> PolicyPublished | None:
    """The policy that was published last; None when there is none."""
    newest = None
    async for record in read_topics(kafka, [POLICY_PUBLISHED.name]):
        newest = record
    return None if newest is None else decode(POLICY_PUBLISHED, newest.value, newest.headers)


async def publish(kafka: str, files: Mapping[str, str], author: str, reason: str) -> bool:
    """Publish the policy that the files say; False when it is the newest already. Raises PolicyError when it does not load."""
    policy_hash = load_policy(files).hash
    newest = await newest_published(kafka)
    if newest is not None and newest.policy_hash == policy_hash:
        return False
    now = clock.now()
    event = PolicyPublished(
        event_id=ids.derived_id("policy-published", policy_hash, now.isoformat()),
        decided_at=now,
        policy_hash=policy_hash,
        files=dict(files),
        author=author,
        reason=reason,
        published_at=now,
    )
    producer = Producer(kafka)
    await producer.start()
    try:
        await producer.send_and_wait(encode(POLICY_PUBLISHED, event, policy_hash, source="cli"))
    finally:
        await producer.stop()
    return True

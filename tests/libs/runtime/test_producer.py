"""The producer of single records goes on after what would make an idempotent client refuse everything."""

import pytest

from libs.contracts.codec import Encoded
from libs.contracts.topics import COMMANDS, MAX_RECORD_BYTES
from libs.runtime.broker import Producer
from libs.runtime.settings import RuntimeSettings


async def test_a_record_that_the_broker_refuses_does_not_stop_those_after_it(settings: RuntimeSettings) -> None:
    """Larger than the topic takes and smaller than what the client would refuse by itself: a gap in the sequence."""
    producer = Producer(settings.kafka)
    await producer.start()
    try:
        topic = COMMANDS["audit"].name
        before = await producer.send_and_wait(Encoded(topic, b"k", b"before", ()))
        with pytest.raises(ValueError, match="larger than"):
            await producer.send_and_wait(Encoded(topic, b"k", b"x" * (MAX_RECORD_BYTES + 1000), ()))
        after = await producer.send_and_wait(Encoded(topic, b"k", b"after", ()))
        assert after.offset == before.offset + 1
    finally:
        await producer.stop()

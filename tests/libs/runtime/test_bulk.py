"""Partitions of keys, as every Kafka client works them out."""

from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.bulk import positive_hash


@given(st.binary(max_size=80))
def test_a_key_goes_where_every_kafka_client_sends_it(key: bytes) -> None:
    assert positive_hash(key) == murmur2(key) & 0x7FFFFFFF

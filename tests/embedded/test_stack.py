"""Kafka and PostgreSQL as they are really started."""

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from embedded.files import DataFolder
from embedded.plan import Addresses
from embedded.ports import is_free
from embedded.processes import living_pid
from embedded.settings import embedded_settings
from embedded.stack import down, up
from embedded.status import status
from embedded.supervisor import NAME
from tests.embedded.waiting import until


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("stack") / "data"
    yield folder
    down(folder)


async def make_topic_and_table(addresses: Addresses) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    await admin.create_topics([NewTopic("t", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=addresses.kafka, transactional_id="x")
    async with producer, producer.transaction():
        await (await producer.send("t", b"kept"))
    connection = await asyncpg.connect(addresses.database_url)
    await connection.execute("CREATE EXTENSION pg_trgm; CREATE TABLE t AS SELECT 'kept' AS word")
    await connection.close()


async def kept(addresses: Addresses) -> list[str]:
    consumer = AIOKafkaConsumer(bootstrap_servers=addresses.kafka, isolation_level="read_committed")
    await consumer.start()
    consumer.assign([TopicPartition("t", 0)])
    await consumer.seek_to_beginning()
    record = await asyncio.wait_for(consumer.getone(), 10)
    await consumer.stop()
    connection = await asyncpg.connect(addresses.database_url)
    word = await connection.fetchval("SELECT word FROM t WHERE similarity(word, 'kept') > 0.9")
    await connection.close()
    return [bytes(record.value or b"").decode(), str(word)]


def test_what_could_be_read_before_a_crash_of_everything_can_be_read_after_it(data: Path) -> None:
    """Says nothing of a transaction whose commit was answered but whose marker was not yet written at the crash."""
    first = up(data, prepare=lambda addresses: asyncio.run(make_topic_and_table(addresses)))
    assert asyncio.run(kept(first.addresses)) == ["kept", "kept"]
    folder = DataFolder(data)
    for name in (NAME, "kafka", "postgres"):
        pid = living_pid(folder.pid_file(name))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    until(lambda: not status(data).supervised)
    second = up(data)
    assert not second.already_up
    assert (second.credentials, second.addresses) == (first.credentials, first.addresses)
    assert asyncio.run(kept(second.addresses)) == ["kept", "kept"]
    assert status(data).all_running


def test_a_second_up_finds_it_running(data: Path) -> None:
    up(data)
    before = status(data)
    assert up(data).already_up
    assert [process.pid for process in status(data).processes] == [process.pid for process in before.processes]


def test_postgres_is_not_root_and_wants_its_password(data: Path) -> None:
    stack = up(data)
    pid = living_pid(DataFolder(data).pid_file("postgres"))
    if Path("/proc").exists():
        assert Path(f"/proc/{pid}").stat().st_uid != 0
    wrong = stack.addresses.database_url.replace(stack.credentials.database_password, "guess")
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(wrong))


def test_it_stays_within_its_memory(data: Path) -> None:
    up(data)
    assert 0 < sum(process.rss_bytes for process in status(data).processes) < 800 * 1024 * 1024


def test_given_addresses_nothing_of_its_own_is_started(tmp_path: Path) -> None:
    given = replace(embedded_settings(), kafka="broker.example:9092", database_url="postgresql://db.example/x")
    stack = up(tmp_path / "data", settings=given)
    try:
        assert stack.addresses == Addresses("broker.example:9092", "postgresql://db.example/x")
        assert status(tmp_path / "data").processes == []
    finally:
        down(tmp_path / "data")


def test_down_ends_everything_and_frees_the_ports(data: Path) -> None:
    ports = up(data).ports
    assert down(data)
    assert status(data).processes == []
    assert all(is_free(port) for port in ports.values())

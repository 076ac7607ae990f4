"""Kafka and PostgreSQL in containers, for tests on a machine that has a Docker engine."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import docker  # type: ignore[import-untyped]
from docker.errors import DockerException  # type: ignore[import-untyped]
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from embedded.plan import Addresses
from embedded.ports import ports_for

KAFKA_IMAGE = "apache/kafka:4.1.0"
POSTGRES_IMAGE = "postgres:18"
PASSWORD = "signalbox"  # noqa: S105 -- of a database that lives as long as one test session
SETTINGS = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS": "1000",
    "KAFKA_MESSAGE_MAX_BYTES": str(2 * 1024 * 1024 + 256 * 1024),
}


def engine_answers() -> bool:
    """True if a Docker engine is there to be asked."""
    try:
        return bool(docker.from_env(timeout=5).ping())
    except DockerException:
        return False


@contextmanager
def containers(kinds: frozenset[str]) -> Iterator[Addresses]:
    """The addresses of the containers that `kinds` names; they are removed at the end."""
    with ExitStack() as stack:
        yield Addresses(
            kafka=_kafka(stack) if "kafka" in kinds else "",
            database_url=_postgres(stack) if "postgres" in kinds else "",
        )


def _kafka(stack: ExitStack) -> str:
    port = ports_for(["kafka"])["kafka"]
    listeners = {
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
    }
    container = DockerContainer(KAFKA_IMAGE).with_envs(**SETTINGS, **listeners).with_bind_ports(9092, port)
    stack.enter_context(container.waiting_for(LogMessageWaitStrategy("Kafka Server started")))
    return f"127.0.0.1:{port}"


def _postgres(stack: ExitStack) -> str:
    words = {"POSTGRES_USER": "signalbox", "POSTGRES_DB": "signalbox", "POSTGRES_PASSWORD": PASSWORD}
    container = DockerContainer(POSTGRES_IMAGE).with_envs(**words).with_exposed_ports(5432)
    # The first start, for the set-up, listens on a socket file only.
    ready = LogMessageWaitStrategy("listening on IPv4")
    stack.enter_context(container.waiting_for(ready))
    host = socket.gethostbyname(container.get_container_host_ip())
    return f"postgresql://signalbox:{PASSWORD}@{host}:{container.get_exposed_port(5432)}/signalbox"

"""Apache Kafka as child processes: KRaft brokers and controllers in one, on the loopback address; one, or a cluster of them."""

import base64
import secrets
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embedded.errors import StackError
from embedded.files import DataFolder, write_atomically
from embedded.java import java_executable
from embedded.maven import cached_jars, kafka_artifacts
from embedded.processes import ProcessSpec
from embedded.settings import EmbeddedSettings

# The topics' own limit is 2 MiB; the rest is room for the overhead of batches.
MESSAGE_MAX_BYTES = 2 * 1024 * 1024 + 256 * 1024
YEAR_MINUTES = 365 * 24 * 60
_FORMATTING = threading.Lock()

PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
num.partitions=2
auto.create.topics.enable=false
message.max.bytes={message_max_bytes}
# Topics say themselves how long they keep; what says nothing is kept.
log.retention.ms=-1
log.retention.bytes=-1
# A service that was off for a holiday finds its place again.
offsets.retention.minutes={offsets_retention_minutes}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=4
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
# After a kill the new broker waits until the old one's session is over: 9 s by default.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# One small machine: fewer threads, and an eighth of the cleaner's default memory.
num.network.threads=2
num.io.threads=4
background.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""

LOGGING = """\
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1} %m%n
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = INFO
"""


@dataclass(frozen=True)
class Node:
    """One broker of `count`."""

    number: int = 1
    count: int = 1

    @property
    def name(self) -> str:
        """Its process's name, and its folder's."""
        return "kafka" if self.count == 1 else f"kafka-{self.number}"

    @property
    def ports(self) -> tuple[str, str]:
        """The names of its two ports: for clients, and for its controller."""
        number = "" if self.count == 1 else f"_{self.number}"
        return f"KAFKA_PORT{number}", f"KAFKA_CONTROLLER_PORT{number}"


def nodes(count: int) -> list[Node]:
    """The brokers of a cluster of that size."""
    return [Node(number, count) for number in range(1, count + 1)]


def kafka_process(
    folder: DataFolder,
    ports: dict[str, int],
    settings: EmbeddedSettings,
    *,
    on_progress: Callable[[str], None],
    short_lived: bool = False,
    node: Node = Node(),
) -> ProcessSpec:
    """The broker's process, its storage formatted. `short_lived` compiles less: good for tests, slower under load."""
    home = folder.root / node.name
    class_path = ":".join(map(str, cached_jars(kafka_artifacts(), settings, on_progress)))
    java = str(java_executable(settings))
    home.mkdir(exist_ok=True)
    properties, logging = home / "server.properties", home / "log4j2.properties"
    write_atomically(properties, _properties(home, ports, node))
    write_atomically(logging, LOGGING)
    quick = [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={logging}"]
    if not (home / "logs" / "meta.properties").exists():
        on_progress("formatting Kafka's storage")
        _format([*quick, "-Xmx128m", "-cp", class_path], properties, _cluster_id(folder))
    full = [java, "-XX:+UseG1GC", f"-Dlog4j2.configurationFile={logging}"]
    argv = [*(quick if short_lived else full), "-Xms96m", "-Xmx512m", "-XX:+ExitOnOutOfMemoryError"]
    return ProcessSpec(
        name=node.name,
        argv=[*argv, "-Djava.awt.headless=true", "-cp", class_path, "kafka.Kafka", str(properties)],
        cwd=str(home),
        stop_seconds=30,
        rank=2,
        port=ports[node.ports[0]],
    )


def _properties(home: Path, ports: dict[str, int], node: Node) -> str:
    voters = [f"{one.number}@127.0.0.1:{ports[one.ports[1]]}" for one in nodes(node.count)]
    return PROPERTIES.format(
        node=node.number,
        voters=",".join(voters),
        replicas=node.count,
        in_sync=node.count // 2 + 1,
        broker=ports[node.ports[0]],
        controller=ports[node.ports[1]],
        logs=home / "logs",
        message_max_bytes=MESSAGE_MAX_BYTES,
        offsets_retention_minutes=YEAR_MINUTES,
    )


def _cluster_id(folder: DataFolder) -> str:
    """The id that all brokers of this folder share, made by the first to be formatted."""
    path = folder.run / "cluster-id"
    with _FORMATTING:
        if not path.exists():
            # The first bit clear: an id never begins with "-", which the tool would take for an option.
            cluster = bytes([secrets.randbelow(128)]) + secrets.token_bytes(15)
            write_atomically(path, base64.urlsafe_b64encode(cluster).decode().rstrip("="))
    return path.read_text()


def _format(java: list[str], properties: Path, cluster_id: str) -> None:
    command = [*java, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise StackError(f"Kafka's storage can't be formatted:\n{(done.stdout + done.stderr)[-2000:]}")


def kafka_is_ready(port: int) -> bool:
    """True if the broker on `port` answers a metadata request with at least itself."""
    # Metadata version 1, correlation 1, no client id, no topics.
    body = struct.pack(">hhihi", 3, 1, 1, -1, 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as broker:
            broker.sendall(struct.pack(">i", len(body)) + body)
            answer = broker.makefile("rb").read(12)
    except OSError:
        return False
    return len(answer) == 12 and struct.unpack(">iii", answer)[2] > 0

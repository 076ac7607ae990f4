"""Writes artifacts.lock anew: `python -m embedded.lock`. Run it after a change of a version below, then run the tests.

The one place where the versions of Kafka and PostgreSQL are chosen.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import jgo
from jgo.maven import MavenContext

from embedded.maven import LOCK, PLATFORMS, POSTGRES_GROUP, sha256_of

KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
# The bridge from slf4j to the log4j that Kafka brings. Taken alone: resolved together, the dependency management of its
# POM would swap Kafka's client library for an older one.
LOGGING = ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5")
POSTGRES_VERSION = "18.6.0"


def lock_lines(scratch: Path) -> list[str]:
    """One line for each jar, `group:name:version sha256`; the jars are left in `scratch`."""
    context = MavenContext(repo_cache=scratch, timeout=120)
    postgres = [
        context.project(POSTGRES_GROUP, f"embedded-postgres-binaries-{machine}").at_version(POSTGRES_VERSION).artifact()
        for machine in PLATFORMS.values()
    ]
    classes = [*((jar.groupId, jar.artifactId, jar.version) for jar in jgo.resolve(KAFKA)), LOGGING]
    kafka = [context.project(group, name).at_version(version).artifact() for group, name, version in classes]
    return [f"{jar.groupId}:{jar.artifactId}:{jar.version} {sha256_of(jar.resolve())}" for jar in [*kafka, *postgres]]


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        lines = lock_lines(Path(folder))
    head = "# Written by python -m embedded.lock: Maven coordinates and sha256 of each jar."
    LOCK.write_text("\n".join([head, *lines, ""]))

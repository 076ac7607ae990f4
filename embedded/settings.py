"""The environment variables of the embedded stack: the only module of this package that reads them."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EmbeddedSettings:
    """Where things are kept, and which parts of the infrastructure are given from outside."""

    cache: Path
    kafka: str | None
    database_url: str | None
    java_home: Path | None
    maven_repository: str | None
    postgres_user: str | None
    root_home: Path
    test_containers: bool


def embedded_settings() -> EmbeddedSettings:
    """The settings of this process's environment; an empty variable counts as not set."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    java_home = os.environ.get("JAVA_HOME")
    return EmbeddedSettings(
        cache=Path(os.environ.get("SIGNALBOX_CACHE") or Path(home) / "signalbox").absolute(),
        kafka=os.environ.get("SIGNALBOX_KAFKA") or None,
        database_url=os.environ.get("SIGNALBOX_DATABASE_URL") or None,
        java_home=Path(java_home) if java_home else None,
        maven_repository=os.environ.get("SIGNALBOX_MAVEN_REPOSITORY") or None,
        postgres_user=os.environ.get("SIGNALBOX_POSTGRES_USER") or None,
        root_home=Path(os.environ.get("SIGNALBOX_ROOT_HOME") or "/var/lib/signalbox"),
        test_containers=os.environ.get("SIGNALBOX_TEST_CONTAINERS") == "1",
    )


def inherited_environment() -> dict[str, str]:
    """A copy of this process's environment, as a child process gets it."""
    return dict(os.environ)

"""The locked jars of Kafka and PostgreSQL: downloaded once through jgo, verified, cached.

`artifacts.lock` names every jar with its sha256; `python -m embedded.lock` writes it. jgo itself only warns when a
checksum differs, and writes in place: so a jar goes to a scratch folder first, and gets its cached name when its sha256
is right.
"""

import hashlib
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from embedded.errors import StackError
from embedded.settings import EmbeddedSettings

LOCK = Path(__file__).with_name("artifacts.lock")
POSTGRES_GROUP = "io.zonky.test.postgres"
PLATFORMS = {
    ("linux", "x86_64"): "linux-amd64",
    ("linux", "aarch64"): "linux-arm64v8",
    ("darwin", "x86_64"): "darwin-amd64",
    ("darwin", "arm64"): "darwin-arm64v8",
}


@dataclass(frozen=True)
class Artifact:
    """One line of the lock: Maven coordinates and the sha256 of the jar."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name in the cache; holds part of the sum, so that a changed lock never meets an old file."""
        return f"{self.name}-{self.version}-{self.sha256[:12]}.jar"


def locked_artifacts() -> list[Artifact]:
    """Every line of the lock, in its order."""
    lines = (line for line in LOCK.read_text().splitlines() if line and not line.startswith("#"))
    return [Artifact(*line.replace(":", " ").split()) for line in lines]


def kafka_artifacts() -> list[Artifact]:
    """The class path of the Kafka broker, in order."""
    return [artifact for artifact in locked_artifacts() if artifact.group != POSTGRES_GROUP]


def postgres_artifact() -> Artifact:
    """The jar with this platform's PostgreSQL; StackError on a platform that none is made for."""
    machine = PLATFORMS.get((sys.platform, platform.machine()))
    if machine is None or (sys.platform == "linux" and platform.libc_ver()[0] != "glibc"):
        raise StackError(
            f"no embedded PostgreSQL for {sys.platform} {platform.machine()} {platform.libc_ver()[0]}: "
            "give the address of one in SIGNALBOX_DATABASE_URL"
        )
    name = f"embedded-postgres-binaries-{machine}"
    return next(artifact for artifact in locked_artifacts() if artifact.name == name)


def cached_jars(
    artifacts: Sequence[Artifact], settings: EmbeddedSettings, on_progress: Callable[[str], None]
) -> list[Path]:
    """The paths of the jars in the cache, in order; those missing are downloaded first.

    Raises StackError when a jar can't be had or isn't the one that was locked.
    """
    folder = settings.cache / "jars"
    paths = {artifact: folder / artifact.file_name for artifact in artifacts}
    missing = [artifact for artifact, path in paths.items() if not path.exists()]
    if missing:
        on_progress(f"downloading {len(missing)} jar{'s' if len(missing) > 1 else ''} to {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as scratch, ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda artifact: _download(artifact, Path(scratch), paths[artifact], settings), missing))
    return list(paths.values())


def _download(artifact: Artifact, scratch: Path, target: Path, settings: EmbeddedSettings) -> None:
    from jgo.maven import MavenContext  # noqa: PLC0415 -- slow to import, and only a first start needs it

    repositories = {"given": settings.maven_repository} if settings.maven_repository else None
    context = MavenContext(repo_cache=scratch, remote_repos=repositories, timeout=60)
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    try:
        fetched = Path(component.artifact().resolve())
    except (OSError, RuntimeError) as error:
        raise StackError(
            f"can't download {artifact.group}:{artifact.name}:{artifact.version} ({type(error).__name__}): "
            "the first start needs a Maven repository (SIGNALBOX_MAVEN_REPOSITORY names a mirror), "
            f"later ones only the cache in {target.parent}"
        ) from error
    if (found := sha256_of(fetched)) != artifact.sha256:
        raise StackError(f"{artifact.name} {artifact.version} has sha256 {found}, locked is {artifact.sha256}")
    fetched.replace(target)


def sha256_of(path: Path) -> str:
    """The file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

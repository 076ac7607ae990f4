import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from embedded.errors import StackError
from embedded.maven import Artifact, cached_jars, kafka_artifacts, locked_artifacts, postgres_artifact
from embedded.ports import ports_for
from embedded.settings import EmbeddedSettings, embedded_settings

JAR = b"the bytes of a jar"
ARTIFACT = Artifact("org.example", "thing", "1.0", hashlib.sha256(JAR).hexdigest())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        pass


@contextmanager
def repository(root: Path) -> Iterator[str]:
    place = root / "org/example/thing/1.0"
    place.mkdir(parents=True)
    (place / "thing-1.0.jar").write_bytes(JAR)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def settings_with(cache: Path, url: str) -> EmbeddedSettings:
    return replace(embedded_settings(), cache=cache, maven_repository=url)


def nothing_said(line: str) -> None:
    pytest.fail(f"said {line!r}")


def test_a_jar_is_downloaded_once_and_then_needs_no_network(tmp_path: Path) -> None:
    said: list[str] = []
    with repository(tmp_path / "repository") as url:
        settings = settings_with(tmp_path / "cache", url)
        paths = cached_jars([ARTIFACT], settings, said.append)
    assert [path.read_bytes() for path in paths] == [JAR]
    assert len(said) == 1
    assert cached_jars([ARTIFACT], settings, nothing_said) == paths


def test_a_jar_with_another_sum_is_refused_and_not_kept(tmp_path: Path) -> None:
    other = replace(ARTIFACT, sha256="0" * 64)
    with repository(tmp_path / "repository") as url, pytest.raises(StackError, match="locked is 0000"):
        cached_jars([other], settings_with(tmp_path / "cache", url), lambda _: None)
    assert list((tmp_path / "cache/jars").iterdir()) == []


def test_without_the_network_the_error_says_what_is_needed(tmp_path: Path) -> None:
    settings = settings_with(tmp_path / "cache", f"http://127.0.0.1:{ports_for(['NOBODY'])['NOBODY']}")
    with pytest.raises(StackError, match=r"can't download org\.example:thing:1\.0 .*SIGNALBOX_MAVEN_REPOSITORY"):
        cached_jars([ARTIFACT], settings, lambda _: None)


def test_the_lock_holds_one_version_of_every_part_of_kafka() -> None:
    kafka = [artifact for artifact in kafka_artifacts() if artifact.group == "org.apache.kafka"]
    assert len({artifact.version for artifact in kafka}) == 1
    assert all(len(artifact.sha256) == 64 for artifact in locked_artifacts())
    assert postgres_artifact().version.startswith("18.")

"""Kafka and PostgreSQL for a test session: quick, thrown away, ended with it even if it is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.plan import Addresses
from embedded.settings import embedded_settings
from embedded.stack import INFRASTRUCTURE, down, up


@contextmanager
def infrastructure(data: Path, kinds: frozenset[str] = INFRASTRUCTURE) -> Iterator[Addresses]:
    """The addresses of what `kinds` names, for as long as the context lasts; an address not asked for is empty.

    Containers instead of child processes with SIGNALBOX_TEST_CONTAINERS=1 and a Docker engine that answers.
    """
    settings = embedded_settings()
    if settings.test_containers:
        from embedded.containers import containers, engine_answers  # noqa: PLC0415 -- a dev requirement

        if engine_answers():
            with containers(kinds) as addresses:
                yield addresses
            return
    try:
        yield up(data, tied=True, short_lived=True, kinds=kinds, settings=settings).addresses
    finally:
        down(data)

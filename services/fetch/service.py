"""Fetch, wired."""

from libs.runtime import clock
from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from services.fetch.calls import Calls
from services.fetch.connectors import CONNECTORS
from services.fetch.rows import rows_of
from services.fetch.settings import FILE, FetchSettings, accounts_file
from services.fetch.stage import CALL, commands_stage
from services.fetch.store import PostgresWanted


def build(resources: Resources) -> Service:
    """The service: its one stage, and the calls that it orders."""
    limits = FetchSettings()
    calls = Calls(
        CONNECTORS,
        accounts_file(resources.data_dir / FILE).current,
        resources.producer,
        resources.health,
        timeout_seconds=limits.timeout_seconds,
        max_answer_bytes=limits.max_answer_bytes,
        now=clock.now,
        monotonic=clock.monotonic,
    )
    return Service(
        "fetch",
        stages=keeping(rows_of, commands_stage(PostgresWanted())),
        effects={CALL: calls.call},
        effects_at_once=limits.at_once,
    )

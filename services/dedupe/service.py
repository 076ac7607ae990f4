"""Dedupe, wired."""

from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from services.dedupe.api import create_app
from services.dedupe.erasure import TOMBSTONES
from services.dedupe.links import add_link_routes
from services.dedupe.reading import ReadingIndex
from services.dedupe.rows import rows_of
from services.dedupe.settings import DedupeSettings
from services.dedupe.stage.commands import commands_stage
from services.dedupe.stage.decisions import decisions_stage
from services.dedupe.stage.received import received_stage
from services.dedupe.stage.records import records_stage
from services.dedupe.store import PostgresIndex


def build(resources: Resources) -> Service:
    """The service with its four stages over one index."""
    index, settings = PostgresIndex(), DedupeSettings()
    app = create_app(
        ReadingIndex(resources.pool, index), resources.policies, resources.settings.api_token, resources.health
    )
    add_link_routes(app, resources.commands)
    return Service(
        "dedupe",
        tombstones=TOMBSTONES,
        stages=keeping(
            rows_of,
            received_stage(index, resources.policies, settings.batch_max),
            decisions_stage(index, resources.policies),
            records_stage(index, settings.batch_max),
            commands_stage(index, resources.policies),
        ),
        app=app,
    )

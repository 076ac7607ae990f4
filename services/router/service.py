"""Router, wired."""

from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from services.router.api import create_app
from services.router.erasure import TOMBSTONES
from services.router.rows import rows_of
from services.router.settings import RouterSettings
from services.router.stage.commands import commands_stage
from services.router.stage.decisions import decisions_stage
from services.router.stage.records import records_stage
from services.router.stage.scored import scored_stage
from services.router.store import PostgresLeads, PostgresState


def build(resources: Resources) -> Service:
    """The service with its four stages over one state, and its API."""
    state, settings = PostgresState(), RouterSettings()
    app = create_app(
        PostgresLeads(resources.pool), resources.policies, resources.commands, resources.settings.api_token,
        resources.health, settings,
    )  # fmt: skip
    return Service(
        "router",
        tombstones=TOMBSTONES,
        stages=keeping(
            rows_of,
            scored_stage(state, resources.policies, settings.batch_max),
            decisions_stage(state, resources.policies),
            records_stage(state, resources.policies, settings.batch_max),
            commands_stage(state, resources.policies),
        ),
        app=app,
    )

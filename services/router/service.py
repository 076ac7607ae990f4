"""Router, wired."""

from libs.runtime.service import Resources, Service
from services.router.settings import RouterSettings
from services.router.stage.commands import commands_stage
from services.router.stage.decisions import decisions_stage
from services.router.stage.records import records_stage
from services.router.stage.scored import scored_stage
from services.router.store import PostgresState


def build(resources: Resources) -> Service:
    """The service with its five stages over one state."""
    state, settings = PostgresState(), RouterSettings()
    return Service(
        "router",
        stages=(
            scored_stage(state, resources.policies, settings.batch_max),
            decisions_stage(state, resources.policies),
            records_stage(state, resources.policies, settings.batch_max),
            commands_stage(state, resources.policies),
        ),
    )

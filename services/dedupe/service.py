"""Dedupe, wired."""

from libs.runtime.service import Resources, Service
from services.dedupe.settings import DedupeSettings
from services.dedupe.stage.commands import commands_stage
from services.dedupe.stage.decisions import decisions_stage
from services.dedupe.stage.received import received_stage
from services.dedupe.stage.records import records_stage
from services.dedupe.store import PostgresIndex


def build(resources: Resources) -> Service:
    """The service with its four stages over one index."""
    index, settings = PostgresIndex(), DedupeSettings()
    return Service(
        "dedupe",
        stages=(
            received_stage(index, resources.policies, settings.batch_max),
            decisions_stage(index, resources.policies),
            records_stage(index, settings.batch_max),
            commands_stage(index, resources.policies),
        ),
    )

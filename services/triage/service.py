"""Triage, wired."""

from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from services.triage.api import create_app
from services.triage.drafts import drafting
from services.triage.erasure import TOMBSTONES
from services.triage.queue import PostgresQueue
from services.triage.rows import rows_of
from services.triage.settings import TriageSettings
from services.triage.stage.commands import commands_stage
from services.triage.stage.requests import requests_stage
from services.triage.stage.routed import routed_stage
from services.triage.store import PostgresCases


def build(resources: Resources) -> Service:
    """The service: its three stages on one store, and its API."""
    store, queue, settings = PostgresCases(), PostgresQueue(resources.pool), TriageSettings()
    app = create_app(
        queue, resources.commands, resources.reader, resources.settings.api_token, resources.health, settings
    )
    made = Service(
        "triage",
        tombstones=TOMBSTONES,
        stages=keeping(rows_of, requests_stage(store), routed_stage(store), commands_stage(store, settings.rules)),
        app=app,
    )
    return drafting(made, resources)

"""Crm, wired."""

from libs.runtime.service import Resources, Service
from services.crm.api import create_app
from services.crm.settings import CrmSettings
from services.crm.stage.commands import commands_stage
from services.crm.stage.decisions import decisions_stage
from services.crm.stage.writes import writes_stage
from services.crm.store import PostgresRecordPages, PostgresRecords


def build(resources: Resources) -> Service:
    """The service: its three stages on one store, and its API."""
    store, policies = PostgresRecords(), resources.policies
    pages = PostgresRecordPages(resources.pool)
    return Service(
        "crm",
        stages=(writes_stage(store, policies), decisions_stage(store), commands_stage(store, policies)),
        app=create_app(pages, resources.commands, resources.settings.api_token, resources.health, CrmSettings()),
    )

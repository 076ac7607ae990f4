"""The API on its parts."""

from fastapi import FastAPI

from libs.runtime.health import Health
from libs.runtime.http import CommandSender, new_app
from services.crm.api.reads import RecordPages, add_reads
from services.crm.api.webhooks import Webhooks, add_webhooks
from services.crm.api.writes import add_writes
from services.crm.settings import CrmSettings


def create_app(
    records: RecordPages,
    commands: CommandSender,
    api_token: str,
    health: Health,
    settings: CrmSettings,
    tenant_secret: bytes,
    webhooks: Webhooks | None = None,
) -> FastAPI:
    """The API: records and, with `webhooks`, who is told of their changes."""
    app = new_app("Signalbox crm", api_token, health)
    app.state.body_max_bytes = settings.body_max_bytes
    add_reads(app, records, settings)
    add_writes(app, commands, tenant_secret)
    if webhooks is not None:
        add_webhooks(app, commands, webhooks, settings)
    return app

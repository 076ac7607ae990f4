"""Crm, wired."""

from libs.runtime import clock
from libs.runtime.batches import EffectBatch
from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from services.crm.api import create_app
from services.crm.api.webhooks import Webhooks
from services.crm.connectors import KINDS, Remotes
from services.crm.connectors.mirror import BATCH, Mirror
from services.crm.connectors.poll import Poll
from services.crm.deliver import WebhookCalls
from services.crm.domain.remote_commands import effect_of
from services.crm.domain.webhooks import CALL
from services.crm.erasure import TOMBSTONES
from services.crm.remote_api import add_remotes
from services.crm.remote_store import PostgresLinks, StageLinks
from services.crm.rows import rows_of
from services.crm.settings import CrmSettings
from services.crm.stage.commands import commands_stage
from services.crm.stage.decisions import decisions_stage
from services.crm.stage.remote import mirrored
from services.crm.stage.writes import writes_stage
from services.crm.store import PostgresRecordPages, PostgresRecords, PostgresWebhooks


def build(resources: Resources) -> Service:
    """The service: its three stages on one store, its API, and the calls of its webhooks."""
    store, policies, settings = PostgresRecords(), resources.policies, CrmSettings()
    pages, book = PostgresRecordPages(resources.pool), PostgresWebhooks(resources.pool)
    calls = WebhookCalls(book, settings)
    app = create_app(
        pages, resources.commands, resources.settings.api_token, resources.health, settings,
        resources.tenant_secret, Webhooks(book, resources.tenant_secret),
    )  # fmt: skip
    remotes, links, stage_links = Remotes(resources.data_dir), PostgresLinks(resources.pool), StageLinks()
    add_remotes(app, remotes, links)
    holder = clock.new_id()
    mirror = Mirror(remotes, links, holder, resources.health)
    poll = Poll(remotes, links, resources.producer.send_and_wait, holder, resources.health)
    return Service(
        "crm",
        tombstones=TOMBSTONES,
        stages=keeping(
            rows_of,
            mirrored(writes_stage(store, policies), stage_links, remotes.mirrors),
            decisions_stage(store),
            mirrored(commands_stage(store, policies), stage_links, remotes.mirrors),
        ),
        app=app,
        batches={effect_of(kind): EffectBatch(BATCH, mirror.run, patient=True) for kind in KINDS},
        effects={CALL: calls.run},
        effects_at_once=settings.calls_at_once,
        background=(lambda: calls.look(resources.health), *(poll.loop(kind) for kind in KINDS)),
    )

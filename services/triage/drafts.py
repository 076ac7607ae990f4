"""Notes and drafts, wired into triage: its stages with theirs around them, their routes, and the model when there is one."""

from dataclasses import replace

from libs.contracts.topics import COMMANDS, LEAD_ROUTED
from libs.runtime.chat import ChatEndpoint
from libs.runtime.service import Resources, Service
from libs.runtime.stage import AnyStage
from services.triage.api_drafts import add_drafts
from services.triage.settings import DraftEndpointSettings
from services.triage.stage.drafts import WRITE, keeping_both, with_draft_commands, with_drafts
from services.triage.store_drafts import PostgresHandoffReads, PostgresHandoffs, handoff_rows
from services.triage.writer import Writer


def drafting(service: Service, resources: Resources) -> Service:
    """The service with notes and drafts."""
    settings, store = DraftEndpointSettings(), PostgresHandoffs()

    def laid_around(stage: AnyStage) -> AnyStage:
        if stage.consumes is LEAD_ROUTED:
            return keeping_both(with_drafts(stage, store, resources.policies, settings.configured), handoff_rows)
        if stage.consumes is COMMANDS["triage"]:
            return keeping_both(with_draft_commands(stage, store), handoff_rows)
        return stage

    endpoint = ChatEndpoint(settings, resources.data_dir / "triage" / "budget.json") if settings.configured else None
    return replace(
        service,
        stages=tuple(map(laid_around, service.stages)),
        app=add_drafts(service.app, PostgresHandoffReads(resources.pool), resources.commands),
        effects={**service.effects, WRITE: Writer(endpoint).write},
        effects_at_once=max(service.effects_at_once, settings.concurrency if endpoint else 1),
    )

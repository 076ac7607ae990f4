"""The `webhook` command: one set up, changed, switched on or off, or removed."""

from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.change import FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import Command
from libs.contracts.outcome import Outcome
from services.crm.domain.commands import shape_problems
from services.crm.domain.record import Delta
from services.crm.domain.webhooks import Subscriber, WebhookArguments

WEBHOOK = "webhook"
FIELD = "subscription"


def set_up(event: Command, now: datetime, policy_hash: str) -> Outcome[Any]:
    """The webhook as the command wants it, and the change that the log keeps of it. Only people set webhooks up."""
    try:
        arguments = WebhookArguments.model_validate(event.arguments)
    except ValidationError as error:
        return _refused(list(shape_problems(error)))
    if event.actor.kind != "human":
        return _refused(["only a person sets a webhook up"])
    removed = arguments.act == "remove"
    if not removed and not arguments.url:
        return _refused(["url: is missing"])
    url = "" if removed else arguments.url
    told: JsonValue = None if removed else {"url": url, "types": [*arguments.types], "active": arguments.active}
    subscriber = Subscriber(event.key, url, arguments.types, arguments.active and not removed, event.actor.id)
    return Outcome(
        settled=(_audited(event, told, now, policy_hash),),
        state=Delta(webhooks=(subscriber,)),
        answer={"status": "done", "webhook_id": event.key, "removed": removed},
    )


def _audited(event: Command, new: JsonValue, now: datetime, policy_hash: str) -> FieldChange:
    record = RecordRef(type="webhook", id=event.key)
    return FieldChange(
        record=record, field=FIELD, new=new, source=Source(kind="human", name="crm"), actor=event.actor,
        reason="set up by hand", change_id=ids.change_id(event.event_id, WEBHOOK, "webhook", event.key, FIELD, 0),
        workflow=Workflow(name="crm.commands", version="1"), policy_version=policy_hash,
        trigger_event_id=event.event_id, lead_id=None, status=Status.APPLIED, rule="human", at=now,
    )  # fmt: skip


def _refused(problems: list[JsonValue] | list[str]) -> Outcome[Any]:
    told: list[JsonValue] = [*problems]
    return Outcome(answer={"status": "refused", "code": "invalid", "message": "it does not fit", "problems": told})

"""Crm's rows: what an outcome changes, as it is stored. `store/` writes them, `rebuild.py` reads them back.

What crm and a remote CRM know of each other is no row here: it comes from calls, and is asked again.
"""

import json
from collections.abc import Iterator

from libs.runtime.rows import Gone, Kept, Row, about, named
from services.crm.domain.record import Delta, Lock, RecordState, Rejection
from services.crm.domain.remote_found import RemoteDelta
from services.crm.domain.webhooks import Subscriber
from services.crm.store.meta import meta_json

RECORD = ("type", "id", "version", "fields", "field_meta", "deleted", "updated_at")
REJECTION = ("type", "id", "field", "evidence_hash", "verdict", "actor", "reason", "at")
LOCK = ("type", "id", "field", "actor", "at")
WEBHOOK = ("webhook_id", "url", "types", "active", "made_by")


def rows_of(state: Delta | RemoteDelta) -> list[Kept]:
    """All rows that an outcome changes, in the order in which they are stored."""
    delta = state.delta if isinstance(state, RemoteDelta) else state
    return [
        *(named("record", RECORD, record_values(one), about(one.ref)) for one in delta.records),
        *_memory(delta),
        *map(_webhook, delta.webhooks),
    ]


def _memory(delta: Delta) -> Iterator[Kept]:
    for one in delta.remembered:
        yield named("rejection", REJECTION, rejection_values(one), about(one.record))
    for one in delta.forgotten:
        key = dict(zip(REJECTION, rejection_values(one)[:4], strict=False))
        yield Gone("rejection", key, about(one.record))
    for lock in delta.locks:
        yield named("human_lock", LOCK, lock_values(lock), about(lock.record))
    for ref, field in delta.unlocks:
        yield Gone("human_lock", {"type": ref.type, "id": ref.id, "field": field}, about(ref))


def _webhook(one: Subscriber) -> Kept:
    if not one.url:
        return Gone("webhook", {"webhook_id": one.webhook_id})
    return Row("webhook", dict(zip(WEBHOOK, webhook_values(one), strict=True)))


def record_values(state: RecordState) -> tuple[object, ...]:
    """In the order of `RECORD`."""
    newest = max((meta.at for meta in state.meta.values()), default=None)
    return (
        state.ref.type, state.ref.id, state.version, json.dumps(dict(state.fields)), meta_json(state), state.deleted, newest,
    )  # fmt: skip


def rejection_values(one: Rejection) -> tuple[object, ...]:
    """In the order of `REJECTION`; its key first."""
    return one.record.type, one.record.id, one.field, one.evidence_hash, one.verdict, one.actor, one.reason, one.at


def lock_values(lock: Lock) -> tuple[object, ...]:
    """In the order of `LOCK`; its key first."""
    return lock.record.type, lock.record.id, lock.field, lock.actor, lock.at


def webhook_values(one: Subscriber) -> tuple[object, ...]:
    """In the order of `WEBHOOK`."""
    return one.webhook_id, one.url, list(one.types), one.active, one.by

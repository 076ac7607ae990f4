"""How the log and what stands beside it are made anew: by the sinks' own writers, from the topics that are kept for ever."""

from pathlib import Path

import asyncpg

from libs.contracts.topics import AUDIT_CHANGE, CRM_WRITE, FOREVER, RECORD_CHANGED
from libs.runtime.rebuild.inventory import Derived, Fold, Rebuild
from services.audit.access_sink import TOPICS as ACCESS_TOPICS
from services.audit.access_sink import write_accesses
from services.audit.rows import ITEMS
from services.audit.sink import EVENT_TOPICS, change_writer, event_writer

COPY_FROM = 1
"""Rows of a batch from which on they go in by COPY: here always."""
KEPT = tuple(topic for topic in EVENT_TOPICS if topic.retention_days == FOREVER)
_PLACE = ("topic", "partition", "kafka_offset")
_NOT_WRITES = f"topic <> '{CRM_WRITE.name}'"
_NEWEST = (
    f"(topic <> '{RECORD_CHANGED.name}' or not exists (select from {{schema}}.event later "
    f"where later.topic = '{RECORD_CHANGED.name}' and later.record_id = event.record_id "
    "and later.record_type = event.record_type and later.kafka_offset > event.kafka_offset))"
)
_ITEMS = f"""
update rollback set items = told.items from (
    select rollback_id, jsonb_agg(item -> 'item' order by (item ->> 'place')::int) as items
    from staged_{ITEMS}, jsonb_array_elements(items) item group by rollback_id
) told where told.rollback_id = rollback.rollback_id
"""  # noqa: S608 - a name of ours
_WRITES_GO = f"{CRM_WRITE.name} is kept for 90 days; what came of a write stands in the log"


async def finish(connection: asyncpg.Connection) -> None:
    """The items of rollbacks, told record by record, in their order."""
    await connection.execute(_ITEMS)


REBUILD = Rebuild(
    "audit",
    Path(__file__).parent / "migrations",
    {
        "change": Derived(
            ("chain", "seq"), kept=False,
            where="not exists (select from {schema}.erasure where change.subject_key_id = any(subject_key_ids))",
            where_reason="of people who were erased nobody can read again what the columns say; the bytes are chained",
        ),
        "chain_head": Derived(("chain",), kept=False),
        "submission": Derived(_PLACE, kept=False),
        "event": Derived(
            _PLACE, kept=False, where=f"{_NOT_WRITES} and {_NEWEST}",
            where_reason=f"{_WRITES_GO}; of {RECORD_CHANGED.name} the topic keeps each record's newest",
        ),
        "unreadable": Derived(_PLACE, kept=False, where=_NOT_WRITES, where_reason=_WRITES_GO),
        "access": Derived(("partition", "kafka_offset", "record_type", "record_id"), kept=False),
        "access_grant": Derived(("kafka_offset",), kept=False),
        "rollback": Derived(("rollback_id",)),
        "erasure": Derived(
            ("erasure_id",),
            without=dict.fromkeys(("keys_destroyed", "destroyed_at", "repeated_at"), "how far it is in this database"),
        ),
    },
    not_derived={"rollback_plan": "plans that somebody was shown; one that is missing is made anew"},
    staged={ITEMS: "rollback_id text, items jsonb"},
    finish=finish,
    folds=(
        Fold((AUDIT_CHANGE,), sealed=lambda keys: change_writer(keys, COPY_FROM)),
        Fold(KEPT, sealed=lambda keys: event_writer(keys, COPY_FROM)),
        Fold(ACCESS_TOPICS, write_accesses),
    ),
)  # fmt: skip

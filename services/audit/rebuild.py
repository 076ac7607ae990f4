"""How the log and what stands beside it are made anew: by the sinks' own writers, from the topics that are kept for ever."""

from pathlib import Path

from libs.contracts.topics import AUDIT_CHANGE, CRM_WRITE, FOREVER, RECORD_CHANGED
from libs.runtime.rebuild.inventory import Derived, Fold, Rebuild
from services.audit.access_sink import TOPICS as ACCESS_TOPICS
from services.audit.access_sink import write_accesses
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
_WRITES_GO = f"{CRM_WRITE.name} is kept for 90 days; what came of a write stands in the log"

REBUILD = Rebuild(
    "audit",
    Path(__file__).parent / "migrations",
    {
        "change": Derived(("chain", "seq"), kept=False),
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
    },
    not_derived={"rollback_plan": "plans that somebody was shown; one that is missing is made anew"},
    folds=(
        Fold((AUDIT_CHANGE,), change_writer(copy_from=COPY_FROM)),
        Fold(KEPT, event_writer()),
        Fold(ACCESS_TOPICS, write_accesses),
    ),
)  # fmt: skip

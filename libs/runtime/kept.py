"""What a stateful stage stored, told on `state.stored.v1` in the same Kafka transaction as all else that its input led to.

State is decided by facts that were gathered under locks, from inputs of several topics and partitions, some of which are kept
for 90 days only: no reading of the events alone finds the order again in which they met. So what was stored is told itself,
with a number from a sequence that is drawn after the rows are written: of two transactions that wrote one row, the second
waited for the first, and has the higher number (docs/decisions/0016-what-is-stored-is-told.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from libs.contracts import ids
from libs.contracts.codec import Encoded, encode
from libs.contracts.events import Event, StateStored
from libs.contracts.keys import key_of
from libs.contracts.outcome import Outcome
from libs.contracts.topics import STATE_STORED
from libs.runtime.rows import by_subject, pack
from libs.runtime.stage import AnyStage
from libs.runtime.state import transaction

SEQ = "sb_seq"
"""Header with the number of what one outcome stored; its records share it."""


def kept_records(
    stage: AnyStage, cause: Event, outcome: Outcome[Any], now: datetime, traceparent: str
) -> tuple[Encoded, ...]:
    """The rows of an outcome as records, one for each subject; not numbered yet."""
    if stage.keeps is None or outcome.state is None:
        return ()
    records = []
    for subject, rows in by_subject(stage.keeps(outcome.state)).items():
        event = StateStored(
            event_id=ids.derived_id("state", cause.event_id, stage.name, subject),
            caused_by=cause.event_id, decided_at=now, service=stage.service, stage=stage.name, subject=subject,
        )  # fmt: skip
        records.append(
            encode(
                STATE_STORED, event, key_of(event), source=stage.name, traceparent=traceparent, raw=pack(rows),
                subject_key_id=ids.subject_key_id(subject) if subject else "",
            )
        )  # fmt: skip
    return tuple(records)


async def numbered(outputs: Sequence[tuple[Encoded, ...]]) -> list[tuple[Encoded, ...]]:
    """The records of each outcome with its number, where they tell of rows. Inside the transaction that has written them."""
    telling = [any(record.topic == STATE_STORED.name for record in records) for records in outputs]
    if not any(telling):
        return list(outputs)
    drawn = await transaction().fetch("select nextval('state_seq') from generate_series(1, $1::int)", sum(telling))
    numbers = iter(sorted(row["nextval"] for row in drawn))
    return [
        tuple(_with(records, next(numbers))) if tells else records
        for records, tells in zip(outputs, telling, strict=True)
    ]


def _with(records: Iterable[Encoded], number: int) -> Iterable[Encoded]:
    for record in records:
        told = record.topic == STATE_STORED.name
        yield replace(record, headers=(*record.headers, (SEQ, str(number).encode()))) if told else record

"""What a service forgets when a person is erased: statements as data, run in the transaction that moves the checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from libs.contracts.codec import decode
from libs.contracts.events import SubjectErased
from libs.contracts.topics import SUBJECT_ERASED
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from libs.runtime.sink import Sink

By = Literal["leads", "submissions", "record_ids", "records", "all", "nothing"]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A statement that removes what one table holds of a person; repeating it does nothing more.

    `$1` in it is a text array of `by`: lead ids, submission ids, ids of CRM records, records as `type:id`, or all of these.
    """

    by: By
    sql: str


OWN = (
    Tombstone("all", "delete from timer where key = any($1::text[])"),
    Tombstone(
        "all",
        "delete from effect where key = any($1::text[]) or exists "
        "(select from unnest($1::text[]) name where strpos(arguments::text, name) > 0 or strpos(result::text, name) > 0)",
    ),
    Tombstone(
        "all",
        "update outcome set answer = null where answer is not null and exists "
        "(select from unnest($1::text[]) name where strpos(answer::text, name) > 0)",
    ),
)
"""What the runtime holds for every service beside sealed records: calls, timers and answers, in the clear."""


def names_of(event: SubjectErased) -> dict[By, list[str]]:
    """What each kind of statement is given."""
    ids, keys = [one.id for one in event.records], [one.key for one in event.records]
    found: dict[By, list[str]] = {
        "leads": list(event.lead_ids),
        "submissions": list(event.submission_ids),
        "record_ids": ids,
        "records": keys,
    }
    return {**found, "all": [name for names in found.values() for name in names]}


def erasing(service: str, tombstones: Sequence[Tombstone], keys: Keys) -> Sink:
    """The sink that carries erasures out in a service's schema, and has its process let go of the keys."""

    async def write(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:  # noqa: ARG001
        for record in records:
            event = decode(SUBJECT_ERASED, record.value, record.headers)
            keys.forget(event.subject_key_ids)
            names = names_of(event)
            for one in (*tombstones, *OWN):
                if one.by == "nothing":
                    await connection.execute(one.sql)
                elif names[one.by]:
                    await connection.execute(one.sql, names[one.by])

    return Sink(f"{service}.erasures", service, (SUBJECT_ERASED,), write)

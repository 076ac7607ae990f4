"""How enrich's state is made anew: the CRM's records from `record.changed.v1`, missed questions and the company directory from
`state.stored.v1`. No provider is asked: what they answered stands on the leads."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg

from libs.contracts.codec import decode
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime.rebuild.inventory import Derived, Fold, Rebuild
from libs.runtime.record import Record
from libs.runtime.state import bind
from services.enrich.rows import LOADED
from services.enrich.stage.records import READ
from services.enrich.store import save_records

_LOADS = """
insert into directory_load (load_id, file, actor, loaded_at, removed_at, removed_by)
select loads.load_id, loads.file, loads.actor, loads.at, taken.at, taken.actor
from (select distinct on (load_id) * from turns where not taken order by load_id, _seq desc) loads
left join (select distinct on (load_id) * from turns where taken order by load_id, _seq desc) taken
    on taken.load_id = loads.load_id and taken._seq > loads._seq
"""
_TURNS = f"""
create temporary table turns on commit drop as select * from (
    select *, lag(taken) over (partition by load_id order by _seq, _place) as before from staged_{LOADED}
) told where before is distinct from taken
"""  # noqa: S608 - a name of ours
"""A load that comes in parts began with its first; one that is taken back twice was taken back the first time."""


async def write_records(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:  # noqa: ARG001
    """The records of a batch, as the stage `enrich.records` stores them."""
    events = [decode(RECORD_CHANGED, record.value, record.headers) for record in records if record.value is not None]
    with bind(connection):
        await save_records([event for event in events if event.record.type in READ])


async def finish(connection: asyncpg.Connection) -> None:
    """The list of loads."""
    await connection.execute(_TURNS)
    await connection.execute(_LOADS)


REBUILD = Rebuild(
    "enrich",
    Path(__file__).parent / "migrations",
    {
        "record": Derived(("type", "id"), kept=False),
        "question": Derived(("question_id",)),
        "directory_load": Derived(("load_id",), kept=False),
        "directory_company": Derived(("load_id", "line"), gone_by=("load_id",)),
    },
    not_derived={
        "http_answer": "a cache of what was read over HTTP; may be emptied at any time",
        "http_spend": "what paid providers have cost this installation, a fact about bills",
    },
    folds=(Fold((RECORD_CHANGED,), write_records),),
    staged={LOADED: "load_id text, file text, actor text, at timestamptz, taken bool"},
    finish=finish,
)

"""How the router's state is made anew: its rows from `state.stored.v1`."""

from pathlib import Path

import asyncpg

from libs.runtime.rebuild.inventory import Derived, Rebuild

_ONE = Derived(("record_id",))

_LOADS = """
update load set open_leads = coalesce(held.leads, 0) from load every left join (
    select route -> 'owner' ->> 'id' as owner, count(*) as leads from lead
    where settled and pool is not null and sla <> 'met' group by 1
) held on held.owner = every.member_id where load.member_id = every.member_id
"""
"""An erasure takes leads away from their owners' loads and tells no row: what they have is counted."""


async def finish(connection: asyncpg.Connection) -> None:
    """How many untouched leads each member has."""
    await connection.execute(_LOADS)


REBUILD = Rebuild(
    "router",
    Path(__file__).parent / "migrations",
    {
        "lead": Derived(("lead_id",)),
        "party": _ONE,
        "opportunity": _ONE,
        "entry": _ONE,
        "member": _ONE,
        "exception": _ONE,
        "place": Derived(("pool", "member_id")),
        "load": Derived(("member_id",)),
        "answered": Derived(("lead_id", "question_id")),
        "earned": Derived(("key",)),
        "let_out": Derived(("record_id", "field")),
        "notice": Derived(
            ("notice_id",), without={"number": "given by this database as notices come; a crash leaves gaps in it"}
        ),
    },
    finish=finish,
    not_derived={
        "notice_read": "a mark on the numbers of this database's notices: after a rebuild all of them are unread",
    },
)

"""How dedupe's index is made anew: its rows from `state.stored.v1`, its keys from those rows."""

from pathlib import Path
from typing import Any

import asyncpg

from libs.runtime.rebuild.inventory import Derived, Rebuild
from libs.runtime.state import bind
from services.dedupe.company_blocks import save_blocks
from services.dedupe.rows import LINK, company_keys, contact_keys
from services.dedupe.store import company_of, contact_of

AT_ONCE = 1000
_NUMBER = {"number": "a company's number in this database; what has it is compared by the company's id"}
_BLOCKS = (
    "select block, company_id from {schema}.company_block join {schema}.company_number using (number)"  # names of ours
)
_LINKS = f"""
insert into contact_link (lead_id, contact_id, version, rule, linked_by, cut_at_version)
select lead_id, contact_id, version, rule, linked_by, lead(version) over (partition by lead_id order by _seq, _place)
from (
    select *, lag(contact_id) over (partition by lead_id order by _seq, _place) as before from staged_{LINK}
) told where before is distinct from contact_id
"""  # noqa: S608 - a name of ours
"""As `store._save_links` does it one by one: a version with another contact cuts the link before, one with the same keeps it."""


async def finish(connection: asyncpg.Connection) -> None:
    """Links, and all keys by which contacts and companies are found."""
    await connection.execute(_LINKS)
    async for rows in _read(connection, "contact"):
        await _copy_keys(connection, "contact", [key for row in rows for key in contact_keys(contact_of(row))])
    async for rows in _read(connection, "company"):
        companies = [company_of(row) for row in rows]
        await _copy_keys(connection, "company", [key for one in companies for key in company_keys(one)])
        with bind(connection):
            await save_blocks(companies)


async def _copy_keys(connection: asyncpg.Connection, kind: str, keys: list[tuple[str, str, bool]]) -> None:
    await connection.copy_records_to_table(f"{kind}_key", columns=("key", f"{kind}_id", "alone"), records=keys)


async def _read(connection: asyncpg.Connection, table: str) -> Any:
    cursor = await connection.cursor(f"select * from {table}")  # noqa: S608 - a name of ours
    while rows := await cursor.fetch(AT_ONCE):
        yield rows


REBUILD = Rebuild(
    "dedupe",
    Path(__file__).parent / "migrations",
    {
        "contact": Derived(("contact_id",)),
        "contact_key": Derived(("key", "contact_id"), kept=False),
        "company": Derived(("company_id",)),
        "company_key": Derived(("key", "company_id"), kept=False),
        "company_number": Derived(("company_id",), kept=False, without=_NUMBER),
        "company_block": Derived(("block", "company_id"), kept=False, query=_BLOCKS),
        "lead": Derived(("lead_id",)),
        "contact_link": Derived(("lead_id", "version"), kept=False),
        "pair": Derived(("subject", "record_id")),
        "related": Derived(("record_id",), greatest=("at",)),
    },
    staged={LINK: "lead_id text, contact_id text, version int, rule text, linked_by text"},
    finish=finish,
)

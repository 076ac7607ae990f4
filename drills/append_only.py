"""Drill 21: whoever has the audit service's role tries everything to change the log. Nothing is taken but its continuation."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg

from cli.stack import settings_of
from drills.audit_rows import check_rows
from drills.drill import Drill, Plan, Say, exactly_once
from drills.report import Report
from drills.site import Site, site
from drills.traffic import post_all
from embedded.plan import Addresses
from libs.runtime.database import open_pool

TABLE = [
    "update {} set hash = hash", "delete from {}", "truncate {}", "truncate {} cascade",
    "alter table {} disable trigger all", "alter table {} disable trigger user", "drop table {}", "drop table {} cascade",
    "alter table {} add column x int", "alter table {} owner to current_user", "alter table {} rename to x",
    "create rule nothing as on insert to {} do instead nothing", "comment on table {} is 'x'",
    "create trigger nothing before insert on {} for each row execute function suppress_redundant_updates_trigger()",
    "alter table {} enable row level security", "merge into {} using (select 1) one on true when matched then delete",
]  # fmt: skip
"""On the log, on each of its months, and on the heads."""
MONTH = [
    "insert into {} select * from {}",
    "select * from {}",
    "alter table change detach partition {}",
    "alter table {} no inherit change",
]
"""On each month: it is reached through the log alone."""
HEADS = [
    "insert into chain_head values (99, 1, '', 1)",
    "update chain_head set seq = 0",
    "select * from chain_head for update",
]
ELSE = [
    "set session_replication_role = replica", "set session_replication_role = local",
    "alter function refuse_rewriting() owner to current_user", "drop function refuse_rewriting() cascade",
    "create or replace function refuse_rewriting() returns trigger language plpgsql as 'begin return new; end'",
    "alter function continue_chains() security invoker", "drop function continue_chains() cascade",
    "select make_month(timestamptz '2050-01-01')", "select close_partition('change'::regclass)",
    "drop trigger change_keeps_rows on change", "drop trigger change_continues on change", "drop schema audit cascade",
    "create table audit.change_2051_01 partition of change for values from ('2051-01-01') to ('2051-02-01')",
    "create table audit.x (y int)", "set role signalbox", "set session authorization signalbox",
    "alter role current_user superuser", "update pg_trigger set tgenabled = 'D'", "delete from pg_class",
    "update access set person = 'x'", "truncate access",
]  # fmt: skip
_NEW = (
    "insert into change (chain, seq, kafka_offset, recorded_at, prev, hash, bytes, ce_id, schema_version, "
    "subject_key_id, readable) select chain, "
)
_LAST = ", hash, '', '', '', '', false from chain_head where seq > 0 limit 1"
CONTINUING = [
    "insert into change select * from change limit 1",
    f"{_NEW} seq + 2, kafka_offset + 2, now(), hash {_LAST}",
    f"{_NEW} seq + 1, kafka_offset, now(), hash {_LAST}",
    f"{_NEW} seq, kafka_offset + 2, now(), hash {_LAST}",
    f"{_NEW} seq, kafka_offset + 2, timestamptz '2010-01-01', hash {_LAST}",
    f"{_NEW} seq + 1, kafka_offset + 2, now(), sha256(hash) {_LAST}",
]
"""What the role may do, but only with what continues a chain."""
DENIED = (asyncpg.InsufficientPrivilegeError,)
REFUSED = (asyncpg.SerializationError, asyncpg.UniqueViolationError, asyncpg.CheckViolationError)


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """A log with rows; then every statement, each in a transaction of its own."""
    report = Report("append-only", plan.seed)
    async with site(data, say, separate=False) as running:
        told = await post_all(running, plan.size, plan.seed, per_second=plan.per_second)
        await exactly_once(running, told, report)
        await check_rows(running, report)
        before = await _held(running)
        await _try_all(running, report, say)
        report.require(await _held(running) == before, "the log is not what it was")
        await check_rows(running, report)
    return report


async def _held(running: Site) -> Sequence[object]:
    db = await asyncpg.connect(running.database_url, server_settings={"search_path": "audit, public"})
    try:
        rows = await db.fetch("select tableoid, * from change order by chain, seq")
        triggers = await db.fetch("select tgrelid, tgname, tgenabled from pg_trigger order by 1, 2")
        return [rows, triggers, await db.fetch("select * from chain_head order by chain")]
    finally:
        await db.close()


async def _try_all(running: Site, report: Report, say: Say) -> None:
    settings = settings_of(running.data, Addresses(running.kafka, running.database_url))
    pool = await open_pool(settings, "audit", size=1)
    months = [row["name"] for row in await pool.fetch(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'change'::regclass order by 1"
    )]  # fmt: skip
    tables = ["change", "chain_head", *months]
    denied = [statement.replace("{}", table) for table in tables for statement in TABLE]
    denied += [statement.replace("{}", month) for month in months for statement in MONTH]
    denied += [*HEADS, *ELSE]
    say(f"{len(denied)} statements on {len(months)} months, the log and its heads")
    for statements, errors, name in ((denied, DENIED, "denied"), (CONTINUING, REFUSED, "refused")):
        stopped = 0
        for statement in statements:
            said = await _try(pool, statement)
            stopped += isinstance(said, errors)
            report.require(isinstance(said, errors), f"{statement}: {type(said).__name__ if said else 'it was done'}")
        report.figures |= {f"statements_{name}": f"{stopped} of {len(statements)}"}
    report.figures["months"] = len(months)
    report.require(len(months) > 2, "the log has no months: nothing was shown")
    await pool.close()


async def _try(pool: asyncpg.Pool, statement: str) -> Exception | None:
    """What the database said; None when it did it (it is rolled back)."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            return error
        finally:
            await transaction.rollback()
    return None


DRILL = Drill(
    "append-only", 21, "the audit service's role tries to change the log: everything is denied", run,
    Plan(size=20, per_second=20),
)  # fmt: skip

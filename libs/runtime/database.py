"""Postgres: one schema and one role for each service, numbered migrations under an advisory lock, and the pool."""

import hashlib
import hmac
import logging
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from libs.runtime.settings import RuntimeSettings

log = logging.getLogger(__name__)

MIGRATION_LOCK = 0x5167_6E61
"""Advisory lock of all migrations of one database."""
OWN_MIGRATIONS = Path(__file__).parent / "migrations"


def role_of(service: str) -> str:
    """The database role of a service."""
    return f"signalbox_{service}"


def role_password(tenant_secret: str, service: str) -> str:
    """The role's password, derived so that no second secret has to be kept."""
    return hmac.new(tenant_secret.encode(), f"database role {service}".encode(), hashlib.sha256).hexdigest()


def service_url(settings: RuntimeSettings, service: str) -> str:
    """The database URL of the service's own role."""
    parts = urlsplit(settings.database_url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{role_of(service)}:{quote(role_password(settings.tenant_secret, service))}"
    return urlunsplit((parts.scheme, f"{login}@{host}", parts.path, parts.query, parts.fragment))


async def migrate(
    settings: RuntimeSettings, service: str, migrations: Path | None, own: Path | None = OWN_MIGRATIONS
) -> list[str]:
    """Bring the service's schema up to date; returns the names of the files that were applied. `own`: the runtime's tables.

    Raises ValueError when a file that was applied has changed since.
    """
    connection = await asyncpg.connect(settings.database_url)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            await _prepare(connection, settings, service)
            files = [
                file for folder in (own, migrations) if folder is not None for file in sorted(folder.glob("*.sql"))
            ]
            return [file.name for file in files if await _apply(connection, file)]
    finally:
        await connection.close()


async def _prepare(connection: asyncpg.Connection, settings: RuntimeSettings, service: str) -> None:
    role, password = role_of(service), role_password(settings.tenant_secret, service)
    await connection.execute("create extension if not exists pg_trgm with schema public")
    exists = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
    verb = "alter" if exists else "create"
    await connection.execute(f"{verb} role {role} login password '{password}'")  # both are ours: letters, digits, _
    await connection.execute(
        f"""
        create schema if not exists "{service}";
        grant usage on schema "{service}" to {role};
        alter default privileges in schema "{service}" grant select, insert, update, delete on tables to {role};
        alter default privileges in schema "{service}" grant usage, select on sequences to {role};
        alter role {role} set search_path = "{service}", public;
        alter role {role} set idle_in_transaction_session_timeout = '10s';
        set local search_path = "{service}", public;
        create table if not exists migration (name text primary key, sha256 text not null, at timestamptz default now());
        """
    )
    await connection.execute("select set_config('signalbox.app_role', $1, true)", role)


async def migrate_schema(connection: asyncpg.Connection, files: Iterable[Path]) -> None:
    """Apply the files to the first schema of the connection's search path, which belongs to no service: nobody is granted
    anything there."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", MIGRATION_LOCK)
        await connection.execute("select set_config('signalbox.app_role', '', true)")
        await connection.execute(
            "create table if not exists migration (name text primary key, sha256 text not null, at timestamptz default now())"
        )
        for file in files:
            await _apply(connection, file)


async def _apply(connection: asyncpg.Connection, file: Path) -> bool:
    text = file.read_text()
    digest = hashlib.sha256(text.encode()).hexdigest()
    held = await connection.fetchval("select sha256 from migration where name = $1", file.name)
    if held is not None:
        if held != digest:
            raise ValueError(f"migration {file.name} was changed after it was applied: add a new one instead")
        return False
    await connection.execute(text)
    await connection.execute("insert into migration (name, sha256) values ($1, $2)", file.name, digest)
    log.info("migrated %s", file.name)
    return True


async def open_pool(settings: RuntimeSettings, service: str, size: int = 6) -> asyncpg.Pool:
    """Connections of the service's role, each with the service's schema as search path."""
    return await asyncpg.create_pool(
        service_url(settings, service),
        min_size=1,
        max_size=size,
        command_timeout=15,
        server_settings={"application_name": f"signalbox-{service}", "search_path": f'"{service}", public'},
    )

"""A made record base in dedupe's index, through dedupe's own store, and leads of the people and companies in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit

import asyncpg

import services.dedupe.store
from bench.records import FREE, MadeCompany, MadeContact, asked_name, companies, contacts
from bench.rounds import Say
from libs.contracts import ids
from libs.contracts.change import Source
from libs.contracts.events import LeadReceived
from libs.contracts.lead import FieldValue, Lead, Position, SubmissionRef
from libs.runtime import clock
from libs.runtime.state import bind
from services.dedupe.domain.records import Company, Contact, Delta
from services.dedupe.store import PostgresIndex

MIGRATIONS = Path(services.dedupe.store.__file__).parent / "migrations"
CONTACTS_OF_COMPANY = 5
BATCH = 1_000
SAY_EVERY = 100_000
KNOWN, COLLEAGUE = 0.3, 0.5
"""Of all leads so many come from a known address, and up to so many from a new person at a known domain; the others type a
company's name beside a free mailbox."""


@dataclass
class RecordBase:
    """One base in a database of its own. `load_seconds` is how long it took to put it there."""

    url: str
    firms: list[MadeCompany]
    people: list[MadeContact]
    load_seconds: float = 0.0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that is undone in the end: what is decided in it leaves the base as it was."""
        connection = await asyncpg.connect(self.url)
        try:
            held = connection.transaction()
            await held.start()
            with bind(connection):
                yield connection
            await held.rollback()
        finally:
            await connection.close()


async def loaded_base(database_url: str, count: int, seed: int, say: Say) -> RecordBase:
    """A base of `count` contacts and a fifth as many companies, in a database beside `database_url`'s."""
    name = f"dedupe_{count}"
    parts = urlsplit(database_url)
    server = await asyncpg.connect(database_url)
    await server.execute(f"drop database if exists {name} with (force)")
    await server.execute(f"create database {name}")
    await server.close()
    firms = list(companies(count // CONTACTS_OF_COMPANY, seed))
    people = list(contacts(count, firms, seed))
    base = RecordBase(urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, "")), firms, people)
    connection = await asyncpg.connect(base.url)
    try:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            await connection.execute(file.read_text())
        begun = clock.monotonic()
        await _load(connection, [_company(one) for one in firms], "companies", say)
        await _load(connection, [_contact(one) for one in people], "contacts", say)
        base.load_seconds = clock.monotonic() - begun
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    say(f"{count:,} contacts and {len(firms):,} companies were loaded in {base.load_seconds:,.0f} s")
    return base


async def _load(connection: asyncpg.Connection, deltas: Sequence[Delta], what: str, say: Say) -> None:
    index = PostgresIndex()
    for at in range(0, len(deltas), BATCH):
        async with connection.transaction():
            with bind(connection):
                await index.save(deltas[at : at + BATCH])
        if at and at % SAY_EVERY == 0:
            say(f"{at:,} {what} are loaded")


def _company(one: MadeCompany) -> Delta:
    fields = {"name": one.name, "domain": one.domain, "country": one.country}
    return Delta(companies=(Company(one.id, name=one.name, country=one.country, version=1, fields=fields),))


def _contact(one: MadeContact) -> Delta:
    company = one.company
    fields = {"name": one.name, "email": one.email, "phone": one.phone}
    held = Contact(
        one.id, name=one.name, phone=one.phone, company_id=company.id if company else None,
        company_name=company.name if company else "", version=1, fields=fields,
    )  # fmt: skip
    return Delta(contacts=(held,))


def asked_leads(base: RecordBase, count: int, seed: int, policy_hash: str) -> list[LeadReceived]:
    """Leads of known people, of new people at known companies, and of people who type a company's name with slips."""
    random, found = Random(f"leads {seed}"), []
    for number in range(count):
        how, firm, someone = random.random(), random.choice(base.firms), random.choice(base.people)
        name, email = someone.name, f"new{number}@{random.choice(FREE)}"
        if how < KNOWN:
            email = someone.email
        elif how < COLLEAGUE:
            email = f"new{number}@{firm.domain}"
        fields = {"email": email, "name": name, "company": asked_name(random, firm.name), "phone": someone.phone}
        found.append(LeadReceived(lead=_lead(f"{seed}-{number}", policy_hash, fields)))
    return found


def named_leads(names: Sequence[str], policy_hash: str) -> list[LeadReceived]:
    """Leads that say nothing but a company's name."""
    return [LeadReceived(lead=_lead(f"n{at}", policy_hash, {"company": name})) for at, name in enumerate(names)]


def _lead(name: str, policy_hash: str, fields: dict[str, str]) -> Lead:
    source, at = Source(kind="submission", name="web_form"), datetime(2026, 1, 1, tzinfo=UTC)
    position = Position(topic="submission.received.v1", partition=0, offset=0)
    return Lead(
        lead_id=ids.lead_id(name, 0),
        submission=SubmissionRef(submission_id=name, position=position, sha256="0" * 64, received_at=at),
        facts_hash=name, source=source, submitted_at=at, policy_hash=policy_hash, partition_key="k", subject_key_id="k",
        fields={key: FieldValue(value=value, source=source, confidence=0.9) for key, value in fields.items() if value},
    )  # fmt: skip
